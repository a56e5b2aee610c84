"""The setup of sending as a file for people: TOML, in the order and with the names of rules/sending_data.py.

No password is ever in it.
"""

import json
import tomllib
from typing import Any

from allstop.rules.sending import Settings
from allstop.rules.sending_data import Data, Misread, as_data, from_data

LARGEST = 100_000  # bytes
_HEAD = """\
# Email, text and call setup of {name}. Read it back with: allstop config import FILE
# Days and times are on the account's clock. Passwords are not in this file: those that are there stay.
"""
_NOTES = {
    "checks": "every_minutes = 0: the queue is looked at all the time. at: only at these times of the day",
    "email": "immediate = true: emails leave by themselves, in their sessions if there are any",
    "text": "immediate = true: texts leave at once, whatever the sessions and minutes say",
    "call": "rings: how often a phone rings that nobody answers",
}


def write(settings: Settings, name: str) -> str:
    lines = [_HEAD.format(name=" ".join(name.split()))]
    for section, values in as_data(settings).items():
        if values is not None:
            lines += _section(section, values)
    return "\n".join(lines)


def _section(section: str, values: Data) -> list[str]:
    tables = {name: one for name, one in values.items() if isinstance(one, dict)}
    lines = [f"# {_NOTES[section]}"] if section in _NOTES else []
    lines += [f"[{section}]", *(f"{name} = {_value(one)}" for name, one in values.items() if name not in tables), ""]
    for name, table in tables.items():
        lines += [f"[{section}.{name}]", *(f"{_key(key)} = {_value(one)}" for key, one in table.items()), ""]
    return lines


def _key(name: str) -> str:
    return name if name.replace("_", "").isalnum() and name.isascii() else _text(name)


def _value(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case list():
            inner = "".join(f"\n    {_value(one)}," for one in value)
            return f"[{inner}\n]" if value else "[]"
        case _:
            return _text(str(value))


def _text(words: str) -> str:
    """JSON's text is TOML's, but for one character that TOML wants escaped."""
    return json.dumps(words, ensure_ascii=False).replace("\x7f", "\\u007F")


def read(content: bytes) -> Settings:
    """Raises Misread."""
    if len(content) > LARGEST:
        raise Misread({"": f"The file is larger than {LARGEST:,} bytes: it is no setup."})
    try:
        data = tomllib.loads(content.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        raise Misread({"": f"The file cannot be read: {wrong}."}) from wrong
    return from_data(data)
