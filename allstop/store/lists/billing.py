"""What operators see of billing: packages, what an account has, its transactions and invoices, and bill runs.

Served by invoice_list, invoice_line_list, payment_list and billing_terms_next.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.db.models import Count, F, Q, Sum

from allstop.rules.money import Money, rounded
from allstop.rules.periods import Frequency, Mode
from allstop.store.models import BillRun, Component, Invoice, InvoiceLine, LineKind, Package, Payment, Rate

AT_ONCE = 100

FREQUENCY_WORDS = {
    Frequency.MONTHLY: "a month",
    Frequency.QUARTERLY: "a quarter",
    Frequency.YEARLY: "a year",
    Frequency.ONCE: "once",
}
MODE_WORDS = {Mode.ADVANCE: "in advance", Mode.ARREARS: "in arrears"}


@dataclass(frozen=True, slots=True)
class PackageRow:
    package: Package
    accounts: int  # that have it now

    @property
    def price(self) -> Money:
        return rounded(self.package.price, self.package.currency)

    @property
    def words(self) -> str:
        return how_words(self.package)


@dataclass(frozen=True, slots=True)
class ComponentRow:
    component: Component
    price: Money  # of all of them
    words: str


@dataclass(frozen=True, slots=True)
class Transaction:
    """What was billed is above zero, what came in below."""

    id: int
    day: date
    at: datetime
    what: str  # a kind of line or of payment
    words: str
    amount: Money
    invoice: int | None
    is_payment: bool = False  # or a credit by a person: it can be undone
    is_undone: bool = False


def how_words(of: Package | Component) -> str:
    """How often and when it is billed."""
    if of.frequency == Frequency.ONCE:
        return "once"
    words = f"{FREQUENCY_WORDS[Frequency(of.frequency)]}, {MODE_WORDS[Mode(of.mode)]}"
    return f"{words}, full periods only" if of.is_full_period else words


def packages(*, retired: bool = True) -> list[PackageRow]:
    now = Count("components__account", filter=Q(components__ends_on=None), distinct=True)
    found = Package.objects.annotate(n=now).order_by("-is_active", "name")
    return [PackageRow(one, one.n) for one in found if retired or one.is_active]


def rates(account_id: int | None = None) -> list[Rate]:
    return list(Rate.objects.filter(account=account_id).order_by("currency", "unit"))


def components(account_id: int, currency: str) -> list[ComponentRow]:
    """What goes on first, then what has ended, the newest first."""
    found = Component.objects.filter(account_id=account_id)
    ordered = found.order_by(F("ends_on").desc(nulls_first=True), "-starts_on", "-pk")
    return [ComponentRow(one, rounded(one.price * one.quantity, currency), how_words(one)) for one in ordered[:AT_ONCE]]


def transactions(account_id: int, limit: int | None = AT_ONCE) -> list[Transaction]:
    """All that makes the balance, the newest first."""
    lines = InvoiceLine.objects.filter(account_id=account_id).exclude(kind=LineKind.WAIVED).order_by("-pk")
    payments = Payment.objects.filter(account_id=account_id).order_by("-pk")
    found = [*map(_of_line, lines[:limit]), *map(_of_payment, payments[:limit])]
    return sorted(found, key=lambda one: (one.day, one.at), reverse=True)[:limit]


def invoices(account_id: int | None = None, before: int | None = None, limit: int = AT_ONCE) -> list[Invoice]:
    """The newest first."""
    found = Invoice.objects.order_by("-pk")
    if account_id is not None:
        found = found.filter(account_id=account_id)
    if before is not None:
        found = found.filter(pk__lt=before)
    return list(found[:limit])


def invoice(account_id: int, number: int) -> Invoice | None:
    return Invoice.objects.filter(account_id=account_id, pk=number).first()


def invoices_of_days(since: date | None, until: date | None, account_id: int | None = None) -> Iterator[Invoice]:
    """The oldest first, read as they are asked for."""
    found = Invoice.objects.order_by("pk")
    if account_id is not None:
        found = found.filter(account_id=account_id)
    if since is not None:
        found = found.filter(day__gte=since)
    if until is not None:
        found = found.filter(day__lte=until)
    return found.iterator(2000)


def lines_of(number: int) -> list[InvoiceLine]:
    return list(InvoiceLine.objects.filter(invoice_id=number).order_by("pk"))


def paid_of(one: Invoice) -> Money:
    """What payments, credits and invoices of less than nothing cover of it: they cover the oldest invoice first."""
    others = Invoice.objects.filter(account=one.account_id)
    came = Payment.objects.filter(account=one.account_id, undone_at=None).aggregate(sum=Sum("amount"))["sum"]
    credited = others.filter(total__lt=0).aggregate(sum=Sum("total"))["sum"]
    before = others.filter(total__gt=0, pk__lt=one.pk).aggregate(sum=Sum("total"))["sum"]
    left = (came or 0) - (credited or 0) - (before or 0)
    return rounded(max(min(left, one.total), 0), one.currency)


def waiting_lines(account_id: int) -> list[InvoiceLine]:
    """Made, and on no invoice yet."""
    found = InvoiceLine.objects.filter(account_id=account_id, invoice=None).exclude(kind=LineKind.WAIVED)
    return list(found.order_by("pk"))


def bill_runs(limit: int = 50) -> list[BillRun]:
    return list(BillRun.objects.order_by("-pk")[:limit])


def invoices_of_run(run_id: int, limit: int = AT_ONCE) -> Sequence[Invoice]:
    return list(Invoice.objects.filter(bill_run_id=run_id).order_by("account")[:limit])  # invoice_once_a_run


def amounts_of(run: BillRun) -> list[Money]:
    return [rounded(Decimal(amount), currency) for currency, amount in sorted(run.amounts.items())]


def _of_line(one: InvoiceLine) -> Transaction:
    amount = rounded(one.amount, one.currency)
    return Transaction(one.pk, one.day, one.at, one.kind, one.words, amount, one.invoice_id)


def _of_payment(one: Payment) -> Transaction:
    amount = rounded(-one.amount, one.currency)
    is_undone = one.undone_at is not None
    return Transaction(one.pk, one.day, one.at, one.kind, one.words, amount, None, True, is_undone)
