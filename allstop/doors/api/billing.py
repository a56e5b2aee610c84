"""Billing for programs of operators: packages, what accounts have, bills, runs, invoices, and what comes in.

The rule that it guards: a token whose member is no operator may do none of it, of no account, its own included.
"""

from typing import Annotated

from ninja import Path, Query, Router, Schema
from pydantic import Field

from allstop.actions import bill_runs, components, packages, past_due, payments
from allstop.actions.actor import Actor, NotThere, Operator
from allstop.actions.billing import bill_by_hand, missed_of_all, period_end, preview_bill, preview_change
from allstop.doors.api.billing_shapes import (
    AccountBillingOut,
    BilledOut,
    BillOut,
    BillRunOut,
    ComponentOut,
    InvoiceOut,
    MissedOut,
    PackageOut,
    PaymentOut,
    RateOut,
    RecordedOut,
    TransactionOut,
    account_billing_shape,
    bill_run_shape,
    bill_shape,
    billed_shape,
    component_shape,
    invoice_shape,
    missed_shapes,
    package_shape,
    payment_shape,
    rate_shape,
    recorded_shape,
    transaction_shape,
)
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Day, Id, Key, Line, Paged, Strict, Text
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.periods import Frequency, Mode
from allstop.rules.proration import Charge, When
from allstop.rules.rating import Unit
from allstop.store.lists import account_row, billing
from allstop.store.models import Payment

router = Router(tags=["billing"])

Amount = Annotated[Text, Field(max_length=20, description="Like 30.00, in the account's currency.")]
Number = Path[Id]


class PackageIn(Strict):
    name: Line
    price: Amount
    frequency: Frequency = Frequency.MONTHLY
    mode: Mode = Mode.ADVANCE
    is_full_period: bool = False
    currency: Annotated[Text, Field(max_length=3)] = Field(
        "", description='"" = the installation\'s; of a new one only.'
    )


class RetireIn(Strict):
    retired: bool = Field(True, description="false: offered again.")


class RateIn(Strict):
    unit: Unit
    price: Amount
    included: int = Field(0, description="In each month from the bill day.")
    account: Id | None = Field(None, description="Only of this account; null: of all without their own.")


class TermsIn(Strict):
    bill_day: int
    currency: Annotated[Text, Field(max_length=3)]


class ComponentIn(Strict):
    package: Id
    quantity: int = 1
    starts_on: Day | None = Field(None, description="null: today.")


class QuantityIn(Strict):
    quantity: int
    on: Day | None = Field(None, description="null: today.")


class ComponentEndIn(Strict):
    on: Day | None = Field(None, description="The first day that is not used; null: today.")
    charge: Charge = Charge.PRORATED
    preview: bool = Field(False, description="Only say what it would bill.")


class BillIn(Strict):
    since: Day | None = Field(None, description="The first bill date; null: the account's last bill day.")
    until: Day | None = Field(None, description="The last one; null: today.")
    preview: bool = Field(False, description="Only say what would be billed.")


class ChangeAsked(Asked):
    status: AccountStatus = Field(description="The back-end status of the new type.")
    charge: Charge = Charge.PRORATED
    when: When = When.NOW
    on: Day | None = Field(None, description="With `when=date`.")


class RunIn(Strict):
    day: Day | None = Field(None, description="A day that has passed; null: today.")


class PaymentIn(Strict):
    amount: Amount
    day: Day | None = Field(None, description="On which it came; null: today.")
    words: Line = ""


class CreditIn(Strict):
    amount: Amount
    words: Line = Field(description="Why.")


class CreditedOut(Schema):
    payment: PaymentOut | None
    invoice: InvoiceOut | None = Field(description="Of a cancelled account.")
    is_repeat: bool = Field(description="The Idempotency-Key was used before: this is the credit given then.")


@router.get("/operator/packages", response={200: list[PackageOut], **refusals(403)}, operation_id="list_packages")
def list_packages(request: Call) -> list[PackageOut]:
    """All packages, also those that are retired. Operators only, as everything here."""
    _operator(request.auth)
    return [package_shape(row.package) for row in billing.packages()]


@router.post("/operator/packages", response={200: PackageOut, **refusals(400, 403)}, operation_id="create_package")
def create_package(request: Call, said: PackageIn) -> PackageOut:
    """A package that accounts can get from now on."""
    by = _operator(request.auth)
    return package_shape(packages.save_package(by, None, _said(said), request.now))


@router.put(
    "/operator/packages/{int:number}",
    response={200: PackageOut, **refusals(400, 403, 404)},
    operation_id="change_package",
)
def change_package(request: Call, number: Number, said: PackageIn) -> PackageOut:
    """For accounts that get it from now on; who has it keeps what it has."""
    by = _operator(request.auth)
    return package_shape(packages.save_package(by, number, _said(said), request.now))


@router.post(
    "/operator/packages/{int:number}/retire",
    response={200: PackageOut, **refusals(400, 403, 404)},
    operation_id="retire_package",
)
def retire_package(request: Call, number: Number, said: RetireIn) -> PackageOut:
    """No account gets it any more; who has it keeps it."""
    by = _operator(request.auth)
    return package_shape(packages.retire_package(by, number, request.now, retired=said.retired))


@router.get("/operator/rates", response={200: list[RateOut], **refusals(403)}, operation_id="list_rates")
def list_rates(request: Call) -> list[RateOut]:
    """The prices of usage of all accounts without their own."""
    _operator(request.auth)
    return [rate_shape(one) for one in billing.rates()]


@router.put("/operator/rates", response={200: RateOut, **refusals(400, 403, 404)}, operation_id="set_rate")
def set_rate(request: Call, said: RateIn) -> RateOut:
    """From the next bill on."""
    by = _operator(request.auth)
    made = packages.save_rate(by, said.account, said.unit.value, said.price, said.included, request.now)
    return rate_shape(made)


@router.get(
    "/operator/accounts/{int:account}/billing",
    response={200: AccountBillingOut, **refusals(403, 404)},
    operation_id="get_account_billing",
)
def get_account_billing(request: Call, account: Number) -> AccountBillingOut:
    """Its packages, its bill day and its balance."""
    _known(_operator(request.auth), account)
    return account_billing_shape(account)


@router.put(
    "/operator/accounts/{int:account}/billing/terms",
    response={200: AccountBillingOut, **refusals(400, 403, 404, 409)},
    operation_id="set_billing_terms",
)
def set_billing_terms(request: Call, account: Number, said: TermsIn) -> AccountBillingOut:
    """Before anything is billed."""
    components.set_terms(_operator(request.auth), account, said.bill_day, said.currency, request.now)
    return account_billing_shape(account)


@router.post(
    "/operator/accounts/{int:account}/components",
    response={200: ComponentOut, **refusals(400, 403, 404, 409)},
    operation_id="add_component",
)
def add_component(request: Call, account: Number, said: ComponentIn) -> ComponentOut:
    """Gives an account a package at its price of today."""
    by = _operator(request.auth)
    made = components.add_component(by, account, said.package, said.quantity, said.starts_on, request.now)
    return component_shape(made, made.package.currency)


@router.post(
    "/operator/accounts/{int:account}/components/{int:number}/quantity",
    response={200: ComponentOut, **refusals(400, 403, 404, 409)},
    operation_id="change_component",
)
def change_component(request: Call, account: Number, number: Number, said: QuantityIn) -> ComponentOut:
    """The old one ends and this one begins, by the day."""
    by = _operator(request.auth)
    made = components.change_component(by, account, number, said.quantity, said.on, request.now)
    return component_shape(made, made.package.currency)


@router.post(
    "/operator/accounts/{int:account}/components/{int:number}/end",
    response={200: BilledOut, **refusals(400, 403, 404, 409)},
    operation_id="end_component",
)
def end_component(request: Call, account: Number, number: Number, said: ComponentEndIn) -> BilledOut:
    """What it bills and credits is billed at once, or with `preview` only said."""
    by = _operator(request.auth)
    if said.preview:
        return billed_shape(components.preview_end(account, number, said.on, said.charge, request.now), None)
    done = components.end_component(by, account, number, said.on, said.charge, request.now)
    return billed_shape(done.bill, done.invoice)


@router.post(
    "/operator/accounts/{int:account}/bill",
    response={200: BilledOut, **refusals(400, 403, 404, 409)},
    operation_id="bill_account",
)
def bill_account(request: Call, account: Number, said: BillIn) -> BilledOut:
    """Bill Account: what has its bill date in these days, also of a cancelled or suspended account. 409: a prospect, or
    an account without packages."""
    by = _operator(request.auth)
    if said.preview:
        return billed_shape(preview_bill(account, said.since, said.until, request.now), None)
    done = bill_by_hand(by, account, said.since, said.until, request.now)
    return billed_shape(done.bill, done.invoice)


@router.get(
    "/operator/accounts/{int:account}/status/bill",
    response={200: BillOut, **refusals(403, 404)},
    operation_id="preview_status_bill",
)
def preview_status_bill(request: Call, account: Number, asked: Query[ChangeAsked]) -> BillOut:
    """What a change of status would bill and credit, to the cent."""
    _known(_operator(request.auth), account)
    on = asked.on if asked.when is When.DATE else None
    if asked.when is When.PERIOD_END:
        on = period_end(account, request.now)
    bill = preview_change(account, asked.status, asked.charge, on, request.now)
    return bill_shape(bill) if bill is not None else BillOut(total="0.00", currency="", lines=[])


@router.get(
    "/operator/accounts/{int:account}/transactions",
    response={200: list[TransactionOut], **refusals(403, 404)},
    operation_id="list_transactions",
)
def list_transactions(request: Call, account: Number) -> list[TransactionOut]:
    """All that makes the balance, the newest first."""
    _known(_operator(request.auth), account)
    return [transaction_shape(one) for one in billing.transactions(account, None)]


@router.post(
    "/operator/accounts/{int:account}/payments",
    response={200: RecordedOut, **refusals(400, 403, 404, 409)},
    operation_id="record_payment",
)
def record_payment(request: Call, account: Number, said: PaymentIn, idempotency_key: Key) -> RecordedOut:
    """It covers the oldest invoice first, and enables who was suspended as past due. 409: the key was used for another
    request, or the account is not billed."""
    by = _operator(request.auth)
    paid = payments.PaymentSaid(**said.dict())
    return recorded_shape(past_due.pay(by, account, paid, request.now, idempotency_key))


@router.post(
    "/operator/accounts/{int:account}/payments/{int:number}/undo",
    response={200: PaymentOut, **refusals(403, 404, 409)},
    operation_id="undo_payment",
)
def undo_payment(request: Call, account: Number, number: Number) -> PaymentOut:
    """It was entered by mistake. Done again it changes nothing."""
    return payment_shape(payments.undo_payment(_operator(request.auth), account, number, request.now))


@router.post(
    "/operator/accounts/{int:account}/credits",
    response={200: CreditedOut, **refusals(400, 403, 404, 409)},
    operation_id="give_credit",
)
def give_credit(request: Call, account: Number, said: CreditIn, idempotency_key: Key) -> CreditedOut:
    """Lets something off. 409: as for a payment."""
    by = _operator(request.auth)
    given = past_due.credit(by, account, said.amount, said.words, request.now, idempotency_key)
    if isinstance(given.made, Payment):
        return CreditedOut(payment=payment_shape(given.made), invoice=None, is_repeat=given.is_repeat)
    return CreditedOut(payment=None, invoice=invoice_shape(given.made), is_repeat=given.is_repeat)


@router.post(
    "/operator/bill-runs", response={200: BillRunOut, **refusals(400, 403, 409)}, operation_id="start_bill_run"
)
def start_bill_run(request: Call, said: RunIn) -> BillRunOut:
    """Bills all that are due. Done when it answers for up to 100 accounts; otherwise it is `queued`. 409 while another
    one runs."""
    return bill_run_shape(bill_runs.bill_run(_operator(request.auth), said.day, request.now))


@router.get("/operator/bill-runs", response={200: list[BillRunOut], **refusals(403)}, operation_id="list_bill_runs")
def list_bill_runs(request: Call) -> list[BillRunOut]:
    """The newest first."""
    _operator(request.auth)
    return [bill_run_shape(one) for one in billing.bill_runs()]


@router.get(
    "/operator/bill-runs/{int:number}", response={200: BillRunOut, **refusals(403, 404)}, operation_id="get_bill_run"
)
def get_bill_run(request: Call, number: Number) -> BillRunOut:
    """How far it is, and what it has billed."""
    _operator(request.auth)
    return bill_run_shape(bill_runs.bill_run_of(number))


@router.get("/operator/missed", response={200: list[MissedOut], **refusals(403)}, operation_id="list_missed")
def list_missed(request: Call, asked: Query[Paged]) -> list[MissedOut]:
    """Days that nobody billed and that no run will, by account; `after` is the last account that you have."""
    _operator(request.auth)
    return missed_shapes(missed_of_all(request.now, asked.after or 0, asked.limit))


def _operator(actor: Actor) -> Operator:
    return actor.as_operator()


def _known(_by: Operator, account: int) -> None:
    if account_row(account) is None:
        raise NotThere("There is no such account.")


def _said(said: PackageIn) -> packages.PackageSaid:
    return packages.PackageSaid(**said.dict())
