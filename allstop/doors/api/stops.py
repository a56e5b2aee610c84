"""Stops and starts: the list, one receipt, and its verification."""

from datetime import datetime
from typing import Literal

from ninja import Path, Query, Router, Schema
from pydantic import Field

from allstop.actions import receipts
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Paged
from allstop.rules.holds import Scope
from allstop.store import lists

router = Router(tags=["stops"])


class StopsAsked(Paged):
    scope: Literal["account", "job", "contact"] | None = Field(None, description="Stops of this reach only.")


class StopOut(Schema):
    number: int
    kind: Literal["stop", "start"]
    scope: str = Field(description="What it covers: account, job or contact.")
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
    in_flight: int = Field(description="Messages in workers' hands when it took effect.")
    handed_back: int = Field(description="Of those, never started.")
    until: datetime | None = Field(description="When it was lifted; null: it stands.")


class StopPage(Schema):
    items: list[StopOut]
    next: int | None = Field(description="For `after`; null on the last page.")


class AnswerOut(Schema):
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
    answers: list[AnswerOut]
    were_in_flight: int = Field(description="Attempts that began between its taking effect and the confirmation.")
    late: list[LateOut] = Field(description="Attempts that began after the confirmation: there must be none.")


def stop_shape(row: lists.StopRow) -> StopOut:
    return StopOut(
        number=row.number,
        kind="start" if row.is_start else "stop",
        scope=row.scope.value,
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
        answers=[AnswerOut.from_orm(answer) for answer in found.answers],
        were_in_flight=found.were_in_flight,
        late=[LateOut.from_orm(one) for one in found.late],
    )


@router.get("/stops", response={200: StopPage, **refusals()}, operation_id="list_stops")
def list_stops(request: Call, asked: Query[StopsAsked]) -> StopPage:
    """Newest first: stops of the account, of jobs and of contacts, and every START of the account."""
    scope = Scope(asked.scope) if asked.scope else None
    rows = lists.stops(request.auth.account_id, scope, after=asked.after, limit=asked.limit + 1)
    shown = rows[: asked.limit]
    more = len(rows) > asked.limit
    return StopPage(items=[stop_shape(row) for row in shown], next=shown[-1].number if more else None)


@router.get("/stops/{int:stop_id}", response={200: StopOut, **refusals(404)}, operation_id="get_stop")
def get_stop(request: Call, stop_id: Path[Id]) -> StopOut:
    """The receipt of one stop, by its number."""
    return stop_shape(receipts.receipt(request.auth, stop_id))


@router.get("/stops/{int:stop_id}/verify", response={200: VerificationOut, **refusals(404)}, operation_id="verify_stop")
def verify(request: Call, stop_id: Path[Id]) -> VerificationOut:
    """Was the stop what its receipt says? Asks the ledger and the attempts. It answers 200 also when it was not."""
    return verification_shape(receipts.verify(request.auth, stop_id))
