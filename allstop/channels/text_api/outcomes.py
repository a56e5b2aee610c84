"""What an HTTP answer means for the text: the one place where status codes become outcomes.

| answer | outcome | why |
|---|---|---|
| 2xx with a sid | accepted | the provider answers for it from now on |
| 2xx without one, other 5xx, no answer | unknown | handed over; a gateway may have lost the answer only |
| 429 | throttled, as Retry-After says | too fast, not this text |
| 503 | rejected for now, as Retry-After says | nobody was there to take it |
| 401, 403, 3xx | throttled, 1 minute | our log-in or our address is wrong, not this text |
| 408, 425 | rejected for now | the request was not read |
| other 4xx | rejected for good | |
| no connection, no TLS, a private address | throttled, 1 minute | nothing can leave |
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from allstop.channels.adapter import ReceiptState, SendResult, SendState

WHEN_REFUSED = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=1)  # of what a provider may ask for
LONGEST_TEXT = 500

STATES = {
    "accepted": ReceiptState.SENT,
    "scheduled": ReceiptState.SENT,
    "queued": ReceiptState.SENT,
    "sending": ReceiptState.SENT,
    "sent": ReceiptState.SENT,
    "delivered": ReceiptState.DELIVERED,
    "read": ReceiptState.READ,
    "undelivered": ReceiptState.UNDELIVERABLE,
    "failed": ReceiptState.FAILED,
    "canceled": ReceiptState.FAILED,
}


def fields_of(body: bytes) -> dict[str, Any]:
    """{}: it is no JSON object."""
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


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


def settled(status: int, headers: Mapping[str, str], body: bytes, now: datetime, prefix: str) -> SendResult:  # noqa: PLR0911 - the table above
    said = fields_of(body)
    code = f"http:{status} {said['code']}" if said.get("code") else f"http:{status}"
    text = _plain(str(said.get("message") or body[:200].decode("utf-8", "replace")))
    if 200 <= status <= 299:
        if isinstance(sid := said.get("sid"), str) and sid:
            return SendResult(state=SendState.ACCEPTED, refs=(prefix + sid,), code=code)
        return unknown(code, "it said yes, and gave no sid")
    if status == 429:
        wait = retry_after(headers, now) or WHEN_REFUSED
        return SendResult(state=SendState.THROTTLED, code=code, text=text or "too fast", retry_after=wait)
    if status in (401, 403) or 300 <= status <= 399:
        why = "the provider refused the log-in" if status >= 400 else "the base_url leads elsewhere"
        return SendResult(
            state=SendState.THROTTLED, code=code, text=f"{why}: {text}".rstrip(": "), retry_after=WHEN_REFUSED
        )
    if status in (408, 425, 503):
        wait = retry_after(headers, now) or WHEN_REFUSED
        return SendResult(state=SendState.REJECTED, code=code, text=text or "not now", retry_after=wait)
    if 400 <= status <= 499:
        return SendResult(state=SendState.REJECTED, permanent=True, code=code, text=text or "refused")
    return unknown(code, text or "an answer that means nothing")


def unknown(code: str, words: str) -> SendResult:
    return SendResult(state=SendState.UNKNOWN, code=code, text=_plain(words))


def lost_before(words: str) -> SendResult:
    return SendResult(state=SendState.REJECTED, code="allstop:lost_before", text=_plain(words))


def no_link(words: str) -> SendResult:
    return SendResult(state=SendState.THROTTLED, code="allstop:no_link", text=_plain(words), retry_after=WHEN_REFUSED)


def _plain(words: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in words).split())[:LONGEST_TEXT]
