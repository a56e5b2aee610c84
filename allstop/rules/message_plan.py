"""A message plan: what somebody with an appointment is told, on which channel, when, and on which condition.

    email, 14 days before, at 10:00, always
    text,   2 days before, at 10:00, always
    call,   1 day before,  at 11:00, only if not confirmed

| Rule | |
|---|---|
| days | counted back over the channel's sending days, as for one reminder (windows.sending_days_back) |
| a channel on which somebody cannot be reached | its steps are left out |
| only if the step before failed | of a step that was left out so: the step takes its place |
| a step whose time has passed | is left out |
| nothing that goes always is left ahead | the last such step goes at once: nobody hears nothing |
| several whose time has passed | one goes, never two at once |
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from allstop.rules import answer_link
from allstop.rules.family import FIELDS as FAMILY_FIELDS
from allstop.rules.wallclock import zone_clock
from allstop.rules.windows import Schedule, sending_days_back
from allstop.rules.wording import parse_template
from allstop.rules.words import Channel, Problem, Purpose

MOST_STEPS = 6
MOST_DAYS = 365
MOST_WORDINGS = 40


class Condition(StrEnum):
    ALWAYS = "always"
    UNCONFIRMED = "unconfirmed"  # only if nobody has confirmed the appointment by then
    FAILED = "failed"  # only if the step before could not reach them


class CountsFrom(StrEnum):
    """What the days of a plan are counted from."""

    APPOINTMENT = "appointment"  # back
    SENDING = "sending"  # forward, from the day on which a list is sent: rules/follow_up.py


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """For one language and location; "" and None are all others."""

    body: str
    subject: str = ""  # emails only
    new_body: str = ""  # for new patients; "" = as for all
    new_subject: str = ""
    family_body: str = ""  # for several of a family: rules/family.py
    family_subject: str = ""
    language: str = ""
    location: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    channel: Channel
    days: int
    clock: time
    condition: Condition = Condition.ALWAYS
    for_family: bool = False  # one message for all who share the number or address, and come on the same day
    words: tuple[Words, ...]  # the first is for everybody of whom no other speaks


@dataclass(frozen=True, slots=True)
class Visit:
    """An appointment, as far as a plan asks."""

    day: date
    use_by: datetime | None
    reaches: Collection[Channel]


@dataclass(frozen=True, slots=True)
class PlannedStep:
    number: int  # of the step in its plan, from 1
    step: Step
    at: datetime
    condition: Condition
    after: int | None  # the number of the step that must have failed


def steps_for(
    steps: Sequence[Step], visit: Visit, calendars: Mapping[Channel, Schedule | None], zone: str, now: datetime
) -> tuple[PlannedStep, ...]:
    """In the order of the plan. None only if no step's channel reaches them."""
    day, use_by, reaches = visit.day, visit.use_by, visit.reaches
    timed = [
        PlannedStep(number, step, _moment(step, day, calendars.get(step.channel), zone), *leans(steps, number, reaches))
        for number, step in enumerate(steps, start=1)
        if step.channel in reaches
    ]
    ahead = [one for one in timed if one.at >= now and (use_by is None or one.at < use_by)]
    kept = {one.number: one for one in ahead}
    if not any(one.condition is Condition.ALWAYS for one in ahead):
        late = [one for one in timed if one.number not in kept and one.condition is Condition.ALWAYS]
        if not late and not ahead:
            late = timed
        if late:
            last = max(late, key=lambda one: (one.at, one.number))
            kept[last.number] = PlannedStep(last.number, last.step, now, Condition.ALWAYS, None)
    return tuple(_joined(kept).values())


def words_for(step: Step, language: str, location: int | None) -> Words:
    """Those for the language come before those for the location: words that nobody can read help nobody."""
    spoken = _tongue(language)

    def fit(words: Words) -> tuple[bool, bool] | None:
        if words.language and _tongue(words.language) != spoken:
            return None
        if words.location is not None and words.location != location:
            return None
        return bool(words.language), words.location is not None

    fitting = [(found, -place, words) for place, words in enumerate(step.words) if (found := fit(words)) is not None]
    return max(fitting, key=lambda one: one[:2])[2]


def faults_of(steps: Sequence[Step], known: Collection[str]) -> dict[str, str]:
    """Field -> what is wrong with it, in words. `known`: the names that wording may have in braces."""
    return faults_of_each(steps, known, _faults_of_place)


def faults_of_each(
    steps: Sequence[Step], known: Collection[str], faults_of_place: Callable[[int, Step, Step | None], dict[str, str]]
) -> dict[str, str]:
    """`faults_of_place`: of a step, by its number and the step before it, what is wrong with when it goes."""
    if not steps:
        return {"steps": "Add at least one step."}
    if len(steps) > MOST_STEPS:
        return {"steps": f"A plan has at most {MOST_STEPS} steps."}
    faults: dict[str, str] = {}
    for number, step in enumerate(steps, start=1):
        before = steps[number - 2] if number > 1 else None
        found = _faults_of_step(step, known) | faults_of_place(number, step, before)
        faults |= {f"step{number}_{field}": text for field, text in found.items()}
    return faults


def _faults_of_place(number: int, step: Step, before: Step | None) -> dict[str, str]:
    if before is None and step.condition is Condition.FAILED:
        return {"condition": "The first step has no step before it. Choose another condition."}
    if before is not None and _order(step) < _order(before):
        return {"days": f"This step is before step {number - 1}. Put the steps in the order in which they leave."}
    return {}


def _faults_of_step(step: Step, known: Collection[str]) -> dict[str, str]:
    faults: dict[str, str] = {}
    if not 0 <= step.days <= MOST_DAYS:
        faults["days"] = f"Choose a number of days from 0 to {MOST_DAYS}."
    if not step.words or step.words[0].language or step.words[0].location is not None:
        faults["body"] = "The first wording of a step is for every language and location."
    if len(step.words) > MOST_WORDINGS:
        faults["body"] = f"A step has at most {MOST_WORDINGS} wordings."
    named = [(_tongue(words.language), words.location) for words in step.words]
    if len(set(named)) < len(named):
        faults["body"] = "There are two wordings for the same language and location. Remove one."
    for words in step.words:
        if not words.body.strip():
            faults.setdefault("body", "Write what the message says.")
        if step.channel is Channel.EMAIL and not words.subject.strip():
            faults.setdefault("subject", "Write the subject of the email.")
        faults = _faults_of_names(step, words, known) | faults
        faults = _faults_for_family(step, words) | faults
    return faults


def _faults_of_names(step: Step, words: Words, known: Collection[str]) -> dict[str, str]:
    faults: dict[str, str] = {}
    for field in ("subject", "body", "new_subject", "new_body"):
        parsed = parse_template(getattr(words, field), known)
        if isinstance(parsed, Problem):
            faults[field] = parsed.text
        elif fault := answer_link.fault_of(
            parsed, step.channel, Purpose.REMINDER, in_subject=field.endswith("subject")
        ):
            faults[field] = fault
    return faults


def _faults_for_family(step: Step, words: Words) -> dict[str, str]:
    """They are asked for only where a family gets one message; what stands there otherwise may come back."""
    if not step.for_family:
        return {}
    if step.channel is Channel.EMAIL and not words.family_subject.strip():
        return {"family_subject": "Write the subject of the email to a family."}
    for field in ("family_subject", "family_body"):
        parsed = parse_template(getattr(words, field), tuple(FAMILY_FIELDS))
        if isinstance(parsed, Problem):
            return {field: f"In the words for a family: {parsed.text}"}
        in_subject = field.endswith("subject")
        if fault := answer_link.fault_of(parsed, step.channel, Purpose.REMINDER, in_subject=in_subject):
            return {field: f"In the words for a family: {fault}"}
        if not in_subject and "visits" not in parsed.placeholders():
            return {field: "The words for a family must name {visits}: who comes, and when."}
    return {}


def _order(step: Step) -> tuple[int, time]:
    return -step.days, step.clock


def _tongue(language: str) -> str:
    """es-MX is es."""
    return language.strip().casefold().replace("_", "-").split("-")[0]


def _moment(step: Step, day: date, calendar: Schedule | None, zone: str) -> datetime:
    """On the calendar where no day is a sending day: then it waits for a window anyway."""
    sending_day = sending_days_back(calendar, day, step.days) or day - timedelta(days=step.days)
    return datetime.combine(sending_day, step.clock, zone_clock(zone)).astimezone(UTC)


def leans(steps: Sequence[Step], number: int, reaches: Collection[Channel]) -> tuple[Condition, int | None]:
    """The condition and the step that must have failed, past those that could not even be tried."""
    at = number
    while steps[at - 1].condition is Condition.FAILED:
        at -= 1
        if steps[at - 1].channel in reaches:
            return Condition.FAILED, at
    return steps[at - 1].condition, None


def _joined(kept: Mapping[int, PlannedStep]) -> dict[int, PlannedStep]:
    """Without those whose step before was left out. The others go not before it: other sending days may say so."""
    found: dict[int, PlannedStep] = {}
    for number, one in sorted(kept.items()):
        if one.after is None:
            found[number] = one
        elif one.after in found:
            at = max(one.at, found[one.after].at)
            found[number] = PlannedStep(number, one.step, at, one.condition, one.after)
    return found
