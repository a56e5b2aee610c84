"""The stop protocol holds in every order of its steps, and each way to break it is found.

What is checked of each state: nothing starts that a confirmed stop reaches, unless it was claimed after the lift;
nothing starts by a lease that was granted after such a stop, also while nobody waits for its confirmation; nothing
starts twice; what has started is never in the queue again; and nothing is held by a worker that is no more. In the end
every stop is confirmed and no message is in anybody's hands. That a message is in one place only is how the model is
built: tests/dispatch/test_stop_machine.py holds the database to it.
"""

import time

import pytest

from tests.model.checker import Explored, explore
from tests.model.protocol import Protocol
from tests.model.state import MARK, STOP, Broken, Does, State, start, unmark

STOP_START_STOP = (STOP, start(0), STOP)


def explored(script: tuple[Does, ...], broken: Broken | None = None, messages: int = 1) -> Explored[State]:
    protocol = Protocol(script, broken, messages)
    return explore(protocol.first(), protocol.steps, protocol.wrong, protocol.wrong_at_end)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "messages", "states"),
    [
        pytest.param(STOP_START_STOP, 1, 200_000, id="a stop, START, and another stop"),
        pytest.param((MARK, unmark(0), STOP), 1, 100_000, id="a contact marked and unmarked, then a stop"),
        pytest.param((STOP,), 2, 20_000, id="a stop with two messages"),
    ],
)
def test_the_protocol_holds_in_every_order(script: tuple[Does, ...], messages: int, states: int) -> None:
    began = time.monotonic()
    found = explored(script, messages=messages)
    print(f"{found.told()} ({time.monotonic() - began:.1f} s)")
    assert not found.wrong, found.told()
    assert found.states > states, "a model that can do less than it should proves nothing"


# What the checker must say of each; and steps without which that cannot come about.
CONFIRMED, STARTS = "is confirmed", "starts 0"
FINDS: dict[Broken, tuple[str, tuple[str, ...]]] = {
    Broken.ACKNOWLEDGES_BEFORE_IT_OBEYS: ("after stop 1 was confirmed", ("STOP 1", CONFIRMED, STARTS)),
    Broken.RENEWAL_COUNTS_BEFORE_THE_STOP_IS_HEARD: ("granted after stop 1", ("STOP 1", "is told 1", STARTS)),
    Broken.LIFT_CLEARS_WHAT_WAS_STOPPED: ("after stop 1 was confirmed", ("START", "hears 2", STARTS)),
    Broken.STOPPER_DOES_NOT_WAIT_A_LEASE: ("after stop 1 was confirmed", ("fenced", "buried", STARTS)),
    Broken.BURIAL_PUTS_BACK_IN_THE_QUEUE: ("in the queue again", (STARTS, "dies", "buries")),
    Broken.NUMBER_TAKEN_BEFORE_THE_LANES_ARE_LOCKED: (
        "after stop 1",
        ("takes its number", "number 1", STARTS),
    ),
    Broken.BURIAL_OVERTAKES_A_CLAIM: ("is lost", ("reads 0", "buries", "commits")),
    Broken.LEASE_BEGINS_WITH_THE_ANSWER: ("after stop 1 was confirmed", ("buried", CONFIRMED, "counts", STARTS)),
    Broken.LOOKS_EARLY: ("after stop 1 was confirmed", ("looks at 0", "buried", CONFIRMED, STARTS)),
}


def test_every_way_to_break_it_has_its_test() -> None:
    assert set(FINDS) == set(Broken)


@pytest.mark.parametrize("broken", Broken, ids=lambda broken: broken.name.lower())
def test_a_broken_protocol_is_found_out(broken: Broken) -> None:
    found = explored(STOP_START_STOP, broken)
    print(found.told())
    fault, needed = FINDS[broken]
    assert fault in found.wrong
    assert found.last is not None
    assert found.wrong == Protocol(STOP_START_STOP, broken).wrong(found.last), "the trace ends in what is wrong"
    steps = iter(found.trace)
    for step in needed:
        assert any(step in taken for taken in steps), f"{step}, in this order, in\n{found.told()}"


def test_a_stop_of_one_contact_says_nothing_of_the_others() -> None:
    """The model is not so strict that it proves anything: with two messages, the other one does leave."""
    protocol = Protocol((MARK,), messages=2)

    def other_leaves(state: State) -> str:
        is_over = state.stoppers and state.stoppers[0].confirmed and state.line == 1
        return "it left" if is_over and state.messages[1].starts and not state.messages[0].starts else ""

    found = explore(protocol.first(), protocol.steps, other_leaves, lambda state: "")
    assert found.wrong == "it left"
    assert any(CONFIRMED in step for step in found.trace)
