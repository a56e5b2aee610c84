"""One row of a file to the messages it means: to whom, where, when and in which words. Preview and run share it.

The rule that it guards: a row becomes what it says, or a problem that a person can act on. Nothing is sent to an
address that was not understood, and no wording leaves with a hole in it.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property, lru_cache
from hashlib import sha256
from zoneinfo import ZoneInfo

from phonenumbers import SUPPORTED_REGIONS

from allstop.actions.address_reading import PhoneText, Readings
from allstop.actions.import_options import ImportOptions, Route, Start
from allstop.actions.import_planned import BY_HAND, FeedRules, Outgoing, Planned
from allstop.actions.import_steps import PlanReader, use_by_of
from allstop.actions.people import Person
from allstop.actions.templates import PLACEHOLDERS
from allstop.formats.dates import MONTH_FIRST_COUNTRIES
from allstop.formats.mapping import Field
from allstop.formats.months import folded
from allstop.formats.reminder import ReminderRow
from allstop.formats.table import RowProblem
from allstop.rules import answer_link
from allstop.rules.addresses import Email, Phone, takes_texts
from allstop.rules.day_words import clock_words, day_words
from allstop.rules.facts import Channel, Purpose
from allstop.rules.message_plan import Step
from allstop.rules.rhythm import Rhythm
from allstop.rules.segments import too_long
from allstop.rules.windows import Schedule, sending_days_back
from allstop.rules.wording import Template, fill, parse_template
from allstop.rules.words import Problem
from allstop.store.models import Account, Location

CANCELLED_APPOINTMENT = "appointment_cancelled"
OTHER_LOCATION = "another_location"
NO_SENDING_DAY = "no_sending_day"
_COUNTRY_NAMES = {"usa": "US", "unitedstates": "US", "uk": "GB", "unitedkingdom": "GB", "england": "GB"}
"""What files write in place of the two letters."""
_SIGNS = re.compile(r"[^a-z0-9]+")


def placeholder_names(columns: Sequence[str]) -> dict[str, str]:
    """Placeholder -> column, for the columns of the file that wording may name."""
    names: dict[str, str] = {}
    for column in columns:
        plain = _SIGNS.sub("_", " ".join(filter(None, map(folded, re.split(r"[\W_]+", column))))).strip("_")
        if plain and plain not in PLACEHOLDERS:
            names.setdefault(plain if plain[0].isalpha() else f"column_{plain}", column)
    return names


@dataclass(frozen=True)
class Planner:
    account: Account
    options: ImportOptions
    locations: Collection[Location]
    columns: Sequence[str]
    now: datetime
    windows: Mapping[Channel, Schedule | None]  # on whose days reminders are counted back; None: every day
    feed: FeedRules = BY_HAND
    steps: Sequence[Step] = ()  # of the message plan that the options name

    def asks(self, rows: Iterable[ReminderRow]) -> tuple[list[PhoneText], list[str]]:
        """The phones and the emails that will have to be read for these rows."""
        phones: list[PhoneText] = []
        emails: list[str] = []
        for row in rows:
            region = self._region(row)
            phones += [(text, region) for text in (row.mobile, row.phone, row.phone_2) if text]
            if row.email:
                emails.append(row.email)
        return phones, emails

    def plan(self, row: ReminderRow, readings: Readings) -> Planned | RowProblem:
        location = self._location(row)
        if isinstance(location, RowProblem):
            return location
        person, unread = self._person(row, location, readings)
        messages = self._by_plan(row, person, location) if self.steps else self._by_options(row, person, location)
        if isinstance(messages, RowProblem):
            return messages
        if not messages:
            return unread or self._unreachable(row, person)
        return Planned(
            row=row.row,
            about=_about(row),
            named=row.external_id[:200],
            key=self.key_of(row),
            core=_core(row, location),
            is_cancelled=row.is_cancelled,
            canceled=self._canceled(row, location),
            person=person,
            location_id=location.pk if location else None,
            use_by=use_by_of(row) if self.options.purpose is Purpose.REMINDER else None,
            messages=tuple(messages),
            reaches=self._reaches(person),
            note=unread,
        )

    def _by_options(self, row: ReminderRow, person: Person, location: Location | None) -> list[Outgoing] | RowProblem:
        messages: list[Outgoing] = []
        for channel in self.options.channels:
            address = _reach(channel, person)
            if address is None:
                continue
            asked = self._asked(row, channel)
            if isinstance(asked, RowProblem):
                return asked
            words = self._worded(row, channel, location)
            if isinstance(words, RowProblem):
                return words
            messages.append(Outgoing(channel, address, *words, asked))
            if self.options.route is Route.FIRST:
                break
        return messages

    def _by_plan(self, row: ReminderRow, person: Person, location: Location | None) -> list[Outgoing] | RowProblem:
        addresses = {channel: address for channel in Channel if (address := _reach(channel, person))}
        return self._plan_reader.messages(row, person, location, addresses, self._values(row, location))

    def _reaches(self, person: Person) -> frozenset[tuple[str, str]]:
        channels = {step.channel for step in self.steps}
        return frozenset((channel.value, address) for channel in channels if (address := _reach(channel, person)))

    @cached_property
    def _plan_reader(self) -> PlanReader:
        return PlanReader(self.steps, self.account.zone, self.windows, self.now)

    def _canceled(self, row: ReminderRow, location: Location | None) -> str:
        if row.is_cancelled:
            return CANCELLED_APPOINTMENT
        only = self.feed.only_location
        if only is not None and (location is None or location.pk != only):
            return OTHER_LOCATION
        day = row.appointment_on
        if self._rhythm is not None and day is not None and self._rhythm.sending_day(day) is None:
            return NO_SENDING_DAY
        return ""

    @cached_property
    def _rhythm(self) -> Rhythm | None:
        """A message plan says itself which day sends what."""
        return self.feed.rhythm if self.options.purpose is Purpose.REMINDER and not self.steps else None

    def key_of(self, row: ReminderRow) -> str:
        """An event of a calendar has a row for each person: they are told apart by address or name."""
        if not row.external_id:
            return ""
        person = row.patient_id or ((row.email or row.full_name) if self._is_calendar else "")
        return f"{row.external_id}\n{person}"

    @cached_property
    def _is_calendar(self) -> bool:
        return {"UID", "Attendee"} <= set(self.columns)

    def _location(self, row: ReminderRow) -> Location | RowProblem | None:
        said = row.location_code or row.location_name
        found = self._locations_by_word.get(said.casefold()) if said else None
        if found is not None or self._chosen_location is not None:
            return found or self._chosen_location
        if not row.location_code:
            return self._only_location
        known = ", ".join(sorted(location.code for location in self.locations)) or "none yet"
        words = f"There is no location with this code. Known are: {known}. Add it, or choose one for such rows."
        return RowProblem(row.row, self._column(Field.LOCATION_CODE), said, words)

    @cached_property
    def _locations_by_word(self) -> Mapping[str, Location]:
        by_name = {location.name.casefold(): location for location in self.locations}
        return {**by_name, **{location.code.casefold(): location for location in self.locations}}

    @cached_property
    def _chosen_location(self) -> Location | None:
        return next((one for one in self.locations if one.pk == self.options.location_id), None)

    @cached_property
    def _only_location(self) -> Location | None:
        return next(iter(self.locations)) if len(self.locations) == 1 else None

    def _region(self, row: ReminderRow) -> str:
        return _country(row.country) or self.account.country

    def _person(
        self, row: ReminderRow, location: Location | None, readings: Readings
    ) -> tuple[Person, RowProblem | None]:
        """The person, and the first of the addresses that could not be read."""
        region = self._region(row)
        phones: dict[str, Phone] = {}
        emails: dict[str, Email] = {}
        unread: RowProblem | None = None
        for field, text in (
            (Field.MOBILE, row.mobile),
            (Field.PHONE, row.phone),
            (Field.PHONE_2, row.phone_2),
            (Field.EMAIL, row.email),
        ):
            if not text:
                continue
            found = readings.email(text) if field is Field.EMAIL else readings.phone(text, region)
            match found:
                case Phone():
                    phones.setdefault(found.e164, found)
                case Email():
                    emails.setdefault(found.address, found)
                case Problem():
                    unread = unread or RowProblem(row.row, self._column(field), text, found.text)
        person = Person(
            given_name=row.given_name,
            family_name=row.family_name,
            external_id=row.patient_id[:120],
            language=row.language[:12],
            country=_country(row.country),
            phones=tuple(phones.values()),
            emails=tuple(emails.values()),
            location_id=location.pk if location else None,
        )
        return person, unread

    def _asked(self, row: ReminderRow, channel: Channel) -> datetime | RowProblem:
        """Days are counted back over the channel's sending days only: see rules/windows.sending_days_back."""
        timing = self.options.timing
        by_rhythm = self._by_rhythm(row)
        match timing.start:
            case Start.NOW if by_rhythm is not None:
                return max(datetime.combine(by_rhythm, time(), self._zone).astimezone(UTC), self.now)
            case Start.NOW:
                return self.now
            case Start.AT:
                assert timing.at is not None  # configure has seen to it
                return max(timing.at, self.now)
            case Start.BEFORE:
                day = row.due_on if self.options.purpose is Purpose.BILLING else row.appointment_on
                if day is None:
                    return RowProblem(row.row, None, "", "There is no date in this row to count back from.")
                sending_day = by_rhythm or _days_back(self.windows.get(channel), day, timing.days)
                at = datetime.combine(sending_day, timing.clock, self._zone)
                return max(at.astimezone(UTC), self.now)

    def _by_rhythm(self, row: ReminderRow) -> date | None:
        day = row.appointment_on
        return None if self._rhythm is None or day is None else self._rhythm.sending_day(day)

    @cached_property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.account.zone)

    def _worded(self, row: ReminderRow, channel: Channel, location: Location | None) -> tuple[str, str] | RowProblem:
        subject, body = self._templates[channel, row.is_new_patient]
        values = self._values(row, location)
        filled = []
        for template in (subject, body):
            words = fill(template, values)
            if isinstance(words, Problem):
                return RowProblem(row.row, None, "", words.text)
            filled.append(words)
        if channel is Channel.TEXT and (wrong := too_long(filled[1])):
            return RowProblem(row.row, None, "", wrong)
        return filled[0][:300], filled[1]

    @cached_property
    def _templates(self) -> Mapping[tuple[Channel, bool], tuple[Template, Template]]:
        """(channel, for new patients) -> subject and body."""
        known = (*PLACEHOLDERS, *self._extras)
        parsed: dict[tuple[Channel, bool], tuple[Template, Template]] = {}
        for channel in self.options.channels:
            words = self.options.wording[channel]
            for is_new in (False, True):
                subject = words.new_subject if is_new and words.new_subject else words.subject
                body = words.new_body if is_new and words.new_body else words.body
                pair = parse_template(subject, known), parse_template(body, known)
                assert isinstance(pair[0], Template)
                assert isinstance(pair[1], Template)
                parsed[channel, is_new] = pair[0], pair[1]
        return parsed

    @cached_property
    def _extras(self) -> Mapping[str, str]:
        return placeholder_names(self.columns)

    def _values(self, row: ReminderRow, location: Location | None) -> dict[str, str]:
        on, at = row.appointment_on, row.appointment_at
        day = self._day(on) if on else ""
        clock = self._clock(at.astimezone(ZoneInfo(row.zone))) if at else ""
        values = {name: row.extras[column] for name, column in self._extras.items()}
        values.update(
            first_name=row.given_name,
            last_name=row.family_name,
            name=row.full_name,
            account=self.account.name,
            location=location.name if location else row.location_name or self.account.name,
            when=f"{day} at {clock}" if clock else day,
            date=day,
            time=clock,
            provider=row.provider,
            appointment_type=row.appointment_type,
            amount=row.amount,
            due_date=self._day(row.due_on) if row.due_on else "",
            answer_link=answer_link.TOKEN,
        )
        return values

    def _day(self, on: date) -> str:
        return day_words(on, self._month_first)

    def _clock(self, at: datetime) -> str:
        return clock_words(at, self._month_first)

    @cached_property
    def _month_first(self) -> bool:
        return self.account.country in MONTH_FIRST_COUNTRIES

    def _column(self, field: Field) -> str | None:
        index = self.options.mapping.columns.get(field)
        return None if index is None else self.columns[index]

    def _unreachable(self, row: ReminderRow, person: Person) -> RowProblem:
        chosen = tuple(dict.fromkeys(step.channel for step in self.steps)) or self.options.channels
        if chosen == (Channel.TEXT,) and person.phones:
            phone = person.phones[0]
            return RowProblem(
                row.row, None, phone.e164, "Texts cannot be sent to this number. Choose calls or emails as well."
            )
        wants = {Channel.TEXT: "a mobile phone", Channel.CALL: "a phone", Channel.EMAIL: "an email address"}
        lacks = " or ".join(dict.fromkeys(wants[channel] for channel in chosen))
        return RowProblem(row.row, None, "", f"This row lacks {lacks}. Add it, or choose another channel.")


def _reach(channel: Channel, person: Person) -> str | None:
    match channel:
        case Channel.TEXT:
            return next((phone.e164 for phone in person.phones if takes_texts(phone)), None)
        case Channel.CALL:
            return person.phones[0].e164 if person.phones else None
        case Channel.EMAIL:
            return person.emails[0].address if person.emails else None


@lru_cache(maxsize=1024)
def _days_back(schedule: Schedule | None, day: date, days: int) -> date:
    """On the calendar where no day is a sending day: then it waits for a window anyway."""
    return sending_days_back(schedule, day, days) or day - timedelta(days=days)


def _about(row: ReminderRow) -> tuple[object, ...]:
    if row.external_id:
        return (row.external_id,)
    if row.appointment_on is not None:  # those who share a phone may be one contact: their names tell them apart
        name = folded(row.full_name)
        return (name, row.appointment_at, row.appointment_on, row.provider, row.appointment_type)
    return tuple(row.extras.values())


def _core(row: ReminderRow, location: Location | None) -> str:
    at = row.appointment_at.isoformat() if row.appointment_at else ""
    day = row.appointment_on.isoformat() if row.appointment_on else ""
    said = (at, day, str(location.pk if location else ""), row.provider, row.appointment_type)
    return sha256("\n".join(said).encode()).hexdigest()


@lru_cache(maxsize=256)
def _country(written: str) -> str:
    """Two letters; "" for a word that is not understood: numbers are then read as the account's own."""
    letters = _COUNTRY_NAMES.get(folded(written), written.strip().upper())
    return letters if letters in SUPPORTED_REGIONS else ""
