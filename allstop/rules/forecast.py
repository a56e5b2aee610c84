"""When what waits will leave: messages a minute for the coming hours and days, and the time at which the last one does.

It walks each lane from one change to the next and asks what the gate and the queue ask, in their order: quiet hours of
the contact, the account's window, the provider's limits, then the pace. It works with counts: a million messages that
are due cost as much as one, unless a provider's limit lets them go a few at a time. Windows and quiet hours become real
time in rules/windows.py, so an hour that the clock skips or repeats is right.

    a load    so many messages that may leave from a time on, to contacts in the same candidate zones
    a lane    the loads of one account and channel with their setup
    a run     so many messages, one every `interval`, from `start` on

As in the queue, the load with the earliest time goes first, and of those with the same time what waits already goes
before what is new; one that meets quiet hours goes back with the time at which they end, and takes no slot. Nor does
what would leave after its use-by. Of messages of one time a count knows no order: zone by zone they are taken, those
with the earlier use-by first.
"""

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from heapq import heappop, heappush

from allstop.rules.limits import Limited, Room
from allstop.rules.pacing import LATENESS, Pace
from allstop.rules.quiet_law import LawRule, allowed_until, next_allowed
from allstop.rules.rounds import Rounds
from allstop.rules.wallclock import DAY, is_zone, local_date, zone_clock
from allstop.rules.windows import HORIZON, QuietHours, Schedule

AT_ONCE = timedelta(0)
MINUTE = timedelta(minutes=1)
WIDTHS = (1, 5, 15, 60, 6 * 60, 24 * 60)  # minutes of one stretch, for a plot
MOST_STRETCHES = 120
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Load:
    messages: int
    due_at: datetime
    zones: tuple[str, ...] = ()
    use_by: datetime | None = None  # too late after it
    is_new: bool = False  # of a list that is not sent yet: behind what waits already
    law: tuple[LawRule, ...] = ()  # that protects these contacts from such messages


@dataclass(frozen=True, slots=True, kw_only=True)
class Lane:
    loads: Sequence[Load]
    windows: Schedule | None = None
    quiet: QuietHours | None = None
    pace: Pace | None = None
    rounds: Rounds | None = None  # regular checks: what is due waits for the next one
    slot_at: datetime | None = None  # the lane's pacing clock
    is_closed: bool = False  # something without a known end keeps it shut: no provider, another hold
    opens_at: datetime | None = None  # a hold with a known end keeps it shut until then
    limited: Limited | None = None  # by the provider: lanes with the same one share what it takes
    is_by_hand: bool = False  # no ramp slows it


@dataclass(frozen=True, slots=True)
class SlowStart:
    """A ramp: for so long after the first message that leaves no lane is faster than this."""

    pace: Pace
    length: timedelta
    ends_at: datetime | None = None  # of one that runs already


@dataclass(frozen=True, slots=True)
class Run:
    start: datetime
    messages: int
    interval: timedelta
    is_new: bool = field(default=False, compare=False)

    @property
    def last(self) -> datetime:
        return self.start + (self.messages - 1) * self.interval

    @property
    def end(self) -> datetime:
        """The last slot included: N messages at X take N x X."""
        return self.start + self.messages * self.interval

    def before(self, moment: datetime) -> int:
        """How many begin before it."""
        if moment <= self.start:
            return 0
        if not self.interval:
            return self.messages
        return min(self.messages, -(-(moment - self.start) // self.interval))


@dataclass(frozen=True, slots=True)
class Forecast:
    runs: tuple[Run, ...]
    stuck: int  # that no time will let go: somebody must change something first
    late: int = 0  # that reach their use-by before their turn, and so never leave

    @property
    def messages(self) -> int:
        return sum(run.messages for run in self.runs)

    @property
    def first_at(self) -> datetime | None:
        return min((run.start for run in self.runs), default=None)

    @property
    def finish(self) -> datetime | None:
        """When the last slot ends. None: nothing leaves."""
        return max((run.end for run in self.runs), default=None)

    @property
    def of_new(self) -> "Forecast":
        """What becomes of the list alone; what is stuck or late is not told apart."""
        return Forecast(tuple(run for run in self.runs if run.is_new), 0)

    def before(self, moment: datetime) -> int:
        return sum(run.before(moment) for run in self.runs)

    def buckets(self, start: datetime, width: timedelta, count: int) -> list[int]:
        """How many leave in each of so many equal stretches of real time."""
        edges = [start + number * width for number in range(count + 1)]
        filled = [0] * count
        for run in self.runs:
            first = max(0, bisect_left(edges, run.start + timedelta(microseconds=1)) - 1)
            gone = run.before(edges[first]) if first <= count else run.messages
            for number in range(first, count):
                until = run.before(edges[number + 1])
                filled[number] += until - gone
                gone = until
                if gone == run.messages:
                    break
        return filled


@dataclass(frozen=True, slots=True)
class Stretches:
    """A forecast in equal stretches of real time, as a plot and its table show it."""

    width: timedelta
    starts: tuple[datetime, ...]
    messages: tuple[int, ...]
    after: int  # that leave later than the last stretch


def in_stretches(found: Forecast, now: datetime, most: int = MOST_STRETCHES) -> Stretches:
    """As fine as so many stretches allow, minute by minute if they can, when they shall show nine of ten messages."""
    start = now.replace(second=0, microsecond=0)
    widths = [_minutes(width) for width in WIDTHS]
    width = next((w for w in widths if found.before(start + w * most) * 10 >= found.messages * 9), widths[-1])
    messages = found.buckets(start, width, most)
    while len(messages) > 1 and not messages[-1]:
        messages.pop()
    starts = tuple(start + number * width for number in range(len(messages)))
    return Stretches(width, starts, tuple(messages), found.messages - sum(messages))


def by_day(found: Forecast, now: datetime, zone: str, most: int) -> list[tuple[date, int]]:
    """How many leave on each day of the zone's calendar, from today on: no further than the last, nor than so many."""
    days: list[tuple[date, int]] = []
    day, gone = local_date(now, zone), 0
    while len(days) < most and (gone < found.messages or not days):
        until = found.before(_midnight(day + DAY, zone))
        days.append((day, until - gone))
        day, gone = day + DAY, until
    return days


def _midnight(day: date, zone: str) -> datetime:
    return datetime.combine(day, time(), zone_clock(zone)).astimezone(UTC)


def together(forecasts: Iterable[Forecast]) -> Forecast:
    found = list(forecasts)
    runs = tuple(run for one in found for run in one.runs)
    return Forecast(runs, sum(one.stuck for one in found), sum(one.late for one in found))


def _minutes(number: int) -> timedelta:
    return timedelta(minutes=number)


def forecast(lanes: Iterable[Lane], now: datetime, slow_start: SlowStart | None = None) -> Forecast:
    """Whatever cannot leave within two years counts as stuck."""
    walked = list(lanes)
    rooms = {id(lane.limited): Room(lane.limited) for lane in walked if lane.limited is not None}
    walks = [_Walk(lane, now, room=rooms.get(id(lane.limited))) for lane in walked]
    if slow_start is not None:
        _slow_down(walks, now, slow_start)
    _drive(walks, now + HORIZON)
    runs = tuple(run for walk in walks for run in walk.runs)
    return Forecast(runs, sum(walk.left for walk in walks), sum(walk.late for walk in walks))


def _slow_down(walks: list["_Walk"], now: datetime, slow_start: SlowStart) -> None:
    """The ramp's time begins with the first message of all lanes."""
    slowed = [walk for walk in walks if not walk.lane.is_by_hand]
    first = forecast([walk.lane for walk in slowed], now).first_at
    if first is None:
        return
    end = slow_start.ends_at or first + slow_start.length
    for walk in slowed:
        walk.pace = slower(walk.lane.pace, slow_start.pace)
    _drive(walks, end)
    for walk in slowed:
        walk.pace = walk.lane.pace
        walk.slot_at = None if walk.slot_at is None else min(walk.slot_at, end)
        walk.at = max(walk.at, end)


def _drive(walks: list["_Walk"], end: datetime) -> None:
    """Everything that begins before `end`. Lanes that share a provider's limits are walked together: whoever is next
    in time takes room first, and of two at the same time the one that comes first in the list."""
    shared: defaultdict[int, list[_Walk]] = defaultdict(list)
    for walk in walks:
        if walk.room is None:
            while walk.next_at(end) is not None:
                walk.step(end)
        else:
            shared[id(walk.room)].append(walk)
    for group in shared.values():
        while True:
            coming = sorted((at, n) for n, walk in enumerate(group) if (at := walk.next_at(end)) is not None)
            if not coming:
                break
            group[coming[0][1]].step(coming[1][0] if len(coming) > 1 else end)


def slower(a: Pace | None, b: Pace) -> Pace:
    return b if a is None or a.interval < b.interval else a


@dataclass(frozen=True, slots=True, order=True)
class _Place:
    """In the line of a lane."""

    due_at: datetime
    is_new: bool
    zones: tuple[str, ...]
    law: tuple[str, ...]  # the names of its rules
    use_by: datetime


@dataclass
class _Walk:
    """One lane, as far as it has been followed."""

    lane: Lane
    at: datetime
    pace: Pace | None = None
    room: Room | None = None
    runs: list[Run] = field(default_factory=list)
    stuck: int = 0
    late: int = 0

    def __post_init__(self) -> None:
        self.pace = self.pace or self.lane.pace
        self.slot_at = self.lane.slot_at
        self.counts: Counter[_Place] = Counter()
        self.law: dict[tuple[str, ...], tuple[LawRule, ...]] = {}
        self.order: list[_Place] = []
        self.at = max(self.at, self.lane.opens_at or self.at)
        for load in self.lane.loads:
            is_protected = self.lane.quiet is not None or bool(load.law)
            if self.lane.is_closed or (is_protected and not _known(load.zones)):
                self.stuck += load.messages
            else:
                law = tuple(rule.key for rule in load.law)
                self.law[law] = load.law
                self._put(_Place(load.due_at, load.is_new, load.zones, law, load.use_by or _NEVER), load.messages)

    @property
    def left(self) -> int:
        return self.stuck + sum(self.counts.values())

    def _put(self, place: _Place, messages: int) -> None:
        if messages and not self.counts[place]:
            heappush(self.order, place)
        self.counts[place] += messages

    def next_at(self, end: datetime) -> datetime | None:
        """When the first in line is looked at next. None: not before `end`."""
        while self.order:
            place = self.order[0]
            at = max(place.due_at, self.at, self.slot_at if self.pace and self.slot_at else place.due_at)
            opens_at = self._opens_at(at)
            if opens_at is None or opens_at >= end:
                return None
            if opens_at == at and self.room is not None:
                opens_at = self.room.next_at(at)
            if opens_at == at:
                return at
            self.at = opens_at
        return None

    def step(self, end: datetime) -> None:
        """What becomes of the first in line at that time; of several, of those that begin before `end`."""
        place = self.order[0]
        at = max(place.due_at, self.at, self.slot_at if self.pace and self.slot_at else place.due_at)
        heappop(self.order)
        messages = self.counts.pop(place)
        if at > place.use_by:
            self.late += messages
            return
        allowed_at = self._allowed_at(at, place)
        if allowed_at is None:
            self.stuck += messages
        elif allowed_at > at:
            self._put(replace(place, due_at=allowed_at), messages)
        elif (round_at := self._next_round(at, place)) is not None:
            self._put(replace(place, due_at=round_at), messages)
        else:
            self._put(place, messages - self._send(messages, at, place, end))

    def _allowed_at(self, at: datetime, place: _Place) -> datetime | None:
        """As the gate does: first the account's quiet hours, and the law once they are over."""
        if self.lane.quiet is not None:
            allowed_at = self.lane.quiet.next_allowed(at, place.zones)
            if allowed_at is None or allowed_at > at:
                return allowed_at
        return next_allowed(self.law[place.law], place.zones, at)

    def _next_round(self, at: datetime, place: _Place) -> datetime | None:
        rounds = self.lane.rounds
        return None if rounds is None else rounds.next_for(place.due_at, at, self.lane.windows)

    def _opens_at(self, at: datetime) -> datetime | None:
        if self.lane.windows is None:
            return at
        return self.lane.windows.next_open(at, self.pace.interval if self.pace else AT_ONCE)

    def _send(self, messages: int, at: datetime, place: _Place, end: datetime) -> int:
        self.at = at
        if self.pace is None:
            return self._leave(at, messages, AT_ONCE, place)
        interval = self.pace.interval
        fitting = min(messages, max(1, -(-(end - at) // interval)))
        if place.use_by < _NEVER:
            fitting = min(fitting, (place.use_by - at) // interval + 1)
        if self.lane.windows is not None and (closes_at := self.lane.windows.closes_at(at)) is not None:
            fitting = min(fitting, (closes_at - at) // interval)
        if self.lane.quiet is not None and (quiet_at := self.lane.quiet.allowed_until(at, place.zones)) is not None:
            fitting = min(fitting, -(-(quiet_at - at) // interval))
        if (law_at := allowed_until(self.law[place.law], place.zones, at)) is not None:
            fitting = min(fitting, -(-(law_at - at) // interval))
        begun = at
        if self.slot_at is not None and self.slot_at < at <= self.slot_at + LATENESS:
            begun, fitting = self.slot_at, 1  # late by so little keeps the clock: the next one is in time again
        left = self._leave(at, fitting, interval, place)
        self.slot_at = begun + left * interval
        return left

    def _leave(self, at: datetime, messages: int, interval: timedelta, place: _Place) -> int:
        """As many of them as the provider takes."""
        left = messages
        if self.room is not None and not interval:
            left = min(messages, self.room.free(at))
            self.room.take(at, left)
        elif self.room is not None:
            left = 0
            while left < messages and self.room.free(at + left * interval) > 0:
                self.room.take(at + left * interval, 1)
                left += 1
        before = self.runs[-1] if self.runs and self.room is not None else None
        if before is not None and (before.end, before.interval, before.is_new) == (at, interval, place.is_new):
            self.runs[-1] = replace(before, messages=before.messages + left)
        else:
            self.runs.append(Run(at, left, interval, place.is_new))
        return left


def _known(zones: tuple[str, ...]) -> bool:
    return bool(zones) and all(map(is_zone, zones))
