"""Until every worker obeys a stop, and until a lift has released what waited for it.

    wait_until_confirmed  until every worker has acknowledged the number; a silent one is fenced, one lease is waited
                          on our own clock, then it is buried (confirmed: nothing that was claimed before starts)

A stopper that dies in between loses nothing: the number stands, and any process may wait for it again.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection
from django.db.models import Max

from allstop.rules.holds import Reach, Scope
from allstop.rules.words import Channel
from allstop.store import queue
from allstop.store.models import Account, Hold, ScheduledStop, Stop, Worker

LEASE = timedelta(seconds=2)  # how long a worker of ours may go on without word from the database
SILENCE = timedelta(milliseconds=200)  # a worker that has not answered by then is fenced
FORGOTTEN = timedelta(
    seconds=1
)  # unconfirmed for so long, a stop may have lost its stopper; waiting twice does no harm
UNFINISHED = timedelta(seconds=1)  # likewise a lift
LOOK = timedelta(milliseconds=20)  # for so long the database itself looks whether workers have obeyed
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


def wait_until_confirmed(
    of: StopReceipt | int,
    patience: timedelta = timedelta(seconds=10),
    meanwhile: Callable[[], object] | None = None,
) -> StopReceipt:
    """Returns when no worker can start anything from before the stop, or after `patience` with confirmed_at None.

    `of`: its receipt, or its number. Not inside a transaction: it watches other processes' commits. `meanwhile` is
    called while a worker is silent.
    """
    number = of if isinstance(of, int) else of.number
    said = _hold_of(number) if isinstance(of, int) else of  # asked for while workers obey
    deadline = time.monotonic() + patience.total_seconds()
    silent_since = time.monotonic()
    fenced: list[int] = []
    fenced_at = 0.0
    lease = timedelta(0)  # the longest of the fenced ones: each has said its own when it began
    while (obeyed := queue.confirm(number, datetime.now(UTC), LOOK)) is None:
        moment = time.monotonic()
        if moment > deadline:
            return receipt_of(Stop.objects.get(pk=number), said)
        if not fenced and moment - silent_since > SILENCE.total_seconds():
            fenced = queue.fence(number)
            lease = _longest_lease(fenced)
            fenced_at = time.monotonic()
        if fenced and time.monotonic() - fenced_at > lease.total_seconds() * DRIFT:
            queue.bury(fenced, datetime.now(UTC))
            fenced = []
        if meanwhile is not None and moment - silent_since > SILENCE.total_seconds():
            meanwhile()
    return receipt_of(obeyed, said)


def _hold_of(number: int) -> Hold | None:
    return Hold.objects.filter(pk__in=Stop.objects.filter(pk=number).values("hold_id")).first()


def _longest_lease(workers: list[int]) -> timedelta:
    """Those that somebody else has buried meanwhile need not be waited for."""
    found = Worker.objects.filter(pk__in=workers).aggregate(longest=Max("lease_ms"))
    return timedelta(milliseconds=found["longest"] or 0)


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


def finish_forgotten(now: datetime) -> None:
    """Stops and lifts that nobody sees to their end: whoever began died, or lifted inside a transaction of his own."""
    confirm_forgotten(now)
    begun = Stop.objects.filter(confirmed_at=None, is_lift=True, effective_at__lt=now - UNFINISHED)
    for number in begun.order_by("number").values_list("pk", flat=True):
        complete_lift(number, now)


def confirm_forgotten(now: datetime) -> None:
    """Wait for stops whose stopper died before they were confirmed."""
    forgotten = Stop.objects.filter(confirmed_at=None, is_lift=False, effective_at__lt=now - FORGOTTEN)
    newest = forgotten.order_by("-number").first()
    if newest is not None:
        wait_until_confirmed(newest.number)


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


def receipt_of(stop: Stop, said: Hold | StopReceipt | None) -> StopReceipt:
    """`said`: the hold of the stop, or an earlier receipt; a mark on a contact has none."""
    return StopReceipt(
        number=stop.number,
        reach=reach_of(stop),
        by=said.by if said else "",
        reason=said.reason if said else "",
        effective_at=stop.effective_at,
        confirmed_at=stop.confirmed_at,
        workers=stop.workers,
        in_flight=stop.in_flight,
        handed_back=stop.handed_back,
    )
