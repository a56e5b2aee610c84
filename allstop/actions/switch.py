"""The switch: STOP and START, and the wait until every worker obeys.

    stop                  closes the lanes and takes a number (effective: no claim commits any more)
    wait_until_confirmed  until every worker has acknowledged the number; a silent one is fenced, one lease is waited
                          on our own clock, then it is buried (confirmed: nothing that was claimed before starts)

Between the two it is "stopping". A stopper that dies in between loses nothing: the number stands, and any
process may wait for it again.
"""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Machine, NotThere, Operator, require
from allstop.actions.holds import add_hold, columns_of
from allstop.rules.holds import INSTALLATION, STOPPED, STOPS, Reach, Scope, may_be_started, whole_account
from allstop.rules.roles import Act
from allstop.rules.words import Channel
from allstop.store import ledger, queue
from allstop.store.models import Account, Hold, Job, Location, Plan, ScheduledStop, Stop

LEASE = timedelta(seconds=2)  # how long a worker may go on without word from the database
SILENCE = timedelta(milliseconds=300)  # a worker that has not answered by then is fenced
FORGOTTEN = timedelta(seconds=5)  # a stop that is unconfirmed for so long has lost its stopper
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

    A second stop of the same reach and name changes nothing and returns the receipt of the one that stands.
    `until`: when it ends by itself. `figures`: what a program stopped it for, kept in the ledger.
    """
    _may(by, Act.STOP, reach)
    with transaction.atomic(), queue.impatient():
        _one_at_a_time(reach)
        if standing := next((one for one in standing_stops(reach) if one.name == name), None):
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


def start(by: Actor | Operator | Machine, reach: Reach, reason: str, now: datetime, *, name: str | None = None) -> int:
    """Lift the stops of exactly this reach, or only that of one name; returns the number.

    Every other hold stays, wider and narrower ones too.
    """
    _may(by, Act.START, reach)
    with transaction.atomic(), queue.impatient():
        _one_at_a_time(reach)
        holds = standing_stops(reach, STOPS if name is None else (name,))
        if not holds:
            raise Conflict(_runs_already(reach))
        numbers = [_lift(by, hold, reach, now) for hold in holds]
        for hold, number in zip(holds, numbers, strict=True):
            ledger.append(
                account_id=reach.account_id,
                at=now,
                by=by.name,
                act="start",
                subject=reach.subject,
                reason=reason,
                before={"state": "stopped", "by": hold.by, "since": hold.at.isoformat()}
                | ({} if hold.name == STOPPED else {"name": hold.name}),
                after={"state": "running", "number": number, "via": by.via},
            )
    return numbers[-1]


def _lift(by: Actor | Operator | Machine, hold: Hold, reach: Reach, now: datetime) -> int:
    Hold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=now, lifted_by=by.name)
    plan = Plan.OVER if isinstance(by, Machine) else Plan.LIFTED
    ScheduledStop.objects.filter(hold_id=hold.pk, state=Plan.STANDING).update(state=plan)
    return queue.lift(hold.pk, reach.account_id, reach.scope, now)


def start_one(by: Actor, hold_id: int, reason: str, now: datetime) -> Hold:
    """Lift one standing stop or other hold, and no other of the same reach."""
    hold = standing_hold(by, hold_id)
    start(by, reach_of(hold), reason, now, name=hold.name)
    return hold


def standing_hold(by: Actor, hold_id: int) -> Hold:
    require(by, Act.VIEW)
    hold = Hold.objects.filter(pk=hold_id, lifted_at=None).first()
    if hold is None or hold.account_id not in (by.account_id, None) or not may_be_started(hold.name):
        raise NotThere("There is no such standing stop. Somebody may have pressed START meanwhile.")
    return hold


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


def _one_at_a_time(reach: Reach) -> None:
    if reach.account_id is None:
        queue.lock_installation()
    else:
        Account.objects.select_for_update(of=("self",), no_key=True).get(pk=reach.account_id)


def _runs_already(reach: Reach) -> str:
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


def wait_until_confirmed(number: int, patience: timedelta = timedelta(seconds=10)) -> StopReceipt:
    """Returns when no worker can start anything from before the stop, or after `patience` with confirmed_at None.

    Not inside a transaction: it watches other processes' commits.
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
        if fenced and time.monotonic() - fenced_at > LEASE.total_seconds() * DRIFT:
            queue.bury(fenced, datetime.now(UTC))
            fenced = []
        time.sleep(0.001)
    confirm_up_to(number, datetime.now(UTC))
    return receipt_of(Stop.objects.get(pk=number))


@transaction.atomic
def confirm_up_to(number: int, now: datetime) -> None:
    """Write down, once for each, that every worker obeys this stop and all before it; open screens hear of it."""
    confirmed = 0
    for stop in Stop.objects.filter(number__lte=number, confirmed_at=None).order_by("number"):
        if Stop.objects.filter(pk=stop.pk, confirmed_at=None).update(confirmed_at=now) == 1:
            confirmed += 1
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


def confirm_forgotten(now: datetime) -> None:
    """Wait for stops whose stopper died before they were confirmed."""
    newest = Stop.objects.filter(confirmed_at=None, effective_at__lt=now - FORGOTTEN).order_by("-number").first()
    if newest is not None:
        wait_until_confirmed(newest.number)


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
