"""Webhooks: the kinds of events, how a delivery is signed, and when one that failed is tried again.

Signing is the Standard Webhooks convention (standardwebhooks.com): HMAC-SHA256 over "ID.TIMESTAMP.BODY" with the bytes
behind "whsec_", in base64 after "v1,"; while two secrets hold, both signatures with a space between.
"""

import base64
import binascii
import hmac
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import lru_cache
from urllib.parse import urlsplit

PREFIX = "whsec_"
SECRET_BYTES = 32
PING = "ping"


class EventKind(StrEnum):
    LEAD_CREATED = "lead_created"
    LEAD_ACTIVITY = "lead_activity"
    LEAD_QUALIFY = "lead_qualify"
    LEAD_UNQUALIFY = "lead_unqualify"
    MESSAGE_SENT = "message.sent"
    MESSAGE_DELIVERED = "message.delivered"
    MESSAGE_READ = "message.read"
    MESSAGE_UNDELIVERED = "message.undelivered"
    MESSAGE_FAILED = "message.failed"
    MESSAGE_REFUSED = "message.refused"
    MESSAGE_UNKNOWN = "message.unknown"
    MESSAGE_REMOVED = "message.removed"
    MESSAGE_CANCELED = "message.canceled"
    INBOUND_RECEIVED = "inbound.received"
    APPOINTMENT_ANSWERED = "appointment.answered"
    OPT_OUT = "opt_out"
    OPT_IN = "opt_in"


KIND_WORDS: dict[EventKind, str] = {
    EventKind.LEAD_CREATED: "A lead was created",
    EventKind.LEAD_ACTIVITY: "Anything happened to a lead: a message, a call, a note, its end",
    EventKind.LEAD_QUALIFY: "A lead was qualified",
    EventKind.LEAD_UNQUALIFY: "A lead was unqualified, with the reason",
    EventKind.MESSAGE_SENT: "A provider has accepted a message",
    EventKind.MESSAGE_DELIVERED: "A message has arrived, or a call was answered",
    EventKind.MESSAGE_READ: "A message was read",
    EventKind.MESSAGE_UNDELIVERED: "A provider says that a message has not arrived",
    EventKind.MESSAGE_FAILED: "A message has failed for good",
    EventKind.MESSAGE_REFUSED: "The gate has refused a message",
    EventKind.MESSAGE_UNKNOWN: "Nobody knows whether a message has left",
    EventKind.MESSAGE_REMOVED: "A message was withdrawn: its job, its conversation, or by a plan of START",
    EventKind.MESSAGE_CANCELED: "Rules or a newer file have canceled a message",
    EventKind.INBOUND_RECEIVED: "Somebody wrote, or pressed a key in a call",
    EventKind.APPOINTMENT_ANSWERED: "A contact has said whether they come to an appointment",
    EventKind.OPT_OUT: "A contact has opted out",
    EventKind.OPT_IN: "A contact has taken an opt-out back",
}

# What a provider's later word is told as; what is not here is not told.
OF_RECEIPTS: dict[str, EventKind] = {
    "delivered": EventKind.MESSAGE_DELIVERED,
    "answered": EventKind.MESSAGE_DELIVERED,
    "read": EventKind.MESSAGE_READ,
    "failed": EventKind.MESSAGE_UNDELIVERED,
    "expired": EventKind.MESSAGE_UNDELIVERED,
    "undeliverable": EventKind.MESSAGE_UNDELIVERED,
    "busy": EventKind.MESSAGE_UNDELIVERED,
    "no_answer": EventKind.MESSAGE_UNDELIVERED,
}

# After the first, second, ... failure: 75 hours in all, as the convention suggests.
BACK_OFF = (
    timedelta(seconds=5),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
    timedelta(hours=14),
    timedelta(hours=20),
    timedelta(hours=24),
)
JITTER = 0.2  # of each wait, on top of it: those that failed together do not come back together
FEW = 5  # failures one after the other from which on an address gets one delivery at a time, and rests between
LONGEST_REST = timedelta(minutes=5)
OFF_AFTER = timedelta(days=3)  # without one arrival, and something to deliver: shorter than the back-off
BOTH_SIGN = timedelta(hours=24)  # after a new secret
KEPT = timedelta(days=30)  # deliveries that are over
WAITS = timedelta(days=7)  # for a webhook that is off; then it is given up
GONE = 410  # "do not send me this any more"


def next_try(tries: int, luck: float, now: datetime) -> datetime | None:
    """After so many tries that failed, the last one now. `luck`: from 0 to 1. None: it is given up."""
    if tries > len(BACK_OFF):
        return None
    return now + BACK_OFF[tries - 1] * (1 + JITTER * luck)


def rest_until(failures: int, now: datetime) -> datetime | None:
    """An address at which so many deliveries have failed, one after the other, is left alone for a while."""
    if failures < FEW:
        return None
    doubled = min(failures - FEW, 10)  # 2 to the 10th seconds is more than the longest rest
    return now + min(timedelta(seconds=2**doubled), LONGEST_REST)


def is_to_turn_off(failing_since: datetime | None, now: datetime) -> bool:
    return failing_since is not None and now - failing_since >= OFF_AFTER


def secret_of(key: bytes) -> str:
    return PREFIX + base64.b64encode(key).decode()


@lru_cache(maxsize=256)
def key_of(secret: str) -> bytes:
    """Raises ValueError where it is none."""
    try:
        return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
    except binascii.Error as wrong:
        raise ValueError("That is no secret of a webhook.") from wrong


def signature(secrets: Sequence[str], webhook_id: str, at: datetime, body: bytes) -> str:
    """The header webhook-signature: one for each secret that holds."""
    return " ".join(_signed(secret, f"{webhook_id}.{int(at.timestamp())}.".encode() + body) for secret in secrets)


def _signed(secret: str, said: bytes) -> str:
    return "v1," + base64.b64encode(hmac.digest(key_of(secret), said, "sha256")).decode()


def fault_of_url(url: str) -> str:
    """Why this can be no address of a webhook; "" = it can. What it leads to is looked at when it is reached."""
    try:
        said = urlsplit(url)
        port = said.port  # raises where it is no number
    except ValueError:
        return "That is no address of a web page."
    if (
        said.scheme not in ("https", "http")
        or not said.hostname
        or any(c.isspace() or not c.isprintable() for c in url)
    ):
        return "Enter the whole address, beginning with https://"
    if port == 0:
        return "That is no address of a web page."
    if said.username is not None or said.password is not None:
        return "A name and password in the address would be shown to everybody here. The signature proves who calls."
    if said.fragment:
        return "Leave out the part behind #: it is never sent."
    return ""
