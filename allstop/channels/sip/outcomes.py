"""From a trunk's words to outcomes: a call that nobody took.

| the trunk says | so |
|---|---|
| 486, 600 | busy: again after the ring interval |
| no answer in time; 408, 480, 487 | not answered: the same |
| 603 | declined: for good. Somebody looked at the phone and said no |
| 404, 410, 484, 604 | no such number: for good |
| 401, 403, 407 | the trunk does not let us in: nothing wrong with this call, it waits with the others |
| 429, 503, or no connection | the same: the trunk is overloaded, or not there |
| any other | refused for now: again after the ring interval |
"""

from datetime import timedelta

from allstop.channels.adapter import SendResult, SendState

BUSY = (486, 600)
NOT_ANSWERED = (408, 480, 487)
NO_SUCH_NUMBER = (404, 410, 484, 604)
DECLINED = (603,)
SHUT_OUT = (401, 403, 407)
OVERLOADED = (429, 503)

AGAIN = timedelta(minutes=1)  # at the earliest; the account's ring interval is usually longer
LATER = timedelta(minutes=1)  # a trunk that does not work is left alone for so long


def not_taken(reason: str, *, rang: bool) -> SendResult:
    """`reason`: a status and its words, "486 Busy Here", or what the network said."""
    head, _, words = reason.partition(" ")
    status = int(head) if len(head) == 3 and head.isdigit() else 0
    code = f"sip:{status}" if status else "allstop:no_trunk"
    result = _again(code, f"the trunk refused the call: {reason}")
    if status in BUSY:
        result = _again(code, "busy")
    elif status in DECLINED:
        result = _never(code, "declined: somebody refused the call")
    elif status in NO_SUCH_NUMBER:
        result = _never(code, f"there is no such number: {words}")
    elif status in NOT_ANSWERED:
        result = no_answer(code, rang=rang)
    elif status in SHUT_OUT:
        result = _wait(code, f"the trunk does not let us in: {words}")
    elif not status or status in OVERLOADED:
        result = _wait(code, f"the trunk took no call: {reason}")
    return result


def no_answer(code: str = "allstop:no_answer", *, rang: bool) -> SendResult:
    return _again(code, "not answered" if rang else "not answered, and it was not heard to ring: the phone may be off")


def _again(code: str, words: str) -> SendResult:
    return SendResult(state=SendState.REJECTED, code=code, text=words, retry_after=AGAIN)


def _never(code: str, words: str) -> SendResult:
    return SendResult(state=SendState.REJECTED, permanent=True, code=code, text=words)


def _wait(code: str, words: str) -> SendResult:
    return SendResult(state=SendState.THROTTLED, code=code, text=words, retry_after=LATER)
