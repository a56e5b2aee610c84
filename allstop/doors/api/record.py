"""The record of a contact: what passed, notes, merging, and all that is known of a person."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Path, Query, Router, Schema
from ninja import Status as Answer
from pydantic import Field

from allstop.actions.actor import NotThere
from allstop.actions.export_person import export_person
from allstop.actions.merging import merge_contacts
from allstop.actions.notes import LONGEST, add_note
from allstop.doors.api.addresses import Address
from allstop.doors.api.contacts import ContactOut, contact_shape
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Id, Strict, Text, Timestamp
from allstop.store import lists

router = Router(tags=["contacts"])


class HistoryAsked(Asked):
    after_at: Timestamp | None = Field(None, description="The three of `next` of the page before; all or none.")
    after_kind: lists.PastKind | None = None
    after_id: int | None = Field(None, ge=0, lt=2**63)
    limit: int = Field(50, ge=1, le=200, description="Events of one page, 1 to 200.")

    def place(self) -> lists.Place | None:
        if self.after_at is None or self.after_kind is None or self.after_id is None:
            return None
        return lists.Place(self.after_at, self.after_kind, self.after_id)


class EventOut(Schema):
    at: datetime = Field(description="A message: when it left or ended, else when it is due.")
    kind: Literal["message", "reply", "note", "ledger"]
    id: int = Field(description="Of the message, the reply or the note; the number of a ledger entry.")
    channel: str
    by: Address = Field(description="Who wrote the note or made the change; where a reply came from.")
    subject: str = Field(description="Of an email; of a ledger entry: what was done.")
    words: str
    status: str
    receipt: str


class PlaceOut(Schema):
    after_at: datetime
    after_kind: str
    after_id: int


class HistoryPage(Schema):
    items: list[EventOut]
    next: PlaceOut | None = Field(description="Parameters of the next page; null on the last one.")


class ContactNoteIn(Strict):
    text: Annotated[Text, Field(max_length=LONGEST)]


class NoteOut(Schema):
    id: int
    by: str
    at: datetime
    text: str


class MergeIn(Strict):
    other_id: Id = Field(description="Goes; everything of it comes over to the contact of the address.")


class MergedOut(Schema):
    contact: ContactOut
    messages: int = Field(description="Messages that came over.")


@router.get(
    "/contacts/{int:contact_id}/history", response={200: HistoryPage, **refusals(404)}, operation_id="contact_history"
)
def history(request: Call, contact_id: Path[Id], asked: Query[HistoryAsked]) -> HistoryPage:
    """Messages of every channel, replies, notes and who set what, newest first."""
    account_id = request.auth.account_id
    if lists.contact(account_id, contact_id) is None:
        raise NotThere("There is no such contact.")
    events = lists.history(account_id, contact_id, after=asked.place(), limit=asked.limit + 1)
    shown = events[: asked.limit]
    following = None
    if len(events) > asked.limit:
        last = shown[-1].place
        following = PlaceOut(after_at=last.at, after_kind=last.kind.value, after_id=last.id)
    return HistoryPage(items=[EventOut.from_orm(event) for event in shown], next=following)


@router.post(
    "/contacts/{int:contact_id}/notes", response={201: NoteOut, **refusals(400, 403, 404)}, operation_id="add_note"
)
def note(request: Call, contact_id: Path[Id], said: ContactNoteIn) -> Answer[NoteOut]:
    """A note for colleagues. It is never sent. Roles: admin, leader, member."""
    return Answer(201, NoteOut.from_orm(add_note(request.auth, contact_id, said.text, request.now)))


@router.post(
    "/contacts/{int:contact_id}/merge",
    response={200: MergedOut, **refusals(400, 403, 404)},
    operation_id="merge_contacts",
)
def merge(request: Call, contact_id: Path[Id], said: MergeIn) -> MergedOut:
    """Two contacts that are one person become one. What stood against writing to either stands against the one that
    stays, and every worker obeys it when this answers. Roles: admin, leader, member.
    """
    merged = merge_contacts(request.auth, contact_id, said.other_id, request.now)
    return MergedOut(contact=contact_shape(request.auth.account_id, contact_id), messages=merged.messages)


@router.get(
    "/contacts/{int:contact_id}/export", response={200: dict[str, Any], **refusals(404)}, operation_id="export_contact"
)
def export(request: Call, contact_id: Path[Id]) -> dict[str, Any]:
    """Everything that is known of the person: columns as they are stored."""
    return export_person(request.auth, contact_id, request.now)
