"""All that the PDF of an invoice shows, in words: invoice_pdf.py sets it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from allstop.rules.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class SheetLine:
    words: str
    note: str  # the period of usage; "" = none
    quantity: str
    price: str  # of one
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceSheet:
    number: int
    issuer: str  # name and address, line by line; "" = not set
    account: str
    account_id: int
    day: date
    due_on: date
    lines: Sequence[SheetLine]
    total: Money
    paid: Money

    @property
    def left(self) -> Money:
        return self.total - self.paid
