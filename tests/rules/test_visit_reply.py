"""Yes, no, a wrong number, or nothing that may be acted upon (TN12, TX15; the words of SYSTEMS 5)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.visit_reply import NO, WRONG, YES, VisitReply, read_visit_reply


@pytest.mark.parametrize(
    ("text", "means"),
    [
        *(
            (word, "confirmed")
            for word in ("YES", "YIP", "Y", "YEAH", "YAH", "OK", " yes! ", "Sí.", "Oui", "I'll be there")
        ),
        *(
            (word, "cancelled")
            for word in ("NO", "n", "Nope.", "can\N{RIGHT SINGLE QUOTATION MARK}t make it", "Nein", "Ich komme nicht")
        ),
        *((word, "wrong") for word in ("Wrong number!", "sorry, wrong number", "Falsche Nummer", "número equivocado")),
        ("NO WORRIES MATE", "other"),
        ("yes but can it be later?", "other"),
        ("no I mean yes", "other"),
        ("yesterday", "other"),
        ("", "other"),
        ("👍", "other"),
        ("My old phone was a wrong number for somebody else, so please use this one for me", "other"),
    ],
)
def test_only_what_is_clear_is_a_yes_or_a_no(text: str, means: str) -> None:
    assert read_visit_reply(text).value == means


def test_no_word_means_two_things() -> None:
    assert not YES & NO and not (YES | NO) & WRONG


@given(st.text(), st.sampled_from(sorted(YES | NO)))
def test_a_clear_word_with_more_around_it_is_no_longer_clear(more: str, word: str) -> None:
    said = f"{word} {more}x7"
    assert read_visit_reply(said) in (VisitReply.OTHER, VisitReply.WRONG)
