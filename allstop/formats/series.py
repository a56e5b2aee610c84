"""When a repeating event of a calendar takes place: RRULE, RDATE and EXDATE within a horizon.

Expansion is on the wall clock of the event's zone, so that Monday 9:00 stays 9:00 through the year. dateutil
counts from the first occurrence on, about 100,000 a second; rules that would keep it busy for hours (every
second) or for ever (INTERVAL=0) are refused first, because the file comes from outside.
"""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from icalendar import Event, vRecur

BAD_RULE = "The rule by which this event repeats cannot be read."
TOO_OFTEN = "This event repeats every hour or more often, which no appointment does."

_FIRST_YEAR = 1900


def refused(event: Event, start: datetime | date) -> str | None:
    """Why the rules of this event are not expanded; None when they can be."""
    for rule in _listed(event.get("RRULE")):
        if not isinstance(rule, vRecur) or start.year < _FIRST_YEAR:
            return BAD_RULE
        if any(step < 1 for part in ("INTERVAL", "COUNT") for step in rule.get(part, [])):
            return BAD_RULE
        if any(word in ("SECONDLY", "MINUTELY", "HOURLY") for word in rule.get("FREQ", [])):
            return TOO_OFTEN
        if any(part in rule for part in ("BYSECOND", "BYMINUTE", "BYHOUR")):
            return TOO_OFTEN
    return None


def starts(event: Event, start: datetime | date, since: datetime, until: datetime) -> list[datetime | date]:
    """The starts in [since, until), as dates for events of whole days. Raises ValueError for a rule without sense."""
    zone = start.tzinfo if isinstance(start, datetime) else None
    first = _wall(start, zone)
    low, high = _wall(since, zone), _wall(until, zone)
    found = {_wall(moment, zone) for moment in _moments(event.get("RDATE"))}
    rules = _listed(event.get("RRULE"))
    if not rules:
        found.add(first)
    for rule in rules:
        found.update(_expanded(rule, first, zone, low, high))
    for moment in _moments(event.get("EXDATE")):
        if isinstance(moment, datetime) or zone is None:
            found.discard(_wall(moment, zone))
        else:  # a date takes out whatever starts on that day
            found = {one for one in found if one.date() != moment}
    wanted = sorted(one for one in found if low <= one < high)
    if not isinstance(start, datetime):
        return [one.date() for one in wanted]
    return [one.replace(tzinfo=zone) for one in wanted]


def _expanded(rule: object, first: datetime, zone: tzinfo | None, low: datetime, high: datetime) -> Iterable[datetime]:
    assert isinstance(rule, vRecur), "refused() comes first"
    written: bytes = rule.to_ical()  # type: ignore[no-untyped-call]
    text = ";".join(part for part in written.decode().split(";") if not part.startswith("UNTIL="))
    try:
        expansion = rrulestr(text, dtstart=first)
        for end in rule.get("UNTIL", []):
            last = _wall(end, zone) if isinstance(end, datetime) else datetime.combine(end, time(23, 59, 59))
            expansion = expansion.replace(until=last)
        found: list[datetime] = expansion.between(low, high, inc=True)
    except (ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
        raise ValueError(BAD_RULE) from error  # dateutil answers senseless rules with any of these
    return found


def _wall(moment: datetime | date, zone: tzinfo | None) -> datetime:
    """Wall-clock time in the event's zone, without the zone."""
    if not isinstance(moment, datetime):
        return datetime.combine(moment, time())
    if moment.tzinfo is None:
        return moment
    return moment.astimezone(zone or UTC).replace(tzinfo=None)


def _moments(written: object) -> Iterator[datetime | date]:
    """All values of EXDATE or RDATE, which may stand several times with several values each."""
    for one in _listed(written):
        for value in getattr(one, "dts", []):
            moment = value.dt[0] if isinstance(value.dt, tuple) else value.dt  # RDATE may give periods
            if isinstance(moment, date):
                yield moment


def _listed(written: object) -> list[object]:
    if written is None:
        return []
    return written if isinstance(written, list) else [written]


def length(start: datetime | date, end: datetime | date | None) -> timedelta | None:
    if end is None or isinstance(start, datetime) is not isinstance(end, datetime):
        return None
    return end - start
