"""Asking a provider what became of a message whose outcome is unknown: how often, and what follows from its answer.

| the provider says | so the message |
|---|---|
| it is there | is sent |
| it is not there, for certain | is sent again, if all of the following hold; else a person decides |
| nothing, or it cannot tell | stays unknown: a person decides |

Sent again by itself only: within AGAIN_WITHIN, since an old reminder is a person's matter; and only by the provider
that had it, as far as anybody knows. A call is never dialled again on a guess either: that it is not there for certain
means that it was claimed and never dialled.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

FIRST = timedelta(seconds=5)  # after it became unknown: an answer may be on its way
PAUSES = (
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
)
AGAIN_WITHIN = timedelta(hours=1)


class Answer(StrEnum):
    NONE = ""  # none came
    THERE = "there"
    NOT_THERE = "not_there"
    CANNOT_TELL = "cannot_tell"  # such a provider has no way to be asked


class Conclusion(StrEnum):
    SENT = "sent"
    AGAIN = "again"
    A_PERSON_DECIDES = "a_person_decides"


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    since: datetime  # when it became unknown
    is_final: bool  # a "not there" of this provider is the last word
    same_provider: bool  # nobody has set up another one since the message was accepted
    is_removed: bool  # its job was


def conclude(answer: Answer, known: Known, now: datetime) -> Conclusion:
    if answer is Answer.THERE:
        return Conclusion.SENT
    if (
        answer is Answer.NOT_THERE
        and known.is_final
        and known.same_provider
        and not known.is_removed
        and now - known.since <= AGAIN_WITHIN
    ):
        return Conclusion.AGAIN
    return Conclusion.A_PERSON_DECIDES


def next_asking(answer: Answer, times: int, now: datetime) -> datetime | None:
    """`times` it was asked. None: not again."""
    if answer in (Answer.THERE, Answer.CANNOT_TELL) or times > len(PAUSES):
        return None
    return now + PAUSES[times - 1]
