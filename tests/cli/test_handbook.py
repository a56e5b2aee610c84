"""docs/commands.md names every command, option and exit code, and nothing that does not exist."""

import re
from collections.abc import Iterator
from pathlib import Path

import typer

from allstop.cli.app import app
from allstop.cli.printing import Exit

TEXT = (Path(__file__).parents[2] / "docs" / "commands.md").read_text(encoding="utf-8")
SECTIONS = {part.splitlines()[0].strip("` "): part for part in re.split(r"^### (?=`)", TEXT, flags=re.MULTILINE)[1:]}


def commands() -> Iterator[tuple[str, set[str]]]:
    """`allstop token create` -> its options."""
    root = typer.main.get_command(app)
    assert isinstance(root, typer.core.TyperGroup)
    queue = [(f"allstop {name}", command) for name, command in root.commands.items()]
    for name, command in queue:
        if isinstance(command, typer.core.TyperGroup):
            queue += [(f"{name} {inner}", one) for inner, one in command.commands.items()]
        else:
            yield name, {word for one in command.params for word in one.opts if word.startswith("--")} - {"--help"}


def test_every_command_has_a_section_and_every_section_a_command() -> None:
    assert set(SECTIONS) == {name for name, _ in commands()}


def test_every_option_is_in_its_section_and_no_other() -> None:
    general = {"--account", "--json"}
    for name, options in commands():
        named = set(re.findall(r"`(--[a-z-]+)", SECTIONS[name]))
        assert named - general == options - general, name


def test_only_commands_without_an_answer_lack_json() -> None:
    without = {name for name, options in commands() if "--json" not in options}
    shows_a_file = {"allstop config export", "allstop invoices export", "allstop sample-reminders"}
    assert without == {"allstop serve", "allstop work", "allstop django"} | shows_a_file


def test_the_exit_codes_are_those_of_the_program() -> None:
    table = {int(code) for code in re.findall(r"^\| (\d+) \|", TEXT, flags=re.MULTILINE)}
    assert table == {code.value for code in Exit}
