"""The PDF of an invoice, read back by another program: its words, its pages, and what it says of payments."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from io import BytesIO

from pypdf import PdfReader

from allstop.formats.invoice_pdf import invoice_pdf
from allstop.formats.invoice_sheet import InvoiceSheet, SheetLine
from allstop.rules.money import Money


def usd(amount: str) -> Money:
    return Money(Decimal(amount), "USD")


FEE = SheetLine(
    words="2 x Line <b> & more, 1 Jan 2026 to 31 Jan 2026, 31 of 31 days",
    note="",
    quantity="2",
    price="9.90 USD",
    amount=usd("19.80"),
)
USED = replace(FEE, words="1,204 emails", note="1 Jan 2026 to 31 Jan 2026", price="0.0005 USD", amount=usd("0.60"))
SHEET = InvoiceSheet(
    number=1204,
    issuer="Northgate Desk Ltd\n1 Harbour Street",
    account="Søren & Sønner, Ελλάς, Київ, 北門",
    account_id=12,
    day=date(2026, 2, 1),
    due_on=date(2026, 2, 15),
    lines=(FEE, USED),
    total=usd("20.40"),
    paid=usd("5.00"),
)


def pages(sheet: InvoiceSheet) -> list[str]:
    """The words of each, in one line."""
    return [" ".join(page.extract_text().split()) for page in PdfReader(BytesIO(invoice_pdf(sheet))).pages]


def test_it_says_who_whom_what_for_and_what_is_left() -> None:
    """In the letters of several alphabets, with nothing taken for markup."""
    [page] = pages(SHEET)
    for said in (
        "Northgate Desk Ltd 1 Harbour Street",
        "To Søren & Sønner, Ελλάς, Київ, 北門",
        "Number 1204 Day 1 February 2026 To be paid by 15 February 2026 Account no. 12",
        "2 x Line <b> & more, 1 Jan 2026 to 31 Jan 2026, 31 of 31 days 2 9.90 USD 19.80 USD",
        "1,204 emails 1 Jan 2026 to 31 Jan 2026 2 0.0005 USD 0.60 USD",
        "Total 20.40 USD Paid 5.00 USD To be paid by 15 February 2026 15.40 USD",
        "Page 1 of 1",
    ):
        assert said in page, said
    assert invoice_pdf(SHEET) == invoice_pdf(SHEET)
    assert "Nothing is left to be paid 0.00 USD" in pages(replace(SHEET, paid=SHEET.total))[0]
    credit = pages(replace(SHEET, total=usd("-3.00"), paid=usd("0.00"), issuer=""))[0]
    assert "Total -3.00 USD A credit: nothing is to be paid 0.00 USD" in credit


def test_a_long_one_repeats_its_head_on_each_page_and_leaves_no_line_out() -> None:
    lines = [replace(FEE, words=f"Line {number} of many") for number in range(120)]
    found = pages(replace(SHEET, lines=lines))
    assert len(found) > 2
    for number, page in enumerate(found, 1):
        assert f"Page {number} of {len(found)}" in page and "For Quantity Price of one Amount" in page
    whole = " ".join(found)
    assert [whole.count(f"Line {number} of many ") for number in range(120)] == [1] * 120
    assert "Total" in found[-1] and "Total" not in found[0]
