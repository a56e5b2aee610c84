"""Which texts are an order to stop."""

import pytest

from allstop.rules.stop_text import is_code, stop_code


@pytest.mark.parametrize("text", ["ALLSTOP 481516", "allstop 481516", " Allstop\t481516 \n", "AllStop  481516"])
def test_the_word_and_a_code_are_one(text: str) -> None:
    assert stop_code(text) == "481516"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "STOP",
        "ALLSTOP",
        "ALLSTOP481516",
        "ALL STOP 481516",
        "please ALLSTOP 481516",
        "ALLSTOP 481516 now",
        "ALLSTOP, 481516",
        "ALLSTOP 4815 1623",
    ],
)
def test_whatever_has_more_or_less_is_none(text: str) -> None:
    assert stop_code(text) is None


@pytest.mark.parametrize(
    ("code", "is_one"), [("481516", True), ("Sesame1", True), ("12345", False), ("a b c d", False)]
)
def test_codes_that_may_be_chosen(code: str, is_one: bool) -> None:
    assert is_code(code) is is_one
