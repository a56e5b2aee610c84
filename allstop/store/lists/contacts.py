"""Contacts by name, with what stands against writing to them."""

from dataclasses import dataclass

from django.db.models import Q
from django.db.models.functions import Lower

from allstop.rules.markers import MarkerKind
from allstop.store.lists.messages import contacts_like
from allstop.store.models import Address, Contact, Marker, OptOut


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
