"""What somebody wrote to us: kept, shown with the contact, and obeyed where it is a no."""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from allstop.actions import follow_ups
from allstop.actions.confirming import complete_lifts, wait_until_confirmed
from allstop.actions.contacts import record_opt_out
from allstop.actions.events import record_event
from allstop.actions.first_words import lead_of_stranger
from allstop.actions.heard import hear, hear_machine
from allstop.actions.intake import hold_intake_open
from allstop.actions.obey import lock_everyone_at, obey, read_inbound
from allstop.actions.plan_answers import key_ends_plan
from allstop.actions.senders import contact_at
from allstop.actions.shared_senders import account_meant
from allstop.actions.stop_phones import take_stop_text
from allstop.actions.visit_answers import keep_answer, key_answers
from allstop.rules.calling import MEANINGS, NO_MORE_CALLS
from allstop.rules.facts import Channel
from allstop.rules.optout import Reply
from allstop.rules.webhooks import EventKind
from allstop.store import lists
from allstop.store.models import Address, Attempt, CallStep, ChannelSetup, Inbound, InboundFile, Message


@dataclass(frozen=True, slots=True)
class Attached:
    name: str
    type: str  # as the sender says
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    adapter: str
    provider_id: str
    channel: Channel
    sender: str
    recipient: str
    text: str
    in_reply_to: str  # the provider's ref of our message; "" where the wire does not tell
    at: datetime
    account_id: int | None = None  # whose it is, where the way that it came by tells
    subject: str = ""  # emails only
    is_automatic: bool = False  # a machine wrote it: it is kept, and nothing follows
    files: tuple[Attached, ...] = ()  # emails only
    may_be_lead: bool = True  # False: whoever sends it is a form or a portal, not the person


def take_reply(written: Written) -> bool:
    """False: nobody knows whose reply it is. The attempt that it answers may be recorded soon: ask again, at last
    without `in_reply_to`.

    The same reply twice is one. A contact's own no is in force, for claimed messages too, when it returns.
    """
    if written.channel is Channel.TEXT and take_stop_text(
        written.adapter, written.provider_id, written.sender, written.recipient, written.text, written.at
    ):
        return True
    with transaction.atomic():
        owner = _owner(written)
        if owner is None:
            return False
        account_id, contact_id, message_id = owner
        if contact_id is None:
            hold_intake_open(account_id)  # before anything else is locked: a lead may come of it
        inbound, is_new = _store(written, account_id, contact_id, message_id)
        number = None
        if is_new:
            _keep_files(inbound, written.files)
            number = _understand(inbound, written.may_be_lead)
            _tell(inbound)
    complete_lifts(account_id, written.at)
    if number is not None:
        wait_until_confirmed(number)
    follow_ups.withdraw_ended(written.at)
    return True


def _store(written: Written, account_id: int, contact_id: int | None, message_id: int | None) -> tuple[Inbound, bool]:
    return Inbound.objects.get_or_create(
        adapter=written.adapter,
        provider_id=written.provider_id,
        defaults={
            "account_id": account_id,
            "contact_id": contact_id,
            "channel": written.channel,
            "sender": written.sender,
            "recipient": written.recipient,
            "subject": written.subject,
            "text": written.text,
            "is_automatic": written.is_automatic,
            "in_reply_to": message_id,
            "at": written.at,
        },
    )


def take_key(adapter: str, ref: str, key: str, at: datetime) -> bool:
    """Somebody pressed a key during a call: 1 confirms, 2 cancels the appointment, 9 is a no to calls.

    False: the call is not recorded yet; ask again soon."""
    with transaction.atomic():
        call = (
            CallStep.objects.filter(adapter=adapter, ref=ref).first()
            or Attempt.objects.filter(adapter=adapter, ref=ref).first()
        )
        if call is None:
            return False
        message = Message.objects.get(account_id=call.account_id, id=call.message_id)
        inbound, is_new = Inbound.objects.get_or_create(
            adapter=adapter,
            provider_id=f"{ref}:key:{key}",
            defaults={
                "account_id": message.account_id,
                "contact_id": message.contact_id,
                "channel": Channel.CALL,
                "sender": message.address,
                "recipient": "",
                "text": f"Pressed {key}" + (f" ({MEANINGS[key]})" if key in MEANINGS else ""),
                "in_reply_to": message.id,
                "at": at,
            },
        )
        number = None
        if is_new:
            _tell(inbound)
        if is_new and key == NO_MORE_CALLS and message.contact is not None:
            lock_everyone_at(message.contact, message.address)
            number = record_opt_out(message.contact, Channel.CALL, f"pressed {key}", at, message.address)
        elif is_new:
            number = keep_answer(inbound, key_answers(message, key))
            number = key_ends_plan(inbound, message) or number
    if number is not None:
        wait_until_confirmed(number)
    follow_ups.withdraw_ended(at)
    return True


def _tell(inbound: Inbound) -> None:
    """What it says is read when it is delivered."""
    record_event(
        inbound.account_id,
        EventKind.INBOUND_RECEIVED,
        None,
        inbound.at,
        contact=inbound.contact_id,
        inbound=inbound.pk,
    )


def _understand(inbound: Inbound, may_be_lead: bool) -> int | None:
    """A no of somebody whom nobody knows follows the address too: from then on there is a contact who has it."""
    contact = inbound.contact
    if inbound.is_automatic:
        if contact is not None:
            lock_everyone_at(contact, inbound.sender)
        Inbound.objects.filter(pk=inbound.pk).update(meaning=Reply.NOTHING.value)
        hear_machine(inbound, contact)
        return None
    if contact is None:
        meaning = read_inbound(inbound, lists.reply_setup(inbound.account_id).words).reply
        contact = contact_at(inbound.account_id, inbound.sender, inbound.at) if meaning is Reply.OPT_OUT else None
        Inbound.objects.filter(pk=inbound.pk).update(meaning=meaning.value, contact=contact)
        if contact is None and may_be_lead and meaning is Reply.NOTHING:
            contact = lead_of_stranger(inbound)
        if contact is None:
            hear(inbound, None, meaning)
            return None
        inbound.contact = contact
    return obey(inbound, contact)


def _keep_files(inbound: Inbound, files: tuple[Attached, ...]) -> None:
    InboundFile.objects.bulk_create(
        InboundFile(
            account_id=inbound.account_id,
            inbound=inbound,
            number=number,
            name=one.name[:120],
            type=one.type[:100],
            size=len(one.content),
            content=one.content,
        )
        for number, one in enumerate(files, start=1)
    )


def _owner(written: Written) -> tuple[int, int | None, int | None] | None:
    """Account, contact and message that it belongs to. No contact: nobody knows the sender."""
    attempt = Attempt.objects.filter(adapter=written.adapter, ref=written.in_reply_to).exclude(ref="").first()
    if attempt is not None and written.account_id in (None, attempt.account_id):
        message = Message.objects.get(account_id=attempt.account_id, id=attempt.message_id)
        return message.account_id, message.contact_id, message.id
    if written.in_reply_to:
        return None
    accounts = _receivers(written)
    known = Address.objects.filter(value=written.sender)
    found = list((known.filter(account_id__in=accounts) if accounts else known).order_by("-pk"))
    if len({one.account_id for one in found}) == 1 or (found and not accounts):
        return found[0].account_id, found[0].contact_id, None
    if not accounts:
        return None
    meant = account_meant(accounts, written.sender, written.channel)
    return meant, next((one.contact_id for one in found if one.account_id == meant), None), None


def _receivers(written: Written) -> list[int]:
    """The accounts that send from where it arrived. More than one: see shared_senders.py."""
    if written.account_id is not None:
        return [written.account_id]
    if not written.recipient:
        return []
    ours = Q(sender__iexact=written.recipient)
    if written.channel is Channel.CALL:  # trunks name the number that was called, or the user who registered
        ours |= Q(config__user=written.recipient)
    setups = ChannelSetup.objects.filter(ours, channel=written.channel.value)
    return list(setups.order_by("account_id").values_list("account_id", flat=True))
