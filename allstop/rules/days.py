"""Sets of days, as spans that leave out their end: the 1st to the 10th is nine days. In order, and never touching.

Billing knows no smaller time than a day of the account's own calendar.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from allstop.rules.holds import Spell

FOREVER = date.max
ONE = timedelta(days=1)


class Span(NamedTuple):
    start: date
    end: date  # not in it

    @property
    def length(self) -> int:
        return max((self.end - self.start).days, 0)

    def holds(self, day: date) -> bool:
        return self.start <= day < self.end


Days = tuple[Span, ...]
NONE: Days = ()


def joined(*sets: Iterable[Span]) -> Days:
    found: list[Span] = []
    for span in sorted(span for spans in sets for span in spans if span.start < span.end):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def without(days: Iterable[Span], gone: Iterable[Span]) -> Days:
    left = list(days)
    for hole in gone:
        left = [
            piece
            for span in left
            for piece in (Span(span.start, min(span.end, hole.start)), Span(max(span.start, hole.end), span.end))
            if piece.start < piece.end
        ]
    return tuple(left)


def within(days: Iterable[Span], limits: Span) -> Days:
    return without(days, (Span(date.min, limits.start), Span(limits.end, FOREVER)))


def shared(days: Iterable[Span], others: Iterable[Span]) -> Days:
    return joined(*(within(days, other) for other in others))


def count(days: Iterable[Span]) -> int:
    return sum(span.length for span in days)


def has(days: Iterable[Span], day: date) -> bool:
    return any(span.holds(day) for span in days)


def held_days(spells: Iterable[Spell], zone: ZoneInfo) -> Days:
    """What spells of holds are in days of the account: the first is held, the one on which it ends is not.

    A spell under a day is nothing in a bill; for sending it holds for its hours.
    """
    return joined(
        Span(
            spell.start.astimezone(zone).date(),
            spell.end.astimezone(zone).date() if spell.end is not None else FOREVER,
        )
        for spell in spells
        if spell.end is None or spell.end - spell.start >= ONE
    )


def start_of_day(day: date, zone: ZoneInfo) -> datetime:
    """Its first moment, in UTC. Where clocks go forward at midnight the day begins at one; where midnight comes twice,
    with the first."""
    return datetime.combine(day, time(), zone).astimezone(UTC)
