"""Conversations: what people write, and what is done about it. And the sandbox's far end, where anybody can write."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from allstop.actions.actor import Invalid, NotThere
from allstop.actions.contacts import ContactDetails
from allstop.actions.conversations import (
    Answer,
    add_sender,
    answer,
    assign_conversation,
    attach_sender,
    close_conversation,
    read_conversation,
    reopen_conversation,
)
from allstop.actions.play import LONGEST, play_inbound
from allstop.doors.api.addresses import Address
from allstop.doors.api.attachments import IDS, Attached
from allstop.doors.api.errors import refusals
from allstop.doors.api.messages import AcceptedOut, accepted_shape
from allstop.doors.api.record import EventOut
from allstop.doors.api.request import Asked, Call, Id, Key, Line, Strict, Text, Timestamp
from allstop.rules.facts import Channel
from allstop.store import lists
from allstop.store.lists import NOBODY, ConversationRow, InboxFilter, InboxPlace, Show

router = Router(tags=["conversations"])

Name = Annotated[Text, Field(max_length=120)]


class Written(StrEnum):
    """The channels on which people write."""

    TEXT = "text"
    EMAIL = "email"


class ConversationsAsked(Asked):
    show: Show = Field(Show.OPEN, description="open: they wait for an answer. unread: nobody has looked. closed.")
    member: Id | None = Field(None, description="Assigned to this member.")
    unassigned: bool = Field(False, description="Assigned to nobody.")
    q: Annotated[Text, Field(max_length=120)] = Field(
        "", description="Part of a name, number or email; finds open and closed ones, whatever `show` says."
    )
    after_at: Timestamp | None = Field(None, description="The two of `next` of the page before; both or none.")
    after_id: int | None = Field(None, ge=0, lt=2**63)
    limit: int = Field(50, ge=1, le=200, description="Conversations of one page, 1 to 200.")

    def filter(self) -> InboxFilter:
        if self.unassigned and self.member is not None:
            raise Invalid(unassigned="Ask for one member's conversations or for those of nobody.")
        return InboxFilter(show=self.show, assigned_to=NOBODY if self.unassigned else self.member, q=self.q)

    def place(self) -> InboxPlace | None:
        if self.after_at is None or self.after_id is None:
            return None
        return InboxPlace(self.after_at, self.after_id)


class ThreadAsked(Asked):
    limit: int = Field(50, ge=1, le=200, description="The newest events, 1 to 200.")


class ConversationOut(Schema):
    id: int
    contact_id: int | None = Field(description="null: nobody in the Phonebook has the address.")
    name: str
    address: Address = Field(description='Of a sender whom nobody knows; "" with a contact.')
    state: str = Field(description="open or closed")
    unread: int
    unread_since: datetime | None
    last_at: datetime = Field(description="When they wrote or were answered last.")
    last_in_at: datetime | None
    last_out_at: datetime | None
    assigned_to_id: int | None
    assigned_to: str
    channel: str = Field(description="Of what was said last.")
    text: str = Field(description="The first 200 characters of it.")
    is_ours: bool
    auto_reply_due_at: datetime | None = Field(description="Unless somebody reads it before.")


class InboxPlaceOut(Schema):
    after_at: datetime
    after_id: int


class ConversationPage(Schema):
    items: list[ConversationOut]
    next: InboxPlaceOut | None = Field(description="Parameters of the next page; null on the last one.")
    unread: int = Field(description="Unread conversations of the account, counted up to 100.")


class ThreadOut(ConversationOut):
    newest_inbound: int = Field(description="For `seen`; 0 = they have written nothing.")
    events: list[EventOut] = Field(description="Newest first, over all channels.")


class ReadIn(Strict):
    seen: Id | None = Field(None, description="`newest_inbound` as it was shown: what came later stays unread.")


class AssignIn(Strict):
    member_id: Id | None = Field(description="null: nobody's.")


class ConversationAnswerIn(Strict):
    channel: Written
    body: Text
    subject: Line = Field("", description="Emails only, and they need one.")
    address: Line = Field("", description="Empty: where they wrote from last on this channel.")
    attachments: Attached = Field([], description=IDS)


class SenderIn(Strict):
    contact_id: Id | None = Field(None, description="Somebody in the Phonebook. null: a new contact.")
    given_name: Name = ""
    family_name: Name = ""


class InboundIn(Strict):
    channel: Written
    sender: Line = Field(description="Any number or email address, known or not.")
    text: Annotated[Text, Field(max_length=LONGEST)]


class PlayedOut(Schema):
    played: bool


def conversation_page(account_id: int, wanted: InboxFilter, after: InboxPlace | None, limit: int) -> ConversationPage:
    rows = lists.conversations(account_id, wanted, after=after, limit=limit + 1)
    shown = rows[:limit]
    last = shown[-1] if len(rows) > limit else None
    return ConversationPage(
        items=[ConversationOut.from_orm(row) for row in shown],
        next=InboxPlaceOut(after_at=last.last_at, after_id=last.id) if last else None,
        unread=lists.unread_conversations(account_id, None).everybody,
    )


def conversation_shape(account_id: int, conversation_id: int) -> ConversationOut:
    return ConversationOut.from_orm(_found(account_id, conversation_id))


def thread_shape(account_id: int, conversation_id: int, limit: int) -> ThreadOut:
    row = _found(account_id, conversation_id)
    if row.contact_id is not None:
        events = lists.history(account_id, row.contact_id, limit=limit)
    else:
        events = lists.sender_history(account_id, row.address, limit=limit)
    return ThreadOut(
        **ConversationOut.from_orm(row).dict(),
        newest_inbound=lists.newest_inbound(account_id, row),
        events=[EventOut.from_orm(event) for event in events],
    )


def _found(account_id: int, conversation_id: int) -> ConversationRow:
    row = lists.conversation(account_id, conversation_id)
    if row is None:
        raise NotThere("There is no such conversation.")
    return row


@router.get("/conversations", response={200: ConversationPage, **refusals(400)}, operation_id="list_conversations")
def list_conversations(request: Call, asked: Query[ConversationsAsked]) -> ConversationPage:
    """The inbox, newest first."""
    return conversation_page(request.auth.account_id, asked.filter(), asked.place(), asked.limit)


@router.get(
    "/conversations/{int:conversation_id}",
    response={200: ThreadOut, **refusals(404)},
    operation_id="get_conversation",
)
def get_conversation(request: Call, conversation_id: Path[Id], asked: Query[ThreadAsked]) -> ThreadOut:
    """One conversation with what was said. Of a contact, older events are in the contact's history."""
    return thread_shape(request.auth.account_id, conversation_id, asked.limit)


@router.post(
    "/conversations/{int:conversation_id}/read",
    response={200: ConversationOut, **refusals(400, 403, 404)},
    operation_id="read_conversation",
)
def read(request: Call, conversation_id: Path[Id], said: ReadIn) -> ConversationOut:
    """Read for everybody; no automatic reply goes any more. Roles: admin, leader, member."""
    read_conversation(request.auth, conversation_id, request.now, said.seen)
    return conversation_shape(request.auth.account_id, conversation_id)


@router.post(
    "/conversations/{int:conversation_id}/close",
    response={200: ConversationOut, **refusals(403, 404)},
    operation_id="close_conversation",
)
def close(request: Call, conversation_id: Path[Id]) -> ConversationOut:
    """Nothing more to answer. It opens again when they write. Roles: admin, leader, member."""
    close_conversation(request.auth, conversation_id, request.now)
    return conversation_shape(request.auth.account_id, conversation_id)


@router.post(
    "/conversations/{int:conversation_id}/reopen",
    response={200: ConversationOut, **refusals(403, 404)},
    operation_id="reopen_conversation",
)
def reopen(request: Call, conversation_id: Path[Id]) -> ConversationOut:
    """They wait for an answer after all. Roles: admin, leader, member."""
    reopen_conversation(request.auth, conversation_id)
    return conversation_shape(request.auth.account_id, conversation_id)


@router.post(
    "/conversations/{int:conversation_id}/assign",
    response={200: ConversationOut, **refusals(400, 403, 404)},
    operation_id="assign_conversation",
)
def assign(request: Call, conversation_id: Path[Id], said: AssignIn) -> ConversationOut:
    """To a member or to nobody. With a contact it is the contact who is assigned. Roles: admin, leader, member."""
    assign_conversation(request.auth, conversation_id, said.member_id, request.now)
    return conversation_shape(request.auth.account_id, conversation_id)


@router.post(
    "/conversations/{int:conversation_id}/answer",
    response={201: AcceptedOut, 200: AcceptedOut, **refusals(400, 403, 404, 409)},
    operation_id="answer_conversation",
)
def send_answer(
    request: Call,
    conversation_id: Path[Id],
    said: ConversationAnswerIn,
    idempotency_key: Key,
) -> Status[AcceptedOut]:
    """Send a personal message to them, by hand: it skips the account's window and pace, and nothing else.

    It closes and reads the conversation, unless the gate refuses it at once. A sender whom nobody knows becomes a
    contact. Roles: admin, leader, member.
    """
    wanted = Answer(
        channel=Channel(said.channel),
        body=said.body,
        subject=said.subject,
        address=said.address,
        attachments=tuple(said.attachments),
    )
    accepted = answer(request.auth, conversation_id, wanted, request.now, idempotency_key)
    return Status(200 if accepted.is_repeat else 201, accepted_shape(accepted))


@router.post(
    "/conversations/{int:conversation_id}/sender",
    response={200: ConversationOut, **refusals(400, 403, 404, 409)},
    operation_id="know_sender",
)
def know_sender(request: Call, conversation_id: Path[Id], said: SenderIn) -> ConversationOut:
    """Say who a sender is whom nobody knows. What they wrote is in the contact's record from then on; the conversation
    may have another id, if the contact had one. Roles: admin, leader, member.
    """
    if said.contact_id is not None:
        made = attach_sender(request.auth, conversation_id, said.contact_id, request.now)
    else:
        details = ContactDetails(given_name=said.given_name, family_name=said.family_name)
        made = add_sender(request.auth, conversation_id, details, request.now)
    return conversation_shape(request.auth.account_id, made.pk)


@router.post("/sandbox/inbound", response={201: PlayedOut, **refusals(400, 403, 409)}, operation_id="play_inbound")
def play(request: Call, said: InboundIn) -> Status[PlayedOut]:
    """As if somebody had written: obeyed, in the record and in the inbox when this answers. Only where the channel
    delivers into the sandbox. Roles: admin, leader.
    """
    play_inbound(request.auth, Channel(said.channel), said.sender, said.text, request.now)
    return Status(201, PlayedOut(played=True))
