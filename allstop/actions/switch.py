"""The switch: STOP and START of an account, and the wait until every worker obeys.

    stop_account          closes the lanes and takes a number (effective: no claim commits any more)
    wait_until_confirmed  until every worker has acknowledged the number; a silent one is fenced, one lease is waited
                          on our own clock, then it is buried (confirmed: nothing that was claimed before starts)

Between the two the account is "stopping". A stopper that dies in between loses nothing: the number stands, and any
process may wait for it again.
"""

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, require
from allstop.actions.holds import add_hold
from allstop.rules.holds import STOPPED, Scope
from allstop.rules.roles import Act
from allstop.store import ledger, queue
from allstop.store.models import Account, Hold, Stop

LEASE = timedelta(seconds=2)  # how long a worker may go on without word from the database
SILENCE = timedelta(milliseconds=300)  # a worker that has not answered by then is fenced
FORGOTTEN = timedelta(seconds=5)  # a stop that is unconfirmed for so long has lost its stopper
DRIFT = 1.05  # two clocks may differ in speed by this much


@dataclass(frozen=True, slots=True)
class StopReceipt:
    number: int
    by: str
    reason: str
    effective_at: datetime
    confirmed_at: datetime | None  # None: workers are still being waited for
    workers: int
    in_flight: int  # messages in workers' hands when it took effect
    handed_back: int  # of those, never started


def standing_stop(account_id: int) -> Hold | None:
    return Hold.objects.filter(account_id=account_id, scope=Scope.ACCOUNT, name=STOPPED, lifted_at=None).first()


def is_stopped(account_id: int) -> bool:
    return standing_stop(account_id) is not None


def stop_account(actor: Actor, reason: str, now: datetime) -> StopReceipt:
    """Effective when it returns. A second stop changes nothing and returns the receipt of the one that stands."""
    require(actor, Act.STOP)
    with transaction.atomic(), queue.impatient():
        Account.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.account_id)
        if standing := standing_stop(actor.account_id):
            return receipt_of(Stop.objects.get(hold_id=standing.pk, is_lift=False))
        hold = add_hold(actor, STOPPED, Scope.ACCOUNT, now, reason=reason)
        number = queue.stop(hold.pk, now)
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="stop",
            subject="account",
            reason=reason,
            before={"state": "running"},
            after={"state": "stopped", "number": number, "via": actor.via},
        )
    return receipt_of(Stop.objects.get(pk=number))


def start_account(actor: Actor, reason: str, now: datetime) -> int:
    """Let everything that is due leave again; returns the number. Other holds of the account stay."""
    require(actor, Act.START)
    with transaction.atomic(), queue.impatient():
        Account.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.account_id)
        hold = standing_stop(actor.account_id)
        if hold is None:
            raise Conflict("The account is RUNNING already.")
        Hold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=now, lifted_by=actor.name)
        number = queue.lift(hold.pk, actor.account_id, Scope.ACCOUNT, now)
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="start",
            subject="account",
            reason=reason,
            before={"state": "stopped", "by": hold.by, "since": hold.at.isoformat()},
            after={"state": "running", "number": number, "via": actor.via},
        )
    return number


def wait_until_confirmed(
    number: int, patience: timedelta = timedelta(seconds=10), lease: timedelta = LEASE
) -> StopReceipt:
    """Returns when no worker can start anything from before the stop, or after `patience` with confirmed_at None.

    `lease`: the longest that any worker has. Not inside a transaction: it watches other processes' commits.
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
                subject=_subject(stop),
                after={
                    "number": stop.number,
                    "workers": stop.workers,
                    "in_flight": stop.in_flight,
                    "handed_back": stop.handed_back,
                },
            )
    if confirmed:
        queue.notify_gate()


def confirm_forgotten(now: datetime, lease: timedelta = LEASE) -> None:
    """Wait for stops whose stopper died before they were confirmed."""
    newest = Stop.objects.filter(confirmed_at=None, effective_at__lt=now - FORGOTTEN).order_by("-number").first()
    if newest is not None:
        wait_until_confirmed(newest.number, lease=lease)


def _subject(stop: Stop) -> str:
    ref = stop.contact_id or stop.job_id or stop.location_id or stop.channel
    return f"{stop.scope}:{ref}" if ref else stop.scope


def receipt_of(stop: Stop) -> StopReceipt:
    hold = Hold.objects.filter(pk=stop.hold_id).first() if stop.hold_id is not None else None
    return StopReceipt(
        number=stop.number,
        by=hold.by if hold else "",
        reason=hold.reason if hold else "",
        effective_at=stop.effective_at,
        confirmed_at=stop.confirmed_at,
        workers=stop.workers,
        in_flight=stop.in_flight,
        handed_back=stop.handed_back,
    )
