"""START as a plan: what is sent, re-dated or dropped is decided for every message before the first one leaves.

    draw      freezes the plan into items: exactly these messages are dropped or re-dated
    carry on  works the items off, a few in each transaction, while the account is STOPPED
    lift      when none is left: lifts the stop that the plan was drawn for, and no other

The rule that it guards: until a plan is whole, nothing leaves. Whoever dies in between loses nothing: the plan stands
in start_plan, and a worker or the next START goes on with it. Only the lift takes locks that a stop waits for.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.confirming import complete_lift
from allstop.actions.outside import refuse_start
from allstop.actions.ramp import begin_ramp, end_ramp
from allstop.actions.switch import Lift, lift, one_at_a_time, runs_already, standing_stops
from allstop.rules.holds import whole_account
from allstop.rules.plan import NOTHING_STALE, Choice, Group, Plan
from allstop.rules.ramp import RampChoice
from allstop.rules.roles import Act
from allstop.store import ledger, plans, queue
from allstop.store.lists import PlanCounts, totals
from allstop.store.models import Hold, Job, Message, PlanState, RampState, StartPlan, Stop

PATIENCE = timedelta(seconds=10)  # of whoever pressed START; then a worker goes on
LEFT_ALONE = timedelta(seconds=5)  # a plan that nobody has touched for so long has lost its starter
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
LONGEST_REASON = 300
MOST_MESSAGES = 20_000  # that are picked one by one
MOST_WRITTEN = 500  # of them in the ledger

Clock = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Expected:
    """What the person saw when they said START."""

    send: int
    later: int
    drop: int


class Changed(Conflict):
    """Something came or went since the person looked: they look again and decide."""

    def __init__(self, counts: PlanCounts) -> None:
        super().__init__(
            f"What waits has changed since you looked. Now {counts.send:,} would be sent, {counts.later:,} re-dated "
            f"and {counts.drop:,} dropped. Nothing was changed: look again, then START."
        )
        self.counts = counts


@dataclass(frozen=True, slots=True)
class Started:
    """A plan that is whole (`number` is that of the START), or under way."""

    plan_id: int
    state: PlanState
    number: int | None
    counts: PlanCounts
    total: int  # messages that it drops or re-dates
    done: int
    ramp: RampChoice | None
    by: str
    drawn_at: datetime


def start_as_planned(  # noqa: PLR0913 - each by its name
    actor: Actor,
    plan: Plan = NOTHING_STALE,
    *,
    now: datetime,
    reason: str = "",
    ramp: RampChoice | None = None,
    expected: Expected | None = None,
    patience: timedelta = PATIENCE,
) -> Started:
    """START of the account. Without a plan nothing stale leaves. A plan that is under way is gone on with.

    `expected`: Changed is raised when it is not so any more. Not inside a transaction.
    """
    require(actor, Act.START)
    if len(reason) > LONGEST_REASON:
        raise Invalid(reason=f"Give the reason in at most {LONGEST_REASON} characters.")
    under_way = plan_under_way(actor.account_id)
    if under_way is None:
        drawn = _draw(actor, plan, reason, ramp, expected, now)
    elif plan == NOTHING_STALE and ramp is None:
        drawn = under_way.pk
    else:
        raise Conflict(f"A START by {under_way.by} is under way. Wait until it is done, or cancel it.")
    return carry_on(drawn, now, patience)


def plan_under_way(account_id: int) -> StartPlan | None:
    return StartPlan.objects.filter(account_id=account_id, state=PlanState.APPLYING).first()


def _draw(
    actor: Actor, plan: Plan, reason: str, ramp: RampChoice | None, expected: Expected | None, now: datetime
) -> int:
    _check(actor.account_id, plan, now)
    refuse_start()
    reach = whole_account(actor.account_id)
    standing = [hold.pk for hold in standing_stops(reach)]
    if not standing:
        raise Conflict(runs_already(reach))
    newest = Stop.objects.filter(hold_id__in=standing, is_lift=False).order_by("-number").first()
    assert newest is not None  # each standing stop has its number
    try:
        with transaction.atomic():
            made = StartPlan.objects.create(
                account_id=actor.account_id,
                stop_number=newest.number,
                by=actor.name,
                via=actor.via,
                reason=reason,
                state=PlanState.APPLYING,
                choices=_written(plan),
                counts={},
                total=0,
                ramp=asdict(ramp) if ramp else None,
                drawn_at=now,
                touched_at=now,
            )
            counts = plans.freeze(actor.account_id, made.pk, plan, now)
            if expected is not None and expected != Expected(counts.send, counts.later, counts.drop):
                raise Changed(counts)
            StartPlan.objects.filter(pk=made.pk).update(counts=asdict(counts), total=counts.later + counts.drop)
    except IntegrityError as twice:
        raise Conflict("Somebody pressed START at the same moment: look at what it does first.") from twice
    _make_sure(made)
    return made.pk


def _check(account_id: int, plan: Plan, now: datetime) -> None:
    for choice in [*plan.groups.values(), *plan.messages.values()]:
        if choice.at is not None and choice.at <= now:
            raise Invalid(at="The new time must be in the future.")
    if len(plan.messages) > MOST_MESSAGES:
        raise Invalid(messages=f"Pick at most {MOST_MESSAGES:,} single messages; choose for whole groups instead.")
    jobs = {group.job_id for group in plan.groups if isinstance(group, Group)} - {0}
    if Job.objects.filter(account_id=account_id, pk__in=jobs).count() != len(jobs):
        raise NotThere("One of these jobs does not exist. Look at what waits again.")
    if Message.objects.filter(account_id=account_id, id__in=list(plan.messages)).count() != len(plan.messages):
        raise NotThere("One of these messages does not exist. Look at what waits again.")


def _written(plan: Plan) -> dict[str, Any]:
    def said(choice: Choice) -> dict[str, str]:
        return {"fate": choice.fate.value} | ({"at": choice.at.isoformat()} if choice.at else {})

    return {
        "groups": {group.key: said(choice) for group, choice in plan.groups.items()},
        "messages": {str(message): said(choice) for message, choice in plan.messages.items()},
    }


def _make_sure(plan: StartPlan) -> None:
    """A bare lift that began before the plan could be seen has committed by now; from here on each sees the plan."""
    with transaction.atomic():
        reach = whole_account(plan.account_id)
        one_at_a_time(reach)
        if _stops_of(plan):
            return
        _give_up(plan.pk, plan.drawn_at)
    raise Conflict(runs_already(reach))


def _stops_of(plan: StartPlan) -> list[Hold]:
    """The stops that the plan was drawn for, while they stand. One that came later stays."""
    known = Stop.objects.filter(account_id=plan.account_id, is_lift=False, number__lte=plan.stop_number)
    holds = standing_stops(whole_account(plan.account_id))
    numbers = dict(known.filter(hold_id__in=[hold.pk for hold in holds]).values_list("hold_id", "number"))
    return [hold for hold in holds if hold.pk in numbers]


def carry_on(plan_id: int, now: datetime, patience: timedelta = PATIENCE) -> Started:
    """Work the items off and lift. After `patience` it is left to the workers."""
    began = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - began)

    while not plans.is_whole(plan_id):
        if not _apply_some(plan_id, clock):
            return started(plan_id)
        if clock() - now > patience:
            StartPlan.objects.filter(pk=plan_id).update(touched_at=LONG_AGO)
            return started(plan_id)
    _lift(plan_id, clock())
    return started(plan_id)


def _apply_some(plan_id: int, clock: Clock) -> bool:
    """False: the plan was cancelled, or somebody else has finished it."""
    with transaction.atomic():
        plan = StartPlan.objects.select_for_update().get(pk=plan_id)
        if plan.state != PlanState.APPLYING:
            return False
        if not _stops_of(plan):
            _give_up(plan_id, clock())
            return False
        used, dropped, redated = plans.apply_some(plan.account_id, plan_id, clock())
        StartPlan.objects.filter(pk=plan_id).update(
            dropped=F("dropped") + dropped, redated=F("redated") + redated, touched_at=clock()
        )
    if not used:
        time.sleep(0.02)  # a job is being removed at the same time and holds these rows for a moment
    return True


def _lift(plan_id: int, now: datetime) -> None:
    """The last transaction: the stop, the ramp, the plan and the ledger change together."""
    account_id = StartPlan.objects.values_list("account_id", flat=True).get(pk=plan_id)
    reach = whole_account(account_id)
    with transaction.atomic(), queue.impatient():
        one_at_a_time(reach)
        plan = StartPlan.objects.select_for_update().get(pk=plan_id)
        if plan.state != PlanState.APPLYING or not plans.is_whole(plan_id):
            return
        holds = _stops_of(plan)
        if not holds:
            _give_up(plan_id, now)
            return
        end_ramp(account_id, RampState.ENDED, plan.by, now)
        ramp = begin_ramp(account_id, RampChoice(**plan.ramp), plan.by, now) if plan.ramp else None
        numbers = [lift(hold, reach, _told(plan), now) for hold in holds]
        if ramp is not None:
            type(ramp).objects.filter(pk=ramp.pk).update(start_number=numbers[-1])
        _end(plan_id, PlanState.STARTED, now, numbers[-1])
    for number in numbers:
        complete_lift(number, now)


def _told(plan: StartPlan) -> Lift:
    counts = PlanCounts(**plan.counts)
    messages = plan.choices["messages"]
    if len(messages) > MOST_WRITTEN:  # the table start_plan has all of them
        messages = len(messages)
    done = {"id": plan.pk, "dropped": plan.dropped, "redated": plan.redated}
    what = {**done, **plan.counts, "groups": plan.choices["groups"], "messages": messages}
    after: dict[str, Any] = {"waiting": totals(plan.account_id).messages, "plan": what}
    if plan.ramp:
        after["ramp"] = plan.ramp
    return Lift(plan.by, plan.via, plan.reason, {"waiting": counts.send + counts.later + counts.drop}, after)


def _end(plan_id: int, state: PlanState, now: datetime, number: int | None = None) -> None:
    StartPlan.objects.filter(pk=plan_id).update(state=state, ended_at=now, start_number=number)


def _give_up(plan_id: int, now: datetime) -> None:
    _end(plan_id, PlanState.CANCELLED, now)
    plans.forget_items(plan_id)


def cancel_plan(actor: Actor, now: datetime) -> Started:
    """The account stays STOPPED. What was dropped or re-dated by then stays so."""
    require(actor, Act.START)
    with transaction.atomic():
        plan = (
            StartPlan.objects.select_for_update().filter(account_id=actor.account_id, state=PlanState.APPLYING).first()
        )
        if plan is None:
            raise Conflict("No START is under way.")
        _give_up(plan.pk, now)
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="cancel_start",
            subject="account",
            after={"plan": plan.pk, "dropped": plan.dropped, "redated": plan.redated, "via": actor.via},
        )
    return started(plan.pk)


def finish_left(now: datetime) -> None:
    """A chore: go on with plans whose starter has gone or has no more patience."""
    for plan_id in _left(now).values_list("pk", flat=True):
        carry_on(plan_id, now)
    for plan_id in _cancelled(now).values_list("pk", flat=True):
        plans.forget_items(plan_id)  # a STOP that cancels a plan does not wait until a million items are gone


def _left(now: datetime) -> QuerySet[StartPlan]:
    return StartPlan.objects.filter(state=PlanState.APPLYING, touched_at__lt=now - LEFT_ALONE)


def _cancelled(now: datetime) -> QuerySet[StartPlan]:
    return StartPlan.objects.filter(state=PlanState.CANCELLED, ended_at__gt=now - timedelta(days=1))


def started(plan_id: int) -> Started:
    plan = StartPlan.objects.get(pk=plan_id)
    counts: Mapping[str, int] = plan.counts
    return Started(
        plan_id=plan.pk,
        state=PlanState(plan.state),
        number=plan.start_number,
        counts=PlanCounts(**counts),
        total=plan.total,
        done=plan.dropped + plan.redated,
        ramp=RampChoice(**plan.ramp) if plan.ramp else None,
        by=plan.by,
        drawn_at=plan.drawn_at,
    )
