"""Answers to a plan that was sent to a list, by a key in a call or the link in an email: the plan ends, and a person
sees them, so that somebody calls back.

The rule that it guards: looking at the page of a link changes nothing, since mail programs open links by themselves;
a forged link is the same as none. A reply in words is obeyed as any other: obey.py.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions import follow_ups
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.events import record_event
from allstop.actions.heard import hear
from allstop.actions.mail_tags import read_answer_tag
from allstop.actions.obey import lock_everyone_at, put_to_a_person
from allstop.rules.facts import Channel
from allstop.rules.optout import Reply
from allstop.rules.webhooks import EventKind
from allstop.store import queue
from allstop.store.models import Contact, Inbound, Message, PlanStep

LINK = "answer_link"  # in place of an adapter
WORDS = {"yes": "Pressed the link in the email: please contact me", "no": "Pressed the link in the email: not now"}


@dataclass(frozen=True, slots=True)
class PlanAsked:
    """What the page says; no name of the contact, since mails are forwarded."""

    account: str
    said: str  # their newest word: yes, no, or "" = none yet


def key_ends_plan(inbound: Inbound, message: Message) -> int | None:
    """In the transaction that stores the key. The number of a stop that workers have to confirm."""
    contact = message.contact
    if contact is None or message.appointment_at is not None:
        return None
    everyone = lock_everyone_at(contact, message.address)
    if not follow_ups.end_with_family(message.account_id, [contact.pk], follow_ups.ANSWERED, inbound.at):
        return None
    return _heard(inbound, contact, everyone, waits_for_nobody=False)


def look_up_plan(tag: str) -> PlanAsked | None:
    """None: no email of a plan for a list has this tag, or whoever got it was erased."""
    message = _message_of(tag)
    return None if message is None else PlanAsked(message.account.name, _said(message))


def answer_plan_by_link(tag: str, said: str, now: datetime) -> PlanAsked | None:
    """Pressed twice is once."""
    message = _message_of(tag)
    if message is None or message.contact is None:
        return None
    number = None
    with transaction.atomic(), queue.impatient():
        everyone = lock_everyone_at(message.contact, message.address)
        if _said(message) != said:
            inbound = _store(message, said, now)
            follow_ups.end_with_family(message.account_id, [message.contact.pk], follow_ups.ANSWERED, now)
            number = _heard(inbound, message.contact, everyone, waits_for_nobody=said == "no")
    if number is not None:
        wait_until_confirmed(number)
    follow_ups.withdraw_ended(now)
    return PlanAsked(message.account.name, _said(message))


def _message_of(tag: str) -> Message | None:
    ids = read_answer_tag(tag)
    if ids is None:
        return None
    found = Message.objects.select_related("account", "contact").filter(account_id=ids[0], id=ids[1])
    message = found.filter(channel=Channel.EMAIL, appointment_at=None, contact__isnull=False).first()
    is_step = PlanStep.objects.filter(account_id=ids[0], message_id=ids[1]).exists()  # plan_step_by_message
    return message if is_step else None


def _presses(message: Message) -> list[str]:
    """The newest last."""
    pressed = Inbound.objects.filter(adapter=LINK, provider_id__startswith=_name(message, ""))
    return list(pressed.order_by("pk").values_list("text", flat=True))


def _said(message: Message) -> str:
    newest = _presses(message)[-1:]
    return next((said for said, words in WORDS.items() if [words] == newest), "")


def _name(message: Message, number: int | str) -> str:
    return f"{message.account_id}:{message.id}:{number}"


def _store(message: Message, said: str, now: datetime) -> Inbound:
    inbound = Inbound.objects.create(
        account_id=message.account_id,
        adapter=LINK,
        provider_id=_name(message, len(_presses(message)) + 1),
        contact=message.contact,
        channel=Channel.EMAIL,
        sender=message.address,
        recipient="",
        text=WORDS[said],
        meaning=Reply.NOTHING.value,
        in_reply_to=message.id,
        at=now,
    )
    kind = EventKind.INBOUND_RECEIVED
    record_event(message.account_id, kind, None, now, contact=message.contact_id, inbound=inbound.pk)
    return inbound


def _heard(inbound: Inbound, contact: Contact, everyone: list[int], *, waits_for_nobody: bool) -> int | None:
    unclear = hear(inbound, contact, Reply.NOTHING, waits_for_nobody=waits_for_nobody)
    return put_to_a_person(unclear, contact, everyone)
