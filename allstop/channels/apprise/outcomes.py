"""What Apprise's yes or no means, together with what the network said.

| Apprise says | the network said | outcome |
|---|---|---|
| yes | | accepted: the service took it |
| no | the last look said no | withdrawn |
| no | a request was written, and no answer came | unknown |
| no | nothing could be connected to, or a private address | throttled, 1 minute |
| no | 429; 401, 403, 3xx; 503, 408, 425; other 4xx | as for texts by HTTP: http_outcomes.py |
| no | 2xx, other 5xx | unknown: it may have taken the message and said so in a way that Apprise does not read |
| no | nothing was asked | rejected for good: the service takes no message for this address |
"""

from datetime import datetime

from allstop.channels.adapter import SendResult, SendState
from allstop.channels.apprise.handover import Handover
from allstop.channels.http_outcomes import no_link, plain, refused_by, unknown

NO_TARGET = SendResult(
    state=SendState.REJECTED,
    permanent=True,
    code="allstop:no_target",
    text="this service takes no message for this number or address",
)


def settled(said_yes: bool, handover: Handover, ref: str, now: datetime) -> SendResult:
    code = f"http:{handover.status}" if handover.status else "apprise:yes"
    if handover.unanswered:
        return unknown("allstop:no_answer", f"no answer from the service: {handover.loss or 'the line broke'}")
    if handover.withdrawn is not None:
        return handover.withdrawn
    if said_yes:
        return SendResult(state=SendState.ACCEPTED, refs=(ref,), code=code)
    if not handover.status:
        return no_link(handover.loss) if handover.was_asked else NO_TARGET
    words = plain(handover.body[:200].decode("utf-8", "replace"))
    return refused_by(handover.status, handover.headers, code, words, now) or unknown(
        code, words or "the service said something that Apprise does not take for a yes"
    )
