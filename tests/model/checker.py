"""Explores every state that a model can reach, breadth first; so the trace of what goes wrong is a shortest one.

A model gives the steps that are possible in a state, and says of a state what is wrong with it. Whoever is slow, frozen
or unlucky is covered without a word: its step simply comes late, or never, in some of the orders that are explored.
"""

import gc
from collections.abc import Callable, Hashable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Generic, TypeVar

State = TypeVar("State", bound=Hashable)


@dataclass(frozen=True, slots=True)
class Explored(Generic[State]):
    states: int
    wrong: str = ""  # what is wrong with the last state of the trace; "": nothing is wrong anywhere
    trace: list[str] = field(default_factory=list)  # the steps that lead there
    last: State | None = None

    def told(self) -> str:
        if not self.wrong:
            return f"{self.states:,} states, all as they should be"
        steps = (f"{number:>3}  {step}" for number, step in enumerate(self.trace, 1))
        return "\n".join((*steps, f"then {self.wrong}", f"in {self.last}"))


def explore(
    first: State,
    steps: Callable[[State], Iterable[tuple[str, State]]],
    wrong: Callable[[State], str],
    wrong_at_end: Callable[[State], str],
) -> Explored[State]:
    """`wrong` is asked of every state, `wrong_at_end` of those from which no step leads on. "" means: nothing."""
    with _nothing_collected():
        return _explore(first, steps, wrong, wrong_at_end)


def _explore(
    first: State,
    steps: Callable[[State], Iterable[tuple[str, State]]],
    wrong: Callable[[State], str],
    wrong_at_end: Callable[[State], str],
) -> Explored[State]:
    came_from: dict[State, tuple[State, str] | None] = {first: None}
    layer = [first]
    while layer:
        next_layer: list[State] = []
        for state in layer:
            if fault := wrong(state):
                return Explored(len(came_from), fault, _trace(came_from, state), state)
            is_end = True
            for step, after in steps(state):
                is_end = False
                if after not in came_from:
                    came_from[after] = (state, step)
                    next_layer.append(after)
            if is_end and (fault := wrong_at_end(state)):
                return Explored(len(came_from), fault, _trace(came_from, state), state)
        layer = next_layer
    return Explored(len(came_from))


def _trace(came_from: dict[State, tuple[State, str] | None], state: State) -> list[str]:
    steps = []
    while (came := came_from[state]) is not None:
        state, step = came
        steps.append(step)
    return steps[::-1]


@contextmanager
def _nothing_collected() -> Iterator[None]:
    """Every state is kept, and none is in a cycle: looking for garbage again and again takes a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
