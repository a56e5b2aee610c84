"""The parts of the console, rendered: what they must say whatever the page puts into them."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from django import forms
from django.template import TemplateSyntaxError
from django.template.loader import render_to_string

from allstop.console.templatetags import ui

CONSOLE = Path(ui.__file__).parent.parent


class Pace(forms.Form):
    minutes = forms.IntegerField(min_value=1)
    note = forms.CharField(required=False, help_text="For the list.")


@pytest.mark.parametrize("state", ["running", "stopping", "stopped"])
def test_the_lamp_says_its_state_in_a_word_and_has_a_shape_for_it(state: str) -> None:
    """000-04: the state shows as a button, and never by colour alone."""
    lamp = {"state": state, "line": "Second line", "url": "/switch"}
    drawn = render_to_string("parts/lamp.html", {"lamp": lamp})
    assert drawn.lstrip().startswith("<button")
    assert f">{state.upper()}<" in drawn
    assert f"lens-{state}" in drawn
    assert "Second line" in drawn


def test_pressing_the_lamp_only_fetches_a_dialog() -> None:
    """000-05: pressing RUNNING changes nothing by itself."""
    drawn = render_to_string("parts/lamp.html", {"lamp": {"state": "running", "line": "", "url": "/switch"}})
    assert 'hx-get="/switch"' in drawn
    assert "hx-post" not in drawn


def test_every_state_is_told_by_an_icon_and_a_word() -> None:
    for name, (_colour, _icon, word) in ui.STATES.items():
        drawn = ui.state(name)
        assert "<svg" in drawn
        assert word in drawn


def test_a_state_or_an_icon_that_nobody_knows_is_refused() -> None:
    with pytest.raises(KeyError):
        ui.state("lost")
    with pytest.raises(TemplateSyntaxError, match="no icon 'lsot'"):
        ui.icon("lsot")


def test_words_of_people_are_escaped() -> None:
    assert "<b>" not in ui.icon("phone", "<b>")
    table = render_to_string("parts/facts.html", {"facts": [{"term": "To", "value": "<script>", "note": ""}]})
    assert "<script>" not in table


def test_a_field_names_its_error_to_a_screen_reader() -> None:
    drawn = render_to_string("parts/field.html", ui.field(Pace({"minutes": "0"})["minutes"]))
    assert 'aria-invalid="true"' in drawn
    assert 'aria-describedby="id_minutes_error"' in drawn
    assert 'id="id_minutes_error"' in drawn


def test_a_field_that_may_be_empty_says_so() -> None:
    """002-17: required and optional fields are told apart."""
    assert "optional" in render_to_string("parts/field.html", ui.field(Pace()["note"]))
    assert "optional" not in render_to_string("parts/field.html", ui.field(Pace()["minutes"]))


def test_a_moment_carries_its_exact_time() -> None:
    drawn = ui.moment(datetime(2026, 11, 21, 13, 26, tzinfo=UTC))
    assert 'datetime="2026-11-21T13:26:00+00:00"' in drawn
    assert "13:26" in drawn


def test_no_template_holds_an_inline_script_style_or_handler() -> None:
    """The content policy would block them, and a page would silently lose a function."""
    # htmx evaluates hx-on and js: values, which the policy forbids as well.
    forbidden = re.compile(r"<style|\sstyle=|\son[a-z]+=|hx-on|js:|<script(?![^>]*\ssrc=)|javascript:")
    for template in (CONSOLE / "templates").rglob("*.html"):
        assert forbidden.findall(template.read_text(encoding="utf-8")) == [], template.name


def test_every_part_loads_and_every_static_file_that_a_template_names_exists() -> None:
    for template in (CONSOLE / "templates").rglob("*.html"):
        for name in re.findall(r"{% static '([^'{]+\.[a-z0-9]+)' %}", template.read_text(encoding="utf-8")):
            assert (CONSOLE / "static" / name).is_file(), f"{template.name} names {name}"


def test_colours_are_named_in_one_place() -> None:
    """A part takes its colours from the tokens, so that both themes stay readable."""
    hexes = re.compile(r"#[0-9a-fA-F]{3,8}\b(?=[;\s,)])")
    for sheet in (CONSOLE / "static" / "console" / "css").glob("*.css"):
        assert not hexes.search(sheet.read_text(encoding="utf-8")), sheet.name


@pytest.mark.parametrize(
    ("things", "shown", "total", "words"),
    [
        ("accounts", 1, None, "1 account<"),
        ("accounts", 2, None, "2 accounts<"),
        ("deliveries", 1, None, "1 delivery<"),
        ("stops and starts", 1, None, "1 stop or start<"),
        ("left behind", 1, 1, "1 of 1 left behind<"),
        ("contacts", 1, 51, "1 of 51 contacts<"),
    ],
)
def test_one_thing_is_not_told_as_several(things: str, shown: int, total: int | None, words: str) -> None:
    pager = {"newer": "", "older": "", "shown": shown, "total": total, "things": things}
    assert words in render_to_string("parts/pager.html", {"pager": pager})
