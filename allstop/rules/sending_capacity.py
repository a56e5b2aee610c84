"""How many messages can be sent under a setup, how long so many take, and the smallest change that would be enough.

The rule that it guards: it warns and never refuses. Everything is worked out by rules/windows.py in real minutes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from allstop.rules.pacing import Pace
from allstop.rules.rounds import Rounds
from allstop.rules.sending import ChannelSettings, Checks, pace_of, rhythm_of, rounds_of, windows_of, with_session
from allstop.rules.wallclock import DAY, Span, local_date, real_spans
from allstop.rules.windows import MIDNIGHT, Schedule, Session, capacity, finish_time
from allstop.rules.words import Channel

_MOST_MINUTES = 24 * 60
_HALF_HOUR = 30  # by which a session grows while one more is looked for
_MORNING = time(9)


@dataclass(frozen=True, slots=True)
class Terms:
    """What binds the messages of one channel."""

    schedule: Schedule | None
    pace: Pace | None
    rounds: Rounds | None = None

    @classmethod
    def of(cls, channel: Channel, settings: ChannelSettings, zone: str, checks: Checks) -> "Terms":
        rhythm = rhythm_of(channel, settings)
        return cls(
            windows_of(rhythm, settings.sessions, zone),
            pace_of(rhythm, settings.every),
            rounds_of(channel, rhythm, checks, zone),
        )

    @property
    def never_opens(self) -> bool:
        return self.schedule is not None and not self.schedule.sessions


@dataclass(frozen=True, slots=True)
class Capacity:
    """None: there is no limit."""

    by_day: tuple[int | None, ...]  # Monday to Sunday, of the coming week
    a_week: int | None
    days: int
    within_days: int | None  # from now on

    @property
    def most_a_day(self) -> int | None:
        return None if None in self.by_day else max(count or 0 for count in self.by_day)


def capacity_of(terms: Terms, zone: str, days: int, now: datetime) -> Capacity:
    """Of the seven days that begin with the coming midnight, and of so many days from now."""
    tomorrow = local_date(now, zone) + DAY
    by_day: list[int | None] = [None] * 7
    for number in range(7):
        day = tomorrow + number * DAY
        by_day[day.weekday()] = _between(terms, _whole_day(zone, day))
    counts = [count for count in by_day if count is not None]
    a_week = sum(counts) if len(counts) == len(by_day) else None
    return Capacity(tuple(by_day), a_week, days, _between(terms, Span(now, now + days * DAY)))


def _whole_day(zone: str, day: date) -> Span:
    begins = datetime.combine(day, time())
    spans = real_spans(zone, begins, begins + DAY)
    return Span(spans[0].start, spans[-1].end)


def _between(terms: Terms, span: Span) -> int | None:
    if terms.never_opens:
        return 0
    if terms.pace is None:
        is_open = terms.schedule is None or bool(terms.schedule.sessions_between(span.start, span.end))
        return None if is_open else 0
    return capacity(terms.schedule, terms.pace, span.start, span.end)


@dataclass(frozen=True, slots=True)
class Faster:
    """One message every so many minutes instead."""

    minutes: int


@dataclass(frozen=True, slots=True)
class OneMore:
    session: Session


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of so many messages, begun now. The changes are empty where it is not over the threshold, or none is enough."""

    messages: int
    finish: datetime | None  # None: not within two years
    deadline: datetime
    changes: tuple[Faster | OneMore, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.messages > 0 and (self.finish is None or self.finish > self.deadline)


def finish_of(terms: Terms, messages: int, now: datetime) -> datetime | None:
    if terms.never_opens:
        return None if messages else now
    if terms.pace is not None:
        return finish_time(messages, terms.schedule, terms.pace, now)
    return now if terms.schedule is None else terms.schedule.next_open(now)


def estimate(settings: ChannelSettings, zone: str, days: int, messages: int, now: datetime) -> Estimate:
    """Of texts."""
    terms = Terms.of(Channel.TEXT, settings, zone, Checks())
    found = Estimate(messages, finish_of(terms, messages, now), now + days * DAY)
    if not found.is_over:
        return found
    changes = (_faster(settings, zone, found, now), _one_more(settings, zone, found, now))
    return replace(found, changes=tuple(one for one in changes if one is not None))


def _fits(settings: ChannelSettings, zone: str, found: Estimate, now: datetime) -> bool:
    finish = finish_of(Terms.of(Channel.TEXT, settings, zone, Checks()), found.messages, now)
    return finish is not None and finish <= found.deadline


def _faster(settings: ChannelSettings, zone: str, found: Estimate, now: datetime) -> Faster | None:
    """The slowest whole number of minutes, below the present one, that is enough."""
    whole = settings.every // timedelta(minutes=1)
    most = min(_MOST_MINUTES, whole - (timedelta(minutes=whole) == settings.every))
    least, enough = 1, None
    while least <= most:
        middle = (least + most) // 2
        if _fits(replace(settings, every=timedelta(minutes=middle)), zone, found, now):
            enough, least = Faster(middle), middle + 1
        else:
            most = middle - 1
    return enough


def _one_more(settings: ChannelSettings, zone: str, found: Estimate, now: datetime) -> OneMore | None:
    """The shortest that is enough; of several the one on the earliest weekday."""
    best: tuple[int, Session] | None = None
    for weekday, starts in _places(settings.sessions):
        longest = (_MOST_MINUTES - starts) // _HALF_HOUR
        least, most = 1, longest if best is None else min(longest, best[0] - 1)
        while least <= most:
            middle = (least + most) // 2
            added = _session(weekday, starts, middle * _HALF_HOUR)
            if _fits(replace(settings, sessions=with_session(settings.sessions, added)), zone, found, now):
                best, most = (middle, added), middle - 1
            else:
                least = middle + 1
    return None if best is None else OneMore(best[1])


def _places(sessions: tuple[Session, ...]) -> Iterator[tuple[int, int]]:
    """On each day where a session could begin: after its last one, else when others begin in the morning."""
    morning = min((one.start for one in sessions), default=_MORNING)
    for weekday in range(7):
        ends = [one.minutes_of_week().stop - weekday * _MOST_MINUTES for one in sessions if one.weekday == weekday]
        starts = max(ends, default=morning.hour * 60 + morning.minute)
        if starts < _MOST_MINUTES:
            yield weekday, starts


def _session(weekday: int, starts: int, minutes: int) -> Session:
    ends = starts + minutes
    end = MIDNIGHT if ends >= _MOST_MINUTES else time(ends // 60, ends % 60)
    return Session(weekday, time(starts // 60, starts % 60), end)
