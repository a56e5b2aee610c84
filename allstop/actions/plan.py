"""START as a plan: what is sent, re-dated or dropped is decided for every message before the first one leaves.

Every START is one: of an account, of a part of it, of the installation, and that of a schedule whose end has come. It
has choices only where it is of a whole account; otherwise nothing stale leaves.

    draw      freezes the plan into items: exactly these messages are dropped or re-dated
    carry on  works the items off while it is STOPPED, then lifts the stop (carrying_on.py)

The rule that it guards: until a plan is whole, nothing leaves.
"""

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction

from allstop.actions.actor import Actor, Conflict, Invalid, Machine, NotThere, Operator, require
from allstop.actions.carrying_on import PATIENCE, Started, carry_on, give_up, holds_of, started
from allstop.actions.outside import refuse_start
from allstop.actions.switch import (
    LIFTED_MEANWHILE,
    may_switch,
    one_at_a_time,
    reach_started,
    runs_already,
    standing_stops,
)
from allstop.rules.holds import Reach, Scope, whole_account
from allstop.rules.plan import NOTHING_STALE, Choice, Group, Plan
from allstop.rules.ramp import RampChoice
from allstop.rules.roles import Act
from allstop.store import ledger, plans
from allstop.store.lists import PlanCounts
from allstop.store.models import Hold, Job, Message, PlanState, StartPlan, Stop

LONGEST_REASON = 300
MOST_MESSAGES = 20_000  # that are picked one by one
ONLY_WHOLE = "A plan and a ramp are for the whole account, not for a part of it or all accounts."


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
class Target:
    """What a START lifts: every stop of its reach, or this one hold alone."""

    reach: Reach
    hold_id: int | None = None

    def standing(self) -> list[Hold]:
        if self.hold_id is not None:
            return list(Hold.objects.filter(pk=self.hold_id, lifted_at=None))
        return standing_stops(self.reach)


def start_as_planned(  # noqa: PLR0913 - each by its name
    by: Actor | Operator | Machine,
    plan: Plan = NOTHING_STALE,
    *,
    now: datetime,
    target: Target | None = None,
    reason: str = "",
    ramp: RampChoice | None = None,
    expected: Expected | None = None,
    patience: timedelta = PATIENCE,
) -> Started:
    """START, of the actor's account where no target is given. Without a plan nothing stale leaves. One that is under
    way is gone on with.

    `expected`: Changed is raised when it is not so any more. Not inside a transaction.
    """
    if target is None:
        assert isinstance(by, Actor)
        target = Target(whole_account(by.account_id))
    may_switch(by, Act.START, target.reach)
    if len(reason) > LONGEST_REASON:
        raise Invalid(reason=f"Give the reason in at most {LONGEST_REASON} characters.")
    has_choices = plan != NOTHING_STALE or ramp is not None
    if has_choices and (target.reach.scope is not Scope.ACCOUNT or target.hold_id is not None):
        raise Invalid(plan=ONLY_WHOLE)
    under_way = plan_under_way(target.reach.account_id)
    if under_way is None:
        drawn = _draw(by, target, plan, reason, ramp, expected, now)
    elif not has_choices and _target_of(under_way) == target:
        drawn = under_way.pk
    else:
        raise Conflict(f"A START by {under_way.by} is under way. Wait until it is done, or cancel it.")
    return carry_on(drawn, now, patience)


def plan_under_way(account_id: int | None) -> StartPlan | None:
    """In the account, whatever it starts; with None that of the whole installation."""
    return StartPlan.objects.filter(account=account_id, state=PlanState.APPLYING).first()


def _target_of(plan: StartPlan) -> Target:
    return Target(reach_started(plan), plan.hold_id)


def _draw(  # noqa: PLR0913 - what start_as_planned was asked for
    by: Actor | Operator | Machine,
    target: Target,
    plan: Plan,
    reason: str,
    ramp: RampChoice | None,
    expected: Expected | None,
    now: datetime,
) -> int:
    account_id = target.reach.account_id
    if account_id is not None:
        check(account_id, plan, now)
    refuse_start()
    standing = [hold.pk for hold in target.standing()]
    if not standing:
        raise Conflict(_otherwise(target))
    newest = Stop.objects.filter(hold_id__in=standing, is_lift=False).order_by("-number").first()
    try:
        with transaction.atomic():
            made = StartPlan.objects.create(
                account_id=account_id,
                stop_number=newest.number if newest else 0,
                hold_id=target.hold_id,
                by=by.name,
                via=by.via,
                by_itself=isinstance(by, Machine),
                reason=reason,
                state=PlanState.APPLYING,
                choices=_written(plan),
                counts=asdict(PlanCounts()),
                total=0,
                ramp=asdict(ramp) if ramp else None,
                drawn_at=now,
                drawn_to=0 if account_id is None else None,
                touched_at=now,
            )
            if account_id is not None:  # of every account: carry_on does it, one after the other
                _freeze(account_id, made.pk, plan, target, expected, now)
    except IntegrityError as twice:
        raise Conflict("Somebody pressed START at the same moment: look at what it does first.") from twice
    _make_sure(made, target)
    return made.pk


def _freeze(account_id: int, made: int, plan: Plan, target: Target, expected: Expected | None, now: datetime) -> None:
    counts = plans.freeze(account_id, made, plan, target.reach, now)
    if expected is not None and expected != Expected(counts.send, counts.later, counts.drop):
        raise Changed(counts)
    StartPlan.objects.filter(pk=made).update(counts=asdict(counts), total=counts.later + counts.drop)


def _otherwise(target: Target) -> str:
    return runs_already(target.reach) if target.hold_id is None else LIFTED_MEANWHILE


def check(account_id: int, plan: Plan, now: datetime) -> None:
    """Whether a START could be pressed with these choices."""
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


def _make_sure(plan: StartPlan, target: Target) -> None:
    """A bare lift that began before the plan could be seen has committed by now; from here on each sees the plan."""
    with transaction.atomic():
        one_at_a_time(target.reach)
        if holds_of(plan):
            return
        give_up(plan.pk, plan.drawn_at)
    raise Conflict(_otherwise(target))


def cancel_plan(actor: Actor, now: datetime) -> Started:
    """The account stays STOPPED. What was dropped or re-dated by then stays so."""
    require(actor, Act.START)
    with transaction.atomic():
        plan = (
            StartPlan.objects.select_for_update().filter(account_id=actor.account_id, state=PlanState.APPLYING).first()
        )
        if plan is None:
            raise Conflict("No START is under way.")
        give_up(plan.pk, now)
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="cancel_start",
            subject="account",
            after={"plan": plan.pk, "dropped": plan.dropped, "redated": plan.redated, "via": actor.via},
        )
    return started(plan.pk)
