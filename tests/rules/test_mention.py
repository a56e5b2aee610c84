"""Where words mention a person."""

import re

import pytest

from allstop.rules.mention import mention


@pytest.mark.parametrize(
    "words",
    ["wrote to info@xn--bcher-kva.example", "Wrote to INFO@bücher.example, twice", "(info@bücher.example)"],
)
def test_an_email_is_found_in_either_spelling_of_its_domain(words: str) -> None:
    assert re.search(mention("", "", ["info@xn--bcher-kva.example"]), words, re.IGNORECASE)


@pytest.mark.parametrize("words", ["anninfo@bücher.example", "info@bucher.example", "xn--bcher-kva.example"])
def test_somebody_elses_is_not(words: str) -> None:
    assert not re.search(mention("", "", ["info@xn--bcher-kva.example"]), words, re.IGNORECASE)
