"""The switch: STOP and START, and the wait until every worker obeys.

    stop                  closes the lanes and takes a number (effective: no claim commits any more)
    wait_until_confirmed  until every worker has acknowledged the number; a silent one is fenced, one lease is waited
                          on our own clock, then it is buried (confirmed: nothing that was claimed before starts)

Between the two it is "stopping". A stopper that dies in between loses nothing: the number stands, and any
process may wait for it again.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, NotThere, Operator, require
from allstop.actions.holds import add_hold, columns_of
from allstop.rules.holds import INSTALLATION, STOPPED, Reach, Scope, whole_account
from allstop.rules.roles import Act
from allstop.rules.words import Channel
from allstop.store import ledger, queue
from allstop.store.models import Account, Hold, Location, Stop

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


def standing_stop(reach: Reach) -> Hold | None:
    return Hold.objects.filter(**columns_of(reach), name=STOPPED, lifted_at=None).first()


def is_stopped(account_id: int) -> bool:
    return standing_stop(whole_account(account_id)) is not None


def stop_account(actor: Actor, reason: str, now: datetime) -> StopReceipt:
    return stop(actor, whole_account(actor.account_id), reason, now)


def start_account(actor: Actor, reason: str, now: datetime) -> int:
    return start(actor, whole_account(actor.account_id), reason, now)


def stop(by: Actor | Operator, reach: Reach, reason: str, now: datetime) -> StopReceipt:
    """STOP of the installation, an account, a channel or a location of it. Effective when it returns.

    A second stop of the same reach changes nothing and returns the receipt of the one that stands.
    """
    _may(by, Act.STOP, reach)
    with transaction.atomic(), queue.impatient():
        _one_at_a_time(reach)
        if standing := standing_stop(reach):
            return receipt_of(Stop.objects.get(hold_id=standing.pk, is_lift=False))
        hold = add_hold(by, STOPPED, reach, now, reason=reason)
        number = queue.stop(hold.pk, now)
        ledger.append(
            account_id=reach.account_id,
            at=now,
            by=by.name,
            act="stop",
            subject=reach.subject,
            reason=reason,
            before={"state": "running"},
            after={"state": "stopped", "number": number, "via": by.via},
        )
    return receipt_of(Stop.objects.get(pk=number))


def start(by: Actor | Operator, reach: Reach, reason: str, now: datetime) -> int:
    """Lift the stop of exactly this reach; returns the number. Every other hold stays, wider and narrower ones too."""
    _may(by, Act.START, reach)
    with transaction.atomic(), queue.impatient():
        _one_at_a_time(reach)
        hold = standing_stop(reach)
        if hold is None:
            raise Conflict(_runs_already(reach))
        Hold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=now, lifted_by=by.name)
        number = queue.lift(hold.pk, reach.account_id, reach.scope, now)
        ledger.append(
            account_id=reach.account_id,
            at=now,
            by=by.name,
            act="start",
            subject=reach.subject,
            reason=reason,
            before={"state": "stopped", "by": hold.by, "since": hold.at.isoformat()},
            after={"state": "running", "number": number, "via": by.via},
        )
    return number


def _may(by: Actor | Operator, act: Act, reach: Reach) -> None:
    """The installation is its operators' matter, an account its members'. What is not of the account is not there."""
    match by:
        case Operator():
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


def _one_at_a_time(reach: Reach) -> None:
    if reach.account_id is None:
        queue.lock_installation()
    else:
        Account.objects.select_for_update(of=("self",), no_key=True).get(pk=reach.account_id)


def _runs_already(reach: Reach) -> str:
    if wider := standing_stop(INSTALLATION):
        return f"Every account is stopped, by {wider.by}: only an operator can START them again."
    match reach.scope:
        case Scope.CHANNEL:
            return f"No stop of this channel stands: {reach.channel}s are RUNNING already."
        case Scope.LOCATION:
            return "No stop of this location stands: it is RUNNING already."
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


def confirm_forgotten(now: datetime) -> None:
    """Wait for stops whose stopper died before they were confirmed."""
    newest = Stop.objects.filter(confirmed_at=None, effective_at__lt=now - FORGOTTEN).order_by("-number").first()
    if newest is not None:
        wait_until_confirmed(newest.number)


def reach_of(stop: Stop) -> Reach:
    return Reach(
        scope=Scope(stop.scope),
        account_id=stop.account_id,
        channel=Channel(stop.channel) if stop.channel else None,
        location_id=stop.location_id,
        job_id=stop.job_id,
        contact_id=stop.contact_id,
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
