"""The editor of a message plan: from its steps to fields, and back.

The fields of a step are named step1_days, those of its wordings step1_words1_body. What is wrong with them is said by
the action, under the names that it uses for the step.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time
from typing import Any

from django.http import QueryDict

from allstop.actions.actor import Invalid
from allstop.actions.message_plans import usual_follow_up, usual_step
from allstop.actions.templates import family_wording
from allstop.rules.facts import Channel
from allstop.rules.message_plan import MOST_DAYS, MOST_STEPS, MOST_WORDINGS, Condition, CountsFrom, Step, Words
from allstop.rules.visit_thanks import MOST_LANGUAGES, USUAL, Thanks

CHANNELS = (("email", "Email"), ("text", "Text"), ("call", "Call"))
CONDITIONS = (
    ("always", "Always"),
    ("unconfirmed", "Only if they have not confirmed"),
    ("failed", "Only if the step before could not reach them"),
)
LATER_CONDITIONS = (
    ("unconfirmed", "While they have not answered"),
    ("failed", "Only if the step before could not reach them"),
)
FORWARD_WORDS = {
    "always": "always",
    "unconfirmed": "while they have not answered",
    "failed": "if the step before fails",
}
CONDITION_WORDS = {"always": "always", "unconfirmed": "if not confirmed", "failed": "if the step before fails"}
PARTS = ("language", "location", "subject", "body", "new_subject", "new_body", "family_subject", "family_body")


def read_form(posted: QueryDict, counts_from: CountsFrom) -> tuple[Step, ...]:
    """Raises Invalid where something is no number or no time."""
    steps = []
    number = 0
    while f"step{(number := number + 1)}_channel" in posted and number <= MOST_STEPS:
        steps.append(_step(posted, f"step{number}"))
    return tuple(steps) if counts_from is CountsFrom.APPOINTMENT else in_order(steps)


def in_order(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Of a plan for lists: the first goes always, and each later one only on a condition, also once others were
    removed."""
    later = (
        replace(one, condition=Condition.UNCONFIRMED) if one.condition is Condition.ALWAYS else one for one in steps[1:]
    )
    return (*(replace(one, condition=Condition.ALWAYS) for one in steps[:1]), *later)


def _step(posted: QueryDict, name: str) -> Step:
    days, clock = posted.get(f"{name}_days", ""), posted.get(f"{name}_clock", "")
    if not days.isdecimal() or len(days) > 4:
        raise Invalid(**{f"{name}_days": f"Choose a number of days from 0 to {MOST_DAYS}."})
    try:
        at = time.fromisoformat(clock).replace(second=0, microsecond=0)
        channel = Channel(posted.get(f"{name}_channel", ""))
        condition = Condition(posted.get(f"{name}_condition", "always"))
    except ValueError as wrong:
        raise Invalid(**{f"{name}_clock": "Choose a time of day, such as 10:00."}) from wrong
    words = []
    number = 0
    while f"{name}_words{(number := number + 1)}_body" in posted and number <= MOST_WORDINGS:
        words.append(_words(posted, f"{name}_words{number}", has_subject=channel is Channel.EMAIL))
    for_family = bool(posted.get(f"{name}_for_family"))
    return Step(
        channel=channel, days=int(days), clock=at, condition=condition, for_family=for_family, words=tuple(words)
    )


def _words(posted: QueryDict, name: str, *, has_subject: bool) -> Words:
    said = {part: posted.get(f"{name}_{part}", "") for part in PARTS}
    return Words(
        language=said["language"].strip()[:12],
        location=int(said["location"]) if said["location"].isdecimal() and len(said["location"]) < 19 else None,
        subject=said["subject"] if has_subject else "",
        body=said["body"],
        new_subject=said["new_subject"] if has_subject else "",
        new_body=said["new_body"],
        family_subject=said["family_subject"] if has_subject else "",
        family_body=said["family_body"],
    )


def read_thanks(posted: QueryDict) -> tuple[Thanks, ...]:
    """(): a yes and a no are not acknowledged."""
    found: list[Thanks] = []
    while posted.get("thanks") and f"thanks{len(found) + 1}_confirmed" in posted and len(found) < MOST_LANGUAGES:
        name = f"thanks{len(found) + 1}"
        said = {part: posted.get(f"{name}_{part}", "") for part in ("confirmed", "cancelled")}
        found.append(Thanks(**said, language=posted.get(f"{name}_language", "").strip()[:12]))
    return tuple(found)


def rearranged_thanks(thanks: Sequence[Thanks], wish: str) -> tuple[Thanks, ...]:
    """What a button asks for: thank (another language), unthank-2."""
    found = list(thanks)
    kind, _, number = wish.partition("-")
    if kind == "thank" and found and len(found) < MOST_LANGUAGES:
        found.append(Thanks(found[0].confirmed, found[0].cancelled))
    elif kind == "unthank" and number.isdecimal() and 1 < int(number) <= len(found):
        del found[int(number) - 1]
    return tuple(found)


def shown_thanks(thanks: Sequence[Thanks], problems: Mapping[str, str]) -> list[dict[str, Any]]:
    """A proposal, where answers are not acknowledged yet."""
    return [
        {
            "number": number,
            "name": f"thanks{number}",
            "said": one,
            "problems": [text for field, text in problems.items() if field.startswith(f"thanks{number}_")],
        }
        for number, one in enumerate(thanks or (USUAL,), start=1)
    ]


def rearranged(steps: Sequence[Step], wish: str, counts_from: CountsFrom) -> tuple[Step, ...]:
    """What a button of the editor asks for: add, remove-2, wording-2, unword-2-3 (the third wording of step 2)."""
    found = list(steps)
    kind, *numbers = wish.split("-")
    at = [int(one) - 1 for one in numbers if one.isdecimal() and len(one) < 4]
    if kind == "add" and len(found) < MOST_STEPS:
        found.append(_next_step(found[-1] if found else None, counts_from))
    elif kind == "remove" and len(at) == 1 and at[0] < len(found):
        del found[at[0]]
    elif kind in ("wording", "unword") and at and at[0] < len(found):
        step = found[at[0]]
        words = list(step.words)
        if kind == "wording" and len(words) < MOST_WORDINGS:
            words += [Words(body=first.body, subject=first.subject) for first in step.words[:1]]
        elif kind == "unword" and len(at) == 2 and 0 < at[1] < len(words):
            del words[at[1]]
        found[at[0]] = replace(step, words=tuple(words))
    return tuple(found) if counts_from is CountsFrom.APPOINTMENT else in_order(found)


def _next_step(last: Step | None, counts_from: CountsFrom) -> Step:
    if counts_from is CountsFrom.APPOINTMENT:
        return usual_step(Channel.TEXT, max(0, last.days - 1) if last else 2)
    text = next(one for one in usual_follow_up() if one.channel is Channel.TEXT)
    return replace(text, days=min(last.days + 7, MOST_DAYS) if last else 0)


def shown(steps: Sequence[Step], problems: Mapping[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "number": number,
            "name": f"step{number}",
            "channel": step.channel.value,
            "days": step.days,
            "clock": step.clock.strftime("%H:%M"),
            "condition": step.condition.value,
            "for_family": step.for_family,
            "has_subject": step.channel is Channel.EMAIL,
            "words": [
                {
                    "number": at,
                    "name": f"step{number}_words{at}",
                    "is_default": at == 1,
                    "said": words,
                    "family": _for_family(step.channel, words),
                }
                for at, words in enumerate(step.words, start=1)
            ],
            "problems": [text for field, text in problems.items() if field.startswith(f"step{number}_")],
        }
        for number, step in enumerate(steps, start=1)
    ]


def _for_family(channel: Channel, words: Words) -> tuple[str, str]:
    """Subject and body; a proposal until somebody has written them."""
    subject, body = family_wording(channel)
    return words.family_subject or subject, words.family_body or body
