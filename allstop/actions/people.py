"""Contacts as rows: written many at a time, whoever asks for it (a form, an import, the demo).

The rule that it guards: a no follows the address. Whoever is written down with an address from which somebody
has opted out is opted out as well, whichever way the contact came in, also when that somebody was erased since.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeVar

from django.db import connection

from allstop.actions.suppression import recall
from allstop.rules.addresses import Email, Phone, PhoneKind, contact_zones
from allstop.rules.making import made_often_by_name
from allstop.store.assigning import assign
from allstop.store.copying import copy_rows, reserve_ids
from allstop.store.models import Account, Address, AddressKind, Contact

CHUNK = 5000  # values in one statement: more cost memory and save no time

_CONTACT_COLUMNS = (
    "id",
    "account_id",
    "location_id",
    "given_name",
    "family_name",
    "external_id",
    "language",
    "country",
    "zone",
    "zones",
    "created_at",
)

Item = TypeVar("Item")


@made_often_by_name
class Person:
    """Somebody as a file or a form describes them, with the addresses read."""

    given_name: str = ""
    family_name: str = ""
    external_id: str = ""
    language: str = ""
    country: str = ""
    zone: str = ""
    phones: tuple[Phone, ...] = ()
    emails: tuple[Email, ...] = ()
    location_id: int | None = None
    assigned_to_id: int | None = None

    @property
    def addresses(self) -> tuple[str, ...]:
        return (*(phone.e164 for phone in self.phones), *(email.address for email in self.emails))


def add_people(account: Account, people: Sequence[Person], now: datetime) -> list[int]:
    """New contacts with their addresses and the opt-outs that stand on these; returns the ids in order."""
    ids = reserve_ids(Contact, len(people))
    copy_rows(
        Contact,
        _CONTACT_COLUMNS,
        (_contact_row(account, pk, one, now) for pk, one in zip(ids, people, strict=True)),
    )
    of = dict(zip(ids, people, strict=True))
    assign({contact_id: one.assigned_to_id for contact_id, one in of.items() if one.assigned_to_id is not None})
    add_addresses(account.pk, ((contact_id, one.phones, one.emails, 0) for contact_id, one in of.items()))
    inherit_opt_outs(account.pk, {contact_id: one.addresses for contact_id, one in of.items()})
    recall(account.pk, {contact_id: one.addresses for contact_id, one in of.items()})
    return ids


def _contact_row(account: Account, contact_id: int, one: Person, now: datetime) -> tuple[object, ...]:
    return (
        contact_id,
        account.pk,
        one.location_id,
        one.given_name[:120],
        one.family_name[:120],
        one.external_id[:120],
        one.language[:12],
        one.country,
        one.zone,
        list(zones_of(account, one.zone, one.country, one.phones)),
        now,
    )


def add_addresses(account_id: int, of: Iterable[tuple[int, Sequence[Phone], Sequence[Email], int]]) -> None:
    """(contact, phones, emails, position of the first)."""
    copy_rows(
        Address,
        ("account_id", "contact_id", "kind", "value", "label", "position"),
        (
            (account_id, contact_id, kind, value, label, position)
            for contact_id, phones, emails, first in of
            for kind, value, label, position in _written(phones, emails, first)
        ),
    )


def _written(phones: Sequence[Phone], emails: Sequence[Email], first: int) -> Iterator[tuple[str, str, str, int]]:
    for position, phone in enumerate(phones, start=first):
        label = "mobile" if phone.kind is PhoneKind.MOBILE else ""
        yield AddressKind.PHONE.value, phone.e164, label, position
    for position, email in enumerate(emails, start=first):
        yield AddressKind.EMAIL.value, email.address, "", position


def zones_of(account: Account, zone: str, country: str, phones: Iterable[Phone]) -> tuple[str, ...]:
    """Every zone that a contact may be in; a contact without a country is in the account's."""
    return contact_zones(zone or None, phones, country or account.country)


_INHERIT = """
INSERT INTO opt_out (account_id, contact_id, channel, address, words, at)
SELECT DISTINCT ON (w.contact_id, o.channel) o.account_id, w.contact_id, o.channel, o.address, o.words, o.at
  FROM unnest(%(ids)s::bigint[], %(values)s::text[]) AS w(contact_id, value)
  JOIN opt_out o ON o.account_id = %(account)s AND o.lifted_at IS NULL AND o.address <> '' AND o.address = w.value
 ORDER BY w.contact_id, o.channel, o.id
ON CONFLICT DO NOTHING
"""


def inherit_opt_outs(account_id: int, addresses: Mapping[int, Iterable[str]]) -> None:
    """Opt these contacts out of what was opted out of from one of their addresses (opt_out_standing)."""
    pairs = [(contact_id, value) for contact_id, values in addresses.items() for value in values]
    with connection.cursor() as cursor:
        cursor.execute(
            _INHERIT,
            {"account": account_id, "ids": [pair[0] for pair in pairs], "values": [pair[1] for pair in pairs]},
        )


def chunks(items: Sequence[Item], size: int = CHUNK) -> Iterator[Sequence[Item]]:
    return (items[start : start + size] for start in range(0, len(items), size))
