"""Message templates: `Dear {first_name}, see you on {date} at {time}.`

| written | stands for |
|---|---|
| `{first_name}` | the value of that name; small letters, digits and underscores |
| `{{` and `}}` | a single brace |

A template is checked when it is written; a row that lacks a value is refused by name when it is filled, so
that nobody ever receives a text with a hole in it.
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from allstop.rules.words import Problem

_NAME = re.compile(r"[a-z][a-z0-9_]*\Z")
_BRACE = re.compile(r"\{\{|\}\}|\{|\}")


@dataclass(frozen=True, slots=True)
class Placeholder:
    name: str


@dataclass(frozen=True, slots=True)
class Template:
    parts: tuple[str | Placeholder, ...]

    def placeholders(self) -> tuple[str, ...]:
        """Each name once, in the order of first use."""
        return tuple(dict.fromkeys(part.name for part in self.parts if isinstance(part, Placeholder)))


def parse_template(text: str, known: Collection[str]) -> Template | Problem:
    """`known` are the placeholders that may be used."""
    parts: list[str | Placeholder] = []
    at = 0
    while (brace := _BRACE.search(text, at)) is not None:
        parts.append(text[at : brace.start()])
        match brace.group():
            case "{{" | "}}" as doubled:
                parts.append(doubled[0])
                at = brace.end()
            case "}":
                return Problem(
                    "brace_not_opened",
                    "This } closes nothing. Remove it, or write }} to show one.",
                    brace.start(),
                )
            case _:
                found = _placeholder(text, brace.start(), known)
                if isinstance(found, Problem):
                    return found
                parts.append(found)
                at = text.index("}", brace.start()) + 1
    parts.append(text[at:])
    return Template(_joined(parts))


def fill(template: Template, values: Mapping[str, str]) -> str | Problem:
    """Problem: a placeholder has no value. Blanks are no value."""
    filled: list[str] = []
    for part in template.parts:
        if isinstance(part, str):
            filled.append(part)
            continue
        value = values.get(part.name)
        if value is None or not value.strip():
            return Problem("value_missing", f"This row has no value for {{{part.name}}}. Add it, or skip the row.")
        filled.append(value)
    return "".join(filled)


def _placeholder(text: str, opened: int, known: Collection[str]) -> Placeholder | Problem:
    closed = text.find("}", opened)
    inner = text[opened + 1 : closed] if closed >= 0 else ""
    if closed < 0 or "{" in inner:
        return Problem("brace_not_closed", "This { is never closed. Add }, or write {{ to show one.", opened)
    name = inner.strip()
    if not _NAME.match(name):
        return Problem("placeholder_malformed", f"{{{inner}}} is not a placeholder. {_choice(known)}", opened)
    if name not in known:
        return Problem("placeholder_unknown", f"There is no placeholder {{{name}}}. {_choice(known)}", opened)
    return Placeholder(name)


def _choice(known: Collection[str]) -> str:
    if not known:
        return "This message has no placeholders."
    return f"Use one of {', '.join(f'{{{name}}}' for name in sorted(known))}."


def _joined(parts: list[str | Placeholder]) -> tuple[str | Placeholder, ...]:
    """Neighbouring texts made one, empty ones left out."""
    result: list[str | Placeholder] = []
    for part in parts:
        if isinstance(part, str) and result and isinstance(result[-1], str):
            result[-1] += part
        elif part != "":
            result.append(part)
    return tuple(result)
