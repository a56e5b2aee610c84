"""An example conversation with a playbook, played without a store: what the editor's dry run shows."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from allstop.rules.playbook import (
    WHY,
    Action,
    Begun,
    Deed,
    Event,
    Move,
    Playbook,
    Replied,
    TimePassed,
    next_step,
)
from allstop.rules.playbook_wording import worded

ANSWERED_AFTER = timedelta(minutes=10)  # how long the example lead takes to write
US, THEM, END = "us", "them", "end"


@dataclass(frozen=True, slots=True)
class Line:
    who: str  # US, THEM or END
    channel: str
    words: str
    after: str  # since the beginning, in words


def rehearse(playbook: Playbook, answers: Sequence[str], values: Mapping[str, str], now: datetime) -> list[Line]:
    """`answers`: what they write, in turn; "" = nothing. When there are no more, they stay silent to the end."""
    lines: list[Line] = []
    at, left = now, list(answers)
    move = next_step(playbook, None, Begun(), at)
    while True:
        lines += _said(move, values, at - now)
        if move.end is not None:
            return [*lines, Line(END, "", _ending(move.end, move.why), _age(at - now))]
        text = left.pop(0) if left else ""
        event: Event
        if text.strip():
            at += ANSWERED_AFTER
            lines.append(Line(THEM, "", text, _age(at - now)))
            event = Replied(text)
        elif move.due_at is None:
            words = "Nothing more happens by itself until they write."
            return [*lines, Line(END, "", words, _age(at - now))]
        else:
            at, event = move.due_at, TimePassed()
        move = next_step(playbook, move.state, event, at)


def _said(move: Move, values: Mapping[str, str], age: timedelta) -> list[Line]:
    return [
        Line(US, say.saying.channel.value, _message(say.saying.subject, say.saying.body, values), _age(age))
        for say in move.says
    ]


def _message(subject: str, body: str, values: Mapping[str, str]) -> str:
    said = worded(body, values)
    return f"{worded(subject, values)}\n{said}" if subject else said


def _ending(action: Action, why: str) -> str:
    match action.deed:
        case Deed.QUALIFY:
            return "The lead is qualified."
        case Deed.UNQUALIFY:
            return f"The lead is unqualified: {action.of.replace('_', ' ')}."
        case Deed.HAND_OVER:
            return f"A person answers from here. {WHY[why]}"
        case Deed.END | Deed.GO:
            return "The playbook ends here; the lead stays new."


def _age(age: timedelta) -> str:
    if not age:
        return "at once"
    minutes = round(age.total_seconds() / 60)
    days, rest = divmod(minutes, 1440)
    hours, minutes = divmod(rest, 60)
    parts = [(days, "day"), (hours, "hour"), (minutes, "minute")]
    return " ".join(f"{count} {word}{'' if count == 1 else 's'}" for count, word in parts if count)
