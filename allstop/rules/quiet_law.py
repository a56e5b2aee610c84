"""Hours that a law forbids: dated rules of a country or a state, on the clock of the contact, beside the account's own.

| a contact who may be in | is protected by |
|---|---|
| `US-FL` | the rules of the United States and of Florida |
| `US` (nobody knows which state) | those of the United States and of every state: the strictest hour counts |
| `US-FL` and `FR` | all of them |

A rule counts in every zone that the contact may be in, from its day on. A newer rule of the same place puts no older
one out of force: the file of a rule that ended says when (`until`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

from allstop.rules.wallclock import local_date
from allstop.rules.windows import HORIZON, Schedule, Session
from allstop.rules.words import Channel, Purpose

NOT_CHECKED = "not checked"
NOT_CHECKED_WORDS = "Nobody has compared these hours with a source yet."


@dataclass(frozen=True, slots=True, kw_only=True)
class LawRule:
    key: str  # the name of its file: us-fl
    place: str  # ISO 3166: "US", "US-FL"
    name: str  # of the place, for people
    since: date
    until: date | None = None  # the last day on which it counts
    allowed: tuple[Session, ...]  # of the week: all else is forbidden
    channels: frozenset[Channel]
    purposes: frozenset[Purpose]
    hours: str  # the same for people: "08:00-20:00"
    source: str
    checked: date | None  # the day on which somebody compared the hours with `seen`; None: nobody has
    seen: str = ""  # where

    def protects(self, place: str) -> bool:
        """Somebody whose state is not known may be in each of them."""
        return place == self.place or place.startswith(f"{self.place}-") or self.place.startswith(f"{place}-")

    def counts_on(self, day: date) -> bool:
        return self.since <= day and (self.until is None or day <= self.until)

    @property
    def words(self) -> str:
        words = f"{self.name}: {self.hours} only ({self.source})."
        return words if self.checked is not None else f"{words} {NOT_CHECKED_WORDS}"


@dataclass(frozen=True, eq=False)  # one object for the whole program: what is found for it is kept by its identity
class Law:
    rules: tuple[LawRule, ...]
    purposes: frozenset[Purpose]

    @classmethod
    def of(cls, rules: Iterable[LawRule]) -> "Law":
        found = tuple(rules)
        return cls(found, frozenset(purpose for rule in found for purpose in rule.purposes))


@dataclass(frozen=True, slots=True)
class Forbidden:
    rule: LawRule  # that holds longest at first
    until: datetime | None  # when all of them allow it; None: not within two years


@lru_cache(maxsize=4096)
def protecting(law: Law, places: tuple[str, ...], channel: Channel, purpose: Purpose) -> tuple[LawRule, ...]:
    """The rules that count for such a message to somebody who may be in any of these places."""
    if purpose not in law.purposes:
        return ()
    return tuple(
        rule
        for rule in law.rules
        if channel in rule.channels and purpose in rule.purposes and any(map(rule.protects, places))
    )


def forbidden(rules: tuple[LawRule, ...], zones: tuple[str, ...], now: datetime) -> Forbidden | None:
    """None: every rule allows it in every zone."""
    return _forbidden_from(rules, zones, int(now.timestamp() // 60)) if rules and zones else None


def next_allowed(rules: tuple[LawRule, ...], zones: tuple[str, ...], now: datetime) -> datetime | None:
    found = forbidden(rules, zones, now)
    return now if found is None else found.until


def allowed_until(rules: tuple[LawRule, ...], zones: tuple[str, ...], now: datetime) -> datetime | None:
    """When one of them forbids it, from an instant that is allowed. None: not within two years."""
    ends = [end for rule in rules for zone in zones if (end := _closes(rule, zone, now)) is not None]
    return min(ends, default=None)


@lru_cache(maxsize=16384)
def _forbidden_from(rules: tuple[LawRule, ...], zones: tuple[str, ...], minute: int) -> Forbidden | None:
    begin = datetime.fromtimestamp(minute * 60, UTC)
    at: datetime = begin
    first: LawRule | None = None
    while at <= begin + HORIZON:
        latest, why = at, None
        for rule in rules:
            for zone in zones:
                opens_at = _opens(rule, zone, at)
                if opens_at is None:
                    return Forbidden(rule, None)
                if opens_at > latest:
                    latest, why = opens_at, rule
        if why is None:
            return None if first is None else Forbidden(first, at)
        first, at = first or why, latest
    return None if first is None else Forbidden(first, None)


def _opens(rule: LawRule, zone: str, at: datetime) -> datetime | None:
    if not rule.counts_on(local_date(at, zone)):
        return at
    return _schedule(rule, zone).next_open(at)


def _closes(rule: LawRule, zone: str, now: datetime) -> datetime | None:
    if not rule.counts_on(local_date(now, zone)):
        return None
    return _schedule(rule, zone).closes_at(now)


@lru_cache(maxsize=4096)
def _schedule(rule: LawRule, zone: str) -> Schedule:
    return Schedule(rule.allowed, zone)
