"""Parts of a text: encoding, counts, and no pair cut in two."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.rules.segments import Encoding, beyond_gsm, segments, too_long

CASES = json.loads((Path(__file__).parents[1] / "cases" / "twilio_segments.json").read_text("utf-8"))["cases"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case["id"]))
def test_encoding_and_parts_agree_with_the_calculator(case: dict[str, Any]) -> None:
    found = segments(case["text"])
    assert (found.encoding.value, len(found.parts)) == (case["encoding"], case["segments"])


@pytest.mark.parametrize(("length", "parts"), [(0, 1), (160, 1), (161, 2), (306, 2), (307, 3)])
def test_septets_to_parts(length: int, parts: int) -> None:
    """TX12."""
    assert len(segments("a" * length).parts) == parts


@pytest.mark.parametrize(("length", "parts"), [(70, 1), (71, 2), (134, 2), (135, 3)])
def test_wide_characters_to_parts(length: int, parts: int) -> None:
    assert len(segments("\u0416" * length).parts) == parts


def test_an_escape_pair_is_never_split() -> None:
    """153 septets hold 76 euro signs and a half: the half moves on."""
    euros = segments("\u20ac" * 153)
    assert [len(part) for part in euros.parts] == [76, 76, 1]
    assert euros.units == 306


def test_a_surrogate_pair_is_never_split() -> None:
    signs = segments("\U0001f6d1" * 67)
    assert signs.encoding is Encoding.UCS_2
    assert [len(part) for part in signs.parts] == [33, 33, 1]


@settings(max_examples=60)
@given(st.text(st.sampled_from("ab\u20ac[\u0416\U0001f6d1"), max_size=400))
def test_parts_join_to_the_text_and_each_fits(text: str) -> None:
    found = segments(text)
    assert "".join(found.parts) == text
    if len(found.parts) > 1:
        for part in found.parts:
            if found.encoding is Encoding.GSM_7:
                assert sum(2 if character in "\u20ac[" else 1 for character in part) <= 153
            else:
                assert len(part.encode("utf-16-be")) <= 134


def test_the_first_character_that_makes_it_longer_is_named() -> None:
    assert [beyond_gsm(text) for text in ("Hello €", "Hello “you”", "", "Łódź")] == ["", "“", "", "Ł"]


def test_a_text_of_more_parts_than_phones_can_join_is_told_so() -> None:
    assert too_long("a" * 255 * 153) == ""
    assert too_long("a" * (255 * 153 + 1)).startswith("A text has at most 255 parts, and this would have 256.")
    assert too_long("\u4e2d" * 255 * 67) == ""
    assert "256" in too_long("\u4e2d" * (255 * 67 + 1))
    assert "258" in too_long("\U0001f600" * 33 * 255 + "\U0001f600" * 70)
