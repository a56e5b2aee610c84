"""The switch: STOP and START, and the wait until every worker obeys.

    stop                  closes the lanes and takes a number (effective: no claim commits any more)
    wait_until_confirmed  until every worker has acknowledged the number; a silent one is fenced, one lease is waited
                          on our own clock, then it is buried (confirmed: nothing that was claimed before starts)

Between the two it is "stopping". A stopper that dies in between loses nothing: the number stands, and any
process may wait for it again.
"""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q

from allstop.actions.actor import Actor, Conflict, Machine, NotThere, Operator, require
from allstop.actions.holds import add_hold, columns_of
from allstop.actions.outside import refuse_start
from allstop.rules.holds import INSTALLATION, STOPPED, STOPS, Reach, Scope, may_be_started, whole_account
from allstop.rules.roles import Act
from allstop.rules.words import Channel
from allstop.store import ledger, queue
from allstop.store.models import Account, Hold, Job, Location, Plan, PlanState, ScheduledStop, StartPlan, Stop

LEASE = timedelta(seconds=2)  # how long a worker may go on without word from the database
SILENCE = timedelta(milliseconds=300)  # a worker that has not answered by then is fenced
FORGOTTEN = timedelta(
    seconds=1
)  # a stop that is unconfirmed for so long may have lost its stopper; waiting twice is harmless
UNFINISHED = timedelta(seconds=1)  # likewise a lift
SWITCHES = (Scope.INSTALLATION, Scope.ACCOUNT, Scope.CHANNEL, Scope.LOCATION)  # what STOP and START are for
LIFTED_MEANWHILE = "This stop was lifted already. If a newer one stands, look at it, then START that."
DRIFT = 1.05  # two clocks may differ in speed by this much


@dataclass(frozen=True, slots=True)
class StopReceipt:
    number: int
    reach: Reach
    by: str
    reason: str
    effective_at: datetime
    confirmed_at: datetime | None  # None: workers are still being waited for
    workers: int
    in_flight: int  # messages in workers' hands when it took effect
    handed_back: int  # of those, never started


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
    _may(by, Act.STOP, reach)
    with transaction.atomic(), queue.impatient():
        one_at_a_time(reach)
        if standing := next((one for one in standing_stops(reach) if one.name == name), None):
            _take_back_start(by, reach, now)
            return receipt_of(Stop.objects.get(hold_id=standing.pk, is_lift=False))
        hold = add_hold(by, name, reach, now, reason=reason, until=until)
        number = queue.stop(hold.pk, now)
        more = {"name": name, "until": until and until.isoformat(), "figures": figures}
        ledger.append(
            account_id=reach.account_id,
            at=now,
            by=by.name,
            act="stop",
            subject=reach.subject,
            reason=reason,
            before={"state": "running"},
            after={"state": "stopped", "number": number, "via": by.via}
            | {key: value for key, value in more.items() if value not in (None, STOPPED)},
        )
    return receipt_of(Stop.objects.get(pk=number))


def _take_back_start(by: Actor | Operator | Machine, reach: Reach, now: datetime) -> None:
    """Whoever says STOP while a START is being applied means it. Waits for one short transaction at most."""
    if reach.scope is not Scope.ACCOUNT:
        return
    under_way = StartPlan.objects.filter(account=reach.account_id, state=PlanState.APPLYING)
    if under_way.update(state=PlanState.CANCELLED, ended_at=now):
        ledger.append(
            account_id=reach.account_id,
            at=now,
            by=by.name,
            act="cancel_start",
            subject=reach.subject,
            after={"via": by.via, "because": "stop"},
        )


def start(by: Actor | Operator | Machine, reach: Reach, reason: str, now: datetime, *, name: str | None = None) -> int:
    """Lift the stops of exactly this reach, or only that of one name; returns the number of the last lift.

    It looks at nothing that waits: what people and programs call START of an account is plan.start_as_planned. Every
    other hold stays, wider and narrower ones too. In force when the first transaction has committed; then what
    waited for it is put among the due, a few at a time.
    """
    names = STOPS if name is None else (name,)
    return _start(by, reach, reason, now, lambda: standing_stops(reach, names), runs_already(reach))


def start_one(by: Actor, hold_id: int, reason: str, now: datetime) -> Hold:
    """Lift one standing stop or other hold, and no other of the same reach."""
    hold = standing_hold(by, hold_id)
    _start(by, reach_of(hold), reason, now, lambda: _standing(hold_id), LIFTED_MEANWHILE)
    return hold


def start_stopped(actor: Actor, number: int, reason: str, now: datetime) -> int:
    """START what the stop with this number holds, and nothing that was stopped since."""
    require(actor, Act.VIEW)
    found = Stop.objects.filter(Q(account_id=actor.account_id) | Q(account_id=None), pk=number, is_lift=False).first()
    if found is None:
        raise NotThere("There is no such stop.")
    if Scope(found.scope) not in SWITCHES:
        raise Conflict("No switch: a removed job stays removed, and a contact's stop ends with its marker or opt-out.")
    hold_id = found.hold_id or 0  # each of SWITCHES has one
    return _start(actor, reach_of(found), reason, now, lambda: _standing(hold_id), LIFTED_MEANWHILE)


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
    _may(by, Act.START, reach)
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
        reason=said.reason,
        before={"state": "stopped", "by": hold.by, "since": hold.at.isoformat(), **name, **said.before},
        after={"state": "running", "number": number, "via": said.via, **said.after},
    )
    return number


def complete_lift(number: int, now: datetime) -> None:
    """After the lift's commit: ask the gate again about all that waits for a change. Done twice, it does no harm.

    Not inside a transaction. A stop meanwhile waits for none of it: no lane is locked.
    """
    lift = Stop.objects.get(pk=number, is_lift=True)
    queue.release(lift.account_id, now)
    Stop.objects.filter(pk=number, confirmed_at=None).update(confirmed_at=datetime.now(UTC))


def complete_lifts(account_id: int | None, now: datetime) -> None:
    """After the commit of a transaction that lifted something on its way: as complete_lift, for all of the account."""
    begun = Stop.objects.filter(account_id=account_id, confirmed_at=None, is_lift=True).order_by("number")
    for number in begun.values_list("pk", flat=True):
        complete_lift(number, now)


def _may(by: Actor | Operator | Machine, act: Act, reach: Reach) -> None:
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
        return f"Every account is stopped, by {wider[0].by}: only an operator can START them again."
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


def wait_until_confirmed(
    number: int,
    patience: timedelta = timedelta(seconds=10),
    meanwhile: Callable[[], object] | None = None,
    lease: timedelta = LEASE,
) -> StopReceipt:
    """Returns when no worker can start anything from before the stop, or after `patience` with confirmed_at None.

    `lease`: the longest that any worker has. Not inside a transaction: it watches other processes' commits.
    `meanwhile` is called while a worker is silent.
    """
    deadline = time.monotonic() + patience.total_seconds()
    silent_since = time.monotonic()
    fenced: list[int] = []
    fenced_at = 0.0
    while queue.workers_silent_on(number):
        moment = time.monotonic()
        if moment > deadline:
            return receipt_of(Stop.objects.get(pk=number))
        if not fenced and moment - silent_since > SILENCE.total_seconds():
            fenced = queue.fence(number)
            fenced_at = time.monotonic()
        if fenced and time.monotonic() - fenced_at > lease.total_seconds() * DRIFT:
            queue.bury(fenced, datetime.now(UTC))
            fenced = []
        if meanwhile is not None and moment - silent_since > SILENCE.total_seconds():
            meanwhile()
        time.sleep(0.02 if fenced else 0.001)  # after the fence only the clock can end it, or a late answer
    confirm_up_to(number, datetime.now(UTC))
    return receipt_of(Stop.objects.get(pk=number))


def confirm_aside(number: int) -> None:
    """Wait on a thread of its own, for whoever has to answer meanwhile. After the commit of the stop.

    Should this process end, a worker's chore waits.
    """

    def wait() -> None:
        try:
            wait_until_confirmed(number)
        finally:
            connection.close()

    threading.Thread(target=wait, name=f"stop-{number}", daemon=True).start()


@transaction.atomic
def confirm_up_to(number: int, now: datetime) -> None:
    """Write down, once for each, that every worker obeys this stop and all before it; open screens hear of it."""
    confirmed = 0
    for stop in Stop.objects.filter(number__lte=number, confirmed_at=None, is_lift=False).order_by("number"):
        if Stop.objects.filter(pk=stop.pk, confirmed_at=None).update(confirmed_at=now) == 1:
            confirmed += 1
            if stop.scope == Scope.CONTACTS:
                continue  # a slice of a bulk change, which has one entry for all of them
            ledger.append(
                account_id=stop.account_id,
                at=now,
                by="gate",
                act="stop_confirmed",
                subject=reach_of(stop).subject,
                after={
                    "number": stop.number,
                    "workers": stop.workers,
                    "in_flight": stop.in_flight,
                    "handed_back": stop.handed_back,
                },
            )
    if confirmed:
        queue.notify_gate()


def finish_forgotten(now: datetime, lease: timedelta = LEASE) -> None:
    """Stops and lifts that nobody sees to their end: whoever began died, or lifted inside a transaction of his own."""
    confirm_forgotten(now, lease)
    begun = Stop.objects.filter(confirmed_at=None, is_lift=True, effective_at__lt=now - UNFINISHED)
    for number in begun.order_by("number").values_list("pk", flat=True):
        complete_lift(number, now)


def confirm_forgotten(now: datetime, lease: timedelta = LEASE) -> None:
    """Wait for stops whose stopper died before they were confirmed."""
    forgotten = Stop.objects.filter(confirmed_at=None, is_lift=False, effective_at__lt=now - FORGOTTEN)
    newest = forgotten.order_by("-number").first()
    if newest is not None:
        wait_until_confirmed(newest.number, lease=lease)


def account_of_stop(number: int) -> int | None:
    """For those who look after all accounts: whose it is; for a stop of the installation, any one's."""
    found = Stop.objects.filter(pk=number).first()
    if found is None:
        return None
    return (
        found.account_id
        if found.account_id is not None
        else Account.objects.order_by("pk").values_list("pk", flat=True).first()
    )


def reach_of(of: Stop | Hold | ScheduledStop) -> Reach:
    return Reach(
        scope=Scope(of.scope),
        account_id=of.account_id,
        channel=Channel(of.channel) if of.channel else None,
        location_id=of.location_id,
        job_id=None if isinstance(of, ScheduledStop) else of.job_id,
        contact_id=None if isinstance(of, ScheduledStop) else of.contact_id,
    )


def receipt_of(stop: Stop) -> StopReceipt:
    hold = Hold.objects.filter(pk=stop.hold_id).first() if stop.hold_id is not None else None
    return StopReceipt(
        number=stop.number,
        reach=reach_of(stop),
        by=hold.by if hold else "",
        reason=hold.reason if hold else "",
        effective_at=stop.effective_at,
        confirmed_at=stop.confirmed_at,
        workers=stop.workers,
        in_flight=stop.in_flight,
        handed_back=stop.handed_back,
    )
