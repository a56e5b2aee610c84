"""Stops and starts of every scope: the list, STOP, one receipt with its verification, and START."""

from datetime import datetime
from typing import Literal

from ninja import Path, Query, Router, Schema
from pydantic import Field

from allstop.actions import receipts
from allstop.actions.actor import Actor, Invalid
from allstop.actions.confirming import confirm_aside, wait_until_confirmed
from allstop.actions.starting import start_stopped
from allstop.actions.switch import stop
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Line, Paged, Strict
from allstop.doors.api.start import StartedOut, started_shape
from allstop.rules.facts import Channel
from allstop.rules.holds import INSTALLATION, Reach, Scope, one_channel, one_location, whole_account
from allstop.store import lists

router = Router(tags=["stops"])


class StopsAsked(Paged):
    scope: Scope | None = Field(None, description="Stops of this scope only.")


class StopIn(Strict):
    scope: Literal["installation", "account", "channel", "location"] = Field(
        description="installation: every account, for operators only."
    )
    channel: Channel | None = Field(None, description="With the scope channel.")
    location_id: Id | None = Field(None, description="With the scope location.")
    reason: Line = Field("", description="Shown to everybody who looks at the switch, and kept in the ledger.")
    wait: bool = Field(True, description="Answer when every worker obeys; false: as soon as it is in effect.")

    def reach(self, account_id: int) -> Reach:
        """Raises Invalid when the ids are not those of the scope: nobody shall stop more or less than he meant."""
        wrong = {}
        if (self.scope == "channel") != (self.channel is not None):
            wrong["channel"] = "Name a channel with the scope channel, and only with it."
        if (self.scope == "location") != (self.location_id is not None):
            wrong["location_id"] = "Name a location with the scope location, and only with it."
        if wrong:
            raise Invalid(**wrong)
        if self.channel is not None:
            return one_channel(account_id, self.channel)
        if self.location_id is not None:
            return one_location(account_id, self.location_id)
        return INSTALLATION if self.scope == "installation" else whole_account(account_id)


class StopStartIn(Strict):
    reason: Line = Field("", description="Kept in the ledger.")


class StopOut(Schema):
    number: int
    kind: Literal["stop", "start"]
    scope: Scope = Field(description="What it covers.")
    channel: str = Field(description='Of a channel\'s stop; of an opt-out one channel, or "all".')
    location_id: int | None
    job_id: int | None
    contact_id: int | None
    act: str = Field(description="What was done, as in the ledger: stop, start, remove_job, set_stop_all, opt_out.")
    by: str
    reason: str
    effective_at: datetime
    confirmed_at: datetime | None = Field(
        description="Since when no worker can start anything that it covers; null: not confirmed yet."
    )
    workers: int = Field(description="How many had to confirm.")
    in_flight: int | None = Field(
        description="Messages in workers' hands when it took effect; null: of all accounts, for operators only."
    )
    handed_back: int | None = Field(description="Of those, never started; null likewise.")
    until: datetime | None = Field(description="When it was lifted; null: it stands.")


class StopPage(Schema):
    items: list[StopOut]
    next: int | None = Field(description="For `after`; null on the last page.")


class WorkerAnswerOut(Schema):
    question: str = Field(description="ledger_chain, ledger_entry, confirmation, nothing_started or in_flight")
    title: str
    is_sound: bool
    words: str


class LateOut(Schema):
    message_id: int
    number: int = Field(description="Which attempt of the message.")
    started_at: datetime


class VerificationOut(Schema):
    receipt: StopOut
    is_sound: bool = Field(description="Every answer is.")
    answers: list[WorkerAnswerOut]
    were_in_flight: int = Field(description="Attempts that began between its taking effect and the confirmation.")
    late: list[LateOut] = Field(description="Attempts that began after the confirmation: there must be none.")


def stop_shape(row: lists.StopRow) -> StopOut:
    return StopOut(
        number=row.number,
        kind="start" if row.is_start else "stop",
        scope=row.scope,
        channel=row.channel,
        location_id=row.location_id,
        job_id=row.job_id,
        contact_id=row.contact_id,
        act=row.act,
        by=row.by,
        reason=row.reason,
        effective_at=row.effective_at,
        confirmed_at=row.confirmed_at,
        workers=row.workers,
        in_flight=row.in_flight,
        handed_back=row.handed_back,
        until=row.until,
    )


def verification_shape(found: receipts.Verification) -> VerificationOut:
    return VerificationOut(
        receipt=stop_shape(found.receipt),
        is_sound=found.is_sound,
        answers=[WorkerAnswerOut.from_orm(answer) for answer in found.answers],
        were_in_flight=found.were_in_flight,
        late=[LateOut.from_orm(one) for one in found.late],
    )


@router.get("/stops", response={200: StopPage, **refusals()}, operation_id="list_stops")
def list_stops(request: Call, asked: Query[StopsAsked]) -> StopPage:
    """Newest first: every stop that reaches the account, and every START of a switch. `until` null: it stands."""
    scopes = [asked.scope] if asked.scope else []
    rows = lists.stops(
        request.auth.account_id,
        scopes,
        after=asked.after,
        limit=asked.limit + 1,
        sees_all=request.auth.is_operator,
    )
    shown = rows[: asked.limit]
    more = len(rows) > asked.limit
    return StopPage(items=[stop_shape(row) for row in shown], next=shown[-1].number if more else None)


@router.post("/stops", response={200: StopOut, **refusals(400, 403, 404)}, operation_id="create_stop")
def create_stop(request: Call, said: StopIn) -> StopOut:
    """STOP one channel, one location, the account, or (operators) the whole installation.

    Answers when every worker obeys, with the receipt: no message in its reach starts after `confirmed_at`. A second
    stop of the same changes nothing and returns the receipt of the one that stands. Roles: admin, leader, member.
    """
    made = stop(request.auth, said.reach(request.auth.account_id), said.reason, request.now)
    if said.wait:
        wait_until_confirmed(made)
    elif made.confirmed_at is None:
        confirm_aside(made.number)
    return _receipt(request.auth, made.number)


def _receipt(actor: Actor, number: int) -> StopOut:
    return stop_shape(receipts.receipt(actor, number))


@router.get("/stops/{int:stop_id}", response={200: StopOut, **refusals(404)}, operation_id="get_stop")
def get_stop(request: Call, stop_id: Path[Id]) -> StopOut:
    """The receipt of one stop, by its number."""
    return _receipt(request.auth, stop_id)


@router.post(
    "/stops/{int:stop_id}/start", response={200: StartedOut, **refusals(400, 403, 404, 409)}, operation_id="start_stop"
)
def start_stop(request: Call, stop_id: Path[Id], said: StopStartIn) -> StartedOut:
    """START what this stop holds: what is due leaves again, unless another stop holds it too. Nothing stale leaves.

    Call it again while `state` is `applying`.

    409 when it was lifted already, also when a newer stop of the same stands, and for stops of jobs and contacts. One
    of the installation is for operators only. Roles: admin, leader.
    """
    return started_shape(start_stopped(request.auth, stop_id, said.reason, request.now))


@router.get(
    "/stops/{int:stop_id}/verify", response={200: VerificationOut, **refusals(403, 404)}, operation_id="verify_stop"
)
def verify(request: Call, stop_id: Path[Id]) -> VerificationOut:
    """Was the stop what its receipt says? Asks the ledger and the attempts. It answers 200 also when it was not.

    One of the installation is for operators only: its answers concern every account.
    """
    return verification_shape(receipts.verify(request.auth, stop_id))
