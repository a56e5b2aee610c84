"""The automatic reply: a text that tells somebody who wrote that nobody has read it yet. Some worker's chore.

The rule that it guards: one for each conversation in a day, however many workers look and wherever one of them dies.
It is a message like any other, judged by the gate when it leaves: Stop All and an opt-out refuse it, STOPPED holds it.
"""

from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.answers import BY_ITSELF, filled
from allstop.actions.heard import change
from allstop.actions.talk_hearing import was_ended_with_all
from allstop.rules.facts import Channel, Purpose
from allstop.rules.optout import Reply
from allstop.store import ledger, lists, queue
from allstop.store.models import Account, Contact, Conversation, Inbound
from allstop.store.withdrawing import withdraw_free

AT_ONCE = 200  # of one look: the rest is due in a second
KEEPS = timedelta(hours=2)  # what was held for longer answers nothing any more
NAMES = ("account",)


def send_due_auto_replies(now: datetime) -> int:
    """How many were queued. Any number of workers may call it at once."""
    due = Conversation.objects.filter(auto_reply_due_at__lte=now, contact__isnull=False)  # conversation_auto_reply
    waiting = due.order_by("auto_reply_due_at").values_list("pk", "contact_id")[:AT_ONCE]
    return sum(_send(one, contact, now) for one, contact in waiting)


def take_back_auto_reply(conversation: Conversation, now: datetime) -> None:
    """Somebody has read it: a reply that waits still, as while STOPPED, would say what is not true any more. One that a
    worker holds is leaving. Not inside a transaction."""
    sent_at = conversation.auto_replied_at
    if conversation.contact_id is None or sent_at is None or sent_at + KEEPS < now:
        return
    written = Inbound.objects.filter(
        account_id=conversation.account_id, contact_id=conversation.contact_id, meaning=Reply.NOTHING.value
    )
    ids = list(written.filter(at__gt=sent_at - KEEPS, answered_by__isnull=False).values_list("answered_by", flat=True))
    withdraw_free(conversation.account_id, [one for one in ids if one is not None], "read_meanwhile", now)


@transaction.atomic
def _send(conversation_id: int, contact_id: int, now: datetime) -> bool:
    """Queued, and marked as sent today, in one transaction. Whoever comes second finds nothing due."""
    locked = Contact.objects.select_for_update(of=("self",), no_key=True, skip_locked=True)
    contact = locked.filter(pk=contact_id).first()
    if contact is None:
        return False  # somebody changes it at this moment: in a second it is looked at again
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True)
    if not rows.filter(pk=conversation_id, contact=contact, auto_reply_due_at__lte=now).exists():
        return False
    setup = lists.reply_setup(contact.account_id)
    written = Inbound.objects.filter(account_id=contact.account_id, contact=contact, channel=Channel.TEXT.value)
    latest = written.order_by("-at", "-pk").first()
    if not setup.auto_reply or latest is None or was_ended_with_all(contact):
        change(conversation_id, auto_reply_due_at=None)  # it was turned off, or all were ended, meanwhile
        return False
    change(conversation_id, auto_reply_due_at=None, auto_replied_at=now)
    message_id = _queue(contact, latest.sender, setup.auto_reply, now)
    Inbound.objects.filter(pk=latest.pk).update(answered_by=message_id)
    ledger.append(
        account_id=contact.account_id,
        at=now,
        by=BY_ITSELF,
        act="auto_reply",
        subject=f"message:{message_id}",
        after={"inbound": latest.pk, "minutes": setup.auto_reply_minutes},
    )
    return True


def _queue(contact: Contact, address: str, words: str, now: datetime) -> int:
    account = Account.objects.get(pk=contact.account_id)
    reply = queue.NewMessage(
        account_id=account.pk,
        channel=Channel.TEXT,
        purpose=Purpose.SERVICE,
        address=address,
        body=filled(words, {"account": account.name}),
        due_at=now,
        use_by=now + KEEPS,
        contact_id=contact.pk,
        location_id=contact.location_id,
    )
    (message_id,) = queue.enqueue([reply], now)
    return message_id
