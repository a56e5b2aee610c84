"""The account: its switch and what waits in it."""

from datetime import datetime
from typing import Literal

from ninja import Router, Schema
from pydantic import Field

from allstop.actions.confirming import StopReceipt, confirm_aside, wait_until_confirmed
from allstop.actions.switch import stop_account
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Line, Strict
from allstop.doors.api.standing import StandingOut, standing_shapes
from allstop.rules.holds import Scope
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


class NarrowerOut(Schema):
    number: int | None = Field(description="Of the stop, for its receipt.")
    scope: Literal["channel", "location"]
    channel: str = Field(description='"" for a location.')
    location_id: int | None
    location: str = Field(description='Its name; "" for a channel.')
    state: Literal["stopping", "stopped"]
    by: str
    reason: str
    since: datetime
    in_flight: int = Field(description="Messages in its reach that workers hold at this moment.")


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
    in_flight: int = Field(description="While it is stopped: messages that are still on their way.")
    calls_in_progress: int = Field(description="Of those, the calls: they run to their end.")
    narrower: list[NarrowerOut] = Field(description="Stops of one channel or one location that stand, in any state.")
    remind_after_hours: int = Field(description="After how long the admins are told of a stop that stands; 0: never.")
    standing: list[StandingOut] = Field(
        description="Every stop, pause or other hold that stands now, the oldest first."
    )
    totals: TotalsOut


class ReceiptOut(Schema):
    number: int
    scope: Scope = Field(description="What it covers.")
    channel: str = Field(description='Of the stop of a channel; "" otherwise.')
    location_id: int | None
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


class StopAsked(Reason):
    wait: bool = Field(True, description="Answer when every worker obeys; false: as soon as it is in effect.")


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
        in_flight=switch.in_flight_now,
        calls_in_progress=switch.calls_now,
        narrower=[narrower_shape(one) for one in switch.narrower],
        remind_after_hours=account.remind_after_hours,
        standing=standing_shapes(account_id),
        totals=TotalsOut(
            jobs=totals.jobs,
            messages=totals.messages,
            in_flight=totals.in_flight,
            by_channel={channel.value: count for channel, count in totals.by_channel.items()},
            by_location=[LocationTotal(location=name, messages=count) for name, count in totals.by_location],
        ),
    )


def narrower_shape(stop: lists.StandingStop) -> NarrowerOut:
    return NarrowerOut(
        number=stop.number,
        scope="channel" if stop.reach.channel else "location",
        channel=stop.reach.channel or "",
        location_id=stop.reach.location_id,
        location=stop.location,
        state="stopped" if stop.is_confirmed else "stopping",
        by=stop.by,
        reason=stop.reason,
        since=stop.since,
        in_flight=stop.in_flight_now,
    )


def receipt_shape(receipt: StopReceipt) -> ReceiptOut:
    return ReceiptOut(
        number=receipt.number,
        scope=receipt.reach.scope,
        channel=receipt.reach.channel or "",
        location_id=receipt.reach.location_id,
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
def stop(request: Call, said: StopAsked) -> ReceiptOut:
    """STOP. Answers when every worker obeys, with the receipt: no message starts after `confirmed_at`.

    With `wait` false it answers as soon as the stop is in effect; ask `get_stop` for its confirmation.

    A second stop changes nothing and returns the receipt of the one that stands. Roles: admin, leader, member.
    """
    made = stop_account(request.auth, said.reason, request.now)
    if said.wait:
        return receipt_shape(wait_until_confirmed(made))
    if made.confirmed_at is None:
        confirm_aside(made.number)
    return receipt_shape(made)
