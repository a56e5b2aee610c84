"""What Allstop says to a new lead by itself, and what it does with the answers: one small machine, told what happened.

    begin ──► first step: its message ──reply──► the branch that fits ──► another step, or an end
                  │  no reply                     none fits: otherwise; unclear: a person
                  └──after 1 day──► follow-up ──after 3 days──► an end

| an end | what becomes of the lead |
|---|---|
| qualify, unqualify REASON | the lead has that status |
| hand over | the lead stays new, a person answers |
| end | the lead stays new, nobody answers until a person does |

The rule that it guards: a reply ends every follow-up that was to come, what is not understood goes to a person, and no
lead gets more than MOST_MESSAGES, so two machines cannot answer each other for ever. playbook_text.py reads the text.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from allstop.rules.playbook_answers import Unclear, chosen
from allstop.rules.words import Channel, Purpose

MOST_MESSAGES = 20  # to one lead, by itself


@dataclass(frozen=True, slots=True)
class Saying:
    """A message as it is written in the playbook, with its placeholders."""

    channel: Channel
    body: str
    subject: str = ""  # emails only


class Deed(StrEnum):
    GO = "go"
    QUALIFY = "qualify"
    UNQUALIFY = "unqualify"
    HAND_OVER = "hand over"
    END = "end"


@dataclass(frozen=True, slots=True)
class Action:
    deed: Deed
    of: str = ""  # GO: the step; UNQUALIFY: the reason


HAND_OVER = Action(Deed.HAND_OVER)


@dataclass(frozen=True, slots=True)
class Branch:
    phrases: tuple[str, ...]
    action: Action


@dataclass(frozen=True, slots=True)
class After:
    """What happens when nobody has answered for so long since the step's own message."""

    delay: timedelta
    does: Saying | Action


@dataclass(frozen=True, slots=True)
class Step:
    name: str
    says: Saying
    branches: tuple[Branch, ...] = ()
    otherwise: Action = HAND_OVER
    afters: tuple[After, ...] = ()  # rising delays
    then: Action | None = None  # at once, without waiting for an answer


@dataclass(frozen=True, slots=True)
class Playbook:
    steps: tuple[Step, ...]  # it begins with the first
    unasked: Purpose = Purpose.PROMOTION  # of what they have not just asked for: the first message and the follow-ups

    def step(self, name: str) -> Step | None:
        return next((one for one in self.steps if one.name == name), None)


@dataclass(frozen=True, slots=True)
class State:
    """Where a lead has come to."""

    step: str
    since: datetime  # of the step's own message: delays count from here
    afters: int = 0  # of the step, how many have happened
    messages: int = 0  # to this lead so far


class Begun:
    """The lead is new."""


class TimePassed:
    """Nobody has answered, and the time may have come for what comes next."""


@dataclass(frozen=True, slots=True)
class Replied:
    text: str


Event = Begun | TimePassed | Replied


@dataclass(frozen=True, slots=True)
class Say:
    saying: Saying
    purpose: Purpose


@dataclass(frozen=True, slots=True)
class Move:
    """What is to be said now, in order; where the lead stands then; or how it ends, with why a person must look."""

    says: tuple[Say, ...] = ()
    state: State | None = None  # None: the playbook is over for this lead
    due_at: datetime | None = None  # when time may bring the next step; None: not by itself
    end: Action | None = None
    why: str = ""  # of a hand-over: a code of WHY


WHY: dict[str, str] = {
    "as_written": "The playbook hands over here.",
    "unclear": "The answer can be read in more than one way.",
    "nothing_fits": "The playbook has no branch for this answer.",
    "step_gone": "The playbook was changed, and the step that this lead was at is not in it any more.",
    "too_many": f"Allstop has sent {MOST_MESSAGES} messages to this lead by itself: a person goes on.",
}


def next_step(playbook: Playbook, state: State | None, event: Event, now: datetime) -> Move:
    """`state` is None for a lead that has not begun."""
    if state is None or isinstance(event, Begun):
        return _go(playbook, playbook.steps[0].name, 0, playbook.unasked, now)
    step = playbook.step(state.step)
    if step is None:
        return _over(HAND_OVER, "step_gone")
    if isinstance(event, Replied):
        return _answered(playbook, state, step, event.text, now)
    return _time_passed(playbook, state, step, now)


def _answered(playbook: Playbook, state: State, step: Step, text: str, now: datetime) -> Move:
    found = chosen(text, [branch.phrases for branch in step.branches])
    if isinstance(found, Unclear):
        return _over(HAND_OVER, "unclear")
    action = step.otherwise if found is None else step.branches[found].action
    why = "nothing_fits" if found is None else "as_written"
    return _do(playbook, action, state.messages, Purpose.SERVICE, now, why)


def _time_passed(playbook: Playbook, state: State, step: Step, now: datetime) -> Move:
    """One follow-up at a time: after a long pause they do not all come at once."""
    if state.afters >= len(step.afters):
        return Move(state=state)
    after = step.afters[state.afters]
    if now < state.since + after.delay:
        return Move(state=state, due_at=state.since + after.delay)
    if isinstance(after.does, Action):
        return _do(playbook, after.does, state.messages, playbook.unasked, now, "as_written")
    if state.messages >= MOST_MESSAGES:
        return _over(HAND_OVER, "too_many")
    # what came late moves the rest along, so that two follow-ups keep the distance that was written
    late = now - (state.since + after.delay)
    moved = replace(state, since=state.since + late, afters=state.afters + 1, messages=state.messages + 1)
    return Move((Say(after.does, playbook.unasked),), moved, _due(step, moved))


def _do(playbook: Playbook, action: Action, messages: int, purpose: Purpose, now: datetime, why: str) -> Move:
    if action.deed is Deed.GO:
        return _go(playbook, action.of, messages, purpose, now)
    return _over(action, why if action.deed is Deed.HAND_OVER else "")


def _go(playbook: Playbook, name: str, messages: int, purpose: Purpose, now: datetime) -> Move:
    """To a step, and through those that wait for no answer. playbook_text.py lets no such chain run in a circle."""
    says: list[Say] = []
    while True:
        step = playbook.step(name)
        assert step is not None, f"The step {name} was checked when the playbook was read."
        if messages >= MOST_MESSAGES:
            return Move(tuple(says), end=HAND_OVER, why="too_many")
        says.append(Say(step.says, purpose))
        messages += 1
        if step.then is None:
            state = State(name, now, 0, messages)
            return Move(tuple(says), state, _due(step, state))
        if step.then.deed is not Deed.GO:
            return replace(_over(step.then, "as_written"), says=tuple(says))
        name = step.then.of


def _over(action: Action, why: str = "") -> Move:
    return Move(end=action, why=why if action.deed is Deed.HAND_OVER else "")


def _due(step: Step, state: State) -> datetime | None:
    if state.afters >= len(step.afters):
        return None
    return state.since + step.afters[state.afters].delay
