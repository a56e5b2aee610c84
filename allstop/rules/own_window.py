"""A list with a window and a pace of its own, for this sending only: when each of its messages is due.

The list does not go through the account's lane, in which others wait at the account's pace. Each of its messages gets
its slot when it is queued, and is due then:

    on time           it leaves
    later than GRACE  it has lost its slot (a STOP, a worker that was down), and takes the next behind the list's last

So the list never leaves faster than its own pace, nor outside its own sessions, whatever came in between. `slot_at` is
the clock of the list: when its next free slot begins.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from heapq import heapify, heappop, heappush

from allstop.rules.pacing import Pace
from allstop.rules.windows import Schedule

GRACE = timedelta(minutes=1)
AT_ONCE = timedelta(0)

# When a message of this number may reach its contact at the earliest, from an instant on. None: nobody knows.
Allowed = Callable[[int, datetime], datetime | None]


@dataclass(frozen=True, slots=True)
class OwnWindow:
    """Both None: straight away."""

    windows: Schedule | None
    pace: Pace | None

    @property
    def interval(self) -> timedelta:
        return AT_ONCE if self.pace is None else self.pace.interval


@dataclass(frozen=True, slots=True)
class LaidOut:
    due: tuple[datetime, ...]  # of each message, in the order in which they were given
    slot_at: datetime  # the clock of the list afterwards


def lay_out(asked: Sequence[datetime], own: OwnWindow, slot_at: datetime, allowed: Allowed) -> LaidOut:
    """`asked`: when each should leave at the earliest. What no time lets go is due when asked: the gate says why."""
    line = [(at, number) for number, at in enumerate(asked)]
    heapify(line)
    due = list(asked)
    clock = slot_at
    while line:
        wanted, number = heappop(line)
        at: datetime | None = wanted if own.pace is None else max(wanted, clock)
        assert at is not None
        if own.windows is not None:
            at = own.windows.next_open(at, own.interval)
        if at is None:
            continue
        free_at = allowed(number, at)
        if free_at is None:
            continue
        if free_at > at:
            heappush(line, (free_at, number))
            continue
        due[number] = at
        if own.pace is not None:
            clock = at + own.interval
    return LaidOut(tuple(due), clock)


def has_lost_its_slot(due_at: datetime, now: datetime) -> bool:
    return now - due_at > GRACE


def next_slots(count: int, own: OwnWindow, slot_at: datetime, now: datetime) -> LaidOut:
    """For so many that have lost theirs. What fits nowhere is due now: the gate says why."""
    return lay_out([now] * count, own, max(slot_at, now), lambda _, at: at)
