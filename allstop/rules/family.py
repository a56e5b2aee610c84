"""Who of a family is told in one message, and how it names them.

| rule | |
|---|---|
| one message | for appointments on the same day, of the same step of a plan, that go to the same number or address |
| whose it is | the one whose appointment comes first: it must not leave after that one has begun |
| somebody of whom nothing may leave | is not among them |
| one alone | has the usual words |
| somebody with several appointments | is named once, with each time |

    {visits}       Ana at 10:30 AM, Ben at 11:00 AM and 2:00 PM
    {names}        Ana and Ben: of a list, where nobody has an appointment
    {location}     North, where all go there; else North and South
    {answer_link}  one address, whose page asks of each of them

Nobody's appointment is told to a number that was not given for them: who shares an email alone gets one email, and a
text each.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from allstop.rules import answer_link
from allstop.rules.words import Channel

FIELDS = {
    "visits": "Everybody with their times, such as Ana at 10:30 and Ben at 11:00",
    "names": "Everybody's names, such as Ana and Ben",
    "date": "Day of the appointments",
    "location": "Location, or each of them",
    "account": "Your organisation",
    answer_link.NAME: "Link by which they say who of them comes; emails only",
}
"""What the words for a family may name: what is true of all of them."""

_IN_LANGUAGES = {  # between a name and its time, between the last two
    "en": ("at", "and"),
    "de": ("um", "und"),
    "fr": ("à", "et"),
    "es": ("a las", "y"),
    "nl": ("om", "en"),
    "it": ("alle", "e"),
}


@dataclass(frozen=True, slots=True)
class Wish:
    """A message that may be told together with others."""

    row: int
    step: int
    channel: Channel
    address: str
    day: date
    at: datetime
    after: int | None = None  # the step that must have failed


def together(wishes: Iterable[Wish]) -> dict[tuple[int, int], int]:
    """(row, step) -> the row whose message tells of it, for all that are told with another row; the carrier included.

    A step that goes only if another has failed is told together by those alone who were told together before.
    """
    found: dict[tuple[int, int], int] = {}
    groups: defaultdict[tuple[Hashable, ...], list[Wish]] = defaultdict(list)
    for step in sorted(wishes, key=lambda one: one.step):
        groups[step.step, step.channel, step.address, step.day].append(step)
    for group in groups.values():
        parts: defaultdict[int | None, list[Wish]] = defaultdict(list)
        for one in group:
            parts[None if one.after is None else found.get((one.row, one.after), one.row)].append(one)
        for part in parts.values():
            if len({one.row for one in part}) < 2:
                continue
            carrier = min(part, key=lambda one: (one.at, one.row))
            found |= {(one.row, one.step): carrier.row for one in part}
    return found


@dataclass(frozen=True, slots=True)
class Said:
    """Of one appointment, in words."""

    name: str  # as somebody of the family is called
    full_name: str
    clock: str  # "" = only the day is known
    place: str
    date: str
    account: str
    language: str = ""

    def as_data(self) -> dict[str, str]:
        return {name: getattr(self, name) for name in Said.__slots__}


def read_said(data: Mapping[str, Any]) -> Said:
    return Said(**{name: str(data.get(name, "")) for name in Said.__slots__})


def values_of(said: Sequence[Said]) -> dict[str, str]:
    """In the order of the appointments; the first one's language is everybody's."""
    language = said[0].language
    return {
        "visits": _visits(said, language),
        "names": _visits([replace(one, clock="") for one in said], language),
        "date": said[0].date,
        "location": _listed(list(dict.fromkeys(one.place for one in said if one.place)), language),
        "account": said[0].account,
        answer_link.NAME: answer_link.TOKEN,
    }


def called(said: Sequence[Said]) -> list[str]:
    """How each is named, one after the other: by the first name, where nobody else of them has it."""
    people = dict.fromkeys((one.name, one.full_name) for one in said)
    names = [name for name, _ in people]
    return [one.name if one.name and names.count(one.name) == 1 else one.full_name or one.name for one in said]


def _visits(said: Sequence[Said], language: str) -> str:
    people: dict[tuple[str, str, str], list[str]] = {}
    for one, name in zip(said, called(said), strict=True):
        people.setdefault((one.name, one.full_name, name), []).append(one.clock)
    at, _ = _words(language)
    named = []
    for (_, _, name), clocks in people.items():
        times = _listed(list(dict.fromkeys(filter(None, clocks))), language)
        named.append(f"{name} {at} {times}" if times and at else f"{name} {times}".strip())
    return _listed(named, language)


def _listed(words: Sequence[str], language: str) -> str:
    _, last = _words(language)
    if len(words) < 2 or not last:
        return ", ".join(words)
    return f"{', '.join(words[:-1])} {last} {words[-1]}"


def _words(language: str) -> tuple[str, str]:
    """Of a language that is not known: signs alone."""
    said = language.strip().casefold().replace("_", "-").split("-")[0]
    return _IN_LANGUAGES.get(said or "en", ("", ""))
