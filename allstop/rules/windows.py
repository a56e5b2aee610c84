"""Days and times: the account's own sending windows, and the recipient's quiet hours.

| | Schedule | QuietHours |
|---|---|---|
| whose clock | the account's zone | every zone that the contact may be in |
| says | when sending is allowed, by weekday | when sending is forbidden, every day |
| None instead | always open | nobody is protected |

Both are stated in local wall-clock time, in whole minutes, and become real time only through `wallclock`.
With a pace, a slot must fit before its window ends: 09:00 to 12:00 at one every 3 minutes gives 60, the
last one at 11:57.

Answers about an instant are found once for its minute and kept (`lru_cache`): they depend on nothing else.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from allstop.rules.pacing import Pace
from allstop.rules.wallclock import DAY, Span, is_zone, joined, local_date, real_spans

WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MIDNIGHT = time()
# How far ahead to look. A weekly schedule repeats, but its clock may change; two years see every change of
# a year twice.
HORIZON = timedelta(days=731)
# The near look finds most windows. The far one is sure: a schedule that closes at all closes every week,
# and a closing that falls into a skipped hour comes a week later.
_NEAR, _FAR = timedelta(days=2), timedelta(days=15)
_MINUTES_OF_A_WEEK = 7 * 24 * 60


@dataclass(frozen=True, slots=True, order=True)
class Session:
    """Monday is 0. An end of 00:00 is the midnight at which the day ends."""

    weekday: int
    start: time
    end: time

    def __post_init__(self) -> None:
        if self.weekday not in range(7):
            raise ValueError("The weekday must be a number from 0 (Monday) to 6 (Sunday).")
        if not _is_whole_minute(self.start) or not _is_whole_minute(self.end):
            raise ValueError("Give start and end in whole minutes.")
        if self.end != MIDNIGHT and self.end <= self.start:
            raise ValueError("The end must be after the start. For a time past midnight add two sessions.")

    def wall(self, day: date) -> tuple[datetime, datetime]:
        last_day = day + DAY if self.end == MIDNIGHT else day
        return datetime.combine(day, self.start), datetime.combine(last_day, self.end)

    def minutes_of_week(self) -> range:
        day = self.weekday * 24 * 60
        end = 24 * 60 if self.end == MIDNIGHT else self.end.hour * 60 + self.end.minute
        return range(day + self.start.hour * 60 + self.start.minute, day + end)


@dataclass(frozen=True, slots=True)
class Schedule:
    """Weekly sessions in one zone. Overlapping sessions count once. No session at all: never open."""

    sessions: tuple[Session, ...]
    zone: str
    never_closes: bool = field(init=False, repr=False, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)  # kept: it is asked for with every message

    def __post_init__(self) -> None:
        if not is_zone(self.zone):
            raise ValueError(f"There is no time zone named {self.zone!r}. Use one like Europe/London.")
        object.__setattr__(self, "sessions", tuple(sorted(set(self.sessions))))
        open_minutes = {minute for session in self.sessions for minute in session.minutes_of_week()}
        object.__setattr__(self, "never_closes", len(open_minutes) == _MINUTES_OF_A_WEEK)
        object.__setattr__(self, "_hash", hash((self.sessions, self.zone)))

    def __hash__(self) -> int:
        return self._hash

    def open_at(self, now: datetime) -> bool:
        window = _window_from(self, _minute(now))
        return window is not None and window.start <= now

    def next_open(self, now: datetime, fits: timedelta = timedelta(0)) -> datetime | None:
        """The earliest instant from now on that lies in a window, with `fits` left before that window ends.

        None: there is none, because no session exists or none is long enough.
        """
        if self.never_closes:
            return now
        at = now
        while at <= now + HORIZON:
            window = _window_from(self, _minute(at))
            if window is None:
                return None
            begins = max(window.start, at)
            if begins + fits <= window.end:
                return begins
            at = window.end
        return None

    def closes_at(self, now: datetime) -> datetime | None:
        """The end of the window that is open now. None: closed now, or never closing."""
        window = _window_from(self, _minute(now))
        if window is None or window.start > now or self.never_closes:
            return None
        return window.end

    def sessions_between(self, start: datetime, end: datetime) -> tuple[Span, ...]:
        """The real windows, cut off at start and end."""
        spans: list[Span] = []
        day, last = local_date(start, self.zone) - DAY, local_date(end, self.zone) + DAY
        while day <= last:
            for session in self.sessions:
                if session.weekday == day.weekday():
                    spans.extend(real_spans(self.zone, *session.wall(day)))
            day += DAY
        cut = [Span(max(span.start, start), min(span.end, end)) for span in spans]
        return joined([span for span in cut if span.start < span.end])

    def is_sending_day(self, day: date) -> bool:
        return any(session.weekday == day.weekday() for session in self.sessions)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Nothing leaves from `start` until `end` on the recipient's clock: 20:00 until 09:00, say."""

    start: time
    end: time

    def __post_init__(self) -> None:
        if not _is_whole_minute(self.start) or not _is_whole_minute(self.end):
            raise ValueError("Give quiet hours in whole minutes.")
        if self.start == self.end:
            raise ValueError("Quiet hours must leave some time of the day: start and end must differ.")

    def allowed(self, now: datetime, zones: tuple[str, ...]) -> bool:
        return self.next_allowed(now, zones) == now

    def next_allowed(self, now: datetime, zones: tuple[str, ...]) -> datetime | None:
        """The earliest instant from now on that is allowed in all zones.

        None: there is none within two years, or no zone is known.
        """
        begins = _common_from(self, zones, _minute(now))
        return begins if begins is None or begins > now else now

    def allowed_until(self, now: datetime, zones: tuple[str, ...]) -> datetime | None:
        """When quiet hours begin in one of the zones, from an instant that is allowed. None: not within two years."""
        ends = [_quiet_from(self, zone, _minute(now)) for zone in zones]
        return min((end for end in ends if end is not None), default=None)


def capacity(schedule: Schedule | None, pace: Pace, start: datetime, end: datetime) -> int:
    """How many messages can leave from start until end."""
    spans = (Span(start, max(start, end)),) if schedule is None else schedule.sessions_between(start, end)
    return sum(pace.slots_in(span.length) for span in spans)


def finish_time(messages: int, schedule: Schedule | None, pace: Pace, start: datetime) -> datetime | None:
    """When the last slot of so many messages ends. None: not within two years."""
    left = messages
    if not left:
        return start
    for window in _windows_after(schedule, start):
        fitting = pace.slots_in(window.length)
        if fitting >= left:
            return window.start + pace.time_for(left)
        left -= fitting
    return None


def sending_days_back(schedule: Schedule | None, appointment: date, days: int) -> date | None:
    """The day to send on, so many sending days before the appointment; None where no day is a sending day.

    Two days before a Monday with a Monday-to-Friday schedule is the Thursday. With no days to count back it
    is the day of the appointment, or the last sending day before it.
    """
    if schedule is None:
        return appointment - days * DAY
    if not schedule.sessions:
        return None
    day, left = appointment, days
    while left or not schedule.is_sending_day(day):
        day -= DAY
        if left and schedule.is_sending_day(day):
            left -= 1
    return day


def _windows_after(schedule: Schedule | None, start: datetime) -> Iterator[Span]:
    if schedule is None or schedule.never_closes:
        yield Span(start, start + HORIZON)
        return
    at: datetime | None = start
    while at is not None and at <= start + HORIZON:
        window = _window_from(schedule, _minute(at))
        if window is None:
            return
        yield Span(max(window.start, at), window.end)
        at = window.end


def _is_whole_minute(at: time) -> bool:
    return not at.second and not at.microsecond and at.tzinfo is None


def _minute(now: datetime) -> int:
    return int(now.timestamp() // 60)


@lru_cache(maxsize=4096)
def _window_from(schedule: Schedule, minute: int) -> Span | None:
    """The first window that ends after this minute begins. Windows begin and end with a minute."""
    begin = datetime.fromtimestamp(minute * 60, UTC)
    window: Span | None = None
    for reach in (_NEAR, _FAR):
        spans = schedule.sessions_between(begin - DAY, begin + reach)
        window = next((span for span in spans if span.end > begin), None)
        if window is not None and window.end < begin + reach:
            return window
    return window


@lru_cache(maxsize=16384)
def _common_from(quiet: QuietHours, zones: tuple[str, ...], minute: int) -> datetime | None:
    """The first instant, from the beginning of this minute, that is allowed in all zones."""
    begin = datetime.fromtimestamp(minute * 60, UTC)
    if not zones:
        return None
    at = begin
    while at <= begin + HORIZON:
        latest = max(_allowed_from(quiet, zone, at) for zone in zones)
        if latest == at:
            return at
        at = latest
    return None


def _allowed_from(quiet: QuietHours, zone: str, at: datetime) -> datetime:
    day = local_date(at, zone) - DAY
    while True:
        for span in _allowed_spans(quiet, zone, day):
            if span.end > at:
                return max(span.start, at)
        day += DAY


@lru_cache(maxsize=16384)
def _quiet_from(quiet: QuietHours, zone: str, minute: int) -> datetime | None:
    """The end of the allowed stretch that this minute lies in. Where the clock skips the quiet hours, two touch."""
    at = datetime.fromtimestamp(minute * 60, UTC)
    day, end = local_date(at, zone) - DAY, at
    while end <= at + HORIZON:
        spans = [span for ahead in range(3) for span in _allowed_spans(quiet, zone, day + ahead * DAY)]
        further = next((span.end for span in joined(spans) if span.start <= end < span.end), None)
        if further is None:
            return end
        end, day = further, local_date(further, zone) - DAY
    return None


@lru_cache(maxsize=16384)
def _allowed_spans(quiet: QuietHours, zone: str, day: date) -> tuple[Span, ...]:
    """The real time between the quiet hours that end on this local day and the next ones."""
    last_day = day + DAY if quiet.start < quiet.end else day
    return real_spans(zone, datetime.combine(day, quiet.end), datetime.combine(last_day, quiet.start))
