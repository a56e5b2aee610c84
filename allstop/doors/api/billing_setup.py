"""The setup of billing for programs of operators, and the prices of usage that are one account's own."""

from ninja import Path, Router, Schema
from pydantic import Field

from allstop.actions.packages import SetupSaid, billing_setup, drop_rate, save_setup
from allstop.doors.api.billing_shapes import AccountBillingOut, account_billing_shape
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Line, Strict, Text
from allstop.rules.rating import Unit
from allstop.store.models import BillingSetup

router = Router(tags=["billing"])


class BillingSetupIn(Strict):
    currency: Line = Field(description="Of what is made new, in three letters.")
    issuer: Text = Field("", description="Name and address, as invoices show them.")
    due_days: int = Field(14, description="From an invoice's day until it should be paid.")
    usage_while_suspended: bool = Field(True, description="Billed; counts for suspensions from now on.")
    remind_after_days: int | None = Field(None, description="Past due; null: nobody is reminded by itself.")
    suspend_after_days: int | None = Field(None, description="Past due; null: nobody is suspended by itself.")
    suspend_reason: Text = Field("", description="One of the list; needed with `suspend_after_days`.")


class BillingSetupOut(Schema):
    currency: str
    issuer: str
    due_days: int
    usage_while_suspended: bool
    remind_after_days: int | None
    suspend_after_days: int | None
    suspend_reason: str


def billing_setup_shape(one: BillingSetup) -> BillingSetupOut:
    return BillingSetupOut(**{name: getattr(one, name) for name in BillingSetupOut.model_fields})


@router.get(
    "/operator/billing-setup", response={200: BillingSetupOut, **refusals(403)}, operation_id="get_billing_setup"
)
def get_billing_setup(request: Call) -> BillingSetupOut:
    """Of the whole installation."""
    request.auth.as_operator()
    return billing_setup_shape(billing_setup())


@router.put(
    "/operator/billing-setup", response={200: BillingSetupOut, **refusals(400, 403)}, operation_id="set_billing_setup"
)
def set_billing_setup(request: Call, said: BillingSetupIn) -> BillingSetupOut:
    """All fields; what is left out is as it is in a new installation."""
    return billing_setup_shape(save_setup(request.auth.as_operator(), SetupSaid(**said.dict()), request.now))


@router.delete(
    "/operator/accounts/{int:account}/rates/{unit}",
    response={200: AccountBillingOut, **refusals(403, 404)},
    operation_id="drop_rate",
)
def drop_own_rate(request: Call, account: Path[Id], unit: Unit) -> AccountBillingOut:
    """The account pays the price of all again. A second time it changes nothing."""
    drop_rate(request.auth.as_operator(), account, unit.value, request.now)
    return account_billing_shape(account)
