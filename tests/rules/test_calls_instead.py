"""What a call says that goes instead of a text (issue 8)."""

import pytest

from allstop.rules.calls_instead import USUAL, fault_of, spoken
from allstop.rules.family import Said


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        (USUAL, ""),
        ("", ""),
        ("Hello.", "Name who comes and when: put {visits} into it."),
        ("{visits} {answer_link}", "answer_link"),
        ("{visits} {", "never closed"),
        ("{visits}" + "x" * 600, "At most 600 letters."),
    ],
)
def test_it_must_name_who_comes(words: str, wrong: str) -> None:
    assert wrong in fault_of(words) and bool(wrong) == bool(fault_of(words))


def test_one_or_several_are_named_and_without_words_it_says_what_the_text_says() -> None:
    ana, ben = (
        Said(name, f"{name} Silva", clock, "North", "Tuesday, December 15", "Northgate")
        for name, clock in (("Ana", "10:30 AM"), ("Ben", "11:00 AM"))
    )
    begins = "This is Northgate. We remind you of an appointment on Tuesday, December 15: Ana at 10:30 AM"
    assert spoken(USUAL, "text", [ana]) == f"{begins}."
    assert spoken(USUAL, "text", [ana, ben]) == f"{begins} and Ben at 11:00 AM."
    assert spoken("", "As the text says.", [ana]) == "As the text says."
