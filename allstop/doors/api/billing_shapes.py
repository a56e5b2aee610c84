"""How programs see billing: amounts are strings with all their digits, days are those of the account's calendar."""

from collections.abc import Iterable
from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from allstop.actions.request_keys import Once
from allstop.rules.days import ONE
from allstop.rules.invoicing import Bill, Missed
from allstop.rules.money import rounded
from allstop.store.billing import Books
from allstop.store.bills import balance_of
from allstop.store.lists import billing
from allstop.store.models import BillingTerms, BillRun, Component, Invoice, Package, Payment, Rate


class PackageOut(Schema):
    id: int
    name: str
    price: str = Field(description="Of one period.")
    currency: str
    frequency: str = Field(description="monthly, quarterly, yearly or once")
    mode: str = Field(description="advance or arrears")
    is_full_period: bool = Field(description="Never prorated.")
    is_active: bool = Field(description="False: retired; who has it keeps it.")


class RateOut(Schema):
    unit: str = Field(description="text_part, call_minute or email")
    price: str
    currency: str
    included: int = Field(description="Of each month from the bill day.")


class ComponentOut(Schema):
    id: int
    package: str
    quantity: int
    price: str = Field(description="Of one, as it was when the account got it.")
    frequency: str
    mode: str
    starts_on: date
    ends_on: date | None = Field(description="The first day that is not used; null: it goes on.")


class AccountBillingOut(Schema):
    account: int
    currency: str | None = Field(description="null: the account is not billed.")
    bill_day: int | None
    balance: str | None = Field(description="What it owes; below zero what it has left.")
    components: list[ComponentOut]
    rates: list[RateOut] = Field(description="Prices of usage that are its own; for the others those of all hold.")


class InvoiceLineOut(Schema):
    words: str
    kind: str = Field(description="charge, credit, waived, usage or let_off")
    amount: str
    starts_on: date
    ends_on: date = Field(description="The last day.")


class BillOut(Schema):
    """What would be billed."""

    total: str
    currency: str
    lines: list[InvoiceLineOut]


class InvoiceOut(Schema):
    number: int
    account: int
    name: str = Field(description="Of the account, as it was then.")
    day: date
    due_on: date
    total: str
    currency: str
    state: str = Field(description="open or paid")


class FullInvoiceOut(InvoiceOut):
    lines: list[InvoiceLineOut]


class BilledOut(BillOut):
    invoice: int | None = Field(description="null: nothing to bill, or credits that wait for the next invoice.")


class BillRunOut(Schema):
    id: int
    day: date
    state: str = Field(description="queued, running, done or failed")
    total: int = Field(description="Accounts that were due when it was asked for.")
    done: int
    invoices: int
    amounts: dict[str, str] = Field(description="Currency -> the sum of its invoices.")
    failure: str
    created_at: datetime
    finished_at: datetime | None


class PaymentOut(Schema):
    id: int
    kind: str = Field(description="payment or credit")
    day: date
    amount: str
    currency: str
    words: str
    by: str
    undone_at: datetime | None


class RecordedOut(PaymentOut):
    is_repeat: bool = Field(description="The Idempotency-Key was used before: this is the payment recorded then.")


class TransactionOut(Schema):
    day: date
    what: str = Field(description="charge, credit, usage, let_off or payment")
    words: str
    invoice: int | None
    amount: str = Field(description="Above zero what was billed, below what came in.")
    currency: str
    is_undone: bool


class MissedOut(Schema):
    account: int
    name: str
    package: str
    starts_on: date
    ends_on: date = Field(description="The last day.")


def package_shape(one: Package) -> PackageOut:
    return PackageOut(
        id=one.pk,
        name=one.name,
        price=str(rounded(one.price, one.currency).amount),
        currency=one.currency,
        frequency=one.frequency,
        mode=one.mode,
        is_full_period=one.is_full_period,
        is_active=one.is_active,
    )


def rate_shape(one: Rate) -> RateOut:
    return RateOut(unit=one.unit, price=f"{one.price.normalize():f}", currency=one.currency, included=one.included)


def component_shape(one: Component, currency: str) -> ComponentOut:
    return ComponentOut(
        id=one.pk,
        package=one.name,
        quantity=one.quantity,
        price=str(rounded(one.price, currency).amount),
        frequency=one.frequency,
        mode=one.mode,
        starts_on=one.starts_on,
        ends_on=one.ends_on,
    )


def account_billing_shape(account_id: int) -> AccountBillingOut:
    terms = BillingTerms.objects.filter(pk=account_id).first()
    balance = balance_of(account_id)
    return AccountBillingOut(
        account=account_id,
        currency=terms.currency if terms else None,
        bill_day=terms.bill_day if terms else None,
        balance=str(balance.amount) if balance is not None else None,
        components=[
            component_shape(row.component, terms.currency) for row in billing.components(account_id, terms.currency)
        ]
        if terms
        else [],
        rates=[rate_shape(one) for one in billing.rates(account_id)],
    )


def bill_shape(bill: Bill) -> BillOut:
    return BillOut(total=str(bill.total.amount), currency=bill.currency, lines=_lines(bill))


def billed_shape(bill: Bill, invoice: Invoice | None) -> BilledOut:
    return BilledOut(**bill_shape(bill).model_dump(), invoice=invoice.pk if invoice is not None else None)


def _lines(bill: Bill) -> list[InvoiceLineOut]:
    fees = [(one.words, one.kind.value, one.amount, one.days) for one in bill.fees]
    used = [(one.words, "usage", one.amount, one.days) for one in bill.usage]
    return [
        InvoiceLineOut(words=words, kind=kind, amount=str(amount.amount), starts_on=days.start, ends_on=days.end - ONE)
        for words, kind, amount, days in (*fees, *used)
    ]


def invoice_shape(one: Invoice) -> InvoiceOut:
    return InvoiceOut(
        number=one.pk,
        account=one.account_id,
        name=one.account_name,
        day=one.day,
        due_on=one.due_on,
        total=str(rounded(one.total, one.currency).amount),
        currency=one.currency,
        state=one.state,
    )


def full_invoice_shape(one: Invoice) -> FullInvoiceOut:
    lines = [
        InvoiceLineOut(
            words=line.words,
            kind=line.kind,
            amount=str(rounded(line.amount, line.currency).amount),
            starts_on=line.starts_on,
            ends_on=line.ends_on - ONE,
        )
        for line in billing.lines_of(one.pk)
    ]
    return FullInvoiceOut(**invoice_shape(one).model_dump(), lines=lines)


def bill_run_shape(one: BillRun) -> BillRunOut:
    return BillRunOut(
        id=one.pk,
        day=one.day,
        state=one.state,
        total=one.total,
        done=one.done,
        invoices=one.invoices,
        amounts={money.currency: str(money.amount) for money in billing.amounts_of(one)},
        failure=one.failure,
        created_at=one.created_at,
        finished_at=one.finished_at,
    )


def payment_shape(one: Payment) -> PaymentOut:
    return PaymentOut(
        id=one.pk,
        kind=one.kind,
        day=one.day,
        amount=str(rounded(one.amount, one.currency).amount),
        currency=one.currency,
        words=one.words,
        by=one.by,
        undone_at=one.undone_at,
    )


def recorded_shape(recorded: Once[Payment]) -> RecordedOut:
    return RecordedOut(**payment_shape(recorded.made).model_dump(), is_repeat=recorded.is_repeat)


def transaction_shape(one: billing.Transaction) -> TransactionOut:
    return TransactionOut(
        day=one.day,
        what=one.what,
        words=one.words,
        invoice=one.invoice,
        amount=str(one.amount.amount),
        currency=one.amount.currency,
        is_undone=one.is_undone,
    )


def missed_shapes(found: Iterable[tuple[Books, list[Missed]]]) -> list[MissedOut]:
    return [
        MissedOut(
            account=books.account.pk,
            name=books.account.name,
            package=one.package.name,
            starts_on=days.start,
            ends_on=days.end - ONE,
        )
        for books, missed in found
        for one in missed
        for days in one.days
    ]
