"""What the answer to an HTTP request means for the message in it, where the provider did not take it: the one place
where status codes become outcomes.

| answer | outcome | why |
|---|---|---|
| 429 | throttled, as Retry-After says | too fast, not this message |
| 503 | rejected for now, as Retry-After says | nobody was there to take it |
| 401, 403, 3xx | throttled, 1 minute | our log-in or our address is wrong, not this message |
| 408, 425 | rejected for now | the request was not read |
| other 4xx | rejected for good | |
| no connection, no TLS, a private address | throttled, 1 minute | nothing can leave |
| any other, no answer | unknown | handed over; a gateway may have lost the answer only |
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from allstop.channels.adapter import SendResult, SendState

WHEN_REFUSED = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)  # of what a provider may ask for
LONGEST_TEXT = 500


def refused_by(status: int, headers: Mapping[str, str], code: str, words: str, now: datetime) -> SendResult | None:
    """None: it is not known whether it was refused."""
    wait = retry_after(headers, now) or WHEN_REFUSED
    if status == 429:
        return SendResult(state=SendState.THROTTLED, code=code, text=words or "too fast", retry_after=wait)
    if status in (401, 403) or 300 <= status <= 399:
        why = "the provider refused the log-in" if status >= 400 else "the address of the provider leads elsewhere"
        text = f"{why}: {words}".rstrip(": ")
        return SendResult(state=SendState.THROTTLED, code=code, text=text, retry_after=WHEN_REFUSED)
    if status in (408, 425, 503):
        return SendResult(state=SendState.REJECTED, code=code, text=words or "not now", retry_after=wait)
    if 400 <= status <= 499:
        return SendResult(state=SendState.REJECTED, permanent=True, code=code, text=words or "refused")
    return None


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    said = headers.get("Retry-After", "").strip()
    if said.isdigit():
        return min(timedelta(seconds=int(said[:9])), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(said)
    except ValueError:
        return None
    at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
    return min(max(at - now, timedelta(0)), LONGEST_WAIT)


def unknown(code: str, words: str) -> SendResult:
    return SendResult(state=SendState.UNKNOWN, code=code, text=plain(words))


def lost_before(words: str) -> SendResult:
    return SendResult(state=SendState.REJECTED, code="allstop:lost_before", text=plain(words))


def no_link(words: str) -> SendResult:
    return SendResult(state=SendState.THROTTLED, code="allstop:no_link", text=plain(words), retry_after=WHEN_REFUSED)


def plain(words: str) -> str:
    """On one line, without what a terminal would obey."""
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:LONGEST_TEXT]
