"""What a mail that came in means, and what follows: a bounce settles the message that it is about, a reply goes where
replies of texts go.

The rules that it guards: the same mail twice is one. Whoever was not given the name of a message cannot report it as
undeliverable: only tags of ours count (rules/tags.py). What a machine wrote opens no conversation, is obeyed in
nothing and is answered by nothing, so that two machines cannot talk to each other for ever (RFC 3834).
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db import transaction

from allstop.actions.actor import Actor
from allstop.actions.contacts import mark
from allstop.actions.lead_mail import is_for_leads, take_lead_mail
from allstop.actions.mail_tags import read_mail_tag
from allstop.actions.replies import Attached, Written, take_reply
from allstop.channels.adapter import ReceiptState
from allstop.channels.email.incoming import Bounce, Incoming, read_mail
from allstop.rules.addresses import in_letters
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.rules.roles import Role
from allstop.store.models import Address, Attempt, ChannelSetup, Contact, Message
from allstop.store.receiving import ReceiptSaid, take_receipts

ADAPTER = "smtp"  # as channels/registry.py names what our mails leave by
BY_ITSELF = "Allstop"
TOO_LARGE = "(This mail is larger than 25 MB. Its text and its attachments are only in the mailbox.)"


class Meaning(StrEnum):
    BOUNCE = "bounce"
    REPLY = "reply"
    AUTOMATIC = "automatic"
    LEAD = "lead"  # it came to the lead address, and made a lead
    NOTHING = "nothing"  # our own mail, a report about nothing of ours, or without a sender


@dataclass(frozen=True, slots=True)
class MailTaken:
    meaning: Meaning
    message_id: int | None = None  # of ours, that it is about


def take_mail(account_id: int, raw: bytes, now: datetime, *, is_whole: bool = True) -> MailTaken:
    """`is_whole`: False where only its headers were fetched. Not inside a transaction: a no waits for the workers."""
    mail = read_mail(raw)
    about = _about(account_id, mail)
    if mail.bounces:
        if about is None:
            return MailTaken(Meaning.NOTHING)
        _settle(about, mail.bounces, now)
        return MailTaken(Meaning.BOUNCE, about.id)
    if not mail.sender or _is_ours(account_id, mail):
        return MailTaken(Meaning.NOTHING)
    provider_id = f"{account_id}:{mail.id}"[:300]
    for_leads = about is None and is_for_leads(account_id, mail)
    if for_leads and take_lead_mail(account_id, mail, ADAPTER, provider_id, now):
        return MailTaken(Meaning.LEAD)
    is_automatic = mail.is_automatic and not for_leads  # what forms send there is for a person, if it is no lead
    written = Written(
        adapter=ADAPTER,
        provider_id=provider_id,
        channel=Channel.EMAIL,
        sender=mail.sender,
        recipient=mail.recipients[0][:254] if mail.recipients else "",
        subject=mail.subject,
        text=mail.text if is_whole else TOO_LARGE,
        in_reply_to=_ref_of(about),
        at=now,
        account_id=account_id,
        is_automatic=is_automatic,
        may_be_lead=not for_leads,
        files=tuple(Attached(one.name, one.type, one.content) for one in mail.files),
    )
    take_reply(written)
    return MailTaken(Meaning.AUTOMATIC if is_automatic else Meaning.REPLY, about.id if about else None)


def _about(account_id: int, mail: Incoming) -> Message | None:
    """The message of ours that it answers or reports."""
    for tag in mail.tags:
        ids = read_mail_tag(tag)
        if ids is not None and ids[0] == account_id:
            found = Message.objects.filter(account_id=account_id, id=ids[1], channel=Channel.EMAIL).first()
            if found is not None:
                return found
    return None


def _ref_of(message: Message | None) -> str:
    if message is None:
        return ""
    tried = Attempt.objects.filter(account_id=message.account_id, message_id=message.id, adapter=ADAPTER)
    return tried.exclude(ref="").order_by("-number").values_list("ref", flat=True).first() or ""


def _is_ours(account_id: int, mail: Incoming) -> bool:
    """A copy of what we sent, or of what somebody sent to all with us among them: the same sender as ours."""
    setup = ChannelSetup.objects.get(account_id=account_id, channel=Channel.EMAIL)
    return bool(setup.sender) and mail.sender == setup.sender.lower()


def _settle(message: Message, bounces: tuple[Bounce, ...], now: datetime) -> None:
    """One of our mails has one recipient; a list behind the address may report more, and the worst word counts."""
    ref = _ref_of(message)
    if not ref:
        return  # the person was erased: nothing of theirs is kept
    take_receipts((ReceiptSaid(ADAPTER, ref, one.state.value, one.code, now) for one in bounces), now)
    dead = [one for one in bounces if one.state is ReceiptState.UNDELIVERABLE]
    if dead:
        _flag(message, dead[0], now)


@transaction.atomic
def _flag(message: Message, bounce: Bounce, now: datetime) -> None:
    """Nobody is there: whoever has this address is flagged, so that a person looks for another one. A Flag stops
    nothing: other addresses and other channels of the contact may be good."""
    have_it = Address.objects.filter(account_id=message.account_id, value=message.address).values("contact_id")
    ids = list(Contact.objects.filter(account_id=message.account_id, pk__in=have_it).values_list("pk", flat=True))
    if ids:
        by = Actor(message.account_id, BY_ITSELF, Role.MEMBER, "mailbox")
        reason = (
            f"Emails to {in_letters(message.address)} come back: {bounce.code.removeprefix('smtp:')} {bounce.words}"
        )
        mark(by, ids, MarkerKind.FLAG, " ".join(reason.split())[:300], now)
