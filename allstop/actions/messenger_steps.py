"""What a send makes where it is more than one message for each person: the steps of a plan, one message for a family.

    lay ──► what each person gets, when, in which words, and whose message tells of whom ──► the run writes it down
                                                                                         └──► the preview counts it

The rule that it guards: the preview shows what the run would make, because both ask the same here. All people of the
send are laid out together: a family is not cut apart, and the slots of a first step do not lie behind those of a later.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time
from functools import lru_cache
from typing import Any

from allstop.actions.families import filled
from allstop.actions.follow_ups import FOLLOWED_UP
from allstop.actions.messenger_people import Person, Said, Wording, parsed
from allstop.rules import answer_link
from allstop.rules.facts import Channel, Facts, LaneFacts
from allstop.rules.family import Said as OfFamily
from allstop.rules.family import Wish, together
from allstop.rules.follow_up import Stand, Way, asked, last_moments, ways
from allstop.rules.message_plan import Condition, Step, Words, words_for
from allstop.rules.message_plan_data import as_data, read_steps
from allstop.rules.messenger import NAME_MISSING
from allstop.rules.own_window import Allowed
from allstop.rules.windows import Schedule
from allstop.rules.wording import Template
from allstop.store import facts

MOST_PEOPLE = 50_000  # they are laid out in one go
OF_ONE = frozenset({"first_name", "last_name", "name"})  # what wording for a family must not name

Slots = Callable[[Channel, Sequence[datetime], Allowed], tuple[datetime, ...] | None]  # None: no window of its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """What of a letter is more than one message to each."""

    steps: tuple[Step, ...] = ()  # (): the letter itself
    plan_id: int | None = None
    list_id: int | None = None
    for_family: bool = False

    @property
    def is_plain(self) -> bool:
        return not self.steps and not self.for_family

    def as_json(self) -> dict[str, Any]:
        if self.is_plain:
            return {}
        steps = as_data(self.steps)
        return {"series": {"steps": steps, "plan": self.plan_id, "list": self.list_id, "for_family": self.for_family}}


def series_of(recipients: Mapping[str, Any]) -> Series:
    said = recipients.get("series")
    if said is None:
        return Series()
    steps = read_steps(said["steps"])
    assert isinstance(steps, tuple), "it was written by as_json"
    return Series(steps=steps, plan_id=said["plan"], list_id=said["list"], for_family=said["for_family"])


def as_steps(series: Series, channel: Channel, subject: str, body: str) -> Series:
    """With the letter itself as its one step, where it has no plan."""
    if series.steps:
        return series
    letter = Step(channel=channel, days=0, clock=time(), words=(Words(subject=subject, body=body),))
    return replace(series, steps=(letter,))


def family_fault(names: Collection[str], in_body: Collection[str]) -> str:
    """What is wrong with wording that goes to a family; "" = nothing."""
    if "names" not in in_body:
        return "One message for a family must name {names}: everybody's names, such as Ana and Ben."
    if OF_ONE.intersection(names):
        return "One message for a family names everybody by {names}: take {first_name}, {last_name} and {name} away."
    return ""


@dataclass
class Line:
    """One step to one person."""

    person: Person
    way: Way
    channel: Channel
    address: str
    wording: Words
    subject: str  # as they read it alone
    body: str
    due: datetime
    use_by: datetime | None = None
    told_by: int | None = None  # the contact whose message tells of it, themselves included; None: they are told alone

    @property
    def is_told_elsewhere(self) -> bool:
        return self.told_by not in (None, self.person.of.id)


@dataclass(frozen=True, slots=True)
class Laid:
    lines: list[Line]  # of one person after the other, in the order of the steps
    left: dict[int, str]  # contact -> why they get nothing


@dataclass
class Layout:
    account_id: int
    zone: str
    said: Said  # its wording is that of each step
    series: Series
    start: datetime
    slots: Slots
    chosen: Mapping[int, tuple[str, str]] = field(default_factory=dict)  # contact -> channel and address, "" = as all
    busy: Collection[int] = ()  # contacts whom a plan of the list follows up already
    lanes: dict[Channel, LaneFacts] = field(default_factory=dict)
    calendars: Mapping[Channel, Schedule | None] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.series.plan_id is not None:
            self.calendars = facts.windows_of_account(self.account_id)

    def lay(self, people: Mapping[int, Person]) -> Laid:
        mine: dict[int, list[Line]] = {}
        left: dict[int, str] = {}
        for pk, person in people.items():
            lines = self._lines(pk, person)
            if isinstance(lines, str):
                left[pk] = lines
            else:
                mine[pk] = lines
        if self.series.for_family:
            self._tell_together(mine)
        self._plan_days(mine)
        if self.series.plan_id is not None:
            self._limit(mine)
        return Laid([line for lines in mine.values() for line in lines], left)

    def _lines(self, pk: int, person: Person) -> list[Line] | str:
        """Or why they get nothing."""
        if pk in self.busy:
            return FOLLOWED_UP
        channel, address = self.chosen.get(pk, ("", ""))
        steps = self.series.steps
        if channel and self.series.plan_id is None:
            steps = tuple(replace(step, channel=Channel(channel)) for step in steps)
        why = {
            one: person.why_not(one, self._nameless, self.start, address) for one in {step.channel for step in steps}
        }
        found = []
        for way in ways(steps, [one for one, reason in why.items() if not reason]):
            wording = words_for(way.step, person.of.language, person.of.location_id)
            words = person.words(replace(self.said, wording=_read(wording.subject, wording.body)))
            if words is None:
                return NAME_MISSING
            to = address or person.address(way.step.channel)
            subject = words[0][:300] if way.step.channel is Channel.EMAIL else ""
            found.append(Line(person, way, way.step.channel, to, wording, subject, words[1], self.start))
        return found or why[steps[0].channel]

    @property
    def _nameless(self) -> Said:
        return replace(self.said, wording=_read("", ""))

    def _tell_together(self, mine: Mapping[int, Sequence[Line]]) -> None:
        day = self.start.date()
        wishes = (
            Wish(pk, line.way.number, line.channel, line.address, day, self.start, line.way.after)
            for pk, lines in mine.items()
            for line in lines
        )
        told_by = together(wishes)
        for pk, lines in mine.items():
            for line in lines:
                line.told_by = told_by.get((pk, line.way.number))

    def _plan_days(self, mine: Mapping[int, Sequence[Line]]) -> None:
        """Step by step: when each leaves depends on when the one before does."""
        stands = dict.fromkeys(mine, Stand(0, self.start))
        for number, step in enumerate(self.series.steps, start=1):
            groups: defaultdict[int, list[Line]] = defaultdict(list)
            for pk, lines in mine.items():
                for line in lines:
                    if line.way.number == number:
                        groups[line.told_by or pk].append(line)
            for channel in Channel:
                here = [of for _, of in sorted(groups.items()) if of[0].channel is channel]
                wanted = [max(asked(step, stands[line.person.of.id], self.zone) for line in of) for of in here]
                for of, due in zip(here, self._due(channel, [of[0].person for of in here], wanted), strict=True):
                    for line in of:
                        line.due = due
                        stands[line.person.of.id] = Stand(step.days, due)

    def _due(self, channel: Channel, persons: Sequence[Person], wanted: Sequence[datetime]) -> Sequence[datetime]:
        if not persons:
            return ()

        def allowed(number: int, at: datetime) -> datetime:
            return facts.due_time(self._facts(persons[number], channel), at)

        slots = self.slots(channel, wanted, allowed)
        return slots if slots is not None else [self._opens(channel, n, at, allowed) for n, at in enumerate(wanted)]

    def _opens(self, channel: Channel, number: int, wanted: datetime, allowed: Allowed) -> datetime:
        """The next time that lies in a window and in no quiet hours. Where there is none the gate says why."""
        calendar = self.calendars.get(channel)
        at = wanted
        for _ in range(14):  # days, at the most
            opened = at if calendar is None else calendar.next_open(at)
            free = opened and allowed(number, opened)
            if free is None or free == opened:
                return free or wanted
            at = free
        return wanted

    def _facts(self, person: Person, channel: Channel) -> Facts:
        if channel not in self.lanes:
            self.lanes[channel] = facts.lane_setup(self.account_id, channel).facts
        return replace(person.facts_of(channel, self.said), lane=self.lanes[channel])

    def _limit(self, mine: Mapping[int, Sequence[Line]]) -> None:
        """A step has its last moment; a message to several the earliest of theirs."""
        shared: dict[tuple[int, int], datetime] = {}
        for pk, lines in mine.items():
            for line, last in zip(lines, last_moments([one.due for one in lines], self.zone), strict=True):
                line.use_by = last
                key = (line.told_by or pk, line.way.number)
                shared[key] = min(last, shared.get(key, last))
        for pk, lines in mine.items():
            for line in lines:
                line.use_by = shared[line.told_by or pk, line.way.number]

    def words_of(self, told: Sequence[Line]) -> tuple[str, str]:
        """What the message says that tells of these."""
        first = told[0]
        return filled(self.subject_of(first), first.wording.body, [self.of_family(one) for one in told])

    def subject_of(self, line: Line) -> str:
        return line.wording.subject if line.channel is Channel.EMAIL else ""

    def of_family(self, line: Line) -> OfFamily:
        of = line.person.of
        return OfFamily(
            name=of.given_name,
            full_name=of.name,
            clock="",
            place=of.location or self.said.account,
            date="",
            account=self.said.account,
            language=of.language,
        )


def told_together(lines: Iterable[Line]) -> dict[tuple[int, int], list[Line]]:
    """(the contact whose message tells, the step) -> those of whom it tells, in the order of their numbers."""
    found: defaultdict[tuple[int, int], list[Line]] = defaultdict(list)
    for line in lines:
        if line.told_by is not None:
            found[line.told_by, line.way.number].append(line)
    return found


def conditioned(line: Line) -> bool:
    """Whether it stands by until the step before it has failed."""
    return line.way.condition is Condition.FAILED


@lru_cache(maxsize=256)
def _read(subject: str, body: str) -> Wording:
    """It was checked when the plan was saved, or the letter sent."""
    found = parsed(subject, body, answer_link.NAME)
    assert isinstance(found, Wording) and isinstance(found.body, Template), found
    return found
