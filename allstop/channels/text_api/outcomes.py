"""What the provider's answer means for the text. Its yes is a sid; everything else is for http_outcomes.py."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from allstop.channels.adapter import ReceiptState, SendResult, SendState
from allstop.channels.http_outcomes import plain, refused_by, unknown

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


def settled(status: int, headers: Mapping[str, str], body: bytes, now: datetime, prefix: str) -> SendResult:
    said = fields_of(body)
    code = f"http:{status} {said['code']}" if said.get("code") else f"http:{status}"
    words = plain(str(said.get("message") or body[:200].decode("utf-8", "replace")))
    if 200 <= status <= 299:
        if isinstance(sid := said.get("sid"), str) and sid:
            return SendResult(state=SendState.ACCEPTED, refs=(prefix + sid,), code=code)
        return unknown(code, "it said yes, and gave no sid")
    return refused_by(status, headers, code, words, now) or unknown(code, words or "an answer that means nothing")
