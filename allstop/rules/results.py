"""What came of a message and of an appointment, in one word, from what the provider and the contact said.

| word | when |
|---|---|
| confirmed, cancelled, wrong, replied | the contact has said so of the appointment, after it left |
| do_not_contact | refused, because of a marker or the contact's own no |
| busy_or_no_answer | nobody took the call |
| delivered, sent, waiting, failed, refused, unknown, removed, canceled | as the message stands |

Of an appointment with several messages the word that says most counts, in the order of MOST_SAID.
"""

from collections.abc import Iterable
from enum import StrEnum


class Result(StrEnum):
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    WRONG = "wrong"
    REPLIED = "replied"
    DELIVERED = "delivered"
    SENT = "sent"
    WAITING = "waiting"
    UNKNOWN = "unknown"
    BUSY = "busy_or_no_answer"
    FAILED = "failed"
    DO_NOT_CONTACT = "do_not_contact"
    REFUSED = "refused"
    REMOVED = "removed"
    CANCELED = "canceled"


MOST_SAID = tuple(Result)
SAY_MORE = (  # than the state of the message
    Result.CONFIRMED,
    Result.CANCELLED,
    Result.WRONG,
    Result.REPLIED,
    Result.DO_NOT_CONTACT,
    Result.BUSY,
)
WORDS: dict[Result, str] = {
    Result.CONFIRMED: "Confirmed",
    Result.CANCELLED: "Cancelled (NO)",
    Result.WRONG: "Wrong number",
    Result.REPLIED: "Replied",
    Result.DELIVERED: "Delivered",
    Result.SENT: "Sent",
    Result.WAITING: "Waiting",
    Result.UNKNOWN: "Unknown",
    Result.BUSY: "BUSY OR NO ANSWER",
    Result.FAILED: "Failed",
    Result.DO_NOT_CONTACT: "Do Not Contact",
    Result.REFUSED: "Refused",
    Result.REMOVED: "Removed",
    Result.CANCELED: "Canceled by Rules",
}
_ANSWERS = {
    "confirmed": Result.CONFIRMED,
    "cancelled": Result.CANCELLED,
    "wrong": Result.WRONG,
    "other": Result.REPLIED,
}
_LEFT = ("sent", "unknown", "failed")  # it may have reached them
_NOES = ("stop_all", "stop_promotions")
_THERE = ("delivered", "read", "answered")


def result_of(status: str, reason: str, receipt: str, answer: str) -> Result:
    """The codes of a message, and the answer to it; "" = there is none."""
    if answer and status in _LEFT:
        return _ANSWERS[answer]
    if status == "refused" and (reason in _NOES or reason.startswith("opted_out")):
        return Result.DO_NOT_CONTACT
    if reason == "busy_or_no_answer":
        return Result.BUSY
    if status == "sent" and receipt in _THERE:
        return Result.DELIVERED
    return Result(status)


def result_of_visit(results: Iterable[Result]) -> Result:
    """Of an appointment, from its messages; without any it was canceled by rules."""
    return min(results, key=MOST_SAID.index, default=Result.CANCELED)
