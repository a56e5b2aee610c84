"""Bills written down: their lines, and the invoices that take them in.

The rule that it guards: a number of an invoice is taken in the transaction that writes the invoice, and last, so that
the numbers have no gaps and nobody waits for them longer than it takes to write. Lines that come to nothing, or to
less, wait for the next invoice, but of a cancelled account.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection
from django.db.models import Count, Sum

from allstop.rules.days import ONE
from allstop.rules.invoicing import Bill, opens_invoice
from allstop.rules.money import Money, rounded
from allstop.rules.packages import Kind, Line
from allstop.rules.rating import UsageLine
from allstop.store.billing import Books
from allstop.store.models import BillingSetup, Invoice, InvoiceLine, InvoiceState, LineKind

_LINE = (
    "account_id, invoice_id, component_id, kind, unit, starts_on, ends_on, period_start, period_end, quantity, price,"
    " currency, amount, words, day, at"
)
_INVOICE = "id, account_id, account_name, day, due_on, currency, total, state, bill_run_id, by, at"
_LONGEST_WORDS = 300

# Invoices of less than nothing, payments and credits cover the others, the oldest first.
_PAID = """
WITH cover AS (
  SELECT a.id AS account_id,
         COALESCE((SELECT sum(amount) FROM payment WHERE account_id = a.id AND undone_at IS NULL), 0)
         - COALESCE((SELECT sum(total) FROM invoice WHERE account_id = a.id AND total < 0), 0) AS amount
    FROM unnest(%s::bigint[]) AS a(id)),
owed AS (
  SELECT its.id, cover.amount, its.so_far
    FROM cover, LATERAL (SELECT id, sum(greatest(total, 0)) OVER (ORDER BY id) AS so_far
                           FROM invoice WHERE account_id = cover.account_id OFFSET 0) its),
now AS (SELECT id, CASE WHEN so_far <= amount THEN 'paid' ELSE 'open' END AS state FROM owed)
UPDATE invoice SET state = now.state FROM now WHERE invoice.id = now.id AND invoice.state <> now.state"""


@dataclass(frozen=True, slots=True)
class Extra:
    """A line that no rule made: a credit by a person."""

    amount: Money
    words: str


@dataclass(frozen=True, slots=True)
class ToWrite:
    books: Books
    bill: Bill
    extra: Extra | None = None


@dataclass(frozen=True, slots=True)
class Written:
    invoices: Mapping[int, int]  # account -> number
    totals: Mapping[int, Decimal]  # account -> of its invoice

    def amounts(self, bills: Iterable[ToWrite]) -> dict[str, Decimal]:
        """By currency."""
        found: dict[str, Decimal] = {}
        for one in bills:
            pk, currency = one.books.terms.account_id, one.books.terms.currency
            if pk in self.totals:
                found[currency] = found.get(currency, Decimal(0)) + self.totals[pk]
        return found


def write(bills: Sequence[ToWrite], day: date, now: datetime, by: str, run_id: int | None = None) -> Written:
    """In a transaction that has locked the terms of their accounts."""
    waiting = _waiting([one.books.terms.account_id for one in bills])
    totals = {one.books.terms.account_id: total for one in bills if (total := _total(one, waiting)) is not None}
    setup = BillingSetup.objects.select_for_update().get(pk=1)
    numbers = {pk: setup.last_invoice + at for at, pk in enumerate(totals, 1)}
    if numbers:
        BillingSetup.objects.filter(pk=1).update(last_invoice=setup.last_invoice + len(numbers))
        due_on = day + timedelta(days=setup.due_days)
        _copy("invoice", _INVOICE, (_invoice(one, numbers, totals, day, due_on, now, by, run_id) for one in bills))
    rows = (row for one in bills for row in _rows(one, numbers.get(one.books.terms.account_id), day, now))
    _copy("invoice_line", _LINE, rows)
    taken = [pk for pk in numbers if pk in waiting]
    for pk in taken:
        mine = InvoiceLine.objects.filter(account_id=pk, invoice=None).exclude(kind=LineKind.WAIVED)
        mine.update(invoice_id=numbers[pk])
    settle_invoices(list(numbers))
    return Written(numbers, totals)


def settle_invoices(account_ids: Sequence[int]) -> None:
    """Which invoices are paid."""
    if account_ids:
        with connection.cursor() as cursor:
            cursor.execute(_PAID, [list(account_ids)])


def _waiting(account_ids: Sequence[int]) -> dict[int, tuple[int, Decimal]]:
    """Account -> how many lines wait for an invoice, and their sum."""
    rows = InvoiceLine.objects.filter(account__in=account_ids, invoice=None).exclude(kind=LineKind.WAIVED)
    sums = rows.values("account_id").annotate(n=Count("pk"), sum=Sum("amount"))
    return {one["account_id"]: (one["n"], one["sum"]) for one in sums}


def _total(one: ToWrite, waiting: Mapping[int, tuple[int, Decimal]]) -> Decimal | None:
    """Of the invoice; None: there is none."""
    lines, amount = waiting.get(one.books.terms.account_id, (0, Decimal(0)))
    whole = one.bill.total + Money(amount, one.bill.currency)
    if one.extra is not None:
        whole += one.extra.amount
    if not one.bill and not lines and one.extra is None:
        return None
    return whole.amount if opens_invoice(whole, one.books.status) else None


def _invoice(  # noqa: PLR0913 - the columns of one row
    one: ToWrite,
    numbers: Mapping[int, int],
    totals: Mapping[int, Decimal],
    day: date,
    due_on: date,
    now: datetime,
    by: str,
    run_id: int | None,
) -> tuple[Any, ...] | None:
    account = one.books.account
    if account.pk not in numbers:
        return None
    state = InvoiceState.OPEN.value
    known = (numbers[account.pk], account.pk, account.name, day, due_on, one.bill.currency, totals[account.pk], state)
    return (*known, run_id, by, now)


def _rows(one: ToWrite, invoice: int | None, day: date, now: datetime) -> Iterable[tuple[Any, ...]]:
    for line in one.bill.fees:
        its = None if line.kind is Kind.WAIVED else invoice
        yield _row(one, line, its, (line.package_id, line.kind.value, None), _of_component(one, line), day, now)
    for used in one.bill.usage:
        price = one.books.facts.rates[used.unit].price
        yield _row(one, used, invoice, (None, LineKind.USAGE.value, used.unit.value), (used.quantity, price), day, now)
    if one.extra is not None:
        end, amount = day + ONE, one.extra.amount
        what = (None, LineKind.LET_OFF.value, None, day, end, day, end, 1, amount.amount)
        account = one.books.terms.account_id
        yield (account, invoice, *what, amount.currency, amount.amount, one.extra.words[:_LONGEST_WORDS], day, now)


def _of_component(one: ToWrite, line: Line) -> tuple[Any, Any]:
    component = one.books.components[line.package_id]
    return component.quantity, component.price


def _row(  # noqa: PLR0913 - the columns of one row
    one: ToWrite,
    line: Line | UsageLine,
    invoice: int | None,
    what: tuple[int | None, str, str | None],
    times: tuple[Any, Any],
    day: date,
    now: datetime,
) -> tuple[Any, ...]:
    days = (*line.days, *line.period)
    amount = line.amount.amount
    words = line.words[:_LONGEST_WORDS]
    return (one.books.terms.account_id, invoice, *what, *days, *times, line.amount.currency, amount, words, day, now)


def _copy(table: str, names: str, rows: Iterable[tuple[Any, ...] | None]) -> None:
    with connection.cursor() as cursor, cursor.cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
        for row in rows:
            if row is not None:
                copy.write_row(row)


_TELL = """
INSERT INTO ledger (account_id, at, by, act, subject, reason, after, personal)
SELECT n.account_id, %s, %s, 'invoice', 'invoice:' || n.number, '',
       jsonb_build_object('total', n.total, 'run', %s::bigint, 'via', %s::text), ''
  FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS n(account_id, number, total) ORDER BY n.account_id"""


def tell(written: Written, now: datetime, by: str, via: str, run_id: int | None = None) -> None:
    """In each account's ledger, in the order of their chains. Last in the transaction: a STOP writes there too."""
    accounts = sorted(written.invoices)
    numbers = [written.invoices[pk] for pk in accounts]
    totals = [str(written.totals[pk]) for pk in accounts]
    with connection.cursor() as cursor:
        cursor.execute(_TELL, [now, by, run_id, via, accounts, numbers, totals])


def balance_of(account_id: int) -> Money | None:
    """What the account owes: all its lines, less what came in. None: it is not billed."""
    return balances_of([account_id]).get(account_id)


def balances_of(account_ids: Sequence[int]) -> dict[int, Money]:
    """Of those that are billed."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, currency,"
            " COALESCE((SELECT sum(amount) FROM invoice_line WHERE account_id = t.account_id), 0)"
            " - COALESCE((SELECT sum(amount) FROM payment WHERE account_id = t.account_id AND undone_at IS NULL), 0)"
            " FROM billing_terms t WHERE account_id = ANY (%s)",
            [list(account_ids)],
        )
        return {pk: rounded(amount, currency) for pk, currency, amount in cursor.fetchall()}


def open_invoices(account_id: int) -> list[Invoice]:
    return list(Invoice.objects.filter(account_id=account_id, state=InvoiceState.OPEN).order_by("pk"))
