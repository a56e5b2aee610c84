"""The dark theme differs from the light one in colours and in nothing else, so a page has one layout and one text.

The browser tests rely on it: in the light theme they ask all rules of accessibility, in the dark one those of colours.
"""

import re
from pathlib import Path

import allstop.console

CONSOLE = Path(allstop.console.__file__).parent
STYLESHEETS = sorted((CONSOLE / "static").rglob("*.css"))
_OF_A_THEME = re.compile(r"\[data-theme[^\]]*\][^{]*\{([^}]*)\}")
IN_A_THEME = {"background", "background-color", "color", "color-scheme"}


def test_no_stylesheet_and_no_page_asks_which_theme_it_is() -> None:
    pages = sorted((CONSOLE / "templates").rglob("*.html"))
    assert STYLESHEETS and pages
    assert [file.name for file in (*STYLESHEETS, *pages) if "prefers-color-scheme" in file.read_text()] == []


def test_what_has_two_values_is_a_colour() -> None:
    text = "".join(file.read_text() for file in STYLESHEETS)
    assert text.count("light-dark(") == len(re.findall(r"light-dark\(oklch\([^()]*\), oklch\([^()]*\)\)", text)) > 20


def test_an_element_with_a_theme_of_its_own_changes_nothing_but_colours() -> None:
    text = "".join(file.read_text() for file in STYLESHEETS)
    rules = _OF_A_THEME.findall(text)
    assert rules
    said = {line.partition(":")[0].strip() for rule in rules for line in rule.split(";") if line.strip()}
    assert said <= IN_A_THEME


def test_one_script_asks_which_theme_it_is_and_only_plots_hear_of_it() -> None:
    """A plot is drawn in its colours anew."""
    scripts = sorted((CONSOLE / "static" / "console").rglob("*.js"))
    asking = [file.name for file in scripts if "prefers-color-scheme" in file.read_text()]
    assert asking == ["theme-switch.js"]
    hearing = [file.name for file in scripts if 'addEventListener("theme"' in file.read_text()]
    assert hearing == ["plot.js"]
