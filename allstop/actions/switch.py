"""The switch: STOP and START.

    stop   closes the lanes and takes a number (effective: no claim commits any more)
    start  lifts exactly the stops of its reach

Between a stop and its confirmation (confirming.py: every worker obeys) it is "stopping".
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Machine, NotThere, Operator, require
from allstop.actions.confirming import StopReceipt, complete_lift, reach_of, receipt_of
from allstop.actions.holds import columns_of, new_hold
from allstop.actions.outside import refuse_start
from allstop.rules.holds import INSTALLATION, STOPPED, STOPS, Reach, Scope, may_be_started, whole_account
from allstop.rules.roles import Act
from allstop.store import ledger, queue
from allstop.store.models import Account, Hold, Job, Location, Plan, PlanState, ScheduledStop, StartPlan, Stop

SWITCHES = (Scope.INSTALLATION, Scope.ACCOUNT, Scope.CHANNEL, Scope.LOCATION)  # what STOP and START are for
LIFTED_MEANWHILE = "This stop was lifted already. If a newer one stands, look at it, then START that."


def standing_stops(reach: Reach, names: Sequence[str] = STOPS) -> list[Hold]:
    """Of exactly this reach, whoever set them: a person, the schedule, the brake. A person's comes first."""
    found = Hold.objects.filter(**columns_of(reach), name__in=names, lifted_at=None)
    return sorted(found, key=lambda hold: (names.index(hold.name), hold.pk))


def standing_stop(reach: Reach) -> Hold | None:
    """The one that a person set, or who speaks for one: it lasts until a person lifts it."""
    return Hold.objects.filter(**columns_of(reach), name=STOPPED, lifted_at=None).first()


def is_stopped(account_id: int) -> bool:
    return bool(standing_stops(whole_account(account_id)))


def stop_account(actor: Actor, reason: str, now: datetime) -> StopReceipt:
    return stop(actor, whole_account(actor.account_id), reason, now)


def start_account(actor: Actor, reason: str, now: datetime) -> int:
    return start(actor, whole_account(actor.account_id), reason, now)


def stop(  # noqa: PLR0913 - what a stop says of itself, each by its name
    by: Actor | Operator | Machine,
    reach: Reach,
    reason: str,
    now: datetime,
    *,
    name: str = STOPPED,
    until: datetime | None = None,
    figures: dict[str, Any] | None = None,
) -> StopReceipt:
    """STOP of the installation, an account, or a channel, location or job of it. Effective when it returns.

    A second stop of the same reach and name returns the receipt of the one that stands; it changes nothing, but that a
    START with a plan which is under way is cancelled.
    `until`: when it ends by itself. `figures`: what a program stopped it for, kept in the ledger.
    """
    may_switch(by, Act.STOP, reach)
    hold = new_hold(by, name, reach, now, reason=reason, until=until)
    more = {"name": name, "until": until and until.isoformat(), "figures": figures}
    after = {"state": "stopped", "via": by.via} | {k: v for k, v in more.items() if v not in (None, STOPPED)}
    while (made := queue.press(hold, reach.subject, after)) is None:
        if (receipt := _stopped_again(by, hold, now)) is not None:
            return receipt
    return receipt_of(made, hold)


def _stopped_again(by: Actor | Operator | Machine, wanted: Hold, now: datetime) -> StopReceipt | None:
    """The receipt of the one that stands. None: it was lifted a moment ago."""
    reach = reach_of(wanted)
    with transaction.atomic(), queue.impatient():
        one_at_a_time(reach)
        standing = Hold.objects.filter(**columns_of(reach), name=wanted.name, lifted_at=None).first()
        if standing is None:
            return None
        _take_back_start(by, reach, now)
        return receipt_of(Stop.objects.get(hold_id=standing.pk, is_lift=False), standing)


def reach_started(plan: StartPlan) -> Reach:
    """What a START that is being applied lifts."""
    if plan.hold_id is not None:
        return reach_of(Hold.objects.get(pk=plan.hold_id))
    return reach_of(Stop.objects.get(pk=plan.stop_number))


def _take_back_start(by: Actor | Operator | Machine, reach: Reach, now: datetime) -> None:
    """Whoever says STOP while a START of the same is being applied means it. Waits for one short transaction."""
    under_way = StartPlan.objects.filter(account=reach.account_id, state=PlanState.APPLYING)
    same = [plan.pk for plan in under_way if reach_started(plan) == reach]
    if under_way.filter(pk__in=same).update(state=PlanState.CANCELLED, ended_at=now):
        ledger.append(
            account_id=reach.account_id,
            at=now,
            by=by.name,
            act="cancel_start",
            subject=reach.subject,
            after={"via": by.via, "because": "stop"},
        )


def start(by: Actor | Operator | Machine, reach: Reach, reason: str, now: datetime) -> int:
    """Lift the stops of exactly this reach, and look at nothing that waits; returns the number of the last lift.

    What people, programs and the schedule call START is plan.start_as_planned: this is for benchmarks and tests. Every
    other hold stays, wider and narrower ones too. In force when the first transaction has committed; then what
    waited for it is put among the due, a few at a time.
    """
    return _start(by, reach, reason, now, lambda: standing_stops(reach), runs_already(reach))


def lift_bare(by: Actor, hold: Hold, reason: str, now: datetime) -> int:
    """Of a hold that keeps no message from leaving: nothing waits behind it."""
    return _start(by, reach_of(hold), reason, now, lambda: _standing(hold.pk), LIFTED_MEANWHILE)


def _standing(hold_id: int) -> list[Hold]:
    return list(Hold.objects.filter(pk=hold_id, lifted_at=None))


def standing_hold(by: Actor, hold_id: int) -> Hold:
    require(by, Act.VIEW)
    hold = Hold.objects.filter(pk=hold_id, lifted_at=None).first()
    if hold is None or hold.account_id not in (by.account_id, None) or not may_be_started(hold.name):
        raise NotThere("There is no such standing stop. Somebody may have pressed START meanwhile.")
    return hold


def _start(
    by: Actor | Operator | Machine,
    reach: Reach,
    reason: str,
    now: datetime,
    meant: Callable[[], list[Hold]],
    otherwise: str,
) -> int:
    may_switch(by, Act.START, reach)
    refuse_start()
    with transaction.atomic(), queue.impatient():
        one_at_a_time(reach)
        holds = meant()
        if not holds:
            raise Conflict(otherwise)
        if reach.scope is Scope.ACCOUNT and _has_plan(reach):
            raise Conflict("A START with a plan is under way: let it finish, or cancel it.")
        said = Lift(by.name, by.via, reason, by_itself=isinstance(by, Machine))
        numbers = [lift(hold, reach, said, now) for hold in holds]
    for number in numbers:
        complete_lift(number, now)
    return numbers[-1]


def _has_plan(reach: Reach) -> bool:
    return StartPlan.objects.filter(account=reach.account_id, state=PlanState.APPLYING).exists()


@dataclass(frozen=True, slots=True)
class Lift:
    by: str
    via: str
    reason: str
    before: Mapping[str, Any] = field(default_factory=dict)  # what the ledger says more
    after: Mapping[str, Any] = field(default_factory=dict)
    by_itself: bool = False  # its time was over, nobody pressed START


def lift(hold: Hold, reach: Reach, said: Lift, now: datetime) -> int:
    """The last thing in the transaction of a START, which holds the lock of one_at_a_time; complete_lift follows."""
    Hold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=now, lifted_by=said.by)
    state = Plan.OVER if said.by_itself else Plan.LIFTED
    ScheduledStop.objects.filter(hold_id=hold.pk, state=Plan.STANDING).update(state=state)
    number = queue.lift(hold.pk, reach.account_id, reach.scope, now)
    name = {} if hold.name == STOPPED else {"name": hold.name}
    ledger.append(
        account_id=reach.account_id,
        at=now,
        by=said.by,
        act="start",
        subject=reach.subject,
        personal={"reason": said.reason},
        before={"state": "stopped", "by": hold.by, "since": hold.at.isoformat(), **name, **said.before},
        after={"state": "running", "number": number, "via": said.via, **said.after},
    )
    return number


def may_switch(by: Actor | Operator | Machine, act: Act, reach: Reach) -> None:
    """The installation is its operators' matter, an account its members'. What is not of the account is not there."""
    match by:
        case Operator() | Machine():
            return
        case Actor():
            if reach.scope is Scope.INSTALLATION:
                by.as_operator()
                return
            require(by, act)
            if reach.account_id != by.account_id:
                raise NotThere("There is no such account.")
    if (
        reach.location_id is not None
        and not Location.objects.filter(pk=reach.location_id, account_id=reach.account_id).exists()
    ):
        raise NotThere("There is no such location.")
    if reach.job_id is not None and not Job.objects.filter(pk=reach.job_id, account_id=reach.account_id).exists():
        raise NotThere("There is no such job.")


def one_at_a_time(reach: Reach) -> None:
    if reach.account_id is None:
        queue.lock_installation()
    else:
        Account.objects.select_for_update(of=("self",), no_key=True).get(pk=reach.account_id)


def runs_already(reach: Reach) -> str:
    if wider := standing_stops(INSTALLATION):
        who = f"Every account is stopped, by {wider[0].by}: only an operator can START them again"
        return f"{who}, at Stops and starts or by allstop start --everywhere."
    match reach.scope:
        case Scope.CHANNEL:
            return f"No stop of this channel stands: {reach.channel}s are RUNNING already."
        case Scope.LOCATION:
            return "No stop of this location stands: it is RUNNING already."
        case Scope.JOB:
            return "No stop of this job stands: it is RUNNING already."
        case Scope.INSTALLATION:
            return "No stop of the whole installation stands: it is RUNNING already."
        case _:
            return "The account is RUNNING already."
