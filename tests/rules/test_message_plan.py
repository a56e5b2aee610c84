"""Message plans: which steps an appointment gets, and when (issue 8; TX11 for the days)."""

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.message_plan import Condition, PlannedStep, Step, Visit, Words, faults_of, steps_for, words_for
from allstop.rules.message_plan_data import as_data, read_steps
from allstop.rules.windows import Schedule, Session
from allstop.rules.words import Channel, Problem

ZONE = "America/New_York"
MONDAY = date(2026, 11, 23)
WORKDAYS = Schedule(tuple(Session(day, time(9), time(17)) for day in range(5)), ZONE)
EVERY = frozenset(Channel)
SAYS = (Words(body="See you on {when}", subject="Your appointment"),)
KNOWN = ("when", "first_name", "answer_link")
LINK = "{answer_link}"


def step(channel: Channel, days: int, condition: Condition = Condition.ALWAYS, at: time = time(10)) -> Step:
    return Step(channel=channel, days=days, clock=at, condition=condition, words=SAYS)


USUAL = (
    step(Channel.EMAIL, 14),
    step(Channel.TEXT, 2),
    step(Channel.CALL, 1, Condition.UNCONFIRMED, time(11)),
)


def new_york(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour + 5, minute, tzinfo=UTC)  # in winter


def plan(
    steps: tuple[Step, ...], now: datetime, reaches: Collection[Channel] = EVERY
) -> list[tuple[int, datetime, str]]:
    calendars = dict.fromkeys(Channel, WORKDAYS)
    found = steps_for(steps, Visit(MONDAY, new_york(11, 23, 16), reaches), calendars, ZONE, now)
    return [(one.number, one.at, one.condition.value) for one in found]


def test_days_are_counted_back_over_sending_days() -> None:
    """TX11: with Mon-Fri sessions two days before a Monday is the Thursday."""
    assert plan(USUAL, new_york(11, 2, 9)) == [
        (1, new_york(11, 3, 10), "always"),
        (2, new_york(11, 19, 10), "always"),
        (3, new_york(11, 20, 11), "unconfirmed"),
    ]


@pytest.mark.parametrize(
    ("now", "left"),
    [
        (new_york(11, 10, 9), [(2, new_york(11, 19, 10), "always"), (3, new_york(11, 20, 11), "unconfirmed")]),
        # nothing that goes always is ahead: the text goes at once, the email does not
        (
            new_york(11, 20, 9),
            [(2, new_york(11, 20, 9), "always"), (3, new_york(11, 20, 11), "unconfirmed")],
        ),
        (new_york(11, 23, 9), [(2, new_york(11, 23, 9), "always")]),
    ],
)
def test_of_what_is_past_at_most_one_goes_at_once(now: datetime, left: list[tuple[int, datetime, str]]) -> None:
    assert plan(USUAL, now) == left


def test_a_step_takes_the_place_of_one_that_cannot_be_tried() -> None:
    steps = (step(Channel.TEXT, 2), step(Channel.CALL, 1, Condition.FAILED), step(Channel.EMAIL, 0, Condition.FAILED))
    early = new_york(11, 2, 9)
    assert [(number, how) for number, _, how in plan(steps, early)] == [(1, "always"), (2, "failed"), (3, "failed")]
    assert [(number, how) for number, _, how in plan(steps, early, {Channel.EMAIL})] == [(3, "always")]
    without_calls = plan(steps, early, {Channel.TEXT, Channel.EMAIL})
    assert [(number, how) for number, _, how in without_calls] == [(1, "always"), (3, "failed")]
    # the text went as a catch-up, so the call may still follow it
    assert [(number, how) for number, _, how in plan(steps, new_york(11, 20, 9))] == [
        (1, "always"),
        (2, "failed"),
        (3, "failed"),
    ]


def test_wording_falls_back_to_the_default_and_language_comes_before_location() -> None:
    words = (
        Words(body="default"),
        Words(body="es", language="es"),
        Words(body="north", location=1),
        Words(body="es north", language="es", location=1),
    )
    of = Step(channel=Channel.TEXT, days=1, clock=time(10), words=words)
    asked = [("", None), ("es-MX", None), ("ES", 1), ("en", 1), ("fr", 2), ("es", 2)]
    said = [words_for(of, language, location).body for language, location in asked]
    assert said == ["default", "es", "es north", "north", "default", "es"]


@pytest.mark.parametrize(
    ("steps", "field"),
    [
        ((), "steps"),
        ((step(Channel.TEXT, 1),) * 7, "steps"),
        ((step(Channel.TEXT, 1, Condition.FAILED),), "step1_condition"),
        ((step(Channel.TEXT, 1), step(Channel.TEXT, 2)), "step2_days"),
        ((step(Channel.TEXT, 366),), "step1_days"),
        ((Step(channel=Channel.EMAIL, days=1, clock=time(9), words=(Words(body="Hello"),)),), "step1_subject"),
        ((Step(channel=Channel.TEXT, days=1, clock=time(9), words=(Words(body=" "),)),), "step1_body"),
        ((Step(channel=Channel.TEXT, days=1, clock=time(9), words=(Words(body="{nobody}"),)),), "step1_body"),
        ((Step(channel=Channel.TEXT, days=1, clock=time(9), words=(Words(body=LINK),)),), "step1_body"),
        (
            (Step(channel=Channel.CALL, days=1, clock=time(9), words=(Words(body="a", new_body=LINK),)),),
            "step1_new_body",
        ),
        (
            (Step(channel=Channel.EMAIL, days=1, clock=time(9), words=(Words(body="a", subject=LINK),)),),
            "step1_subject",
        ),
        ((Step(channel=Channel.TEXT, days=1, clock=time(9), words=(Words(body="a", language="es"),)),), "step1_body"),
        (
            (Step(channel=Channel.TEXT, days=1, clock=time(9), words=(Words(body="a"), Words(body="b"))),),
            "step1_body",
        ),
    ],
)
def test_what_is_wrong_with_a_plan_is_named_by_step(steps: tuple[Step, ...], field: str) -> None:
    assert list(faults_of(steps, KNOWN)) == [field]
    assert faults_of(USUAL, KNOWN) == {}
    for channel, families, wrong in (
        (Channel.TEXT, (f"{{visits}} {LINK}", ""), "step1_family_body"),
        (Channel.EMAIL, ("{visits}", LINK), "step1_family_subject"),
        (Channel.EMAIL, (f"{{visits}} {LINK}", "Soon"), None),
    ):
        of_several = Words(body="a", subject="b", family_body=families[0], family_subject=families[1])
        told = Step(channel=channel, days=1, clock=time(9), for_family=True, words=(of_several,))
        assert list(faults_of((told,), KNOWN)) == ([wrong] if wrong else [])
    asks = Words(body=f"Do you come? {LINK}", subject="Soon", new_body=LINK)
    assert faults_of((Step(channel=Channel.EMAIL, days=1, clock=time(9), words=(asks,)),), KNOWN) == {}


conditions = st.sampled_from(Condition)
some_steps = st.lists(
    st.builds(
        step,
        st.sampled_from(Channel),
        st.integers(0, 20),
        conditions,
        st.times().map(lambda at: at.replace(second=0, microsecond=0)),
    ),
    min_size=1,
    max_size=6,
).map(lambda found: (step(found[0].channel, found[0].days), *found[1:]))
minutes = st.integers(0, 46 * 24 * 60)
moments = minutes.map(lambda minute: datetime(2026, 10, 20, tzinfo=UTC) + timedelta(minutes=minute))
calendar = st.sampled_from([None, WORKDAYS, Schedule((), ZONE)])


@given(some_steps, st.sets(st.sampled_from(Channel)), calendar, moments, st.booleans())
def test_everybody_who_can_be_reached_hears_something_and_nobody_hears_two_things_at_once(
    steps: tuple[Step, ...], reaches: set[Channel], open_on: Schedule | None, now: datetime, has_end: bool
) -> None:
    use_by = new_york(11, 23, 16) if has_end else None
    found = steps_for(steps, Visit(MONDAY, use_by, reaches), dict.fromkeys(Channel, open_on), ZONE, now)
    assert bool(found) == any(one.channel in reaches for one in steps)
    assert {one.step.channel for one in found} <= reaches
    assert len({one.number for one in found}) == len(found)
    assert all(one.at >= now for one in found)
    numbers = [one.number for one in found]
    assert numbers == sorted(numbers)
    for one in found:
        assert (one.condition is Condition.FAILED) == (one.after is not None)
        if one.after is not None:
            before = next(other for other in found if other.number == one.after)
            assert before.at <= one.at
    caught_up = [one for one in found if _own_time(one, open_on) != one.at and one.after is None]
    assert len(caught_up) <= 1


def _own_time(one: PlannedStep, open_on: Schedule | None) -> datetime:
    early = datetime(2026, 1, 1, tzinfo=UTC)
    (alone,) = steps_for((one.step,), Visit(MONDAY, None, EVERY), dict.fromkeys(Channel, open_on), ZONE, early) or (
        one,
    )
    return alone.at if one.step.condition is not Condition.FAILED else one.at


@given(some_steps)
def test_steps_survive_being_kept(steps: tuple[Step, ...]) -> None:
    assert read_steps(as_data(steps)) == steps


@pytest.mark.parametrize(
    "said",
    ["", None, [{}], [{"channel": "fax"}], [as_data(USUAL)[0] | {"more": 1}], [as_data(USUAL)[0] | {"days": True}]],
)
def test_what_cannot_be_read_is_a_problem(said: object) -> None:
    assert isinstance(read_steps(said), Problem)


def test_a_moved_appointment_gets_its_steps_at_their_new_times() -> None:
    early, day = new_york(11, 2, 9), timedelta(days=7)
    calendars = dict.fromkeys(Channel, WORKDAYS)
    before = steps_for(USUAL, Visit(MONDAY, None, EVERY), calendars, ZONE, early)
    after = steps_for(USUAL, Visit(MONDAY + day, None, EVERY), calendars, ZONE, early)
    assert [one.at + day for one in before] == [one.at for one in after]
