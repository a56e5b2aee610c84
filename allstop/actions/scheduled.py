"""Scheduled stops: planned by a person, begun and ended by whichever worker looks first.

The rule that it guards: the end lifts the stop that the schedule has set, and nothing else, and nothing stale leaves.
A person's STOP in the meantime stays, and a person's START before the end stays a START.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from allstop.actions.actor import Actor, Conflict, Invalid, Machine, NotThere, Operator, require
from allstop.actions.confirming import StopReceipt, reach_of, wait_until_confirmed
from allstop.actions.holds import columns_of
from allstop.actions.notices import notify
from allstop.actions.starting import end_stop
from allstop.actions.switch import stop
from allstop.rules.holds import SCHEDULED, STOPS, Reach, Scope
from allstop.rules.plans import LATE, Planned, Turn, faults_of, turn_of
from allstop.rules.reminders import age_words
from allstop.rules.roles import Act
from allstop.store import ledger, queue
from allstop.store.models import Account, Hold, Location, NoticeKind, Plan, PlanState, ScheduledStop

LONGEST_REASON = 300
SCHEDULABLE = (Scope.INSTALLATION, Scope.ACCOUNT, Scope.CHANNEL, Scope.LOCATION)
OPEN = (Plan.COMING, Plan.STANDING)
WHO = "{} (scheduled)"  # as the stop, the receipt and the ledger name its owner


@transaction.atomic
def schedule_stop(by: Actor | Operator, reach: Reach, planned: Planned, reason: str, now: datetime) -> ScheduledStop:
    """Its end starts again, so whoever plans it must be allowed to START."""
    _may(by, reach)
    if len(reason) > LONGEST_REASON:
        raise Invalid(reason=f"Give the reason in at most {LONGEST_REASON} characters.")
    _one_at_a_time(reach)
    columns = {name: value for name, value in columns_of(reach).items() if name not in ("job_id", "contact_id")}
    others = ScheduledStop.objects.filter(**columns, state__in=OPEN)
    spans = [Planned(one.starts_at, one.ends_at) for one in others]
    if faults := faults_of(planned, spans, now):
        raise Invalid(**{field: problem.text for field, problem in faults.items()})
    made = ScheduledStop.objects.create(
        **columns,
        starts_at=planned.starts_at,
        ends_at=planned.ends_at,
        reason=reason,
        by=by.name[:100],
        created_at=now,
        state=Plan.COMING,
    )
    ledger.append(
        account_id=reach.account_id,
        at=now,
        by=by.name,
        act="schedule_stop",
        subject=reach.subject,
        personal={"reason": reason},
        after={**_times(made), "scheduled": made.pk, "via": by.via},
    )
    return made


@transaction.atomic
def cancel_scheduled(by: Actor, scheduled_id: int, now: datetime) -> ScheduledStop:
    """Before it has begun. One that is cancelled already stays as it is."""
    found = scheduled_of(by, scheduled_id)
    reach = reach_of(found)
    who = _may(by, reach)
    if ScheduledStop.objects.filter(pk=found.pk, state=Plan.COMING).update(state=Plan.CANCELLED) == 0:
        found.refresh_from_db()
        if found.state == Plan.STANDING:
            raise Conflict("It stands already. Press START to end it now.")
        if found.state != Plan.CANCELLED:
            raise Conflict("It is over already.")
        return found
    ledger.append(
        account_id=reach.account_id,
        at=now,
        by=who.name,
        act="cancel_scheduled",
        subject=reach.subject,
        before=_times(found),
        after={"scheduled": found.pk, "via": who.via},
    )
    found.refresh_from_db()
    return found


def scheduled_of(by: Actor, scheduled_id: int) -> ScheduledStop:
    require(by, Act.VIEW)
    found = ScheduledStop.objects.filter(pk=scheduled_id).first()
    if found is None or found.account_id not in (by.account_id, None):
        raise NotThere("There is no such scheduled stop.")
    return found


def run_schedule(now: datetime) -> int:
    """End what is over, then begin what is due; returns how many acts that were. Waits until new stops are obeyed."""
    acts = sum(_end(hold, now) for hold in _ended(now))
    receipts: list[StopReceipt] = []
    due = ScheduledStop.objects.filter(state=Plan.COMING, starts_at__lte=now).order_by("starts_at", "pk")
    for one in due.values_list("pk", flat=True):
        begun = _begin(one, now)
        acts += begun is not None
        if isinstance(begun, StopReceipt):
            receipts.append(begun)
    if receipts:
        wait_until_confirmed(max(receipt.number for receipt in receipts))
    return acts


def _ended(now: datetime) -> QuerySet[Hold]:
    return Hold.objects.filter(name__in=STOPS, lifted_at=None, until__lte=now).order_by("until", "pk")


def _end(hold: Hold, now: datetime) -> bool:
    machine = Machine("the schedule", "schedule")
    try:
        ended = end_stop(machine, hold, f"Its end has come: it was set by {hold.by}.", now)
    except Conflict:
        return False  # another worker, or a person, has lifted it or is about to
    return ended.state == PlanState.STARTED


@transaction.atomic
def _begin(scheduled_id: int, now: datetime) -> StopReceipt | bool | None:
    """The receipt; True when it was skipped; None when another worker has it."""
    mine = ScheduledStop.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
    plan = mine.filter(pk=scheduled_id, state=Plan.COMING).first()
    if plan is None:
        return None
    if turn_of(Planned(plan.starts_at, plan.ends_at), now) is Turn.SKIP:
        _skip(plan, now)
        return True
    reach = reach_of(plan)
    late = now - plan.starts_at
    machine = Machine(WHO.format(plan.by), "schedule")
    if late > LATE:
        words = f"No worker ran when it should have begun. It began {age_words(late)} late."
        _tell(plan, "A scheduled stop began late", words, now)
    figures = {"scheduled": plan.pk, **_times(plan)} | ({"late": age_words(late)} if late > LATE else {})
    receipt = stop(machine, reach, plan.reason, now, name=SCHEDULED, until=plan.ends_at, figures=figures)
    hold = Hold.objects.get(**columns_of(reach), name=SCHEDULED, lifted_at=None)
    ScheduledStop.objects.filter(pk=plan.pk).update(state=Plan.STANDING, hold=hold)
    return receipt


def _skip(plan: ScheduledStop, now: datetime) -> None:
    words = "No worker ran from its beginning to its end: nothing was sent in that time either."
    ScheduledStop.objects.filter(pk=plan.pk).update(state=Plan.SKIPPED)
    _tell(plan, "A scheduled stop was skipped", words, now)
    ledger.append(
        account_id=plan.account_id,
        at=now,
        by="the schedule",
        act="skip_scheduled",
        subject=reach_of(plan).subject,
        reason=words,
        after={"scheduled": plan.pk, **_times(plan)},
    )


def _tell(plan: ScheduledStop, subject: str, words: str, now: datetime) -> None:
    notify(
        NoticeKind.SCHEDULED,
        subject,
        f"{words}\nIt was planned by {plan.by}{f': {plan.reason}' if plan.reason else ''}.",
        now,
        account_id=plan.account_id,
        about=reach_of(plan).subject,
        url="/stops/scheduled",
    )


def _times(plan: ScheduledStop) -> dict[str, str]:
    return {"starts_at": plan.starts_at.isoformat(), "ends_at": plan.ends_at.isoformat()}


def _may(by: Actor | Operator, reach: Reach) -> Actor | Operator:
    if reach.scope not in SCHEDULABLE:
        raise Invalid(scope="Schedule a stop of the account, of a channel, of a location, or of the installation.")
    if isinstance(by, Operator):
        return by
    if reach.scope is Scope.INSTALLATION:
        return by.as_operator()
    require(by, Act.SCHEDULE_STOPS)
    if reach.account_id != by.account_id:
        raise NotThere("There is no such account.")
    here = Location.objects.filter(account_id=by.account_id)
    if reach.location_id is not None and not here.filter(pk=reach.location_id).exists():
        raise NotThere("There is no such location.")
    return by


def _one_at_a_time(reach: Reach) -> None:
    if reach.account_id is None:
        queue.lock_installation()
    else:
        Account.objects.select_for_update(of=("self",), no_key=True).get(pk=reach.account_id)
