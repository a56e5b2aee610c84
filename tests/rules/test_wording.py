"""Templates: what is refused when written, and when filled."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.rules.wording import Placeholder, Template, fill, parse_template
from allstop.rules.words import Problem

KNOWN = ("first_name", "date", "time")
ROW = {"first_name": "Ines", "date": "Monday", "time": "14:30"}


def parsed(text: str) -> Template:
    template = parse_template(text, KNOWN)
    assert isinstance(template, Template)
    return template


def test_placeholders_are_filled() -> None:
    template = parsed("Dear {first_name}, see you on {date} at { time }. {date}!")
    assert template.placeholders() == ("first_name", "date", "time")
    assert fill(template, ROW) == "Dear Ines, see you on Monday at 14:30. Monday!"


def test_doubled_braces_are_braces() -> None:
    assert fill(parsed("{{first_name}} is {first_name} {{}}"), ROW) == "{first_name} is Ines {}"


def test_a_value_with_braces_is_only_text() -> None:
    assert fill(parsed("{first_name}"), {"first_name": "{date}"}) == "{date}"


@pytest.mark.parametrize(
    ("text", "code", "position"),
    [
        ("Dear {first_nam}", "placeholder_unknown", 5),
        ("Dear {first_name", "brace_not_closed", 5),
        ("Dear {first_name {date}", "brace_not_closed", 5),
        ("Dear {", "brace_not_closed", 5),
        ("Dear } you", "brace_not_opened", 5),
        ("{first_name}}", "brace_not_opened", 12),
        ("Dear {}", "placeholder_malformed", 5),
        ("Dear {First Name}", "placeholder_malformed", 5),
    ],
)
def test_a_template_that_cannot_be_meant_is_refused_with_its_place(text: str, code: str, position: int) -> None:
    problem = parse_template(text, KNOWN)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.position) == (code, position)


def test_an_unknown_placeholder_is_told_the_known_ones() -> None:
    problem = parse_template("{name}", KNOWN)
    assert isinstance(problem, Problem)
    assert problem.text == "There is no placeholder {name}. Use one of {date}, {first_name}, {time}."


@pytest.mark.parametrize("row", [{}, {"first_name": ""}, {"first_name": "  "}])
def test_a_row_without_the_value_is_refused_by_name(row: dict[str, str]) -> None:
    problem = fill(parsed("Dear {first_name}"), row)
    assert isinstance(problem, Problem)
    assert "{first_name}" in problem.text


def test_neighbouring_texts_are_one_part() -> None:
    assert parsed("a{{b}}c{date}").parts == ("a{b}c", Placeholder("date"))


@settings(max_examples=60)
@given(st.text(st.sampled_from("ab{} "), max_size=30))
def test_any_text_survives_with_its_braces_doubled(text: str) -> None:
    assert fill(parsed(text.replace("{", "{{").replace("}", "}}")), {}) == text
