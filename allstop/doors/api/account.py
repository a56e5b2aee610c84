"""The account: its switch and what waits in it."""

from datetime import datetime
from typing import Literal

from ninja import Router, Schema
from pydantic import Field

from allstop.actions.switch import StopReceipt, stop_account, wait_until_confirmed
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Line, Strict
from allstop.store import lists
from allstop.store.models import Account

router = Router(tags=["account"])


class LocationTotal(Schema):
    location: str = Field(description='Its name; "" for messages of no location.')
    messages: int


class TotalsOut(Schema):
    jobs: int = Field(description="Jobs that have messages pending or scheduled.")
    messages: int = Field(description="Messages pending or scheduled, without those in flight.")
    in_flight: int = Field(description="Messages that workers hold: they may be leaving now.")
    by_channel: dict[str, int]
    by_location: list[LocationTotal]


class AccountOut(Schema):
    id: int
    name: str
    zone: str
    state: Literal["running", "stopping", "stopped"] = Field(
        description="`stopping`: nothing new is taken up, and not every worker has confirmed yet."
    )
    by: str = Field(description='Who stopped it; "" while it runs.')
    reason: str
    since: datetime | None
    number: int | None = Field(description="The number of the stop that stands.")
    whole_installation: bool = Field(description="The stop is of all accounts, by an operator.")
    totals: TotalsOut


class ReceiptOut(Schema):
    number: int
    by: str
    reason: str
    effective_at: datetime
    confirmed_at: datetime | None = Field(
        description="Since when no worker can start anything; null: not confirmed yet."
    )
    workers: int = Field(description="How many had to confirm.")
    in_flight: int = Field(description="Messages in workers' hands when it took effect.")
    handed_back: int = Field(description="Of those, never started.")


class Reason(Strict):
    reason: Line = Field("", description="Shown to everybody who looks at the switch, and kept in the ledger.")


def account_shape(account_id: int) -> AccountOut:
    account = Account.objects.get(pk=account_id)
    switch = lists.switch_state(account_id)
    totals = lists.totals(account_id)
    return AccountOut(
        id=account.pk,
        name=account.name,
        zone=account.zone,
        state=switch.state,
        by=switch.by,
        reason=switch.reason,
        since=switch.since,
        number=switch.number,
        whole_installation=switch.whole_installation,
        totals=TotalsOut(
            jobs=totals.jobs,
            messages=totals.messages,
            in_flight=totals.in_flight,
            by_channel={channel.value: count for channel, count in totals.by_channel.items()},
            by_location=[LocationTotal(location=name, messages=count) for name, count in totals.by_location],
        ),
    )


def receipt_shape(receipt: StopReceipt) -> ReceiptOut:
    return ReceiptOut(
        number=receipt.number,
        by=receipt.by,
        reason=receipt.reason,
        effective_at=receipt.effective_at,
        confirmed_at=receipt.confirmed_at,
        workers=receipt.workers,
        in_flight=receipt.in_flight,
        handed_back=receipt.handed_back,
    )


@router.get("/account", response={200: AccountOut, **refusals()}, operation_id="get_account")
def get_account(request: Call) -> AccountOut:
    """The state of the switch, and exactly what is pending or scheduled."""
    return account_shape(request.auth.account_id)


@router.post("/account/stop", response={200: ReceiptOut, **refusals(400, 403)}, operation_id="stop_account")
def stop(request: Call, said: Reason) -> ReceiptOut:
    """STOP. Answers when every worker obeys, with the receipt: no message starts after `confirmed_at`.

    A second stop changes nothing and returns the receipt of the one that stands. Roles: admin, leader, member.
    """
    return receipt_shape(wait_until_confirmed(stop_account(request.auth, said.reason, request.now).number))
