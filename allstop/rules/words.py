"""The words that every rule shares: channel, purpose, standing, problem.

One word for one thing, in code as in tables, URLs and screens.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Channel(StrEnum):
    TEXT = "text"
    CALL = "call"
    EMAIL = "email"


class Purpose(StrEnum):
    PERSONAL = "personal"
    REMINDER = "reminder"
    BILLING = "billing"
    PROMOTION = "promotion"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Standing:
    """Something that somebody set and that stands until it is lifted: what the "why" screens name."""

    name: str
    by: str  # as a person reads it: "Ada Okafor", "the contact", "system"
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """Input that cannot be used, in words that say what to do about it."""

    code: str
    text: str
    position: int | None = None  # index of the character in the text that was handed in
