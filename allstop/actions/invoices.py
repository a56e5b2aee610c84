"""Invoices, to read and to hand on: one as a PDF, all of some days as CSV. Operators only."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from io import StringIO

from allstop.actions.actor import Invalid, NotThere, Operator
from allstop.actions.packages import billing_setup
from allstop.formats.delimited_writing import guarded
from allstop.formats.invoice_sheet import InvoiceSheet, SheetLine
from allstop.rules.days import ONE
from allstop.rules.money import rounded
from allstop.rules.packages import day_words
from allstop.store.lists import billing
from allstop.store.models import Invoice, InvoiceLine, LineKind


def invoice_of(_by: Operator, account_id: int, number: int) -> Invoice:
    found = billing.invoice(account_id, number)
    if found is None:
        raise NotThere("The account has no invoice with this number.")
    return found


@dataclass(frozen=True, slots=True)
class InvoiceFile:
    name: str
    content: bytes


def invoice_file(by: Operator, account_id: int, number: int) -> InvoiceFile:
    """As a PDF, with what is paid of it now."""
    from allstop.formats.invoice_pdf import invoice_pdf  # what sets it is loaded by who needs it

    sheet = invoice_sheet(invoice_of(by, account_id, number))
    return InvoiceFile(f"invoice-{sheet.number}.pdf", invoice_pdf(sheet))


def invoice_sheet(one: Invoice) -> InvoiceSheet:
    """All that the page and the PDF of it show: what it was made with, and what is paid of it now."""
    return InvoiceSheet(
        number=one.pk,
        issuer=billing_setup().issuer,
        account=one.account_name,
        account_id=one.account_id,
        day=one.day,
        due_on=one.due_on,
        lines=[_line(line) for line in billing.lines_of(one.pk)],
        total=rounded(one.total, one.currency),
        paid=billing.paid_of(one),
    )


CSV_HEADS = ("Number", "Account", "Name", "Day", "To be paid by", "Total", "Currency", "State")


def invoices_csv(_by: Operator, since: date | None, until: date | None, account_id: int | None = None) -> Iterator[str]:
    """Line by line, the oldest first: an installation's whole history need not be in memory."""
    if since is not None and until is not None and since > until:
        raise Invalid(since="The first day is after the last.")
    return _csv(billing.invoices_of_days(since, until, account_id))


def _csv(found: Iterable[Invoice]) -> Iterator[str]:
    yield _row(CSV_HEADS)
    for one in found:
        total = str(rounded(one.total, one.currency).amount)
        name = guarded(one.account_name)
        yield _row((one.pk, one.account_id, name, one.day, one.due_on, total, one.currency, one.state))


def _row(cells: Iterable[object]) -> str:
    into = StringIO()
    csv.writer(into).writerow(cells)
    return into.getvalue()


def _line(line: InvoiceLine) -> SheetLine:
    is_usage = line.kind == LineKind.USAGE
    exact = f"{line.price.normalize():f} {line.currency}"  # the price of one is finer than coins
    return SheetLine(
        words=line.words,
        note=f"{day_words(line.period_start)} to {day_words(line.period_end - ONE)}" if is_usage else "",
        quantity=f"{line.quantity.normalize():,f}",
        price=exact if is_usage else str(rounded(line.price, line.currency)),
        amount=rounded(line.amount, line.currency),
    )
