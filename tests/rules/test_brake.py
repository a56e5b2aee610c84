"""The brake's rule: which rate trips it, what it stops, and that it stops nothing wider than it must."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.brake import SHARE, USUAL, Group, Limits, Rate, Trip, trip_of
from allstop.rules.holds import Scope

LIMITS = Limits(minutes=30, at_least=20, percent={Rate.FAILURE: Decimal(10)})


def group(job: int | None, place: int | None, tried: int, failed: int) -> Group:
    return Group(job, place, tried, {Rate.FAILURE: failed})


JOB, PLACE, CHANNEL = Scope.JOB, Scope.LOCATION, Scope.CHANNEL


@pytest.mark.parametrize(
    ("groups", "tripped"),
    [
        ([], None),
        ([group(1, 1, 19, 19)], None),  # fewer than at_least say nothing
        ([group(1, 1, 20, 2)], None),  # at the limit is not over it
        ([group(1, 1, 20, 3)], (JOB, 1)),
        ([group(1, 1, 20, 10), group(2, 1, 100, 1)], (JOB, 1)),
        ([group(1, 1, 40, 8), group(2, 1, 40, 8)], (CHANNEL, None)),  # no job has most of the bad ones
        ([group(1, 1, 40, 8), group(2, 1, 40, 2)], (JOB, 1)),  # exactly 80 %
        ([group(1, 1, 100, 8), group(2, 2, 10, 4)], (CHANNEL, None)),  # job 1 has no 80 %, nor has place 1
        ([group(1, 1, 40, 8), group(2, 1, 40, 8), group(3, 2, 40, 0)], (PLACE, 1)),
        ([group(1, 1, 40, 8), group(2, 1, 40, 8), group(3, None, 40, 0)], (PLACE, 1)),
        ([group(None, 1, 40, 8)], (CHANNEL, None)),  # of no job, and only one place: nothing to compare
        ([group(None, None, 40, 12), group(None, 1, 40, 0)], (CHANNEL, None)),
        ([group(1, 1, 40, 39), group(2, 2, 100_000, 0)], (JOB, 1)),  # hidden among many good ones
        ([group(1, 1, 5, 5), group(2, 2, 100_000, 0)], None),  # too few to say so by itself
        ([group(1, 1, 5, 5), group(2, 2, 20, 0)], (JOB, 1)),  # the channel is over, and these few explain it
    ],
)
def test_the_narrowest_scope_that_explains_it_is_stopped(
    groups: list[Group], tripped: tuple[Scope, int | None] | None
) -> None:
    found = trip_of(LIMITS, groups)
    assert (found and (found.scope, found.ref)) == tripped


def test_the_trip_says_its_figures() -> None:
    trip = trip_of(LIMITS, [group(7, 1, 60, 10)])
    assert trip == Trip(JOB, 7, Rate.FAILURE, 10, 60, Decimal(10))
    assert trip.words == "10 of 60 failed or have no known outcome: 16.7 %, over the limit of 10 %"


def test_a_rate_without_a_limit_is_not_looked_at() -> None:
    bounced = [Group(1, 1, 100, {Rate.BOUNCE: 100})]
    assert trip_of(LIMITS, bounced) is None
    assert trip_of(USUAL, bounced) is not None


groups = st.lists(
    st.builds(
        lambda job, place, tried, share: group(job, place, tried, tried * share // 100),
        st.sampled_from([None, 1, 2, 3]),
        st.sampled_from([None, 1, 2]),
        st.integers(1, 200),
        st.integers(0, 100),
    ),
    max_size=8,
)


def inside(trip: Trip, one: Group) -> bool:
    return trip.scope is CHANNEL or trip.ref == (one.job_id if trip.scope is JOB else one.location_id)


@given(groups, st.integers(0, 99), st.integers(2, 300))
def test_what_is_stopped_is_over_the_limit_itself_and_has_most_of_the_bad_ones(
    drawn: list[Group], limit: int, at_least: int
) -> None:
    limits = Limits(minutes=30, at_least=at_least, percent={Rate.FAILURE: Decimal(limit)})
    trip = trip_of(limits, drawn)
    tried = sum(one.tried for one in drawn)
    bad = sum(one.bad[Rate.FAILURE] for one in drawn)
    if trip is None:
        assert tried < at_least or bad * 100 <= limit * tried
        return
    assert tried >= at_least
    assert trip.bad == sum(one.bad[Rate.FAILURE] for one in drawn if inside(trip, one))
    assert trip.tried == sum(one.tried for one in drawn if inside(trip, one))
    assert trip.bad * 100 > limit * trip.tried
    assert trip.bad >= SHARE * bad
    if trip.scope is CHANNEL:  # nothing narrower would have done
        for job in {one.job_id for one in drawn} - {None}:
            of_job = [one for one in drawn if one.job_id == job]
            part = sum(one.bad[Rate.FAILURE] for one in of_job)
            assert part < SHARE * bad or part * 100 <= limit * sum(one.tried for one in of_job)


@pytest.mark.parametrize(
    ("limits", "fields"),
    [
        (USUAL, set()),
        (Limits(), {""}),
        (Limits(minutes=0, percent={Rate.BOUNCE: Decimal(5)}), {"minutes"}),
        (Limits(minutes=1441, percent={Rate.BOUNCE: Decimal(5)}), {"minutes"}),
        (Limits(at_least=1, percent={Rate.BOUNCE: Decimal(5)}), {"at_least"}),
        (Limits(percent={Rate.BOUNCE: Decimal(100)}), {"bounce"}),
        (Limits(percent={Rate.OPT_OUT: Decimal(-1), Rate.BOUNCE: Decimal(0)}), {"opt_out"}),
    ],
)
def test_limits_that_make_no_sense_are_named(limits: Limits, fields: set[str]) -> None:
    assert set(limits.faults()) == fields
