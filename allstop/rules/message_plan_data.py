"""The steps of a message plan as JSON, read back strictly."""

from collections.abc import Mapping, Sequence
from datetime import time
from typing import Any

from allstop.rules.message_plan import Condition, Step, Words
from allstop.rules.words import Channel, Problem

_STEP = ("channel", "days", "clock", "condition", "for_family", "words")
_WORDS = ("language", "location", "subject", "body", "new_subject", "new_body", "family_subject", "family_body")


def as_data(steps: Sequence[Step]) -> list[dict[str, Any]]:
    return [
        {
            "channel": step.channel.value,
            "days": step.days,
            "clock": step.clock.strftime("%H:%M"),
            "condition": step.condition.value,
            "for_family": step.for_family,
            "words": [{field: getattr(words, field) for field in _WORDS} for words in step.words],
        }
        for step in steps
    ]


def read_steps(said: Any) -> tuple[Step, ...] | Problem:
    """What they may be is another question: message_plan.faults_of."""
    if not isinstance(said, Sequence) or isinstance(said, str):
        return Problem("shape", "The steps are a list.")
    steps = []
    for number, one in enumerate(said, start=1):
        try:
            steps.append(_step(one))
        except (KeyError, ValueError, TypeError) as wrong:
            return Problem("shape", f"Step {number} cannot be read: {wrong}.")
    return tuple(steps)


def _step(said: Mapping[str, Any]) -> Step:
    if unknown := set(said) - set(_STEP):
        raise ValueError(f"it has no part {', '.join(sorted(unknown))}")
    return Step(
        channel=Channel(said["channel"]),
        days=_whole(said["days"]),
        clock=time.fromisoformat(said["clock"]),
        condition=Condition(said.get("condition", Condition.ALWAYS.value)),
        for_family=_yes_or_no(said.get("for_family", False)),
        words=tuple(_words(one) for one in said["words"]),
    )


def _words(said: Mapping[str, Any]) -> Words:
    if unknown := set(said) - set(_WORDS):
        raise ValueError(f"wording has no part {', '.join(sorted(unknown))}")
    location = said.get("location")
    parts = {field: said[field] for field in _WORDS if field in said and field != "location"}
    if not all(isinstance(text, str) for text in parts.values()):
        raise ValueError("wording is text")
    return Words(location=None if location is None else _whole(location), **parts)


def _whole(said: Any) -> int:
    if isinstance(said, bool) or not isinstance(said, int):
        raise ValueError(f"{said!r} is no whole number")
    return said


def _yes_or_no(said: Any) -> bool:
    if not isinstance(said, bool):
        raise ValueError(f"{said!r} is neither true nor false")
    return said
