"""Markers: underline, who is left behind, the flag toggle."""

import pytest

from allstop.rules.markers import GROUP_SEND, MarkerKind, Underline, flag_after_toggle, left_behind, underline
from allstop.rules.words import Purpose

FLAG, STOP_ALL, STOP_PROMOTIONS = MarkerKind.FLAG, MarkerKind.STOP_ALL, MarkerKind.STOP_PROMOTIONS


def to_field(size: int, **markers: frozenset[MarkerKind]) -> dict[str, frozenset[MarkerKind]]:
    others = {f"contact {number}": frozenset[MarkerKind]() for number in range(size - len(markers))}
    return others | markers


@pytest.mark.parametrize(
    ("markers", "colour"),
    [
        (set(), None),
        ({FLAG}, None),
        ({STOP_ALL}, Underline.RED),
        ({STOP_PROMOTIONS}, Underline.BROWN),
        ({FLAG, STOP_PROMOTIONS}, Underline.BROWN),
        ({STOP_ALL, STOP_PROMOTIONS}, Underline.RED),
    ],
)
def test_the_underline_follows_the_strongest_marker(markers: set[MarkerKind], colour: Underline | None) -> None:
    """003-15, 003-21, 003-24, TM4."""
    assert underline(markers) is colour


def test_five_with_stop_promotions_all_go_and_of_six_one_stays() -> None:
    """TM5, 003-19."""
    ann = frozenset({STOP_PROMOTIONS})
    assert left_behind(to_field(5, ann=ann), Purpose.PERSONAL, overridden=False) == {}
    six = to_field(6, ann=ann)
    assert left_behind(six, Purpose.PERSONAL, overridden=False) == {"ann": STOP_PROMOTIONS}
    assert left_behind(six, Purpose.PERSONAL, overridden=True) == {}
    assert GROUP_SEND == 6


def test_recipients_are_counted_before_anyone_is_skipped() -> None:
    """Six in TO:, two of them Stop All: four would leave, but it stays a group send."""
    six = to_field(6, ann=frozenset({STOP_PROMOTIONS}), bob=frozenset({STOP_ALL}), cleo=frozenset({STOP_ALL, FLAG}))
    stay = left_behind(six, Purpose.PERSONAL, overridden=False)
    assert stay == {"ann": STOP_PROMOTIONS, "bob": STOP_ALL, "cleo": STOP_ALL}


def test_stop_all_stays_behind_at_any_size_and_whatever_is_overridden() -> None:
    """003-16, TM3."""
    for size in (1, 5, 6, 200):
        field = to_field(size, bob=frozenset({STOP_ALL}))
        assert left_behind(field, Purpose.SERVICE, overridden=True) == {"bob": STOP_ALL}


def test_a_promotion_leaves_stop_promotions_behind_at_any_size() -> None:
    one = to_field(1, ann=frozenset({STOP_PROMOTIONS}))
    assert left_behind(one, Purpose.PROMOTION, overridden=False) == {"ann": STOP_PROMOTIONS}


def test_flag_never_leaves_anybody_behind() -> None:
    """003-06."""
    assert left_behind(to_field(9, ann=frozenset({FLAG})), Purpose.PROMOTION, overridden=False) == {}


def test_the_flag_toggle_flags_all_first_and_then_none() -> None:
    """003-08, TM7."""
    assert flag_after_toggle([True, False, True]) is True
    assert flag_after_toggle([False, False]) is True
    assert flag_after_toggle([True, True]) is False
