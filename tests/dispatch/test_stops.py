"""Which stops a worker has heard of, and which claims they keep from starting."""

from datetime import UTC, datetime

import pytest

from allstop.dispatch.stops import StopsHeard
from allstop.rules.holds import Scope
from allstop.store.claims import Claimed, LaneKey, StopHeard

LANE = LaneKey(1, "text", False)
AT = datetime(2026, 11, 23, tzinfo=UTC)


def claimed(number: int) -> Claimed:
    return Claimed(7, 30, 20, 10, "reminder", 1, AT, None, 0, 0, [], True, number, 0)


def stop(number: int, scope: Scope, *, account: int | None = 1, **ref: int | str) -> StopHeard:
    reach = {"channel": None, "location_id": None, "job_id": None, "contact_id": None, **ref}
    return StopHeard(number, False, scope, account, **reach)  # type: ignore[arg-type]


REACHING = [
    stop(5, Scope.INSTALLATION, account=None),
    stop(5, Scope.ACCOUNT),
    stop(5, Scope.CHANNEL, channel="text"),
    stop(5, Scope.CHANNEL, account=None, channel="text"),
    stop(5, Scope.LOCATION, location_id=10),
    stop(5, Scope.JOB, job_id=20),
    stop(5, Scope.CONTACT, contact_id=30),
    stop(5, Scope.CONTACTS),
]
PASSING_BY = [
    stop(5, Scope.ACCOUNT, account=2),
    stop(5, Scope.CONTACTS, account=2),
    stop(5, Scope.CHANNEL, channel="email"),
    stop(5, Scope.LOCATION, location_id=11),
    stop(5, Scope.JOB, job_id=21),
    stop(5, Scope.CONTACT, contact_id=31),
]


@pytest.mark.parametrize("heard", REACHING)
def test_a_stop_keeps_older_claims_from_starting_and_lets_newer_ones(heard: StopHeard) -> None:
    stops = StopsHeard(4)
    stops.hear([heard])
    assert stops.number == 5
    assert stops.against(LANE, claimed(4)) == 5
    assert stops.against(LANE, claimed(5)) is None


@pytest.mark.parametrize("heard", PASSING_BY)
def test_a_stop_of_something_else_keeps_nothing(heard: StopHeard) -> None:
    stops = StopsHeard(4)
    stops.hear([heard])
    assert stops.against(LANE, claimed(4)) is None


def test_a_lift_is_heard_but_stops_nothing() -> None:
    stops = StopsHeard(4)
    stops.hear([stop(5, Scope.ACCOUNT)._replace(is_lift=True)])
    assert stops.number == 5
    assert stops.against(LANE, claimed(4)) is None


def test_what_is_forgotten_still_counts_as_heard() -> None:
    stops = StopsHeard(4)
    stops.hear([stop(5, Scope.CONTACT, contact_id=30)])
    stops.forget()
    assert stops.number == 5
    assert stops.against(LANE, claimed(5)) is None
