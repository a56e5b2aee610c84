"""Reads a playbook as people write it, line by line, and says what is wrong with which line and what to write instead.

    unasked: promotion                       what leaves without being asked for: promotion or service

    step hello                               it begins with the first step
        text: Hi {first_name|there}, ...     the message; or call: or email:, with subject: on the next line
        if yes, sure: go when                words to look for in the answer, and what to do
        otherwise: hand over                 none of them was said; left out: hand over
        after 1 day text: Are you there?     nobody answered: a follow-up, by text, call or email
        after 4 days: unqualify unresponsive
        then: qualify                        instead of all that: do not wait for an answer

A line that begins with | goes on with the message above. Actions: go STEP, qualify, unqualify REASON, hand over, end.
"""

import re
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import timedelta

from allstop.rules.playbook import Action, After, Branch, Deed, Playbook, Saying, Step
from allstop.rules.playbook_answers import words_of
from allstop.rules.playbook_wording import message_fault
from allstop.rules.words import Channel, Purpose

LONGEST = 40_000  # characters of a playbook
MOST_STEPS = 50
LONGEST_WAIT = timedelta(days=180)
SHORTEST_WAIT = timedelta(minutes=5)
_STEP = re.compile(r"step\s+([a-z][a-z0-9_-]{0,39})\Z", re.I)
_AFTER = re.compile(r"after\s+(\d{1,4})\s+(minutes?|hours?|days?|weeks?)(?:\s+(text|call|email))?\Z", re.I)
_UNITS = {"minute": 1, "hour": 60, "day": 1440, "week": 10080}
_KEYS = "text, call, email, subject, if, otherwise, after or then"


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and what to do about it. `line` counts from 1; 0: the whole."""

    line: int
    text: str

    def __str__(self) -> str:
        return f"Line {self.line}: {self.text}" if self.line else self.text


class _Wrong(Exception):
    """A line that cannot be used: caught where its line is known."""


@dataclass(slots=True)
class _Draft:
    name: str
    line: int
    says: Saying | None = None
    branches: list[Branch] = field(default_factory=list)
    otherwise: Action | None = None
    afters: list[After] = field(default_factory=list)
    then: Action | None = None
    goes: list[tuple[int, str]] = field(default_factory=list)  # to which steps, and in which lines it says so


@dataclass(slots=True)
class _Reader:
    reasons: Collection[str]
    unasked: Purpose = Purpose.PROMOTION
    steps: list[_Draft] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    newest: str = ""  # which message was written last in the step: says or after
    goes_on: bool = False  # the line above belongs to it, so | may go on
    messages: dict[int, tuple[_Draft, int]] = field(default_factory=dict)  # line: its step, and which (-1: its own)

    @property
    def step(self) -> _Draft:
        if not self.steps:
            raise _Wrong("Begin with a step: write a line like “step hello” before it.")
        return self.steps[-1]


def read_playbook(text: str, reasons: Collection[str]) -> Playbook | tuple[Fault, ...]:
    """`reasons`: codes that `unqualify` takes. All faults at once, in the order of the lines."""
    if len(text) > LONGEST:
        return (Fault(0, f"A playbook has at most {LONGEST:,} characters. Leave out what is not needed."),)
    reader = _Reader(reasons)
    for number, line in enumerate(text.splitlines(), start=1):
        said = line.strip()
        if not said or said.startswith("#"):
            continue
        try:
            _read_line(reader, number, said)
        except _Wrong as wrong:
            reader.faults.append(Fault(number, str(wrong)))
    faults = [*reader.faults, *_whole_faults(reader)]
    if faults:
        return tuple(sorted(faults, key=lambda one: one.line))
    return Playbook(tuple(_made(draft) for draft in reader.steps), reader.unasked)


def _read_line(reader: _Reader, number: int, said: str) -> None:
    if said.startswith("|"):
        _go_on(reader, said[1:].removeprefix(" "))
        return
    reader.goes_on = False
    if said.split(None, 1)[0].lower() == "step":
        _begin_step(reader, number, said.rstrip(":").rstrip())
        return
    key, colon, value = said.partition(":")
    if not colon:
        raise _Wrong(f"There is no colon. Write one of {_KEYS}, a colon, and the rest; or “step NAME”.")
    _read_key(reader, number, " ".join(key.split()), value.strip())


def _read_key(reader: _Reader, number: int, key: str, value: str) -> None:
    match key.lower().split():
        case ["unasked"]:
            reader.unasked = _purpose(value)
        case ["text" | "call" | "email" as channel]:
            _says(reader, number, Saying(Channel(channel), value))
        case ["subject"]:
            _subject(reader, value)
        case ["if", *_]:
            _branch(reader, number, key[2:], value)
        case ["otherwise"]:
            _otherwise(reader, number, value)
        case ["after", *_]:
            _after(reader, number, key, value)
        case ["then"]:
            _once(reader.step.then, "then")
            reader.step.then = _action(reader, number, value)
        case _:
            raise _Wrong(f"“{key}” is not known here. Write one of {_KEYS}.")


def _begin_step(reader: _Reader, number: int, said: str) -> None:
    found = _STEP.match(said)
    if found is None:
        raise _Wrong("Write “step” and a name of letters, digits, - and _, such as “step hello”.")
    name = found.group(1).lower()
    if any(one.name == name for one in reader.steps):
        raise _Wrong(f"There is a step {name} already. Give this one another name.")
    reader.steps.append(_Draft(name, number))
    reader.newest = ""


def _purpose(value: str) -> Purpose:
    if value.lower() not in (Purpose.PROMOTION, Purpose.SERVICE):
        raise _Wrong("Write “unasked: promotion”, or “unasked: service” where all your leads have asked for an answer.")
    return Purpose(value.lower())


def _says(reader: _Reader, number: int, saying: Saying) -> None:
    if reader.step.says is not None:
        raise _Wrong("This step has its message already. Begin a new step for another, or write “after 1 day text:”.")
    reader.step.says = saying
    reader.newest, reader.goes_on = "says", True
    reader.messages[number] = (reader.step, -1)


def _after(reader: _Reader, number: int, key: str, value: str) -> None:
    found = _AFTER.match(key)
    if found is None:
        raise _Wrong("Write how long to wait, such as “after 2 days text: Are you there?” or “after 5 days: end”.")
    unit = found.group(2).lower().removesuffix("s")
    delay = timedelta(minutes=int(found.group(1)) * _UNITS[unit])
    if not SHORTEST_WAIT <= delay <= LONGEST_WAIT:
        raise _Wrong("Wait at least 5 minutes and at most 180 days.")
    afters = reader.step.afters
    if afters and delay <= afters[-1].delay:
        raise _Wrong("It comes before the “after” above it: all count from the step's own message. Put them in order.")
    if afters and isinstance(afters[-1].does, Action):
        raise _Wrong("Nothing can follow here: the “after” above ends the step or goes to another one.")
    if found.group(3):
        afters.append(After(delay, Saying(Channel(found.group(3).lower()), value)))
        reader.newest, reader.goes_on = "after", True
        reader.messages[number] = (reader.step, len(afters) - 1)
    else:
        afters.append(After(delay, _action(reader, number, value)))


def _branch(reader: _Reader, number: int, words: str, value: str) -> None:
    phrases = tuple(one.strip() for one in words.split(",") if words_of(one))
    if not phrases:
        raise _Wrong("Write the words to look for after “if”, with commas, such as “if yes, sure: go when”.")
    taken = {words_of(one) for branch in reader.step.branches for one in branch.phrases}
    twice = next((one for one in phrases if words_of(one) in taken), None)
    if twice is not None:
        raise _Wrong(f"“{twice}” leads to two places. Leave it in one of the branches of this step.")
    reader.step.branches.append(Branch(phrases, _action(reader, number, value)))


def _otherwise(reader: _Reader, number: int, value: str) -> None:
    _once(reader.step.otherwise, "otherwise")
    reader.step.otherwise = _action(reader, number, value)


def _once(standing: object, word: str) -> None:
    if standing is not None:
        raise _Wrong(f"This step says “{word}” twice. Leave one of them.")


def _action(reader: _Reader, number: int, value: str) -> Action:
    match value.lower().replace("-", " ").split():
        case ["qualify"]:
            return Action(Deed.QUALIFY)
        case ["hand", "over"]:
            return Action(Deed.HAND_OVER)
        case ["end"]:
            return Action(Deed.END)
        case ["unqualify"]:
            raise _Wrong(f"Say why, such as “unqualify unresponsive”. {_reasons(reader)}")
        case ["unqualify", *_]:
            reason = "_".join(value.lower().replace("-", " ").split()[1:])
            if reason not in reader.reasons:
                raise _Wrong(f"“{reason}” is no reason. {_reasons(reader)}")
            return Action(Deed.UNQUALIFY, reason)
        case ["go", *_] if len(value.split()) == 2:
            name = value.lower().split()[1]
            reader.step.goes.append((number, name))
            return Action(Deed.GO, name)
    raise _Wrong("After the colon write what to do: go STEP, qualify, unqualify REASON, hand over, or end.")


def _reasons(reader: _Reader) -> str:
    return f"Use one of {', '.join(sorted(reader.reasons))}."


def _subject(reader: _Reader, value: str) -> None:
    def with_subject(saying: Saying) -> Saying:
        if saying.channel is not Channel.EMAIL:
            raise _Wrong("Only emails have a subject. Remove the line, or write “email:” above.")
        if saying.subject:
            raise _Wrong("This email has a subject already.")
        return replace(saying, subject=value)

    _change_newest(reader, with_subject)
    reader.goes_on = True


def _go_on(reader: _Reader, more: str) -> None:
    if not reader.goes_on:
        raise _Wrong("A line with | goes on with a message: put it right below “text:”, “call:” or “email:”.")
    _change_newest(reader, lambda saying: replace(saying, body=f"{saying.body}\n{more}"))


def _change_newest(reader: _Reader, change: Callable[[Saying], Saying]) -> None:
    step = reader.step
    if reader.newest == "says" and step.says is not None:
        step.says = change(step.says)
        return
    does = step.afters[-1].does if reader.newest == "after" else None
    if not isinstance(does, Saying):
        raise _Wrong("There is no message above that this belongs to.")
    step.afters[-1] = replace(step.afters[-1], does=change(does))


def _whole_faults(reader: _Reader) -> Iterator[Fault]:
    if not reader.steps and not reader.faults:
        yield Fault(0, "The playbook says nothing yet. Begin with “step hello” and a message below it.")
    if len(reader.steps) > MOST_STEPS:
        yield Fault(reader.steps[MOST_STEPS].line, f"A playbook has at most {MOST_STEPS} steps.")
    by_name = {one.name: one for one in reader.steps}
    for step in reader.steps:
        yield from _step_faults(step, by_name)
    for line, (step, which) in reader.messages.items():
        saying = step.says if which < 0 else step.afters[which].does
        assert isinstance(saying, Saying)
        if fault := message_fault(saying.channel, saying.body, saying.subject):
            yield Fault(line, fault)


def _step_faults(step: _Draft, by_name: Mapping[str, _Draft]) -> Iterator[Fault]:
    if step.says is None:
        yield Fault(step.line, f"The step {step.name} says nothing. Write its message below: “text: ...”.")
    if step.then is not None and (step.branches or step.otherwise or step.afters):
        words = "has “then”, so it waits for no answer: leave out its if, otherwise and after."
        yield Fault(step.line, f"The step {step.name} {words}")
    for line, name in step.goes:
        if name not in by_name:
            yield Fault(line, f"There is no step {name}. Write it, or go to one of {', '.join(by_name)}.")
    if _circles(step, by_name):
        words = "“then: go” comes back to it, for ever. Let one of these steps end."
        yield Fault(step.line, f"From the step {step.name} {words}")


def _circles(step: _Draft, by_name: Mapping[str, _Draft]) -> bool:
    seen: set[str] = set()
    at: _Draft | None = step
    while at is not None and at.then is not None and at.then.deed is Deed.GO and at.name not in seen:
        seen.add(at.name)
        at = by_name.get(at.then.of)
    return at is step and bool(seen)


def _made(draft: _Draft) -> Step:
    assert draft.says is not None
    return Step(
        draft.name,
        draft.says,
        tuple(draft.branches),
        draft.otherwise or Action(Deed.HAND_OVER),
        tuple(draft.afters),
        draft.then,
    )
