"""The acknowledgement of a yes or a no: its words and its language (issue 8)."""

from hypothesis import given
from hypothesis import strategies as st

from allstop.rules.visit_thanks import USUAL, Thanks, as_data, faults_of, read_thanks, text_for

SPANISH = Thanks("{account}: Gracias.", "", "es")


def test_the_words_are_of_the_contacts_language_and_of_the_answer() -> None:
    both = (USUAL, SPANISH)
    assert text_for(both, "confirmed", "es-MX", "Dental") == "Dental: Gracias."
    assert text_for(both, "cancelled", "es", "Dental") == ""  # nothing was written for it
    assert text_for(both, "confirmed", "de", "Dental").startswith("Dental: Thank you. We look")
    assert text_for((), "confirmed", "", "Dental") == ""
    assert read_thanks(as_data(both)) == both


@given(st.text(max_size=12))
def test_only_a_yes_or_a_no_is_acknowledged(answer: str) -> None:
    assert answer in ("confirmed", "cancelled") or text_for((USUAL,), answer, "", "Dental") == ""


def test_what_cannot_be_said_is_refused_in_words() -> None:
    assert not faults_of(()) and not faults_of((USUAL, SPANISH))
    for thanks, field in (
        ((SPANISH,), "thanks"),
        ((USUAL, SPANISH, Thanks("x", "", "ES")), "thanks"),
        ((USUAL, Thanks(" ", "", "es")), "thanks2_confirmed"),
        ((Thanks("Hi {name}"),), "thanks1_confirmed"),
        ((Thanks("x" * 601),), "thanks1_confirmed"),
    ):
        assert list(faults_of(thanks)) == [field]
