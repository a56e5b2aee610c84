"""Who seems to be the same person as a contact."""

from dataclasses import dataclass

from django.db.models import Q, Subquery
from django.db.models.functions import Lower

from allstop.store.models import Address, AddressKind, Contact


@dataclass(frozen=True, slots=True)
class Double:
    id: int
    name: str
    phone: str  # the first of its kind; "" = none
    email: str
    location: str


def doubles_of(account_id: int, contact_id: int, limit: int = 20) -> list[Double]:
    """Shares an address (address_by_value) or the whole name (contact_by_name)."""
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
    return [_double(one) for one in found.select_related("location").prefetch_related("addresses")[:limit]]


def _double(contact: Contact) -> Double:
    addresses = sorted(contact.addresses.all(), key=lambda address: (address.position, address.pk))
    first = {address.kind: address.value for address in reversed(addresses)}
    return Double(
        id=contact.pk,
        name=contact.name,
        phone=first.get(AddressKind.PHONE, ""),
        email=first.get(AddressKind.EMAIL, ""),
        location=contact.location.name if contact.location else "",
    )
