"""The unsubscribe link of an email: whoever got the email says no to emails by it, without logging in.

The rule that it guards: looking changes nothing, since mail programs and virus scanners open links by themselves; a
forged link is the same as none; and the no is the contact's own word, as when they reply STOP: recorded once, in force
for claimed messages too when it returns, and lifted only by themselves.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.contacts import record_opt_out
from allstop.actions.mail_tags import read_link_tag
from allstop.actions.obey import lock_everyone_at
from allstop.actions.senders import contact_at
from allstop.rules.facts import Channel
from allstop.store import lists
from allstop.store.models import Message

WORDS = "used the unsubscribe link of an email"


@dataclass(frozen=True, slots=True)
class Subscription:
    """What the page says; no address and no name, since mails are forwarded."""

    account_id: int
    account: str
    of_all: bool  # the account obeys a no on every channel


def look_up(tag: str) -> Subscription | None:
    """None: no link of ours has this tag."""
    message = _message_of(tag)
    if message is None:
        return None
    return Subscription(message.account_id, message.account.name, lists.reply_setup(message.account_id).stops_all)


def unsubscribe(tag: str, now: datetime) -> Subscription | None:
    """Twice is once. Somebody who was erased gets nothing anyway."""
    found = look_up(tag)
    message = _message_of(tag)
    if found is None or message is None:
        return None
    number = None
    with transaction.atomic():
        contact = message.contact or contact_at(message.account_id, message.address, now)
        if contact is not None:
            lock_everyone_at(contact, message.address)
            channel = None if found.of_all else Channel.EMAIL
            number = record_opt_out(contact, channel, WORDS, now, message.address)
    if number is not None:
        wait_until_confirmed(number)
    return found


def _message_of(tag: str) -> Message | None:
    ids = read_link_tag(tag)
    if ids is None:
        return None
    found = Message.objects.select_related("account", "contact")
    return found.filter(account_id=ids[0], id=ids[1], channel=Channel.EMAIL).first()
