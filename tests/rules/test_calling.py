"""What a call says and what its keys mean."""

import pytest

from allstop.rules.calling import CLOSING, names_the_way_out, script, thanks


def test_a_message_is_followed_by_the_closing_words() -> None:
    assert script("Hello Pat.\nSee you on Monday.", "Press 9.") == "Hello Pat. See you on Monday. Press 9."
    assert script("See you on Monday", CLOSING).startswith("See you on Monday. Press 1 to confirm")
    assert script("See you", " ") == "See you"


def test_a_message_that_names_key_9_itself_is_not_followed_by_it_again() -> None:
    words = "Hello. To get no more calls, press 9. Goodbye."
    assert script(words, CLOSING) == words


@pytest.mark.parametrize(
    "words", ["press 9", "Press 1 or 9.", "Or push nine!", "tapez le 9.", "Drücken Sie die Neun", "pulse el 9"]
)
def test_it_is_named_in_figures_or_words(words: str) -> None:
    assert names_the_way_out(words)


@pytest.mark.parametrize("words", ["at 9:30 we open", "See you at 9.", "press 90", "pressing matters: 19 of 9"])
def test_other_numbers_are_not_the_key(words: str) -> None:
    """A time of day above all: the closing words twice are harmless, none at all are not."""
    assert not names_the_way_out(words)


def test_a_key_is_answered_only_in_a_language_that_somebody_has_written_it_in() -> None:
    assert thanks("1", "en-gb") == thanks("2", "en-us") == "Thank you, that is noted. Goodbye."
    assert thanks("9", "de").startswith("Sie bekommen keine Anrufe mehr")
    assert thanks("9", "fi") == ""
    assert thanks("5", "en-us") == ""
