"""What somebody writes reaches their conversation: it opens, is unread, and the timer of the automatic reply runs.

The rule that it guards: nothing that a person wrote is lost, also of somebody whom nobody knows yet. Words that Allstop
has answered by itself (STOP, START, HELP) wait for no person: they are kept and open nothing.

Locks: the contact first, then its conversation, and only then what takes a stop's number or writes to the ledger.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import BigIntegerField, F, Func, Value
from django.db.models.functions import Greatest

from allstop.actions.member_news import note_written
from allstop.actions.talk_hearing import lead_wrote, was_ended_with_all
from allstop.rules.optout import Reply
from allstop.rules.words import Channel
from allstop.store import lists
from allstop.store.models import Contact, Conversation, ConversationState, Inbound

FOR_A_PERSON = (Reply.NOTHING, Reply.UNCLEAR)
ONE_AUTO_REPLY_IN = timedelta(days=1)  # two machines must not answer each other for ever
READ: dict[str, Any] = {"unread": 0, "unread_since": None, "auto_reply_due_at": None}


def hear(inbound: Inbound, contact: Contact | None, meaning: Reply, *, waits_for_nobody: bool = False) -> list[Inbound]:
    """In the transaction that stores it, the contact locked. Returns what else may be a no: written from this address
    before anybody knew whose it is. `waits_for_nobody`: what it asks for is done, such as a plain yes."""
    unclear: list[Inbound] = []
    if contact is not None:
        unclear = adopt_sender(contact, inbound.sender, except_for=inbound.pk)
        found = conversation_with(contact, inbound.at)
    else:
        found = _conversation_from(inbound)
    changes: dict[str, Any] = {
        "last_at": Greatest(F("last_at"), Value(inbound.at)),
        "last_in_at": Greatest(F("last_in_at"), Value(inbound.at)),  # passes over NULL
    }
    if meaning in FOR_A_PERSON and not waits_for_nobody:
        changes |= {
            "state": ConversationState.OPEN.value,
            "unread": F("unread") + 1,
            "unread_since": found.unread_since or inbound.at,
        }
        if contact is not None and meaning is Reply.NOTHING:
            changes["auto_reply_due_at"] = _auto_reply_due_at(found, inbound)
        if contact is None or not was_ended_with_all(contact):  # of those a notice tells, with the advice
            note_written(found, inbound)
    elif meaning is Reply.OPT_OUT:
        changes["auto_reply_due_at"] = None
    if contact is not None and lead_wrote(inbound, contact, found.pk, meaning):
        changes["auto_reply_due_at"] = None  # the playbook answers, or nobody may
    change(found.pk, **changes)
    return unclear


def hear_machine(inbound: Inbound, contact: Contact | None) -> None:
    """A machine wrote it, such as an absence note: it is kept where a person would look, and waits for nobody."""
    found = conversation_with(contact, inbound.at) if contact is not None else _conversation_from(inbound)
    last_at = Greatest(F("last_at"), Value(inbound.at))
    change(found.pk, last_at=last_at, last_in_at=Greatest(F("last_in_at"), Value(inbound.at)))


def conversation_with(contact: Contact, now: datetime) -> Conversation:
    """The contact's own, locked; made if there is none. The caller has locked the contact."""
    made, _ = Conversation.objects.get_or_create(
        contact=contact,
        defaults={
            "account_id": contact.account_id,
            "address": "",
            "state": ConversationState.CLOSED.value,
            "last_at": now,
            "assigned_to_id": contact.assigned_to_id,
            "version": next_version(),
        },
    )
    return Conversation.objects.select_for_update(of=("self",), no_key=True).get(pk=made.pk)


def adopt_sender(contact: Contact, address: str, *, except_for: int = 0) -> list[Inbound]:
    """What this address wrote while nobody knew whose it is becomes the contact's. Returns what of it may be a no."""
    stranger = (
        Conversation.objects.select_for_update(of=("self",))
        .filter(account_id=contact.account_id, contact=None, address=address)
        .first()
    )
    if stranger is None:
        return []
    written = Inbound.objects.filter(account_id=contact.account_id, contact=None, sender=address)
    ids = list(written.order_by("at", "pk").values_list("pk", flat=True))
    written.update(contact=contact)
    join_conversation(conversation_with(contact, stranger.last_at), stranger)
    unclear = Inbound.objects.filter(pk__in=ids, meaning=Reply.UNCLEAR.value).exclude(pk=except_for)
    return list(unclear.order_by("at", "pk"))


def join_conversation(keep: Conversation, other: Conversation) -> None:
    """Both are locked. What waits in either waits in the one that stays."""
    is_open = ConversationState.OPEN.value in (keep.state, other.state)
    Conversation.objects.filter(pk=other.pk).delete()
    change(
        keep.pk,
        state=ConversationState.OPEN.value if is_open else ConversationState.CLOSED.value,
        last_at=max(keep.last_at, other.last_at),
        last_in_at=_latest((keep.last_in_at, other.last_in_at)),
        last_out_at=_latest((keep.last_out_at, other.last_out_at)),
        unread=keep.unread + other.unread,
        unread_since=_earliest((keep.unread_since, other.unread_since)),
        auto_reply_due_at=_earliest((keep.auto_reply_due_at, other.auto_reply_due_at)),
        auto_replied_at=_latest((keep.auto_replied_at, other.auto_replied_at)),
    )


def change(conversation_id: int, **columns: Any) -> None:
    """Open pages of the inbox are drawn again."""
    Conversation.objects.filter(pk=conversation_id).update(**columns, version=next_version())


def next_version() -> Func:
    return Func(Value("conversation_version"), function="nextval", output_field=BigIntegerField())


def _conversation_from(inbound: Inbound) -> Conversation:
    made, _ = Conversation.objects.get_or_create(
        account_id=inbound.account_id,
        contact=None,
        address=inbound.sender,
        defaults={
            "state": ConversationState.CLOSED.value,
            "last_at": inbound.at,
            "version": next_version(),
        },
    )
    return Conversation.objects.select_for_update(of=("self",), no_key=True).get(pk=made.pk)


def _auto_reply_due_at(found: Conversation, inbound: Inbound) -> datetime | None:
    """Counted from the first that nobody has read. Texts only: a machine that answers emails finds other machines."""
    setup = lists.reply_setup(inbound.account_id)
    if not setup.auto_reply or inbound.channel != Channel.TEXT:
        return found.auto_reply_due_at
    if found.auto_replied_at is not None and found.auto_replied_at > inbound.at - ONE_AUTO_REPLY_IN:
        return None
    return found.auto_reply_due_at or inbound.at + timedelta(minutes=setup.auto_reply_minutes)


def _latest(times: Iterable[datetime | None]) -> datetime | None:
    return max(filter(None, times), default=None)


def _earliest(times: Iterable[datetime | None]) -> datetime | None:
    return min(filter(None, times), default=None)
