"""The automatic brake: when too much goes wrong on a channel, and what is the narrowest thing to stop for it.

| rate | counts as bad |
|---|---|
| bounce | the provider refused it for good, or said later that it cannot be delivered |
| failure | it failed for whatever reason, or nobody knows what became of it |
| opt_out | the contact said no after it |
| duplicate | the same contact got the same words on the channel in the day before |

A rate is the share of the messages that were tried in the span. It must be *over* the limit, and fewer than `at_least`
messages say nothing. A job or a location explains it when it is over the limit by itself and has at least SHARE of all
bad ones. A location explains nothing when there is no other to compare it with. What nothing narrower explains stops
the channel. Groups that are stopped already are not handed in.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from enum import StrEnum

from allstop.rules.holds import Scope

SHARE = Decimal("0.8")
MOST_MINUTES = 1440
MOST_AT_LEAST = 10_000  # as many as are read at once: the newest of the span


class Rate(StrEnum):
    BOUNCE = "bounce"
    FAILURE = "failure"
    OPT_OUT = "opt_out"
    DUPLICATE = "duplicate"


WORDS = {
    Rate.BOUNCE: "were refused for good",
    Rate.FAILURE: "failed or have no known outcome",
    Rate.OPT_OUT: "were answered with a no",
    Rate.DUPLICATE: "were the same words to the same person within a day",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Percent for each rate that has a limit."""

    minutes: int = 30
    at_least: int = 50
    percent: Mapping[Rate, Decimal] = field(default_factory=dict)

    @property
    def span(self) -> timedelta:
        return timedelta(minutes=self.minutes)

    def faults(self) -> dict[str, str]:
        """Field -> words that say what to do."""
        found = {}
        if not 1 <= self.minutes <= MOST_MINUTES:
            found["minutes"] = f"Give a span from 1 to {MOST_MINUTES} minutes."
        if not 2 <= self.at_least <= MOST_AT_LEAST:
            found["at_least"] = f"Give a number of messages from 2 to {MOST_AT_LEAST:,}."
        for rate, limit in self.percent.items():
            if not Decimal(0) <= limit < 100:
                found[rate.value] = "Give a percentage from 0 to 99.9, or leave it empty for no limit."
        if not self.percent:
            found[""] = "Give at least one limit, or turn the brake off."
        return found


USUAL = Limits(
    percent={
        Rate.BOUNCE: Decimal(10),
        Rate.FAILURE: Decimal(30),
        Rate.OPT_OUT: Decimal(3),
        Rate.DUPLICATE: Decimal(10),
    }
)


@dataclass(frozen=True, slots=True)
class Group:
    """Messages of one job and location that were tried in the span, and how many of them were bad."""

    job_id: int | None
    location_id: int | None
    tried: int
    bad: Mapping[Rate, int]


@dataclass(frozen=True, slots=True)
class Trip:
    scope: Scope  # job, location or channel
    ref: int | None  # the job or the location
    rate: Rate
    bad: int
    tried: int
    limit: Decimal

    @property
    def percent(self) -> Decimal:
        return (Decimal(self.bad) * 100 / self.tried).quantize(Decimal("0.1"))

    @property
    def words(self) -> str:
        limit = f"{self.limit.normalize():f}"
        return f"{self.bad:,} of {self.tried:,} {WORDS[self.rate]}: {self.percent} %, over the limit of {limit} %"


def trip_of(limits: Limits, groups: Sequence[Group]) -> Trip | None:
    """The first rate that is over its limit, in the order of Rate, with the narrowest scope that explains it."""
    for rate in Rate:
        limit = limits.percent.get(rate)
        if limit is not None and (trip := _trip(rate, limit, limits.at_least, groups)):
            return trip
    return None


def _trip(rate: Rate, limit: Decimal, at_least: int, groups: Sequence[Group]) -> Trip | None:
    tried = sum(group.tried for group in groups)
    bad = sum(group.bad.get(rate, 0) for group in groups)
    whole = _over(bad, tried, limit) and tried >= at_least
    jobs = _sums(rate, ((group.job_id, group) for group in groups))
    places = _sums(rate, ((group.location_id, group) for group in groups))
    candidates = [(Scope.JOB, ref, *counts) for ref, counts in jobs.items()]
    if len(places) > 1:
        candidates += [(Scope.LOCATION, ref, *counts) for ref, counts in places.items()]
    for scope, ref, part_bad, part_tried in candidates:
        explains = ref is not None and _over(part_bad, part_tried, limit) and part_bad >= SHARE * bad
        if explains and (whole or part_tried >= at_least):
            return Trip(scope, ref, rate, part_bad, part_tried, limit)
    return Trip(Scope.CHANNEL, None, rate, bad, tried, limit) if whole else None


def _over(bad: int, tried: int, limit: Decimal) -> bool:
    return bad * 100 > limit * tried


def _sums(rate: Rate, pairs: Iterable[tuple[int | None, Group]]) -> dict[int | None, tuple[int, int]]:
    """(bad, tried) of each job or location."""
    bad: Counter[int | None] = Counter()
    tried: Counter[int | None] = Counter()
    for ref, group in pairs:
        bad[ref] += group.bad.get(rate, 0)
        tried[ref] += group.tried
    return {ref: (bad[ref], tried[ref]) for ref in tried}
