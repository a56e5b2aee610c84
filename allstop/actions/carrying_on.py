"""A plan of START on its way: works its items off, a few in each transaction, and lifts when none is left.

The rule that it guards: until a plan is whole, nothing leaves; then it lifts the stops that it was drawn for, and no
other. Whoever dies in between loses nothing: the plan stands in start_plan, and a worker or the next START goes on
with it. Only the lift takes locks that a stop waits for.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from allstop.actions.confirming import complete_lift
from allstop.actions.ramp import begin_ramp, end_ramp
from allstop.actions.switch import SWITCHES, Lift, lift, one_at_a_time, reach_started, standing_stops
from allstop.rules.holds import Reach, Scope
from allstop.rules.plan import NOTHING_STALE
from allstop.rules.ramp import RampChoice
from allstop.store import ledger, plans, queue
from allstop.store.lists import PlanCounts, totals_of
from allstop.store.models import Hold, PlanState, QueueEntry, Ramp, RampState, StartPlan, Stop

PATIENCE = timedelta(seconds=10)  # of whoever pressed START; then a worker goes on
LEFT_ALONE = timedelta(seconds=5)  # a plan that nobody has touched for so long has lost its starter
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
MOST_WRITTEN = 500  # messages that were picked one by one, in the ledger

Clock = Callable[[], datetime]


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


def holds_of(plan: StartPlan) -> list[Hold]:
    """The stops that the plan was drawn for, while they stand. One that came later stays."""
    if plan.hold_id is not None:
        return list(Hold.objects.filter(pk=plan.hold_id, lifted_at=None))
    known = Stop.objects.filter(account_id=plan.account_id, is_lift=False, number__lte=plan.stop_number)
    holds = standing_stops(reach_started(plan))
    numbers = dict(known.filter(hold_id__in=[hold.pk for hold in holds]).values_list("hold_id", "number"))
    return [hold for hold in holds if hold.pk in numbers]


def carry_on(plan_id: int, now: datetime, patience: timedelta = PATIENCE) -> Started:
    """Work the items off and lift. After `patience` it is left to the workers."""
    began = time.monotonic()

    def clock() -> datetime:
        return now + timedelta(seconds=time.monotonic() - began)

    while not _is_whole(plan_id):
        if not _go_on(plan_id, clock):
            return started(plan_id)
        if clock() - now > patience:
            StartPlan.objects.filter(pk=plan_id).update(touched_at=LONG_AGO)
            return started(plan_id)
    _lift(plan_id, clock())
    return started(plan_id)


def _is_whole(plan_id: int) -> bool:
    drawn = StartPlan.objects.filter(pk=plan_id, drawn_to=None).exists()
    return drawn and plans.is_whole(plan_id)


def _go_on(plan_id: int, clock: Clock) -> bool:
    """False: the plan was cancelled, or somebody else has finished it."""
    with transaction.atomic():
        plan = StartPlan.objects.select_for_update().get(pk=plan_id)
        if plan.state != PlanState.APPLYING:
            return False
        if not holds_of(plan):
            give_up(plan_id, clock())
            return False
        if plan.drawn_to is not None:
            _draw_next(plan, plan.drawn_to, clock())
            return True
        used, dropped, redated = plans.apply_some(plan_id, clock())
        StartPlan.objects.filter(pk=plan_id).update(
            dropped=F("dropped") + dropped, redated=F("redated") + redated, touched_at=clock()
        )
    if not used:
        time.sleep(0.02)  # a job is being removed at the same time and holds these rows for a moment
    return True


def _draw_next(plan: StartPlan, after: int, now: datetime) -> None:
    """Of every account: write the items of the next one in which anything waits, as of the moment in which START was
    pressed. To look into a thousand that wait for nothing took half a minute."""
    waits = QueueEntry.objects.filter(account_id__gt=after).order_by("account_id")  # queue_pkey
    account = waits.values_list("account_id", flat=True).first()
    StartPlan.objects.filter(pk=plan.pk).update(drawn_to=account, touched_at=now)
    if account is None:
        return
    counts = asdict(plans.freeze(account, plan.pk, NOTHING_STALE, reach_started(plan), plan.drawn_at))
    both = {name: plan.counts[name] + number for name, number in counts.items()}
    StartPlan.objects.filter(pk=plan.pk).update(counts=both, total=both["drop"])
    if counts["drop"]:  # the START itself is in the installation's ledger, which the account does not read
        ledger.append(
            account_id=account,
            at=now,
            by=plan.by,
            act="drop_stale",
            subject="account",
            reason=plan.reason,
            after={"plan": plan.pk, "via": plan.via, "because": "start of every account", **counts},
        )


def _lift(plan_id: int, now: datetime) -> None:
    """The last transaction: the stop, the ramp, the plan and the ledger change together."""
    reach = reach_started(StartPlan.objects.get(pk=plan_id))
    with transaction.atomic(), queue.impatient():
        one_at_a_time(reach)
        plan = StartPlan.objects.select_for_update().get(pk=plan_id)
        if plan.state != PlanState.APPLYING or not plans.is_whole(plan_id):
            return
        holds = holds_of(plan)
        if not holds:
            give_up(plan_id, now)
            return
        ramp = _ramp_of(plan, reach, now)
        numbers = [lift(hold, reach, _told(plan, reach), now) for hold in holds]
        if ramp is not None:
            Ramp.objects.filter(pk=ramp.pk).update(start_number=numbers[-1])
        _end(plan_id, PlanState.STARTED, now, numbers[-1])
    for number in numbers:
        complete_lift(number, now)


def _ramp_of(plan: StartPlan, reach: Reach, now: datetime) -> Ramp | None:
    """A START of the account begins its own or none; that of a part leaves alone the one that runs."""
    if reach.scope is not Scope.ACCOUNT or reach.account_id is None:
        return None
    end_ramp(reach.account_id, RampState.ENDED, plan.by, now)
    return begin_ramp(reach.account_id, RampChoice(**plan.ramp), plan.by, now) if plan.ramp else None


def _told(plan: StartPlan, reach: Reach) -> Lift:
    counts = PlanCounts(**plan.counts)
    messages = plan.choices["messages"]
    if len(messages) > MOST_WRITTEN:  # the table start_plan has all of them
        messages = len(messages)
    done = {"id": plan.pk, "dropped": plan.dropped, "redated": plan.redated}
    what = {**done, **plan.counts, "groups": plan.choices["groups"], "messages": messages}
    after: dict[str, Any] = {"plan": what}
    if reach.scope in SWITCHES:
        after["waiting"] = totals_of(reach).messages
    if plan.ramp:
        after["ramp"] = plan.ramp
    before = {"waiting": counts.send + counts.later + counts.drop}
    return Lift(plan.by, plan.via, plan.reason, before, after, by_itself=plan.by_itself)


def _end(plan_id: int, state: PlanState, now: datetime, number: int | None = None) -> None:
    StartPlan.objects.filter(pk=plan_id).update(state=state, ended_at=now, start_number=number)


def give_up(plan_id: int, now: datetime) -> None:
    _end(plan_id, PlanState.CANCELLED, now)
    plans.forget_items(plan_id)


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
