"""Keyset paging: a page knows its last row, and the next one begins after it. There are no page numbers to drift."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest

from allstop.actions.actor import NotThere

ROWS = 50


class Identified(Protocol):
    @property
    def id(self) -> int: ...


Row = TypeVar("Row", bound=Identified)


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: list[Row]
    last: int | None  # None: nothing comes after


def page_of(read: Callable[[int], list[Row]], rows: int = ROWS) -> Page[Row]:
    """One row more than is shown is asked for, to know whether more follow."""
    found = read(rows + 1)
    shown = found[:rows]
    return Page(shown, shown[-1].id if len(found) > rows else None)


def position(request: HttpRequest) -> int | None:
    """The row after which the page begins."""
    after = request.GET.get("after", "")
    if not after:
        return None
    if not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise NotThere("This page does not exist.")
    return int(after)


def pager(request: HttpRequest, shown: Page[Any], things: str, filters: Mapping[str, str]) -> dict[str, Any]:
    """For parts/pager.html. `filters` are kept from page to page, empty ones left out."""
    kept = {name: value for name, value in filters.items() if value}
    first = f"{request.path}?{urlencode(kept)}" if kept else request.path
    older = f"{request.path}?{urlencode({**kept, 'after': shown.last})}" if shown.last else ""
    newer = first if request.GET.get("after") else ""
    return {"newer": newer, "older": older, "shown": len(shown.rows), "total": None, "things": things}
