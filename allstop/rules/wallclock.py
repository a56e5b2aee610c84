"""From the wall clock of a zone to real time and back.

A day's wall clock is not a line: when clocks go forward an hour is missing, when they go back an hour comes
twice. So a stretch of wall-clock time, say 01:00 to 03:00, is none, one or several stretches of real time.
Everything that is stated in local time goes through `real_spans`, and so gets the same answer: a skipped
hour gives nothing, a repeated hour counts twice, and minutes are real minutes.

Method: cut a zone's time line into pieces of constant offset from UTC; within a piece, wall clock and UTC
are parallel.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
OUR_YEARS = range(1900, 3000)
OneDay = TypeVar("OneDay", bound=date)  # or a moment of it
# No zone is further from UTC than 14 hours either way, and no zone changes its offset twice within three
# hours.
_WIDEST_OFFSET = timedelta(hours=15)
_STEP = timedelta(hours=3)


@dataclass(frozen=True, slots=True)
class Span:
    """Real time, UTC, from `start` until just before `end`."""

    start: datetime
    end: datetime

    @property
    def length(self) -> timedelta:
        return self.end - self.start


@dataclass(frozen=True, slots=True)
class _Piece:
    start: datetime
    end: datetime
    offset: timedelta


@lru_cache(maxsize=1024)
def zone_clock(name: str) -> ZoneInfo:
    """Kept here, because ZoneInfo itself keeps only eight and reads the others from their files each time."""
    return ZoneInfo(name)


@lru_cache(maxsize=1024)
def is_zone(name: str) -> bool:
    """Whether this is the name of a zone whose clock we know."""
    try:
        zone_clock(name)
    except (ZoneInfoNotFoundError, ValueError):
        return False
    return True


def of_our_time(said: OneDay) -> OneDay:
    """ValueError for a slip of the year: near the ends of the calendar no day can be added and no zone reckoned."""
    if said.year not in OUR_YEARS:
        raise ValueError(f"Give a year from {OUR_YEARS[0]} to {OUR_YEARS[-1]}.")
    return said


def typed_moment(words: str) -> datetime:
    """As people and programs write it: 2026-11-24T09:00, with or without an offset. ValueError where it is none."""
    return of_our_time(datetime.fromisoformat(words))


def typed_day(words: str) -> date:
    return of_our_time(date.fromisoformat(words))


def local_date(now: datetime, zone: str) -> date:
    return now.astimezone(zone_clock(zone)).date()


def real_spans(zone: str, start: datetime, end: datetime) -> tuple[Span, ...]:
    """When the zone's clock reads from `start` until just before `end` (both naive), in order of time."""
    day, last = start - _WIDEST_OFFSET, end + _WIDEST_OFFSET
    spans: list[Span] = []
    current = day.date()
    while current <= last.date():
        for piece in _pieces(zone, current):
            begins = max(piece.start, start.replace(tzinfo=UTC) - piece.offset)
            ends = min(piece.end, end.replace(tzinfo=UTC) - piece.offset)
            if begins < ends:
                spans.append(Span(begins, ends))
        current += DAY
    return joined(spans)


def joined(spans: list[Span]) -> tuple[Span, ...]:
    """Ordered, with those that touch or overlap made one."""
    result: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if result and span.start <= result[-1].end:
            result[-1] = Span(result[-1].start, max(result[-1].end, span.end))
        else:
            result.append(span)
    return tuple(result)


@lru_cache(maxsize=8192)
def _pieces(zone: str, day: date) -> tuple[_Piece, ...]:
    """One UTC day of the zone, cut where its offset changes."""
    info = zone_clock(zone)
    begin = datetime.combine(day, time(), UTC)
    pieces: list[_Piece] = []
    piece_start, at = begin, begin
    offset = _offset(info, begin)
    while at < begin + DAY:
        following = at + _STEP
        if _offset(info, following) != offset:
            change = _change(info, at, following)
            if change > piece_start:
                pieces.append(_Piece(piece_start, change, offset))
            piece_start, offset = change, _offset(info, following)
        at = following
    if piece_start < begin + DAY:
        pieces.append(_Piece(piece_start, begin + DAY, offset))
    return tuple(pieces)


def _change(info: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second at which the offset changes between two instants that differ in it."""
    offset = _offset(info, before)
    low, high = 0, int((after - before).total_seconds())
    while high - low > 1:
        middle = (low + high) // 2
        if _offset(info, before + timedelta(seconds=middle)) == offset:
            low = middle
        else:
            high = middle
    return before + timedelta(seconds=high)


def _offset(info: ZoneInfo, at: datetime) -> timedelta:
    offset = at.astimezone(info).utcoffset()
    assert offset is not None  # a ZoneInfo always has one
    return offset
