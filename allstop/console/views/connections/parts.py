"""The sections of Setup, Connections, in their order. A new section is a module with a SECTION, and its template."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from allstop.console.access import Desk


@dataclass(frozen=True, slots=True)
class Section:
    name: str  # under which its template finds what `context` returns, and its form when that has errors
    template: str
    context: Callable[[Desk, Any], Mapping[str, Any]]  # of the desk, and the form with errors or None
