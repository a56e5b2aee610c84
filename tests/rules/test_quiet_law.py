"""Hours that laws forbid: by place, by day, by purpose, in every zone, and the strictest where the state is unknown."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta

import pytest

from allstop.rules.facts import Channel, ContactFacts, Facts, LaneFacts, MessageFacts, Provider, Purpose
from allstop.rules.forecast import Lane, Load, forecast
from allstop.rules.gate import decide, earliest, explain
from allstop.rules.pacing import Pace
from allstop.rules.places import place_of, places_of
from allstop.rules.quiet_law import Law, LawRule, allowed_until, next_allowed, protecting
from allstop.rules.verdict import SEND, Hold, Verdict, reason_of
from allstop.rules.windows import QuietHours, Session

NEW_YORK, LOS_ANGELES, PARIS = "America/New_York", "America/Los_Angeles", "Europe/Paris"
BOTH = frozenset((Channel.TEXT, Channel.CALL))


def rule(key: str, start: int, end: int, days: range = range(7), since: date = date(2020, 1, 1)) -> LawRule:
    return LawRule(
        key=key,
        place=key.upper(),
        name=key,
        since=since,
        allowed=tuple(Session(day, time(start), time(end)) for day in days),
        channels=BOTH,
        purposes=frozenset((Purpose.PROMOTION,)),
        hours=f"{start}-{end}",
        source="a law",
        checked=date(2026, 1, 1),
    )


LAW = Law.of((rule("us", 8, 21), rule("us-fl", 8, 20), rule("us-tx", 10, 21), rule("fr", 10, 20, range(5))))
MONDAY = datetime(2026, 11, 23, tzinfo=UTC)


def at(hour: float, zone_offset: int = -5) -> datetime:
    """On that Monday's clock, in New York unless said otherwise."""
    return MONDAY + timedelta(hours=hour - zone_offset)


def judged(places: tuple[str, ...], now: datetime, *, purpose: Purpose = Purpose.PROMOTION, **lane: object) -> Verdict:
    zones = (PARIS,) if places == ("FR",) else (NEW_YORK,)
    known: dict[str, object] = {"provider": Provider("any"), "quiet": None, "windows": None, "pace": None}
    facts = LaneFacts(**{**known, "next_slot_at": None, "law": LAW, **lane})  # type: ignore[arg-type]
    return decide(Facts(MessageFacts(Channel.TEXT, purpose), ContactFacts(zones=zones, places=places), facts), now)


@pytest.mark.parametrize(
    ("places", "now", "verdict"),
    [
        (("US-NY",), at(20.5), SEND),
        (("US-NY",), at(21), Hold("quiet_hours", "quiet_law", at(32), "us")),
        (("US-FL",), at(20.5), Hold("quiet_hours", "quiet_law", at(32), "us-fl")),
        (("US-FL",), at(7.5), Hold("quiet_hours", "quiet_law", at(8), "us")),
        # nobody knows the state: the evening ends as in Florida, the morning begins as in Texas
        (("US",), at(20.5), Hold("quiet_hours", "quiet_law", at(34), "us-fl")),
        (("US",), at(9), Hold("quiet_hours", "quiet_law", at(10), "us-tx")),
        (("US-FL", "US-NY"), at(20.5), Hold("quiet_hours", "quiet_law", at(32), "us-fl")),
        (("GB",), at(3), SEND),
        ((), at(3), SEND),
        (("FR",), at(21, 1) + timedelta(days=4), Hold("quiet_hours", "quiet_law", at(10, 1) + timedelta(days=7), "fr")),
    ],
)
def test_a_promotion_waits_for_the_hours_of_every_law_that_may_count(
    places: tuple[str, ...], now: datetime, verdict: Verdict
) -> None:
    assert judged(places, now) == verdict
    assert judged(places, now, purpose=Purpose.REMINDER) == SEND
    assert judged(places, now, law=None) == SEND


def test_the_accounts_own_quiet_hours_are_asked_first_and_both_must_be_over() -> None:
    quiet = QuietHours(time(20), time(9))
    assert judged(("US-TX",), at(7), quiet=quiet) == Hold("quiet_hours", "quiet_hours", at(9))
    assert judged(("US-TX",), at(9), quiet=quiet) == Hold("quiet_hours", "quiet_law", at(10), "us-tx")
    lane = LaneFacts(provider=Provider("any"), quiet=quiet, windows=None, pace=None, next_slot_at=None, law=LAW)
    message = MessageFacts(Channel.CALL, Purpose.PROMOTION)
    facts = Facts(message, ContactFacts(zones=(NEW_YORK,), places=("US-TX",)), lane)
    assert earliest(facts, at(7)) == at(10)
    answer = next(one for one in explain(facts, at(9)) if one.check == "quiet_hours")
    assert reason_of(answer.verdict) == "quiet_law:us-tx"
    unknown = replace(facts, contact=ContactFacts(places=("US-TX",)), lane=replace(lane, quiet=None))
    assert decide(unknown, at(12)) == Hold("quiet_hours", "zone_unknown", None)


def test_every_zone_that_the_contact_may_be_in_counts() -> None:
    rules = protecting(LAW, ("US-FL",), Channel.TEXT, Purpose.PROMOTION)
    assert next_allowed(rules, (NEW_YORK, LOS_ANGELES), at(9)) == at(11)
    assert next_allowed(rules, (NEW_YORK, LOS_ANGELES), at(12)) == at(12)
    assert allowed_until(rules, (NEW_YORK, LOS_ANGELES), at(12)) == at(20)


def test_a_rule_counts_from_its_day_on_until_its_last() -> None:
    dated = replace(rule("us", 8, 12), since=date(2026, 11, 24), until=date(2026, 11, 25))
    rules = (dated,)
    day = timedelta(days=1)
    assert next_allowed(rules, (NEW_YORK,), at(13)) == at(13)
    assert next_allowed(rules, (NEW_YORK,), at(13) + day) == at(8) + 2 * day
    assert next_allowed(rules, (NEW_YORK,), at(13) + 2 * day) == at(8) + 3 * day
    assert allowed_until(rules, (NEW_YORK,), at(13)) is None


@pytest.mark.parametrize(
    ("phone", "place"),
    [
        ("+12125550123", "US-NY"),
        ("+13055550123", "US-FL"),
        ("+18005550123", "US"),
        ("+17875550123", "US-PR"),
        ("+14165550123", "CA"),
        ("+33612345678", "FR"),
        ("+442079460000", "GB"),
        ("+61", ""),
        ("", ""),
    ],
)
def test_a_number_says_where_somebody_may_be(phone: str, place: str) -> None:
    assert place_of(phone) == place


def test_a_country_that_is_written_down_is_a_candidate_beside_the_numbers() -> None:
    assert places_of(("+13055550123",), "US") == ("US-FL",)
    assert places_of(("+13055550123", "+12125550123"), "") == ("US-FL", "US-NY")
    assert places_of(("+13055550123",), "FR") == ("FR", "US-FL")
    assert places_of((), "US") == ("US",)


def test_the_forecast_knows_the_law() -> None:
    """One a minute from half past seven in the evening: from eight on only those outside Florida."""
    florida, new_york = (protecting(LAW, (place,), Channel.TEXT, Purpose.PROMOTION) for place in ("US-FL", "US-NY"))
    loads = (Load(40, at(19.5), (NEW_YORK,), law=florida), Load(10, at(19.5), (NEW_YORK,), law=new_york))
    found = forecast([Lane(loads=loads, pace=Pace.per_minute(1))], at(19.5))
    assert [(run.start, run.messages) for run in found.runs] in (
        [(at(19.5), 30), (at(20), 10), (at(32), 10)],
        [(at(19.5), 10), (at(19.5) + timedelta(minutes=10), 20), (at(32), 20)],
    )
    assert forecast([Lane(loads=(Load(3, at(12), (), law=florida),))], at(12)).stuck == 3
