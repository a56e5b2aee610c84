"""A message plan that is counted forward, from the day on which a list is sent.

    email, on the day itself
    text,  after  7 days, if they have not answered
    call,  after 14 days, if they have not answered

| Rule | |
|---|---|
| days | of the calendar, counted for each person from the day on which their step before is planned to leave |
| when nothing is sent | the next time that is open; later steps move along, so that no two fall on one day |
| a step's last moment | the beginning of the day of the next one: after a long stop two never leave together |
| the last step's | LAST_KEPT after it was due |
| a channel that does not reach them | its step is left out; one that would follow its failure takes its place |

Once somebody has answered nothing of it leaves any more: actions/follow_ups.py.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from allstop.rules.message_plan import Condition, Step, faults_of_each, leans
from allstop.rules.wallclock import local_date, zone_clock
from allstop.rules.words import Channel

LAST_KEPT = timedelta(days=14)
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Way:
    """A step that reaches somebody."""

    number: int  # of the step in its plan, from 1
    step: Step
    condition: Condition
    after: int | None  # the number of the step that must have failed


@dataclass(frozen=True, slots=True)
class Stand:
    """How far the count has come for one person."""

    days: int  # of the step that was planned last; 0 = none was yet
    at: datetime  # when that leaves; where none was, the sending


def ways(steps: Sequence[Step], reaches: Collection[Channel]) -> tuple[Way, ...]:
    """In the order of the plan. `reaches`: the channels by which something may leave to them."""
    return tuple(
        Way(number, step, *leans(steps, number, reaches))
        for number, step in enumerate(steps, start=1)
        if step.channel in reaches
    )


def asked(step: Step, stand: Stand, zone: str) -> datetime:
    """When it should leave, sending days and quiet hours not considered."""
    day = local_date(stand.at, zone) + (step.days - stand.days) * _DAY
    return max(_at(day, step.clock, zone), stand.at)


def last_moments(due: Sequence[datetime], zone: str) -> Iterator[datetime]:
    """Of one person's steps, in their order: until when each may leave."""
    days = [local_date(at, zone) for at in due]
    for at, day in zip(due, days, strict=True):
        later = next((one for one in days if one > day), None)
        yield at + LAST_KEPT if later is None else _at(later, time(), zone)


def faults_of(steps: Sequence[Step], known: Collection[str]) -> dict[str, str]:
    """Field -> what is wrong with it, in words. `known`: the names that wording may have in braces."""
    return faults_of_each(steps, known, _faults_of_place)


def _faults_of_place(number: int, step: Step, before: Step | None) -> dict[str, str]:
    if before is None:
        always = step.condition is Condition.ALWAYS
        faults = {} if always else {"condition": "The first step goes always."}
    elif step.condition is Condition.ALWAYS:
        faults = {"condition": "A later step goes only while they have not answered, or if the step before failed."}
    elif step.days < before.days or (step.days == before.days and step.condition is not Condition.FAILED):
        faults = {"days": f"This step must leave on a later day than step {number - 1}."}
    else:
        faults = {}
    return faults | _faults_of_words(step)


def _faults_of_words(step: Step) -> dict[str, str]:
    for words in step.words:
        if step.for_family or words.family_body or words.family_subject:
            return {"body": "Whether a family gets one message is said by the list. Write {names} in the wording."}
        if words.new_body or words.new_subject:
            return {"body": "Welcome words are for appointments. Take them away here."}
    return {}


def _at(day: date, clock: time, zone: str) -> datetime:
    return datetime.combine(day, clock, zone_clock(zone)).astimezone(UTC)
