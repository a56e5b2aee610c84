"""Contacts by name, with what stands against writing to them."""

from dataclasses import dataclass

from django.db.models import Q, Subquery
from django.db.models.functions import Lower

from allstop.rules.markers import MarkerKind
from allstop.store.lists.messages import contacts_like
from allstop.store.models import Address, Contact, Group, Marker, OptOut


@dataclass(frozen=True, slots=True)
class ContactRow:
    id: int
    name: str
    phone: str  # the first of its kind; "" = none
    email: str
    location: str
    markers: list[MarkerKind]
    opted_out: bool


def contacts(account_id: int, q: str = "", *, after: int | None = None, limit: int = 50) -> list[ContactRow]:
    """By family name, then given name (contact_by_name)."""
    found = contacts_like(account_id, q).annotate(family=Lower("family_name"), given=Lower("given_name"))
    if after is not None:
        last = found.filter(pk=after).first() or Contact.objects.filter(account_id=account_id, pk=after).first()
        if last is None:
            return []
        family, given = last.family_name.lower(), last.given_name.lower()
        same_family = Q(family=family) & (Q(given__gt=given) | Q(given=given, pk__gt=after))
        found = found.filter(Q(family__gt=family) | same_family)
    page = found.order_by("family", "given", "pk").select_related("location")
    return [_row(contact) for contact in page.prefetch_related("addresses", "markers", "opt_outs")[:limit]]


def _row(contact: Contact) -> ContactRow:
    addresses = sorted(contact.addresses.all(), key=lambda address: address.position)
    first = {address.kind: address.value for address in reversed(addresses)}
    return ContactRow(
        id=contact.pk,
        name=contact.name,
        phone=first.get("phone", ""),
        email=first.get("email", ""),
        location=contact.location.name if contact.location else "",
        markers=[MarkerKind(marker.kind) for marker in contact.markers.all()],
        opted_out=any(opt_out.lifted_at is None for opt_out in contact.opt_outs.all()),
    )


@dataclass(frozen=True, slots=True)
class ContactDetail:
    contact: Contact
    addresses: list[Address]
    markers: list[Marker]
    opt_outs: list[OptOut]  # the lifted ones too, as history


def contact(account_id: int, contact_id: int) -> ContactDetail | None:
    known = Contact.objects.select_related("location", "assigned_to__user")
    found = known.filter(account_id=account_id, pk=contact_id).first()
    if found is None:
        return None
    return ContactDetail(
        found,
        list(found.addresses.order_by("kind", "position", "pk")),
        list(found.markers.order_by("set_at", "pk")),
        list(found.opt_outs.order_by("at", "pk")),
    )


def groups_of(account_id: int, contact_id: int) -> list[Group]:
    return list(Group.objects.filter(account_id=account_id, contacts=contact_id).order_by("name", "pk"))


def doubles_of(account_id: int, contact_id: int, limit: int = 20) -> list[ContactRow]:
    """Who seems to be the same person: shares an address (address_by_value) or the whole name (contact_by_name)."""
    mine = Contact.objects.filter(account_id=account_id, pk=contact_id).first()
    if mine is None:
        return []
    values = Address.objects.filter(contact=mine).values_list("value", flat=True)
    sharing = Address.objects.filter(account_id=account_id, value__in=list(values)).values("contact_id")
    alike = Q(pk__in=Subquery(sharing))
    if mine.given_name and mine.family_name:
        family, given = mine.family_name.lower(), mine.given_name.lower()
        named = Contact.objects.annotate(family=Lower("family_name"), given=Lower("given_name"))
        alike |= Q(pk__in=Subquery(named.filter(account_id=account_id, family=family, given=given).values("pk")))
    found = Contact.objects.filter(alike, account_id=account_id).exclude(pk=contact_id).order_by("pk")
    return [
        _row(one)
        for one in found.select_related("location").prefetch_related("addresses", "markers", "opt_outs")[:limit]
    ]
