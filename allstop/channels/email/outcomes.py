"""What an SMTP answer means for the message: the one place where reply codes become outcomes.

| answer | outcome | why |
|---|---|---|
| 2xx to the final dot | accepted | the server answers for it from now on |
| 421, at any point | throttled | the server closes the line on us, not on this message |
| 451 | rejected for now, 5 minutes | greylisting: sooner is useless |
| other 4xx | rejected for now | |
| 530 | throttled | "log in first": our settings are wrong, not the message |
| other 5xx to MAIL, RCPT, DATA or the final dot | rejected for good | |
| anything else | rejected for now before the final dot, unknown after it | |
| no connection, no TLS, log-in refused | throttled | nothing can leave: see pool.py |
"""

import re
from datetime import timedelta

from allstop.channels.adapter import SendResult, SendState

ENHANCED = re.compile(r"[245]\.\d{1,3}\.\d{1,3}(?=\s|$)")  # RFC 3463
AFTER_CLOSED_LINE = timedelta(minutes=1)
AFTER_GREYLISTING = timedelta(minutes=5)
LONGEST_TEXT = 500


def plain(words: str) -> str:
    """One line that a database takes: what is not UTF-8 comes from aiosmtplib as lone surrogates."""
    readable = words.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    return " ".join("".join(c if c.isprintable() else " " for c in readable).split())[:LONGEST_TEXT]


def code_of(reply: int, words: str) -> str:
    enhanced = ENHANCED.match(words)
    return f"smtp:{reply} {enhanced.group()}" if enhanced else f"smtp:{reply}"


def refused(reply: int, words: str) -> SendResult:
    """For a reply of 400 or more, and for nonsense before the hand-over."""
    code, text = code_of(reply, words), plain(words)
    if reply == 421 or reply == 530:
        return SendResult(state=SendState.THROTTLED, code=code, text=text, retry_after=AFTER_CLOSED_LINE)
    if 500 <= reply <= 599:
        return SendResult(state=SendState.REJECTED, permanent=True, code=code, text=text)
    wait = AFTER_GREYLISTING if reply == 451 else None
    return SendResult(state=SendState.REJECTED, code=code, text=text, retry_after=wait)


def settled(reply: int, words: str, ref: str) -> SendResult:
    """For the answer to the final dot."""
    if 200 <= reply <= 299:
        return SendResult(state=SendState.ACCEPTED, refs=(ref,), code=code_of(reply, words), text=plain(words))
    if 400 <= reply <= 599:
        return refused(reply, words)
    return unknown(f"an answer that means nothing: {reply} {words}", ref)


def unknown(words: str, ref: str) -> SendResult:
    return SendResult(state=SendState.UNKNOWN, refs=(ref,), code="allstop:no_answer", text=plain(words))


def lost_before(words: str) -> SendResult:
    return SendResult(state=SendState.REJECTED, code="allstop:lost_before", text=plain(words))


def no_way(code: str, words: str) -> SendResult:
    return SendResult(state=SendState.THROTTLED, code=code, text=plain(words), retry_after=AFTER_CLOSED_LINE)
