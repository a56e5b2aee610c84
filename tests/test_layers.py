"""Imports point downward only: each room names the rooms that it may know."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "allstop"

MAY_IMPORT: dict[str, set[str]] = {
    "rules": set(),
    "formats": {"rules"},
    "speech": set(),
    "store": {"rules"},
    "channels": {"rules", "speech"},
    "actions": {"rules", "store", "formats", "speech", "channels"},  # channels' settings, checked where they are saved
    "dispatch": {"rules", "store", "channels", "actions", "speech"},
    "doors": {"rules", "formats", "store", "actions"},
    "console": {"rules", "formats", "store", "actions"},
    "cli": {"rules", "formats", "speech", "store", "channels", "actions", "dispatch", "doors", "console", "bench"},
    "bench": {"rules", "formats", "speech", "store", "channels", "actions", "dispatch"},
}
# Rules decide, so nothing outside may reach them: no framework, no clock, no randomness, no input or output.
RULES_MAY_NOT = {"django", "psycopg", "asyncio", "os", "pathlib", "random", "secrets", "socket", "subprocess", "time"}
WIRE_MAY_NOT = {"django", "psycopg"}
FILES_MAY_NOT = {"django", "psycopg"}


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{name.name}" for name in node.names)


def files_of(room: str) -> list[Path]:
    return sorted((PACKAGE / room).rglob("*.py"))


def test_every_room_is_in_the_list() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms == set(MAY_IMPORT)


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_a_room_imports_only_what_lies_below_it(room: str) -> None:
    wrong = [
        f"{file.relative_to(PACKAGE)} imports {name}"
        for file in files_of(room)
        for name in imported(file)
        if name.startswith("allstop.")
        and (other := name.split(".")[1]) in MAY_IMPORT
        and other != room
        and other not in MAY_IMPORT[room]
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("room", "forbidden"),
    [("rules", RULES_MAY_NOT), ("channels", WIRE_MAY_NOT), ("formats", FILES_MAY_NOT), ("speech", FILES_MAY_NOT)],
)
def test_a_pure_room_stays_pure(room: str, forbidden: set[str]) -> None:
    wrong = [
        f"{file.relative_to(PACKAGE)} imports {name}"
        for file in files_of(room)
        for name in imported(file)
        if name.split(".")[0] in forbidden
    ]
    assert not wrong, "\n".join(wrong)


def test_rules_never_ask_for_the_time() -> None:
    wrong = [
        f"{file.relative_to(PACKAGE)}:{node.lineno} asks for the time"
        for file in files_of("rules")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in {"now", "today", "utcnow"}
        and isinstance(node.value, ast.Name)
        and node.value.id in {"datetime", "date"}
    ]
    assert not wrong, "\n".join(wrong)
