"""What members do with conversations: read, answer, assign, close, and say who an unknown sender is.

The rule that it guards: a conversation decides nothing about what may leave. An answer is a message like any other, and
the gate judges it. Reading stops the timers for everybody, and only for what was on the screen.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.auto_reply import take_back_auto_reply
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.contacts import ContactDetails, create_contact, details_of, update_contact
from allstop.actions.heard import READ, adopt_sender, change, conversation_with
from allstop.actions.member_news import note_assigned
from allstop.actions.messages import Accepted, Draft, send_message
from allstop.actions.obey import lock_everyone_at, put_to_a_person
from allstop.actions.senders import contact_at
from allstop.actions.talk_hands import person_answers, was_answered
from allstop.actions.talks import OUT
from allstop.rules.addresses import in_letters, parse_email, parse_phone
from allstop.rules.facts import Channel, Purpose
from allstop.rules.roles import Act
from allstop.rules.words import Problem
from allstop.store import ledger
from allstop.store.assigning import assign
from allstop.store.models import Account, Contact, Conversation, ConversationState, Inbound, Member, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    channel: Channel
    body: str
    subject: str = ""  # emails only
    address: str = ""  # "": where they wrote from last on this channel, else the contact's first
    attachments: tuple[int, ...] = ()  # emails only: the ids of uploaded files


def read_conversation(actor: Actor, conversation_id: int, now: datetime, seen: int | None = None) -> Conversation:
    """Read for everybody. `seen`: the newest inbound that was shown; what came later stays unread."""
    require(actor, Act.HANDLE_INBOX)
    with transaction.atomic():
        row = _locked(actor, conversation_id)
        later = _written(row).filter(pk__gt=seen) if seen is not None else Inbound.objects.none()
        times = list(later.order_by("at").values_list("at", flat=True)[: row.unread])
        if times:
            change(row.pk, unread=len(times), unread_since=times[0])
        elif row.unread:
            change(row.pk, **READ)
    if not times:
        take_back_auto_reply(row, now)
    return _again(row)


def close_conversation(actor: Actor, conversation_id: int, now: datetime) -> Conversation:
    """Nothing more to answer. It opens again when they write."""
    row = _set_state(actor, conversation_id, ConversationState.CLOSED)
    take_back_auto_reply(row, now)
    return row


def reopen_conversation(actor: Actor, conversation_id: int) -> Conversation:
    return _set_state(actor, conversation_id, ConversationState.OPEN)


@transaction.atomic
def _set_state(actor: Actor, conversation_id: int, state: ConversationState) -> Conversation:
    require(actor, Act.HANDLE_INBOX)
    row = _locked(actor, conversation_id)
    if row.state != state or (row.unread and state is ConversationState.CLOSED):
        change(row.pk, state=state.value, **(READ if state is ConversationState.CLOSED else {}))
    return _again(row)


@transaction.atomic
def assign_conversation(actor: Actor, conversation_id: int, member_id: int | None, now: datetime) -> Conversation:
    """With a contact it is the contact who is assigned: 003-10 knows one member for both."""
    require(actor, Act.HANDLE_INBOX)
    if member_id is not None and not Member.objects.filter(account_id=actor.account_id, pk=member_id).exists():
        raise Invalid(member_id="There is no such member in this account.")
    row = _locked(actor, conversation_id)
    _assign(actor, row, member_id, now)
    return _again(row)


def answer(actor: Actor, conversation_id: int, said: Answer, now: datetime, key: str = "") -> Accepted:
    """Queued as a personal message. It closes and reads the conversation; one that is nobody's becomes the actor's.

    A sender whom nobody knows becomes a contact with that address. What the gate refuses at once closes nothing.
    """
    require(actor, Act.SEND_MESSAGE)
    row = _found(actor, conversation_id)
    if row.contact_id is None:
        conversation_id = know_sender(actor, conversation_id, now).pk
    with transaction.atomic():
        row = _locked(actor, conversation_id)
        accepted = _answer(actor, row, said, now, key)
    take_back_auto_reply(row, now)
    return accepted


def _answer(actor: Actor, row: Conversation, said: Answer, now: datetime, key: str) -> Accepted:
    """In a transaction, the conversation locked."""
    assert row.contact is not None  # known by now, and a contact that goes takes its conversation along
    draft = Draft(
        channel=said.channel,
        purpose=Purpose.PERSONAL,
        body=said.body,
        subject=said.subject,
        contact_id=row.contact.pk,
        address=said.address or _where_from(row, said.channel),
        attachments=said.attachments,
        by_hand=True,  # a person's own Send: it does not queue behind what a pace or a window keeps
    )
    lead = person_answers(actor, row.contact.pk, now)
    accepted = send_message(actor, draft, now, key)
    if accepted.is_repeat:
        return accepted
    if lead is not None and accepted.status is Status.WAITING:
        was_answered(actor, lead, OUT[said.channel], said.body, accepted.id, now)
    if accepted.status is Status.REFUSED:
        change(row.pk, **READ)
        return accepted
    change(row.pk, state=ConversationState.CLOSED.value, last_at=max(row.last_at, now), last_out_at=now, **READ)
    if row.assigned_to_id is None and actor.member_id is not None:
        _assign(actor, row, actor.member_id, now)
    return accepted


def know_sender(actor: Actor, conversation_id: int, now: datetime) -> Conversation:
    """The contact who has the sender's address; a new one without a name if there is none."""
    require(actor, Act.EDIT_CONTACTS)
    row = _unknown(actor, conversation_id)
    contact = contact_at(actor.account_id, row.address, now)
    if contact is None:
        raise Conflict(f"{in_letters(row.address)} cannot be written to: it is no number or email address of a person.")
    return _adopt(actor, contact.pk, row.address, now)


def attach_sender(actor: Actor, conversation_id: int, contact_id: int, now: datetime) -> Conversation:
    """The address is this contact's from now on, with all that was written from it."""
    require(actor, Act.EDIT_CONTACTS)
    row = _unknown(actor, conversation_id)
    stands = details_of(actor, contact_id)
    if row.address not in (*stands.phones, *stands.emails):
        update_contact(actor, contact_id, _with_address(actor, stands, row.address), now)
    return _adopt(actor, contact_id, row.address, now)


def add_sender(actor: Actor, conversation_id: int, details: ContactDetails, now: datetime) -> Conversation:
    """A new contact, who has the sender's address beside what the details say."""
    require(actor, Act.EDIT_CONTACTS)
    row = _unknown(actor, conversation_id)
    made = create_contact(actor, _with_address(actor, details, row.address), now)
    return _adopt(actor, made.pk, row.address, now)


def take_unassigned(actor: Actor, member_id: int, *, takes: bool) -> None:
    """Whether conversations that are nobody's count as this member's to read. Everyone's own choice, or an admin's."""
    require(actor, Act.VIEW)
    if member_id != actor.member_id:
        require(actor, Act.MANAGE_MEMBERS)
    if not Member.objects.filter(account_id=actor.account_id, pk=member_id).update(takes_unassigned=takes):
        raise NotThere("There is no such member in this account.")


def _adopt(actor: Actor, contact_id: int, address: str, now: datetime) -> Conversation:
    """Also what of it may be a no is put to a person now: from here on there is somebody to whom something would go."""
    with transaction.atomic():
        contact = Contact.objects.get(account_id=actor.account_id, pk=contact_id)
        everyone = lock_everyone_at(contact, address)
        unclear = adopt_sender(contact, address)
        row = conversation_with(contact, now)
        number = put_to_a_person(unclear, contact, everyone)
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="attach_sender",
            subject=f"contact:{contact_id}",
            after={"conversation": row.pk, "via": actor.via},
        )
    if number is not None:
        wait_until_confirmed(number)
    return row


def _with_address(actor: Actor, details: ContactDetails, address: str) -> ContactDetails:
    if "@" in address:
        if isinstance(parse_email(address), Problem):
            raise Conflict(
                f"{in_letters(address)} is no email address that can be written to. Close the conversation instead."
            )
        return replace(details, emails=tuple(dict.fromkeys((*details.emails, address))))
    country = details.country or Account.objects.get(pk=actor.account_id).country
    if isinstance(parse_phone(address, country), Problem):
        raise Conflict(f"{address} is no number that can be written to. Close the conversation instead.")
    return replace(details, phones=tuple(dict.fromkeys((*details.phones, address))))


def _assign(actor: Actor, row: Conversation, member_id: int | None, now: datetime) -> None:
    """Of a contact the trigger of conversation.sql carries it over."""
    if row.assigned_to_id == member_id:
        return
    if row.contact_id is not None:
        assign({row.contact_id: member_id})
    else:
        change(row.pk, assigned_to_id=member_id)
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="assign_contact" if row.contact_id is not None else "assign_conversation",
        subject=f"contact:{row.contact_id}" if row.contact_id is not None else f"conversation:{row.pk}",
        before={"assigned_to": row.assigned_to_id},
        after={"assigned_to": member_id, "via": actor.via},
    )
    note_assigned(member_id, actor, now, conversation=row)


def _where_from(row: Conversation, channel: Channel) -> str:
    """Empty: nothing was written on this channel, or from an address that the contact has no more."""
    latest = _written(row).filter(channel=channel.value).order_by("-at", "-pk").first()
    assert row.contact is not None
    if latest is None or not row.contact.addresses.filter(value=latest.sender).exists():
        return ""
    return latest.sender


def _written(row: Conversation) -> QuerySet[Inbound]:
    if row.contact_id is not None:
        return Inbound.objects.filter(account_id=row.account_id, contact_id=row.contact_id)  # inbound_by_contact
    return Inbound.objects.filter(account_id=row.account_id, contact=None, sender=row.address)  # inbound_of_unknown


def _found(actor: Actor, conversation_id: int) -> Conversation:
    row = Conversation.objects.filter(account_id=actor.account_id, pk=conversation_id).first()
    if row is None:
        raise NotThere("There is no such conversation.")
    return row


def _unknown(actor: Actor, conversation_id: int) -> Conversation:
    row = _found(actor, conversation_id)
    if row.contact_id is not None:
        raise Conflict("It is known already whose conversation this is. Reload the page.")
    return row


def _locked(actor: Actor, conversation_id: int) -> Conversation:
    """The contact first, then the conversation: as heard.py locks them."""
    row = _found(actor, conversation_id)
    if row.contact_id is not None:
        list(Contact.objects.select_for_update(of=("self",), no_key=True).filter(pk=row.contact_id))
    rows = Conversation.objects.select_for_update(of=("self",), no_key=True).select_related("contact")
    locked = rows.filter(pk=row.pk).first()
    if locked is None:
        raise NotThere("There is no such conversation.")  # merged into another one meanwhile
    return locked


def _again(row: Conversation) -> Conversation:
    return Conversation.objects.get(pk=row.pk)
