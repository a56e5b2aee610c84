"""A row of a file by a message plan: which steps it gets, when, and in which words."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

from allstop.actions.import_planned import ForFamily, Outgoing
from allstop.actions.people import Person
from allstop.actions.templates import PLACEHOLDERS
from allstop.formats.reminder import ReminderRow
from allstop.formats.table import RowProblem
from allstop.rules.facts import Channel
from allstop.rules.family import Said
from allstop.rules.message_plan import Step, Visit, Words, steps_for, words_for
from allstop.rules.segments import too_long
from allstop.rules.wallclock import zone_clock
from allstop.rules.windows import Schedule
from allstop.rules.wording import Template, fill, parse_template
from allstop.rules.words import Problem
from allstop.store.models import Location

_NO_DAY = "There is no date in this row to count back from."


@dataclass(frozen=True)
class PlanReader:
    steps: Sequence[Step]
    zone: str  # the account's
    calendars: Mapping[Channel, Schedule | None]
    now: datetime

    def messages(
        self,
        row: ReminderRow,
        person: Person,
        location: Location | None,
        addresses: Mapping[Channel, str],
        values: Mapping[str, str],
    ) -> list[Outgoing] | RowProblem:
        day = row.appointment_on
        if day is None:
            return RowProblem(row.row, None, "", _NO_DAY)
        wanted = steps_for(
            self.steps, Visit(day, use_by_of(row), addresses.keys()), self.calendars, self.zone, self.now
        )
        found: list[Outgoing] = []
        for one in wanted:
            words = words_for(one.step, person.language, location.pk if location else None)
            said = _filled(words, values, one.step.channel)
            welcome = _filled(_welcoming(words), values, one.step.channel)
            if isinstance(said, Problem) or isinstance(welcome, Problem):
                wrong = said if isinstance(said, Problem) else welcome
                assert isinstance(wrong, Problem)
                return RowProblem(row.row, None, "", wrong.text)
            found.append(
                Outgoing(
                    channel=one.step.channel,
                    address=addresses[one.step.channel],
                    subject=welcome[0] if row.is_new_patient else said[0],
                    body=welcome[1] if row.is_new_patient else said[1],
                    asked=one.at,
                    welcome=welcome,
                    step=one.number,
                    condition=one.condition,
                    after=one.after,
                    family=_for_family(one.step, words, values, person, day),
                )
            )
        return found


def _for_family(step: Step, words: Words, values: Mapping[str, str], person: Person, day: date) -> ForFamily | None:
    """None: nobody asks for it, or nobody would know who is meant."""
    if not step.for_family or not (values["first_name"] or values["name"]):
        return None
    said = Said(
        name=values["first_name"],
        full_name=values["name"],
        clock=values["time"],
        place=values["location"],
        date=values["date"],
        account=values["account"],
        language=person.language,
    )
    return ForFamily(said, day, words.family_subject if step.channel is Channel.EMAIL else "", words.family_body)


def use_by_of(row: ReminderRow) -> datetime | None:
    """The appointment; where only its day is known, the end of that day."""
    if row.appointment_at is not None or row.appointment_on is None:
        return row.appointment_at
    following = datetime.combine(row.appointment_on + timedelta(days=1), time(), zone_clock(row.zone))
    return following.astimezone(UTC)


@lru_cache(maxsize=256)
def _parsed(text: str) -> Template:
    """It was checked when the plan was saved."""
    template = parse_template(text, tuple(PLACEHOLDERS))
    assert isinstance(template, Template), template
    return template


def _filled(words: Words, values: Mapping[str, str], channel: Channel) -> tuple[str, str] | Problem:
    """Only emails have a subject."""
    subject, body = (
        fill(_parsed(words.subject if channel is Channel.EMAIL else ""), values),
        fill(_parsed(words.body), values),
    )
    if isinstance(subject, Problem):
        return subject
    if isinstance(body, Problem):
        return body
    if channel is Channel.TEXT and (wrong := too_long(body)):
        return Problem("text_too_long", wrong)
    return subject[:300], body


def _welcoming(words: Words) -> Words:
    return Words(body=words.new_body or words.body, subject=words.new_subject or words.subject)
