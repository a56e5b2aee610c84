"""What commands print: words and tables for people, JSON with the shapes of the API for programs, and exit codes.

Tables are drawn only on a terminal; into a pipe or a file go plain lines with tabs between the columns.
"""

import json
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import IntEnum
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

if TYPE_CHECKING:
    from pydantic import BaseModel


class Exit(IntEnum):
    """docs/commands.md has this table."""

    DONE = 0
    ERROR = 1  # it could not be done, or doctor found something wrong
    USAGE = 2  # what was typed or handed in cannot be used
    REFUSED = 3  # the state or the role does not allow it
    NOT_FOUND = 4
    PARTLY = 5  # done, but a part could not be used, or the message was refused
    BY_FILE = 6  # stopped by the stop file, since the database did not answer in time


MOST = 2**63 - 1  # the largest number that anything has: the database knows none beyond it
JsonOption = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]


# Columns of words; others keep to a line.
FOLDED = ("Answer", "Job", "Message", "Name", "Problem", "Set by", "Value", "Why")


@dataclass(frozen=True, slots=True)
class Printer:
    as_json: bool
    zone: str = "UTC"  # in which times are shown to people

    @property
    def draws(self) -> bool:
        return not self.as_json and sys.stdout.isatty()

    def show(self, shape: "BaseModel | Sequence[BaseModel]", words: Callable[[], None]) -> None:
        """`shape` for programs, or `words` for people."""
        if not self.as_json:
            words()
        elif isinstance(shape, Sequence):
            _print_json([one.model_dump(mode="json") for one in shape])
        else:
            _print_json(shape.model_dump(mode="json"))

    def say(self, line: str) -> None:
        """Words for people: not printed beside JSON."""
        if not self.as_json:
            print(line)

    def fail(self, code: str, message: str, fields: Mapping[str, str]) -> None:
        """In the shape of the API's errors for programs, on standard output; words go to standard error."""
        if self.as_json:
            _print_json({"error": {"code": code, "message": message, "fields": dict(fields)}})
        else:
            print(message, file=sys.stderr)

    def facts(self, pairs: Iterable[tuple[str, str]]) -> None:
        """A line for each pair that has a value."""
        shown = [(name, value) for name, value in pairs if value]
        width = max((len(name) for name, _ in shown), default=0)
        for name, value in shown:
            print(f"{name:{width}}  {value}")

    def table(self, headings: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
        if not self.draws:
            for row in (headings, *rows):
                print("\t".join(" ".join(cell.split()) for cell in row))
            return
        from rich.box import SIMPLE_HEAD
        from rich.console import Console
        from rich.markup import escape
        from rich.table import Table

        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for heading in headings:
            table.add_column(heading, no_wrap=heading not in FOLDED, overflow="fold")
        for row in rows:
            table.add_row(*map(escape, row))
        Console().print(table)

    def time(self, at: datetime | None, *, with_zone: bool = True) -> str:
        """On the account's clock; "" for none."""
        shown = "%Y-%m-%d %H:%M %Z" if with_zone else "%Y-%m-%d %H:%M"
        return "" if at is None else at.astimezone(ZoneInfo(self.zone)).strftime(shown)


def count(number: int, one: str, many: str = "") -> str:
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def exactly(moment: datetime) -> str:
    """A receipt is compared with other logs: to the millisecond, in UTC."""
    return moment.astimezone(UTC).isoformat(" ", "milliseconds").removesuffix("+00:00") + " UTC"


def _print_json(said: Any) -> None:
    print(json.dumps(said, indent=2, ensure_ascii=False))
