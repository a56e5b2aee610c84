"""START as a plan: what waits, put into groups, and for each group whether it is sent, re-dated or dropped.

    by message     single messages that a person picked out of a group
    by group       job, location, age and staleness
    by the rest    age and staleness, for every group that the plan does not name
    by default     fresh is sent, stale is dropped: a restart that nobody planned sends nothing stale

The first that says something decides. store/lists/backlog.py asks the same question of a million rows in SQL; a test
holds the two together.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType


class Age(StrEnum):
    """How long ago a message was due."""

    NOT_DUE = "not_due"
    DAY = "day"
    TWO_DAYS = "two_days"
    WEEK = "week"
    OLDER = "older"


AGE_WORDS: dict[Age, str] = {
    Age.NOT_DUE: "Not due yet",
    Age.DAY: "Due less than a day ago",
    Age.TWO_DAYS: "1 to 2 days late",
    Age.WEEK: "2 to 7 days late",
    Age.OLDER: "More than a week late",
}
AGE_LIMITS: tuple[tuple[Age, timedelta], ...] = (  # the first whose time since the due time is not exceeded
    (Age.DAY, timedelta(days=1)),
    (Age.TWO_DAYS, timedelta(days=2)),
    (Age.WEEK, timedelta(days=7)),
)


class Staleness(StrEnum):
    FRESH = "fresh"
    APPOINTMENT_GONE = "appointment_gone"
    PAST_USE_BY = "past_use_by"
    DUPLICATE = "duplicate"


STALE_WORDS: dict[Staleness, str] = {
    Staleness.FRESH: "Fresh",
    Staleness.APPOINTMENT_GONE: "Its appointment is over",
    Staleness.PAST_USE_BY: "Past its use-by",
    Staleness.DUPLICATE: "A newer one says the same",
}


class Fate(StrEnum):
    SEND = "send"
    LATER = "later"  # re-dated
    DROP = "drop"


DROPPED = "dropped_at_start"
TOO_LATE = "too_late"
DUPLICATE = "duplicate"

DROP_REASONS: dict[Staleness, str] = {
    Staleness.FRESH: DROPPED,
    Staleness.PAST_USE_BY: TOO_LATE,
    Staleness.DUPLICATE: DUPLICATE,
}


@dataclass(frozen=True, slots=True)
class Choice:
    fate: Fate
    at: datetime | None = None  # of LATER: due then, and still inside windows and quiet hours

    def __post_init__(self) -> None:
        if (self.fate is Fate.LATER) != (self.at is not None):
            raise ValueError("A re-dated group needs its new time, and no other has one.")


SEND = Choice(Fate.SEND)
DROP = Choice(Fate.DROP)


@dataclass(frozen=True, slots=True, order=True)
class Rest:
    """All groups of this age and staleness that the plan does not name."""

    age: Age
    staleness: Staleness

    @property
    def key(self) -> str:
        return f"other.{self.age.value}.{self.staleness.value}"


@dataclass(frozen=True, slots=True, order=True)
class Group:
    """0 stands for messages of no job, or of no location."""

    job_id: int
    location_id: int
    age: Age
    staleness: Staleness

    @property
    def key(self) -> str:
        """As addresses, forms, the API and commands write it: "12.3.week.fresh"."""
        return f"{self.job_id}.{self.location_id}.{self.age.value}.{self.staleness.value}"

    @property
    def rest(self) -> Rest:
        return Rest(self.age, self.staleness)


def read_key(key: str) -> Group | Rest | None:
    """None: it is no key of a group."""
    parts = key.split(".")
    try:
        match parts:
            case ["other", age, staleness]:
                return Rest(Age(age), Staleness(staleness))
            case [job_id, location_id, age, staleness] if _is_id(job_id) and _is_id(location_id):
                return Group(int(job_id), int(location_id), Age(age), Staleness(staleness))
    except ValueError:
        return None
    return None


def _is_id(word: str) -> bool:
    return word.isascii() and word.isdecimal() and len(word) < 19


def _nothing() -> Mapping[Group | Rest, Choice]:
    return MappingProxyType({})


def _no_messages() -> Mapping[int, Choice]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Plan:
    groups: Mapping[Group | Rest, Choice] = field(default_factory=_nothing)
    messages: Mapping[int, Choice] = field(default_factory=_no_messages)

    def choice(self, message_id: int, group: Group) -> Choice:
        return (
            self.messages.get(message_id)
            or self.groups.get(group)
            or self.groups.get(group.rest)
            or default_choice(group.staleness)
        )


NOTHING_STALE = Plan()


def default_choice(staleness: Staleness) -> Choice:
    return SEND if staleness is Staleness.FRESH else DROP


def age_of(due_at: datetime, now: datetime) -> Age:
    if due_at > now:
        return Age.NOT_DUE
    return next((age for age, limit in AGE_LIMITS if now - due_at < limit), Age.OLDER)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One waiting message, as far as duplicates go."""

    id: int
    to: str  # the contact, or the address where there is none
    channel: str
    purpose: str
    due_at: datetime
    use_by: datetime | None
    words: str
    appointment_at: datetime | None = None
    job: int = 0  # 0: none


def staleness_of(waiting: list[Waiting], now: datetime) -> dict[int, Staleness]:
    """A duplicate is one of several that would leave at the same moment, to the same contact, on the same channel,
    for the same purpose, with the same words or the same use-by; the newest stays. All that is due leaves at one
    moment. What is due at different times is a series, and no duplicate. Nor are other words of the newest's job that
    are due when it is: two of a family who share a phone and come at the same time.
    """
    found = {one.id: Staleness.FRESH for one in waiting}
    newest: dict[tuple[object, ...], Waiting] = {}
    over = {one.id: staleness for one in waiting if (staleness := _over(one, now)) is not None}
    fresh = [one for one in waiting if one.id not in over]
    for one in fresh:
        for key in _same(one, now):
            rival = newest.get(key)
            if rival is None or (rival.due_at, rival.id) < (one.due_at, one.id):
                newest[key] = one
    for one in fresh:
        if any(newest[key] is not one and not _beside(one, newest[key]) for key in _same(one, now)):
            found[one.id] = Staleness.DUPLICATE
    return found | over


def _beside(one: Waiting, newest: Waiting) -> bool:
    """Rows of one file: no import leaves two in it about the same visit of the same person."""
    return one.words != newest.words and one.job != 0 and (one.job, one.due_at) == (newest.job, newest.due_at)


def _over(one: Waiting, now: datetime) -> Staleness | None:
    """A reminder's use-by is mostly its appointment: then the appointment is what is said."""
    if one.appointment_at is not None and one.appointment_at < now:
        return Staleness.APPOINTMENT_GONE
    return Staleness.PAST_USE_BY if one.use_by is not None and one.use_by < now else None


def _same(one: Waiting, now: datetime) -> list[tuple[object, ...]]:
    who = (one.to, one.channel, one.purpose, max(one.due_at, now))
    keys: list[tuple[object, ...]] = [(*who, "words", one.words)]
    if one.use_by is not None:
        keys.append((*who, "use_by", one.use_by))
    return keys
