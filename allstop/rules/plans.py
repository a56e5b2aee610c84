"""When a planned stop may be planned, and what becomes of it once its time has come."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from allstop.rules.wallclock import typed_moment, zone_clock
from allstop.rules.words import Problem

LONGEST = timedelta(days=31)
FURTHEST = timedelta(days=366)
LATE = timedelta(seconds=10)  # a beginning that is later than this is said to be late


@dataclass(frozen=True, slots=True)
class Planned:
    starts_at: datetime
    ends_at: datetime


class Turn(StrEnum):
    WAIT = "wait"
    BEGIN = "begin"
    SKIP = "skip"  # its end has passed: a stop of the past would stop nothing


def turn_of(plan: Planned, now: datetime) -> Turn:
    if now < plan.starts_at:
        return Turn.WAIT
    return Turn.SKIP if plan.ends_at <= now else Turn.BEGIN


def faults_of(plan: Planned, others: Iterable[Planned], now: datetime) -> dict[str, Problem]:
    """Field -> what is wrong with it. `others`: those of the same reach that are coming or stand."""
    found: dict[str, Problem] = {}
    if plan.starts_at < now:
        found["starts_at"] = Problem("past", "This time has passed. For a stop from now on, press STOP.")
    elif plan.starts_at > now + FURTHEST:
        found["starts_at"] = Problem("far", "It begins more than a year from now. Plan it nearer to its time.")
    if plan.ends_at <= plan.starts_at:
        found["ends_at"] = Problem("order", "It must end after it begins.")
    elif plan.ends_at - plan.starts_at > LONGEST:
        found["ends_at"] = Problem("long", f"It may last up to {LONGEST.days} days. For longer, press STOP.")
    if not found and any(plan.starts_at < one.ends_at and one.starts_at < plan.ends_at for one in others):
        found["starts_at"] = Problem("overlap", "Another scheduled stop of the same covers a part of this time.")
    return found


def read_time(said: str, zone: str) -> datetime | Problem:
    """A time as a person types it, in the zone's wall clock unless it has an offset: 2026-11-24 22:00."""
    try:
        at = typed_moment(said.strip())
    except ValueError:
        return Problem("format", f"Write the time like 2026-11-24 22:00, not {said!r}.")
    if at.tzinfo is not None:
        return at.astimezone(UTC)
    clock = zone_clock(zone)
    first, second = at.replace(tzinfo=clock, fold=0), at.replace(tzinfo=clock, fold=1)
    if first.astimezone(UTC).astimezone(clock).replace(tzinfo=None) != at:
        return Problem("skipped", f"The clocks of {zone} skip this time: they go forward. Choose another.")
    if first.utcoffset() != second.utcoffset():
        offset = first.strftime("%z")
        return Problem("twice", f"The clocks of {zone} show this time twice. Write it with its offset, like {offset}.")
    return first.astimezone(UTC)
