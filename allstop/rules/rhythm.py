"""The rhythm of a feed: which weekday sends the reminders of which days, and when its next file should be there.

| | Sun | Mon | Tue | Wed | Thu | Fri | Sat |
|---|---|---|---|---|---|---|---|
| sends | Mon | Tue | Wed | Thu | Fri | - | - |

An appointment belongs to the latest day before it that sends its weekday. A weekday that nobody sends gets no reminder:
such rows are canceled by rules. Files are expected on the days that send something.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from allstop.rules.wallclock import DAY, local_date, zone_clock
from allstop.rules.words import Problem

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
NAMES = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True, slots=True)
class Rhythm:
    days: tuple[frozenset[int], ...]  # seven, Monday first: the weekdays whose appointments are sent on that day

    @property
    def sends(self) -> bool:
        return any(self.days)

    def sends_on(self, day: date) -> bool:
        return bool(self.days[day.weekday()])

    def sending_day(self, appointment: date) -> date | None:
        """None: no weekday sends this one."""
        earlier = (appointment - number * DAY for number in range(1, 8))
        return next((day for day in earlier if appointment.weekday() in self.days[day.weekday()]), None)


EVENING_BEFORE = Rhythm(tuple(frozenset(day) for day in ([1], [2], [3], [4], [], [], [0])))  # Sun sends Mon ... Thu Fri


def read_rhythm(said: Mapping[str, Sequence[str]]) -> Rhythm | Problem:
    """{"sun": ["mon"], ...}; a weekday that is not named sends nothing."""
    for word in (*said, *(day for days in said.values() for day in days)):
        if word not in WEEKDAYS:
            return Problem("weekday", f"{word!r} is no weekday. Use {', '.join(WEEKDAYS)}.")
    return Rhythm(tuple(frozenset(WEEKDAYS.index(day) for day in said.get(name, ())) for name in WEEKDAYS))


def as_words(rhythm: Rhythm) -> dict[str, list[str]]:
    """As read_rhythm reads it."""
    named = {WEEKDAYS[at]: [WEEKDAYS[day] for day in sorted(days)] for at, days in enumerate(rhythm.days)}
    return {name: days for name, days in named.items() if days}


def in_words(rhythm: Rhythm) -> str:
    """Mon sends Tue, Fri sends Sat and Mon."""
    said = as_words(rhythm)
    return ", ".join(f"{name.title()} sends {' and '.join(day.title() for day in days)}" for name, days in said.items())


def next_expected(rhythm: Rhythm, at: time, zone: str, after: datetime) -> datetime | None:
    """When the next file should be there: the first such moment later than `after`. None: none ever."""
    today = local_date(after, zone)
    for number in range(9):  # today's may be over, and a week later the same weekday comes again
        day = today + number * DAY
        moment = datetime.combine(day, at, zone_clock(zone)).astimezone(UTC)
        if rhythm.sends_on(day) and moment > after:
            return moment
    return None
