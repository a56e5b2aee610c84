"""What a provider of texts calls back: how a text ended, and what somebody wrote.

The rule that it guards: only what is signed with the account's own token counts, and only for that account. A ref
begins with the account's name at the provider, so nobody who has another one can speak of its texts.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from allstop.actions.replies import Written, take_reply
from allstop.rules.facts import Channel
from allstop.rules.signatures import is_signed
from allstop.store.models import ChannelSetup
from allstop.store.receiving import ReceiptSaid, take_receipts
from allstop.store.sealing import opened

ADAPTER = "text_api"  # as channels/registry.py names it
LONGEST_ID = 200
STATES = {
    "accepted": "sent",
    "scheduled": "sent",
    "queued": "sent",
    "sending": "sent",
    "sent": "sent",
    "delivered": "delivered",
    "read": "read",
    "undelivered": "undeliverable",
    "failed": "failed",
    "canceled": "failed",
}

Form = Mapping[str, Sequence[str]]


def provider_of(account_id: int, path: str, form: Form, signed: str) -> ChannelSetup | None:
    """The account's text provider, if it has signed this. None also where there is no such account. Raises CannotOpen:
    whether it is signed, nobody can tell."""
    setup = ChannelSetup.objects.filter(account_id=account_id, channel=Channel.TEXT, provider=ADAPTER).first()
    if setup is None or not setup.config.get("callback_url"):
        return None
    parts = urlsplit(str(setup.config["callback_url"]))
    token = str(opened(setup.config).get("password", ""))
    return setup if is_signed(token, f"{parts.scheme}://{parts.netloc}{path}", form, signed) else None


def take_status(setup: ChannelSetup, form: Form, now: datetime) -> bool:
    """False: it does not say which text it is about, or how it is."""
    sid, status, error = _one(form, "MessageSid"), _one(form, "MessageStatus"), _one(form, "ErrorCode")
    if not sid or status not in STATES:
        return False
    code = f"{ADAPTER}:{status}" + (f" {error}" if error else "")
    take_receipts([ReceiptSaid(ADAPTER, _ref(setup, sid), STATES[status], code, now)], now)
    return True


def take_text(setup: ChannelSetup, form: Form, now: datetime) -> bool:
    """False: nobody can say who wrote it."""
    sid, sender = _one(form, "MessageSid"), _one(form, "From")
    if not sid or not sender:
        return False
    return take_reply(
        Written(
            adapter=ADAPTER,
            provider_id=_ref(setup, sid),
            channel=Channel.TEXT,
            sender=sender,
            recipient=_one(form, "To"),
            text=_one(form, "Body").replace("\0", ""),
            in_reply_to="",
            at=now,
            account_id=setup.account_id,
        )
    )


def _ref(setup: ChannelSetup, sid: str) -> str:
    return f"{setup.config['account_sid']}:{sid}"[:LONGEST_ID]


def _one(form: Form, name: str) -> str:
    values = form.get(name, ())
    return values[0].strip() if values else ""
