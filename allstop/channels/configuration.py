"""Reads an adapter's settings, as they come from JSON, into its config class. Nothing is ignored or guessed.

An unknown key, a missing one and a value of the wrong kind are all refused, together, in words for the
person who typed them. What one value may be is said by its field's type, what values fit together by
`faults`.
"""

import re
from collections.abc import Mapping
from dataclasses import MISSING, Field, fields
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeVar, get_type_hints


class ConfigError(ValueError):
    """The adapter's settings are wrong."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(faults))


class Config(Protocol):
    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]

    def faults(self) -> list[str]:
        """What is wrong with the values, in sentences; [] is nothing."""
        ...


C = TypeVar("C", bound=Config)
NO_HOST = "The host is no name or address of a server. Write it like mail.example.com."


def read_config(kind: type[C], settings: Mapping[str, object]) -> C:
    known = fields(kind)
    types = get_type_hints(kind)
    faults = [f'There is no setting "{key}".' for key in settings if key not in {field.name for field in known}]
    values: dict[str, object] = {}
    for field in known:
        if field.name in settings:
            try:
                values[field.name] = _read(settings[field.name], types[field.name])
            except ValueError as wrong:
                faults.append(f'The setting "{field.name}" {wrong}.')
        elif field.default is MISSING:
            faults.append(f'The setting "{field.name}" is missing.')
    if faults:
        raise ConfigError(faults)
    config = kind(**values)
    if faults := config.faults():
        raise ConfigError(faults)
    return config


_NO_TEXT = re.compile("[\0\ud800-\udfff]")  # no file system and no database takes it


def _read(value: object, wanted: Any) -> object:
    if issubclass(wanted, StrEnum):
        if value not in list(wanted):
            raise ValueError(f"must be one of: {', '.join(wanted)}")
        return wanted(value)
    if wanted is bool and not isinstance(value, bool):
        raise ValueError("must be true or false")
    if wanted is str and not isinstance(value, str):
        raise ValueError("must be text")
    if isinstance(value, str) and _NO_TEXT.search(value):
        raise ValueError("has a character that is no text: NUL, or half of a pair")
    if wanted is int and (not isinstance(value, int) or isinstance(value, bool)):
        raise ValueError("must be a whole number")
    if wanted is float:
        if not isinstance(value, int | float) or isinstance(value, bool):
            raise ValueError("must be a number")
        return float(value)
    return value


def is_host(said: str) -> bool:
    """Whether it can be looked up at all. A name with an empty or endless part, as in mail..example.com, is answered by
    an error that is no OSError, where nobody who connects expects one."""
    try:
        said.encode("idna")
    except UnicodeError:
        return False
    return bool(said) and said.isprintable() and " " not in said
