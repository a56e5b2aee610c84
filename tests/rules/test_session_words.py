"""A session in words, and back."""

from datetime import time

import pytest

from allstop.rules.session_words import parse_session, session_words
from allstop.rules.windows import Session


@pytest.mark.parametrize(
    ("words", "session"),
    [
        ("Monday 09:00-12:00", Session(0, time(9), time(12))),
        ("sun 18:30 - 24:00", Session(6, time(18, 30), time())),
        ("We 9:05 to 10:00", Session(2, time(9, 5), time(10))),
    ],
)
def test_words_are_a_session(words: str, session: Session) -> None:
    assert parse_session(words) == session
    assert parse_session(session_words(session)) == session


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("Monday", "like Monday 09:00-12:00"),
        ("Noday 09:00-12:00", "'Noday' is no day"),
        ("S 09:00-12:00", "is no session"),
        ("Monday 09:00-25:00", "no time of the day"),
        ("Monday 12:00-09:00", "The end must be after the start"),
    ],
)
def test_what_is_none_is_said_in_words(words: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        parse_session(words)
