"""START as a plan: what waits as groups, what a plan would do, START with it, and the ramp."""

from datetime import datetime
from typing import Literal

from ninja import Router, Schema
from pydantic import Field

from allstop.actions.actor import Invalid
from allstop.actions.carrying_on import Started, started
from allstop.actions.plan import MOST_MESSAGES, Expected, cancel_plan, check, plan_under_way, start_as_planned
from allstop.actions.ramp import send_all_now
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Line, Strict, Timestamp
from allstop.rules.forecast import in_stretches
from allstop.rules.plan import DROP, SEND, Choice, Fate, Group, Plan, Rest, read_key
from allstop.rules.ramp import FAILURES, LONGEST, MOST_PER_MINUTE, MOST_PERCENT, OPT_OUTS, RampChoice
from allstop.store import lists

router = Router(tags=["account"])


class BacklogGroupOut(Schema):
    key: str = Field(description="Names the group in a plan.")
    job_id: int | None = Field(description="null: no job, or many small groups together.")
    job: str
    location_id: int | None
    location: str
    age: str = Field(description="not_due, day, two_days, week or older: how long ago it was due.")
    staleness: str = Field(description="fresh, appointment_gone, past_use_by or duplicate.")
    messages: int
    groups: int = Field(description="How many small groups are put together in this one; 1 for a group of its own.")
    first_due_at: datetime
    last_due_at: datetime
    by_channel: dict[str, int]


class CountsOut(Schema):
    send: int
    send_now: int = Field(description="Of those sent, due already; windows, quiet hours and pace still hold.")
    later: int = Field(description="Re-dated.")
    drop: int = Field(description="They never leave; their reason says why.")
    past_use_by: int = Field(description="Of those dropped, too late.")
    appointment_gone: int = Field(description="Of those dropped, their appointment is over.")
    duplicates: int = Field(description="Of those dropped, repeated by a newer message.")


class RampOut(Schema):
    per_minute: int
    minutes: int
    failures: int = Field(description="Its limits, in per cent.")
    opt_outs: int
    by: str
    begun_at: datetime
    ends_at: datetime | None = Field(description="null: nothing has left yet; its time begins with the first message.")
    sent: int
    failed: int
    unknown: int
    opted_out: int


class StartedOut(Schema):
    number: int | None = Field(description="Grows with every stop and start. null: not RUNNING yet.")
    plan_id: int
    state: Literal["applying", "started", "cancelled"] = Field(
        description="applying: what it starts stays STOPPED until the plan is whole."
    )
    total: int = Field(description="Messages that are dropped or re-dated.")
    done: int = Field(description="Of those, so far.")
    counts: CountsOut


class BacklogOut(Schema):
    messages: int
    groups: list[BacklogGroupOut]
    start: StartedOut | None = Field(description="A START that is being applied.")
    ramp: RampOut | None = Field(description="The ramp that runs.")


class MessageChoice(Strict):
    id: Id
    do: Literal["send", "later", "drop"]
    at: Timestamp | None = None


class GroupChoice(Strict):
    key: str = Field(
        description="As the backlog has it. `other.AGE.STALENESS` is every group that the plan does not name."
    )
    do: Literal["send", "later", "drop"]
    at: Timestamp | None = Field(None, description="For `later`: the new time.")


class StartPlanIn(Strict):
    groups: list[GroupChoice] = Field(default_factory=list, max_length=10_000)
    messages: list[MessageChoice] = Field(
        default_factory=list, max_length=MOST_MESSAGES, description="Single messages; they go before their group."
    )


class RampIn(Strict):
    per_minute: int = Field(ge=1, le=MOST_PER_MINUTE, description="On each channel.")
    minutes: int = Field(ge=1, le=LONGEST, description="From the first message that leaves; then all.")
    failures: int = Field(
        FAILURES.percent, ge=1, le=MOST_PERCENT, description="When more per cent fail, it stops the account."
    )
    opt_outs: int = Field(
        OPT_OUTS.percent, ge=1, le=MOST_PERCENT, description="Likewise when more per cent of the contacts say no."
    )


class ExpectedIn(Strict):
    send: int
    later: int = 0
    drop: int = 0


class Previewed(Strict):
    plan: StartPlanIn = Field(default_factory=StartPlanIn)
    ramp: RampIn | None = None


class StartIn(Previewed):
    reason: Line = Field("", description="Kept in the ledger.")
    expected: ExpectedIn | None = Field(
        None, description="What the preview said. 409, and nothing changes, when it is not so any more."
    )


class StartStretch(Schema):
    start: datetime
    messages: int


class StartPreviewOut(Schema):
    counts: CountsOut
    first_at: datetime | None
    finish: datetime | None = Field(description="When the last slot ends; null: nothing leaves.")
    stuck: int = Field(description="Cannot leave until somebody changes something.")
    minutes: int = Field(description="The length of one stretch.")
    stretches: list[StartStretch]
    after: int = Field(description="Leave after the last stretch.")


def plan_of(said: StartPlanIn) -> Plan:
    groups: dict[Group | Rest, Choice] = {}
    for one in said.groups:
        group = read_key(one.key)
        if group is None:
            raise Invalid(groups=f"{one.key} is no key of a group. Take the keys from the backlog.")
        groups[group] = choice_of(one.do, one.at)
    return Plan(groups, {one.id: choice_of(one.do, one.at) for one in said.messages})


def choice_of(do: str, at: datetime | None) -> Choice:
    if (do == "later") != (at is not None):
        raise Invalid(at="Give `at` for `later`, and only there.")
    if at is not None:
        return Choice(Fate.LATER, at)
    return SEND if do == "send" else DROP


def ramp_of(said: RampIn | None) -> RampChoice | None:
    return RampChoice(said.per_minute, said.minutes, said.failures, said.opt_outs) if said else None


def counts_shape(counts: lists.PlanCounts) -> CountsOut:
    return CountsOut(
        send=counts.send,
        send_now=counts.send_now,
        later=counts.later,
        drop=counts.drop,
        past_use_by=counts.past_use_by,
        appointment_gone=counts.appointment_gone,
        duplicates=counts.duplicates,
    )


def started_shape(made: Started) -> StartedOut:
    return StartedOut(
        number=made.number,
        plan_id=made.plan_id,
        state=made.state.value,
        total=made.total,
        done=made.done,
        counts=counts_shape(made.counts),
    )


def group_shape(one: lists.BacklogGroup) -> BacklogGroupOut:
    group = one.group if isinstance(one.group, Group) else None
    return BacklogGroupOut(
        key=one.key,
        job_id=(group.job_id or None) if group else None,
        job=one.job,
        location_id=(group.location_id or None) if group else None,
        location=one.location,
        age=one.group.age.value,
        staleness=one.group.staleness.value,
        messages=one.messages,
        groups=one.groups,
        first_due_at=one.first_due_at,
        last_due_at=one.last_due_at,
        by_channel={channel.value: count for channel, count in one.by_channel.items()},
    )


def backlog_shape(account_id: int, now: datetime) -> BacklogOut:
    found = lists.backlog(account_id, now)
    under_way = plan_under_way(account_id)
    ramp = lists.running_ramp(account_id)
    return BacklogOut(
        messages=found.messages,
        groups=[group_shape(one) for one in found.groups],
        start=started_shape(started(under_way.pk)) if under_way else None,
        ramp=RampOut(
            per_minute=ramp.per_minute,
            minutes=ramp.minutes,
            failures=ramp.failures,
            opt_outs=ramp.opt_outs,
            by=ramp.by,
            begun_at=ramp.begun_at,
            ends_at=ramp.ends_at,
            sent=ramp.figures.sent,
            failed=ramp.figures.failed,
            unknown=ramp.figures.unknown,
            opted_out=ramp.figures.opted_out,
        )
        if ramp
        else None,
    )


def preview_shape(account_id: int, plan: Plan, ramp: RampChoice | None, now: datetime) -> StartPreviewOut:
    check(account_id, plan, now)
    seen = lists.preview(account_id, plan, ramp, now)
    found = in_stretches(seen.forecast, now)
    return StartPreviewOut(
        counts=counts_shape(seen.counts),
        first_at=seen.forecast.first_at,
        finish=seen.forecast.finish,
        stuck=seen.forecast.stuck,
        minutes=int(found.width.total_seconds() // 60),
        stretches=[
            StartStretch(start=start, messages=count) for start, count in zip(found.starts, found.messages, strict=True)
        ],
        after=found.after,
    )


@router.get("/account/backlog", response={200: BacklogOut, **refusals()}, operation_id="get_backlog")
def get_backlog(request: Call) -> BacklogOut:
    """What waits, by job, location, age and staleness: the groups of a plan. The smallest of many are put together."""
    return backlog_shape(request.auth.account_id, request.now)


@router.post(
    "/account/start/preview", response={200: StartPreviewOut, **refusals(400, 404)}, operation_id="preview_start"
)
def preview(request: Call, said: Previewed) -> StartPreviewOut:
    """What START would do with this plan, and when everything would leave. Changes nothing."""
    return preview_shape(request.auth.account_id, plan_of(said.plan), ramp_of(said.ramp), request.now)


@router.post("/account/start", response={200: StartedOut, **refusals(400, 403, 404, 409)}, operation_id="start_account")
def start(request: Call, said: StartIn) -> StartedOut:
    """START. What the plan does not name is sent if it is fresh, and dropped if it is stale.

    Call it again while `state` is `applying`. 409 when the account is running. Roles: admin, leader.
    """
    expected = Expected(said.expected.send, said.expected.later, said.expected.drop) if said.expected else None
    return started_shape(
        start_as_planned(
            request.auth,
            plan_of(said.plan),
            now=request.now,
            reason=said.reason,
            ramp=ramp_of(said.ramp),
            expected=expected,
        )
    )


@router.post(
    "/account/start/cancel", response={200: StartedOut, **refusals(400, 403, 409)}, operation_id="cancel_start"
)
def cancel(request: Call) -> StartedOut:
    """End a START that is being applied. The account stays STOPPED; what was dropped stays so. Roles: admin, leader."""
    return started_shape(cancel_plan(request.auth, request.now))


@router.post("/account/start/all-now", response={200: BacklogOut, **refusals(400, 403, 409)}, operation_id="end_ramp")
def all_now(request: Call) -> BacklogOut:
    """End the ramp: what is due leaves now. 409 when none runs. Roles: admin, leader."""
    send_all_now(request.auth, request.now)
    return backlog_shape(request.auth.account_id, request.now)
