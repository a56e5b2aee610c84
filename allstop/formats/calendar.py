"""iCalendar files: one row for each person at each event.

Times leave here as ISO with their offset, so that nothing downstream has to know about VTIMEZONE. Only events
that start within the horizon are given: a calendar that was exported whole has ten years of history.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from icalendar import Calendar, Event, vDDDTypes, vText

from allstop.formats import series
from allstop.formats.encodings import decode
from allstop.formats.mapping import Field
from allstop.formats.months import folded
from allstop.formats.table import Row, RowProblem, Table, Unreadable
from allstop.formats.words import NAMES

COLUMNS = (
    "UID",
    "Recurrence-ID",
    "Start",
    "End",
    "Summary",
    "Attendee",
    "Mobile",
    "Email",
    "Location",
    "Organizer",
    "Description",
    "Status",
    "Sequence",
    "Time zone",
)
NO_START = "This event has no start, or one that cannot be read: the time zone may be unknown."
_SEQUENCE = re.compile(r"[0-9]{1,9}")
THIS_AND_LATER = "This event changes all later ones of its series, which cannot be read. Export single events."


@dataclass(frozen=True, slots=True)
class _Event:
    number: int
    """The position of the event in the file, from 1."""
    event: Event
    zone: ZoneInfo
    """For floating times, which name no zone."""


def read(content: bytes, zone: str, since: datetime, until: datetime) -> Table | Unreadable:
    """Events that start in [since, until). `zone` is the account's, for times that name none."""
    decoded = decode(content)
    try:
        calendars = Calendar.from_ical(decoded.text, multiple=True)
    except (ValueError, IndexError, KeyError, OSError) as error:  # OSError: TZID=Europe is a folder of zones
        return Unreadable(f"This calendar is damaged and cannot be read ({str(error)[:100]}). Export it again.")
    events: list[_Event] = []
    for calendar in calendars:
        own = _named_zone(str(calendar.get("X-WR-TIMEZONE", ""))) or ZoneInfo(zone)
        found = [one for one in calendar.walk("VEVENT") if isinstance(one, Event)]
        events += [_Event(number, event, own) for number, event in enumerate(found, start=len(events) + 1)]
    if not events:
        return Unreadable("There are no events in this calendar. Check what was exported, then upload it again.")
    rows, outside = _rows(events, since, until)
    notes = decoded.notes
    if outside:
        count = "1 event" if outside == 1 else f"{outside:,} events"
        notes = (*notes, f"Left out: {count} outside of {since:%Y-%m-%d} to {until:%Y-%m-%d}.")
    return Table(COLUMNS, tuple(rows), notes)


def _rows(events: Sequence[_Event], since: datetime, until: datetime) -> tuple[list[Row | RowProblem], int]:
    repeating = {_uid(one.event) for one in events if "RRULE" in one.event or "RDATE" in one.event}
    groups: dict[str, list[_Event]] = {}
    rows: list[Row | RowProblem] = []
    outside = 0
    for one in events:
        uid = _uid(one.event)
        if uid and uid in repeating:
            groups.setdefault(uid, []).append(one)
            continue
        found = list(_single(one, since, until))
        outside += not found
        rows.extend(found)
    for members in groups.values():
        found = list(_series(members, since, until))
        outside += not found
        rows.extend(found)
    return sorted(rows, key=lambda row: row.number if isinstance(row, Row) else row.row), outside


def _single(one: _Event, since: datetime, until: datetime) -> Iterator[Row | RowProblem]:
    start = _aware(one.event, "DTSTART", one.zone)
    if start is None:
        yield RowProblem(one.number, "Start", _title(one.event), NO_START)
    elif since <= _moment(start, one.zone) < until:
        yield from _people(one, start, _aware(one.event, "RECURRENCE-ID", one.zone))


def _series(members: Sequence[_Event], since: datetime, until: datetime) -> Iterator[Row | RowProblem]:
    """A series and its exceptions. A cancelled occurrence stays a row: its reminder can be cancelled."""
    # of two versions of the same event the later one counts
    versions = sorted(members, key=lambda one: _sequence(one.event))
    own = {_moment(key, one.zone): one for one in versions if (key := _aware(one.event, "RECURRENCE-ID", one.zone))}
    for one in own.values():
        if _params(one.event.get("RECURRENCE-ID")).get("RANGE", "").upper() == "THISANDFUTURE":
            yield RowProblem(one.number, None, _title(one.event), THIS_AND_LATER)
        else:
            yield from _single(one, since, until)
    main = next((one for one in reversed(versions) if "RECURRENCE-ID" not in one.event), None)
    if main is None:
        return
    start = _aware(main.event, "DTSTART", main.zone)
    if start is None:
        yield RowProblem(main.number, "Start", _title(main.event), NO_START)
        return
    problem = series.refused(main.event, start)
    try:
        found = series.starts(main.event, start, since, until) if problem is None else []
    except ValueError:
        problem = series.BAD_RULE
    if problem is not None:
        yield RowProblem(main.number, None, _title(main.event), problem)
        return
    for moment in found:
        if _moment(moment, main.zone) not in own:
            yield from _people(main, moment, moment)


def _people(one: _Event, start: datetime | date, recurrence: datetime | date | None) -> Iterator[Row]:
    event = one.event
    first = _aware(event, "DTSTART", one.zone)
    length = series.length(first, _aware(event, "DTEND", one.zone)) if first else None
    named = start.tzinfo if isinstance(start, datetime) else None
    status = _text(event, "STATUS").upper()
    organizer = _addresses([event["ORGANIZER"]]) if "ORGANIZER" in event else []
    described = _text(event, "DESCRIPTION")
    for person in _attendees(event, described):
        yield Row(
            one.number,
            (
                _uid(event) if recurrence is None else f"{_uid(event)}/{_moment(recurrence, one.zone):%Y%m%dT%H%MZ}",
                _iso(recurrence),
                _iso(start),
                _iso(start + length) if length is not None else "",
                _text(event, "SUMMARY"),
                person.name,
                person.phone,
                person.email,
                _text(event, "LOCATION"),
                organizer[0].name or organizer[0].email if organizer else "",
                described,
                status if status == "CANCELLED" or not person.declined else "DECLINED",
                _text(event, "SEQUENCE"),
                named.key if isinstance(named, ZoneInfo) and "/" in named.key else "",
            ),
        )


@dataclass(frozen=True, slots=True)
class _Person:
    name: str = ""
    email: str = ""
    phone: str = ""
    declined: bool = False
    room: bool = False

    def same(self, other: "_Person") -> bool:
        return bool(self.email and self.email.lower() == other.email.lower()) or bool(
            self.name and folded(self.name) == folded(other.name)
        )


def _attendees(event: Event, description: str) -> list[_Person]:
    """Who comes, without rooms and without the organizer; one empty person when the event names nobody."""
    organizers = _addresses([event["ORGANIZER"]]) if "ORGANIZER" in event else []
    written = event.get("ATTENDEE", [])
    people: list[_Person] = []
    for person in _addresses(written if isinstance(written, list) else [written]):
        if person.room or any(person.same(host) for host in organizers):
            continue
        known = next((index for index, other in enumerate(people) if person.same(other)), None)
        if known is None:
            people.append(person)
        else:  # one person with a mailto: and a tel: address
            other = people[known]
            people[known] = replace(other, email=other.email or person.email, phone=other.phone or person.phone)
    return people or [_described(description)]


def _addresses(written: Iterable[object]) -> list[_Person]:
    people = []
    for one in written:
        text = str(one).strip()
        params = _params(one)
        scheme, _, rest = text.partition(":")
        is_phone = scheme.lower() in ("tel", "sms")
        email = params.get("EMAIL") or (rest if scheme.lower() == "mailto" else text if "@" in text else "")
        name = params.get("CN", "").strip().strip('"')
        people.append(
            _Person(
                name="" if "@" in name else name,
                email=email.strip(),
                phone=rest.partition(";")[0].strip() if is_phone else "",
                declined=params.get("PARTSTAT", "").upper() == "DECLINED",
                room=params.get("CUTYPE", "").upper() in ("ROOM", "RESOURCE", "GROUP"),
            )
        )
    return people


def _params(written: object) -> dict[str, str]:
    params = getattr(written, "params", {})
    return {key.upper(): str(value) for key, value in params.items()}


def _described(description: str) -> _Person:
    """Booking pages write the person into the description, as lines like "Phone: 212-555-0101"."""
    found: dict[Field, str] = {}
    for line in description.splitlines():
        label, colon, value = line.partition(":")
        field = NAMES.get(folded(label))
        if colon and field is not None and value.strip():
            found.setdefault(field, value.strip())
    given, family = found.get(Field.GIVEN_NAME, ""), found.get(Field.FAMILY_NAME, "")
    return _Person(
        name=found.get(Field.FULL_NAME) or f"{given} {family}".strip(),
        email=found.get(Field.EMAIL, ""),
        phone=found.get(Field.MOBILE) or found.get(Field.PHONE, ""),
    )


def _aware(event: Event, key: str, zone: ZoneInfo) -> datetime | date | None:
    """A date stays a date: an event of a whole day has no time of day."""
    found = event.get(key)
    written = found.dt if isinstance(found, vDDDTypes) else None
    if isinstance(written, datetime):
        if written.tzinfo is None and "TZID" in _params(found):
            return None  # a zone that the file names but does not define, and nobody knows
        if written.tzinfo is None:
            return written.replace(tzinfo=zone)
        return written
    return written if isinstance(written, date) else None


def _moment(start: datetime | date, zone: ZoneInfo) -> datetime:
    if isinstance(start, datetime):
        return start.astimezone(UTC)
    return datetime(start.year, start.month, start.day, 23, 59, tzinfo=zone).astimezone(UTC)


def _iso(moment: datetime | date | None) -> str:
    if isinstance(moment, datetime):
        return moment.isoformat(timespec="seconds")
    return "" if moment is None else moment.isoformat()


def _uid(event: Event) -> str:
    return _text(event, "UID")


def _sequence(event: Event) -> int:
    """0 where none is written, or something that is no number: then the order in the file decides."""
    written = _text(event, "SEQUENCE")
    return int(written) if _SEQUENCE.fullmatch(written) else 0


def _title(event: Event) -> str:
    return _text(event, "SUMMARY") or _uid(event)


def _text(event: Event, key: str) -> str:
    written = event.get(key, "")
    if isinstance(written, list):  # a property that may stand once, written twice
        written = written[0]
    return str(written).replace("\x00", "").strip() if isinstance(written, vText | str | int) else ""


def _named_zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name) if name else None
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None
