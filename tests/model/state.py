"""What the model of the stop protocol knows at any moment, and what people may do in it. protocol.py has the steps."""

from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple, TypeVar

T = TypeVar("T")

WORKERS = (0, 1)
NOBODY = -1
NONE = -1  # no row, no lease
UNBORN, LIVE, ENDING, GONE = "unborn", "live", "ending", "gone"  # a worker; one that is ending starts nothing more
WAITING, SENT, REFUSED, UNKNOWN = "waiting", "sent", "refused", "unknown"  # a message; the last three left the queue


class Broken(Enum):
    """Ways to get it wrong; the checker must find each."""

    ACKNOWLEDGES_BEFORE_IT_OBEYS = auto()
    RENEWAL_COUNTS_BEFORE_THE_STOP_IS_HEARD = auto()
    LIFT_CLEARS_WHAT_WAS_STOPPED = auto()  # the number of a claim counts for nothing after a lift
    STOPPER_DOES_NOT_WAIT_A_LEASE = auto()
    BURIAL_PUTS_BACK_IN_THE_QUEUE = auto()
    NUMBER_TAKEN_BEFORE_THE_LANES_ARE_LOCKED = auto()
    BURIAL_OVERTAKES_A_CLAIM = auto()  # the claim does not lock the row of its worker
    LEASE_BEGINS_WITH_THE_ANSWER = auto()  # not with the moment before the renewal was sent
    LOOKS_EARLY = auto()  # something comes between the last look and the start


class Does(NamedTuple):
    """One line of the script."""

    act: str  # stop, lift
    wide: bool  # the account, by its lanes; else the contact of message 0, by a marker
    lifts: int = NOBODY  # the line whose stop this one lifts


STOP, MARK = Does("stop", True), Does("stop", False)


def start(line: int) -> Does:
    return Does("lift", True, line)


def unmark(line: int) -> Does:
    return Does("lift", False, line)


class Message(NamedTuple):
    place: str = WAITING
    worker: int = NOBODY  # who holds it, while it is in the queue
    starts: int = 0


class Claim(NamedTuple):
    """An open transaction: it holds the lane, and the row of its worker."""

    worker: int
    message: int
    line: int  # how far the script was in its snapshot
    number: int  # of the gate, as seen by it


class Hand(NamedTuple):
    """A message in a worker's hands."""

    line: int
    number: int
    stage: str = "claimed"  # then started; looked only where that is broken


class Beat(NamedTuple):
    stage: str  # answered, heard, acknowledged; registers
    number: int  # that the database answered
    is_fresh: bool = True  # it was asked for less than a lease ago


class Worker(NamedTuple):
    hands: tuple[Hand | None, ...]  # by message
    life: str = UNBORN
    acked: int = NONE  # its row in the database; NONE: there is no row
    fenced: bool = False
    heard: int = 0
    lease: int = NONE  # the number that the database had when it granted it
    beat: Beat | None = None


class Stopper(NamedTuple):
    fenced: tuple[int, ...] = ()  # whom it waits a lease for
    confirmed: bool = False


class State(NamedTuple):
    workers: tuple[Worker, ...]
    messages: tuple[Message, ...]
    line: int = 0  # how many lines of the script are done
    early: bool = False  # the number of the next one is taken already
    claim: Claim | None = None
    stoppers: tuple[Stopper, ...] = ()
    wrong: str = ""  # a start that must not be


Steps = Iterator[tuple[str, State]]


def put(values: tuple[T, ...], index: int, value: T) -> tuple[T, ...]:
    return (*values[:index], value, *values[index + 1 :])
