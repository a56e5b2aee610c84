"""Who of TO: is left behind, who owns the contact, and the line that says so."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules import gate
from allstop.rules.facts import ContactFacts, Facts, LaneFacts, MessageFacts, Provider
from allstop.rules.markers import MarkerKind, Underline, left_behind, underline
from allstop.rules.messenger import InTo, count_line, is_group_send, may_override, takes_ownership, why_left_behind
from allstop.rules.reasons import REASONS
from allstop.rules.verdict import Refuse
from allstop.rules.words import Channel, Purpose, Standing

NOW = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)
FLAG, STOP_ALL, STOP_PROMOTIONS = MarkerKind.FLAG, MarkerKind.STOP_ALL, MarkerKind.STOP_PROMOTIONS
PERSONAL, PROMOTION = Purpose.PERSONAL, Purpose.PROMOTION


@pytest.mark.parametrize(
    ("markers", "people", "purpose", "overridden", "reason"),
    [
        ((), 9, PERSONAL, False, ""),
        ((FLAG,), 9, PROMOTION, False, ""),
        ((STOP_ALL,), 1, PERSONAL, False, "stop_all"),  # 003-16: at any size
        ((STOP_ALL,), 9, PERSONAL, True, "stop_all"),  # never overridden
        ((STOP_PROMOTIONS,), 5, PERSONAL, False, ""),  # 003-19, TM5
        ((STOP_PROMOTIONS,), 6, PERSONAL, False, "stop_promotions"),
        ((STOP_PROMOTIONS,), 6, PERSONAL, True, ""),  # 003-20
        ((STOP_PROMOTIONS,), 1, PROMOTION, False, "stop_promotions"),
        ((STOP_PROMOTIONS,), 1, PROMOTION, True, ""),
        ((STOP_PROMOTIONS, STOP_ALL), 6, PERSONAL, False, "stop_all"),  # 003-24: red wins
        ((STOP_PROMOTIONS, STOP_ALL), 6, PERSONAL, True, "stop_all"),
        ((STOP_PROMOTIONS, FLAG), 6, PERSONAL, False, "stop_promotions"),
    ],
)
def test_markers_leave_behind(
    markers: tuple[MarkerKind, ...], people: int, purpose: Purpose, overridden: bool, reason: str
) -> None:
    assert why_left_behind(InTo(markers), purpose, people, overridden=overridden) == reason


def test_a_marker_is_said_before_the_own_no_and_that_before_what_is_lacking() -> None:
    one = InTo((STOP_PROMOTIONS,), "opted_out_text", "no_mobile")
    assert why_left_behind(one, PERSONAL, 6, overridden=False) == "stop_promotions"
    assert why_left_behind(one, PERSONAL, 5, overridden=False) == "opted_out_text"
    assert why_left_behind(InTo(lacks="no_mobile"), PERSONAL, 5, overridden=False) == "no_mobile"


def test_six_is_one_boundary_with_two_effects() -> None:
    """TM13."""
    assert [is_group_send(people) for people in (1, 5, 6, 100)] == [False, False, True, True]
    assert [takes_ownership(people, is_on=True) for people in (0, 1, 5, 6)] == [False, True, True, False]
    assert not takes_ownership(1, is_on=False)
    assert [may_override(people, PERSONAL) for people in (5, 6)] == [False, True]
    assert may_override(1, PROMOTION)


@given(st.lists(st.sets(st.sampled_from(MarkerKind)), min_size=1, max_size=9), st.sampled_from(Purpose), st.booleans())
def test_it_is_what_the_gate_says_and_what_to_shows(
    markers: list[set[MarkerKind]], purpose: Purpose, overridden: bool
) -> None:
    people = len(markers)
    stays = left_behind(dict(enumerate(map(frozenset, markers))), purpose, overridden=overridden)
    for number, kinds in enumerate(markers):
        reason = why_left_behind(InTo(kinds), purpose, people, overridden=overridden)
        assert reason == (stays[number].value if number in stays else "")
        assert _of_gate(kinds, purpose, people, overridden) == reason
        if reason:
            assert underline(kinds) is (Underline.RED if reason == "stop_all" else Underline.BROWN)
        if is_group_send(people) and not overridden:
            assert bool(reason) == (underline(kinds) is not None)


def _of_gate(kinds: set[MarkerKind], purpose: Purpose, people: int, overridden: bool) -> str:
    standing = Standing("set", "Ada Okafor", NOW)
    lane = LaneFacts(provider=Provider("any"), quiet=None, windows=None, pace=None, next_slot_at=None)
    message = MessageFacts(
        Channel.TEXT, purpose, people, overrides={"contact_marker": standing} if overridden else {}, due_at=NOW
    )
    verdict = gate.decide(Facts(message, ContactFacts(dict.fromkeys(kinds, standing)), lane), NOW)
    return verdict.reason if isinstance(verdict, Refuse) else ""


@pytest.mark.parametrize(
    ("people", "left", "unknown", "line"),
    [
        (0, {}, 0, "Nobody is in TO: yet."),
        (1, {}, 0, "1 person: will get it."),
        (1203, {}, 0, "1,203 people: all will get it."),
        (
            7,
            {"stop_promotions": 1, "stop_all": 1},
            0,
            "7 people: 5 will get it, 1 is stopped, 1 is left out of promotions because this is a group send.",
        ),
        (
            8,
            {"opted_out_text": 1, "opted_out_all": 1, "no_mobile": 1, "name_missing": 2},
            0,
            "8 people: 3 will get it, 2 have opted out, 1 has no mobile number, 2 have no name that the wording needs.",
        ),
        (1, {"stop_all": 1}, 0, "1 person: nobody will get it, 1 is stopped."),
        (2, {"no_email": 0}, 1, "2 people: all will get it. 1 entry is not known."),
        (0, {}, 2, "Nobody is in TO: yet. 2 entries are not known."),
    ],
)
def test_the_line_counts_in_words(people: int, left: dict[str, int], unknown: int, line: str) -> None:
    assert count_line(people, left, PERSONAL, unknown=unknown) == line


def test_a_promotion_is_called_one() -> None:
    assert count_line(2, {"stop_promotions": 2}, PROMOTION) == (
        "2 people: nobody will get it, 2 are left out of promotions because this is a promotion."
    )
    assert "because this is a promotion" in count_line(6, {"stop_promotions": 1}, PROMOTION)


@given(st.integers(0, 9), st.integers(0, 9), st.integers(0, 9))
def test_nobody_is_lost_in_the_line(fine: int, stopped: int, promotions: int) -> None:
    people = fine + stopped + promotions
    line = count_line(people, {"stop_all": stopped, "stop_promotions": promotions}, PERSONAL)
    if stopped or promotions:
        said = [int(word) for word in line.replace("nobody will", "0 will").replace(",", "").split() if word.isdigit()]
        assert said[0] == people == sum(said[1:])


def test_every_code_has_words() -> None:
    assert {"no_mobile", "no_phone", "no_email", "name_missing"} <= set(REASONS)
