"""What follows an attempt: nothing, another attempt, or a person's decision.

| outcome | text, email | call |
|---|---|---|
| accepted | final: sent | the same |
| rejected for good | final: failed | the same |
| rejected for now | after BACK_OFF, MOST_ATTEMPTS in all | after the account's ring interval, its rings in all |
| throttled | after BACK_OFF, MOST_ATTEMPTS in all | the same: it did not ring |
| unknown | final: unknown, never tried again by itself | the same |

A provider's own `retry_after` is respected where it is longer. Calls go out at 0, 15, 30 and 45 minutes, if the account
says nothing else, and are then BUSY OR NO ANSWER. A message that is held meanwhile keeps its attempt number.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from allstop.rules.words import Channel


class Outcome(StrEnum):
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    THROTTLED = "throttled"
    UNKNOWN = "unknown"


# After the first, second, ... attempt. Five minutes lie behind the usual greylisting; the sum is a little
# over 17 hours.
BACK_OFF = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
MOST_ATTEMPTS = len(BACK_OFF) + 1
RING_MINUTES = 15
MOST_RINGS = 4
RING_MINUTES_AT_MOST = 1440
RINGS_AT_MOST = 10


@dataclass(frozen=True, slots=True)
class Rings:
    """How often an account lets a phone ring that nobody answers."""

    interval: timedelta = timedelta(minutes=RING_MINUTES)
    most: int = MOST_RINGS


USUAL_RINGS = Rings()


@dataclass(frozen=True, slots=True)
class Again:
    after: timedelta


@dataclass(frozen=True, slots=True)
class Final:
    """`status` is the message's status from now on: sent, failed or unknown. `reason` is a stable code."""

    status: str
    reason: str


@dataclass(frozen=True, slots=True)
class Attempted:
    channel: Channel
    outcome: Outcome
    attempts: int  # made so far, this one included
    permanent: bool = False  # of a rejection: for good
    retry_after: timedelta | None = None

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ValueError("An attempt that was made counts as at least one.")


def what_next(attempted: Attempted, rings: Rings = USUAL_RINGS) -> Again | Final:
    match attempted.outcome:
        case Outcome.ACCEPTED:
            return Final("sent", "accepted")
        case Outcome.UNKNOWN:
            return Final("unknown", "outcome_unknown")
        case Outcome.THROTTLED:
            return _back_off(attempted)
        case Outcome.REJECTED:
            if attempted.permanent:
                return Final("failed", "rejected")
            if attempted.channel is Channel.CALL:
                return _ring_again(attempted, rings)
            return _back_off(attempted)


def _ring_again(attempted: Attempted, rings: Rings) -> Again | Final:
    if attempted.attempts >= rings.most:
        return Final("failed", "busy_or_no_answer")
    return Again(_longer(rings.interval, attempted.retry_after))


def _back_off(attempted: Attempted) -> Again | Final:
    if attempted.attempts >= MOST_ATTEMPTS:
        return Final("failed", "attempts_used_up")
    return Again(_longer(BACK_OFF[attempted.attempts - 1], attempted.retry_after))


def _longer(ours: timedelta, theirs: timedelta | None) -> timedelta:
    return ours if theirs is None else max(ours, theirs)
