"""Contacts: the list, one contact, changes, and markers."""

from dataclasses import replace
from datetime import datetime
from typing import Annotated

from ninja import Path, Query, Router, Schema
from ninja import Status as Answer
from pydantic import Field

from allstop.actions.actor import Actor, NotThere
from allstop.actions.bulk import check_filter
from allstop.actions.contacts import ContactDetails, create_contact, details_of, mark, unmark, update_contact
from allstop.doors.api.addresses import Address
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Id, Line, Paged, Strict, Text
from allstop.rules.markers import MarkerKind
from allstop.store import lists

router = Router(tags=["contacts"])

Name = Annotated[Text, Field(max_length=120)]
Addresses = Annotated[list[Line], Field(max_length=20)]


class Filtered(Asked):
    """Filters combine. Without `q`, `opted_out` and `deleted` whoever is unsubscribed or deleted is left out."""

    q: Annotated[Text, Field(max_length=200)] = Field(
        "", description="Words in a name, a number (written in any way), an email or your own id."
    )
    flag: bool = Field(False, description="With a flag.")
    stop_all: bool = False
    stop_promotions: bool = False
    assigned_to: int | None = Field(None, ge=-1, description="A member's id; -1 = nobody.")
    group: Id | None = None
    location: Id | None = None
    opted_out: bool = Field(False, description="Said no to texts or to everything.")
    deleted: bool = Field(False, description="Deleted from the Phonebook.")

    def filter(self) -> lists.ContactFilter:
        return lists.filter_from_json(self.model_dump(include=set(Filtered.model_fields)))


class ContactsAsked(Filtered, Paged):
    letter: Annotated[Text, Field(max_length=1)] = Field("", description="Begin where family names begin with it.")


class ContactRowOut(Schema):
    id: int
    name: str
    phone: str
    email: Address
    location: str
    assigned_to: str
    markers: list[str]
    opted_out: bool
    unsubscribed: bool
    deleted: bool


class ContactPage(Schema):
    items: list[ContactRowOut]
    next: int | None = Field(
        description="For `after`; null on the last page. Pages before it may have fewer rows than `limit`."
    )


class MarkerOut(Schema):
    kind: str = Field(description="flag, stop_all or stop_promotions")
    set_by: str
    set_at: datetime
    reason: str


class OptOutOut(Schema):
    channel: str | None = Field(description="null: every channel")
    address: Address = Field(description="Where the word came from.")
    words: str = Field(description="What the contact said.")
    at: datetime


class ContactOut(Schema):
    id: int
    given_name: str
    family_name: str
    phones: list[str]
    emails: list[Address]
    external_id: str
    language: str
    country: str
    zone: str = Field(description='Set by a person; "" = worked out from the phones.')
    zones: list[str] = Field(description="Every zone that the contact may be in; empty = unknown.")
    location_id: int | None
    assigned_to_id: int | None
    created_at: datetime
    markers: list[MarkerOut]
    opt_outs: list[OptOutOut] = Field(description="The contact's own no; only the contact lifts it.")


class ContactIn(Strict):
    given_name: Name = ""
    family_name: Name = ""
    phones: Addresses = Field([], description="The first is tried first.")
    emails: Addresses = Field([], description="The first is tried first.")
    external_id: Name = Field("", description="Your own id of the person; no other contact may have it.")
    language: Annotated[Text, Field(max_length=12)] = ""
    country: Annotated[Text, Field(max_length=2)] = Field("", description='Two letters; "" = the account\'s.')
    zone: Annotated[Text, Field(max_length=60)] = Field("", description='Like Europe/London; "" = from the phones.')
    location_id: Id | None = None
    assigned_to_id: Id | None = Field(None, description="A member of the account.")

    def changed(self, details: ContactDetails) -> ContactDetails:
        """What was said replaces what stands; what was not said stays."""
        said = self.model_dump(exclude_unset=True)
        for kind in ("phones", "emails"):
            if kind in said:
                said[kind] = tuple(said[kind])
        return replace(details, **said)


class MarkerIn(Strict):
    kind: MarkerKind
    reason: Line = ""


class UnmarkAsked(Asked):
    reason: Line = Field("", description="Kept in the ledger.")


def contact_shape(account_id: int, contact_id: int) -> ContactOut:
    found = lists.contact(account_id, contact_id)
    if found is None:
        raise NotThere("There is no such contact.")
    contact = found.contact
    return ContactOut(
        id=contact.pk,
        given_name=contact.given_name,
        family_name=contact.family_name,
        phones=[one.value for one in found.addresses if one.kind == "phone"],
        emails=[one.value for one in found.addresses if one.kind == "email"],
        external_id=contact.external_id,
        language=contact.language,
        country=contact.country,
        zone=contact.zone,
        zones=contact.zones,
        location_id=contact.location_id,
        assigned_to_id=contact.assigned_to_id,
        created_at=contact.created_at,
        markers=[MarkerOut.from_orm(one) for one in found.markers],
        opt_outs=[OptOutOut.from_orm(one) for one in found.opt_outs if one.lifted_at is None],
    )


def contact_page(actor: Actor, asked: ContactsAsked) -> ContactPage:
    wanted = asked.filter()
    check_filter(actor.account_id, wanted)
    found = lists.phonebook(actor.account_id, wanted, after=asked.after, letter=asked.letter, limit=asked.limit)
    return ContactPage(items=[ContactRowOut.from_orm(row) for row in found.rows], next=found.next)


@router.get("/contacts", response={200: ContactPage, **refusals(404)}, operation_id="list_contacts")
def list_contacts(request: Call, asked: Query[ContactsAsked]) -> ContactPage:
    """By family name, then given name. A search shows first whose family name begins with one of its words."""
    return contact_page(request.auth, asked)


@router.post("/contacts", response={201: ContactOut, **refusals(400, 403)}, operation_id="create_contact")
def create(request: Call, contact: ContactIn) -> Answer[ContactOut]:
    """A new contact. Numbers are read in the contact's country, else the account's. Roles: admin, leader, member."""
    made = create_contact(request.auth, contact.changed(ContactDetails()), request.now)
    return Answer(201, contact_shape(request.auth.account_id, made.pk))


@router.get("/contacts/{int:contact_id}", response={200: ContactOut, **refusals(404)}, operation_id="get_contact")
def get_contact(request: Call, contact_id: Path[Id]) -> ContactOut:
    """One contact, with what stands against writing to them."""
    return contact_shape(request.auth.account_id, contact_id)


@router.patch(
    "/contacts/{int:contact_id}", response={200: ContactOut, **refusals(400, 403, 404)}, operation_id="update_contact"
)
def update(request: Call, contact_id: Path[Id], contact: ContactIn) -> ContactOut:
    """Change the fields that are sent; a list of phones or emails replaces the whole list.

    Roles: admin, leader, member.
    """
    details = contact.changed(details_of(request.auth, contact_id))
    update_contact(request.auth, contact_id, details, request.now)
    return contact_shape(request.auth.account_id, contact_id)


@router.post(
    "/contacts/{int:contact_id}/markers",
    response={200: ContactOut, **refusals(400, 403, 404)},
    operation_id="mark_contact",
)
def set_marker(request: Call, contact_id: Path[Id], marker: MarkerIn) -> ContactOut:
    """Set a marker. A Stop All or Stop Promotions is obeyed by every worker when this answers.

    One that stands already stays as it is. Roles: admin, leader, member.
    """
    mark(request.auth, [contact_id], marker.kind, marker.reason, request.now)
    return contact_shape(request.auth.account_id, contact_id)


@router.delete(
    "/contacts/{int:contact_id}/markers/{kind}",
    response={200: ContactOut, **refusals(403, 404)},
    operation_id="unmark_contact",
)
def clear_marker(request: Call, contact_id: Path[Id], kind: MarkerKind, asked: Query[UnmarkAsked]) -> ContactOut:
    """Take a marker away. What was refused because of it stays refused. Roles: admin, leader, member."""
    unmark(request.auth, [contact_id], kind, asked.reason, request.now)
    return contact_shape(request.auth.account_id, contact_id)
