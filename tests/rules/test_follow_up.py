"""Plans that are counted forward from the day on which a list is sent (issue 8: recall and contact lists)."""

from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.follow_up import LAST_KEPT, Stand, asked, faults_of, last_moments, ways
from allstop.rules.message_plan import Condition, Step, Words
from allstop.rules.wallclock import local_date
from allstop.rules.words import Channel

ZONE = "America/New_York"
SAYS = (Words(body="Hello {names}", subject="Hello"),)
LATER = Condition.UNCONFIRMED


def step(channel: Channel, days: int, condition: Condition = LATER, at: time = time(10)) -> Step:
    return Step(channel=channel, days=days, clock=at, condition=condition, words=SAYS)


USUAL = (step(Channel.EMAIL, 0, Condition.ALWAYS), step(Channel.TEXT, 7), step(Channel.CALL, 14))


def new_york(month: int, day: int, hour: int) -> datetime:
    return datetime(2026, month, day, hour + 5, tzinfo=UTC)  # in winter


def planned(steps: tuple[Step, ...], start: datetime, moved: timedelta = timedelta(0)) -> list[datetime]:
    """`moved`: by how much windows and quiet hours put off each."""
    found, stand = [], Stand(0, start)
    for one in steps:
        stand = Stand(one.days, asked(one, stand, ZONE) + moved)
        found.append(stand.at)
    return found


def test_days_are_counted_forward_from_the_step_before() -> None:
    assert planned(USUAL, new_york(12, 1, 8)) == [new_york(12, 1, 10), new_york(12, 8, 10), new_york(12, 15, 10)]
    # sent in the afternoon, the first goes at once; put off by two days, the others move along
    assert planned(USUAL, new_york(12, 1, 15)) == [new_york(12, 1, 15), new_york(12, 8, 10), new_york(12, 15, 10)]
    late = planned(USUAL, new_york(12, 1, 8), timedelta(days=2))
    assert [at.day for at in late] == [3, 12, 21]


def test_a_step_may_leave_until_the_day_of_the_next_one() -> None:
    due = planned(USUAL, new_york(12, 1, 8))
    assert list(last_moments(due, ZONE)) == [new_york(12, 8, 0), new_york(12, 15, 0), due[-1] + LAST_KEPT]


@given(
    gaps=st.lists(st.integers(1, 40), min_size=1, max_size=5),
    clocks=st.lists(st.times(), min_size=6, max_size=6),
    start=st.timedeltas(timedelta(0), timedelta(days=700)).map(lambda after: new_york(1, 1, 0) + after),
    moved=st.timedeltas(timedelta(0), timedelta(days=5)),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "Pacific/Auckland", "Asia/Kathmandu"]),
)
def test_no_two_steps_may_leave_on_one_day(
    gaps: list[int], clocks: list[time], start: datetime, moved: timedelta, zone: str
) -> None:
    days = [0, *(sum(gaps[: number + 1]) for number in range(len(gaps)))]
    stand, due = Stand(0, start), []
    for count, clock in zip(days, clocks, strict=False):
        stand = Stand(count, asked(step(Channel.TEXT, count, at=clock), stand, zone) + moved)
        due.append(stand.at)
    last = list(last_moments(due, zone))
    assert all(at >= start for at in due)
    assert all(at < until for at, until in zip(due, last, strict=True))
    for (one, following), until in zip(pairwise(due), last, strict=False):
        assert local_date(one, zone) < local_date(following, zone)
        assert until <= following and local_date(until - timedelta(microseconds=1), zone) < local_date(following, zone)


def test_a_step_takes_the_place_of_one_that_cannot_be_tried() -> None:
    steps = (step(Channel.EMAIL, 0, Condition.ALWAYS), step(Channel.TEXT, 0, Condition.FAILED), step(Channel.CALL, 7))
    of_all = [(one.number, one.condition, one.after) for one in ways(steps, list(Channel))]
    assert of_all == [(1, Condition.ALWAYS, None), (2, Condition.FAILED, 1), (3, LATER, None)]
    without_emails = [(one.number, one.condition) for one in ways(steps, {Channel.TEXT})]
    assert without_emails == [(2, Condition.ALWAYS)]
    assert ways(steps, set()) == ()
    assert faults_of(steps, ("names",)) == {}


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ((), "steps"),
        ((step(Channel.TEXT, 0),), "step1_condition"),
        ((USUAL[0], step(Channel.TEXT, 7, Condition.ALWAYS)), "step2_condition"),
        ((USUAL[0], step(Channel.TEXT, 0)), "step2_days"),
        ((USUAL[0], step(Channel.TEXT, 9), step(Channel.CALL, 8)), "step3_days"),
        ((Step(channel=Channel.TEXT, days=0, clock=time(9), words=(Words(body="{when}"),)),), "step1_body"),
        ((Step(channel=Channel.TEXT, days=0, clock=time(9), words=(Words(body="Hi", new_body="Hi"),)),), "step1_body"),
        (
            (Step(channel=Channel.TEXT, days=0, clock=time(9), words=(Words(body="Hi", family_body="Hi"),)),),
            "step1_body",
        ),
    ],
)
def test_what_cannot_be_carried_out_is_not_saved(steps: tuple[Step, ...], field: str) -> None:
    assert list(faults_of(steps, ("names",))) == [field]
