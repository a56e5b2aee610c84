"""Whom TO: of the Messenger means where it names many at once: groups, and all that match a filter of the Phonebook.

A group means the contacts that the Phonebook shows in it: not those who are unsubscribed or deleted.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from allstop.rules.markers import MarkerKind
from allstop.rules.messenger import NAME_MISSING, NO_ADDRESS, InTo
from allstop.rules.words import Channel
from allstop.store.lists.contact_filter import ContactFilter, conditions
from allstop.store.lists.phonebook import ids_that_match
from allstop.store.lists.reading import rows


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    """All that match, `without` some."""

    filter: ContactFilter
    without: tuple[int, ...] = ()


def next_in_to(
    account_id: int, ids: Sequence[int], many: Sequence[Many], *, beyond: int, until: int, limit: int
) -> list[int]:
    """The next contacts of TO: by id, each once. `ids`: those that it names one by one."""
    found = {one for one in ids if one > beyond}
    for source in many:
        found.update(
            ids_that_match(
                account_id, source.filter, beyond=beyond, until=until, without=list(source.without), limit=limit
            )
        )
    return sorted(found)[:limit]


# marker_once, opt_out_stands_once and address_once are asked for each contact, or the tables are joined as a whole
_KINDS = """
SELECT stop_all, promotions, opted_out, reachable, named, zones, count(*) FROM (
  SELECT EXISTS (SELECT FROM marker m WHERE m.contact_id = c.id AND m.kind = 'stop_all') AS stop_all,
         EXISTS (SELECT FROM marker m WHERE m.contact_id = c.id AND m.kind = 'stop_promotions') AS promotions,
         EXISTS (SELECT FROM opt_out o WHERE o.contact_id = c.id AND o.lifted_at IS NULL
                    AND (o.channel IS NULL OR o.channel = %(channel)s)) AS opted_out,
         EXISTS (SELECT FROM address a WHERE a.contact_id = c.id AND a.kind = %(kind)s) AS reachable,
         {named} AS named, {zones} AS zones
    FROM contact c WHERE c.account_id = %(account)s AND ({meant})
     AND NOT c.id = ANY (%(without)s::bigint[])) one
 GROUP BY 1, 2, 3, 4, 5, 6
"""
_NAMED = {
    "first_name": "c.given_name <> ''",
    "last_name": "c.family_name <> ''",
    "name": "c.given_name || c.family_name <> ''",
    "names": "c.given_name || c.family_name <> ''",
}


def kinds_in_to(
    account_id: int, many: Sequence[Many], channel: Channel, names: Collection[str], without: Collection[int]
) -> list[tuple[InTo, int]]:
    """How many of those that TO: does not name one by one have the same against them. Exact, but for phones that take
    no texts: only reading each number tells those apart.

    `names`: the placeholders of the wording. `without`: those whom TO: names one by one.
    """
    return [(kind, count) for kind, _, count in _kinds(account_id, many, channel, names, without, "NULL::varchar[]")]


def zones_in_to(
    account_id: int, many: Sequence[Many], channel: Channel, names: Collection[str], without: Collection[int]
) -> list[tuple[InTo, tuple[str, ...], int]]:
    """The same by the zones that they may be in: for a forecast."""
    return _kinds(account_id, many, channel, names, without, "c.zones")


def _kinds(
    account_id: int,
    many: Sequence[Many],
    channel: Channel,
    names: Collection[str],
    without: Collection[int],
    zones: str,
) -> list[tuple[InTo, tuple[str, ...], int]]:
    if not many:
        return []
    meant, values = _meant(many)
    named = " AND ".join(_NAMED[name] for name in names if name in _NAMED) or "true"
    asked = {
        "account": account_id,
        "channel": channel.value,
        "kind": "email" if channel is Channel.EMAIL else "phone",
        "without": list(without),
    }

    def kind(*said: Any) -> tuple[InTo, tuple[str, ...], int]:
        stop_all, promotions, opted_out, reachable, has_name, found, count = said
        markers = [MarkerKind.STOP_ALL] * stop_all + [MarkerKind.STOP_PROMOTIONS] * promotions
        lacks = "" if reachable and has_name else NAME_MISSING if reachable else NO_ADDRESS[channel]
        return InTo(tuple(markers), f"opted_out_{channel}" if opted_out else "", lacks), tuple(found or ()), count

    return rows(kind, _KINDS.format(meant=meant, named=named, zones=zones), values | asked)


def _meant(many: Sequence[Many]) -> tuple[str, dict[str, Any]]:
    """The conditions of all of them, each with names of its own for its values."""
    parts: list[str] = []
    values: dict[str, Any] = {}
    for number, source in enumerate(many):
        text, said = conditions(source.filter)
        text = re.sub(r"%\((?!account\))(\w+)\)s", rf"%(of{number}_\1)s", text)
        parts.append(f"({text} AND NOT c.id = ANY (%(of{number}_without)s::bigint[]))")
        values |= {f"of{number}_{name}": value for name, value in {**said, "without": list(source.without)}.items()}
    return " OR ".join(parts), values


_PEOPLE = """
SELECT c.id, c.given_name, c.family_name, c.location_id, COALESCE(location.name, ''), c.language,
       d.contact_id IS NOT NULL,
       (SELECT array_agg(value ORDER BY position, id) FROM address WHERE contact_id = c.id AND kind = 'phone'),
       (SELECT array_agg(value ORDER BY position, id) FROM address WHERE contact_id = c.id AND kind = 'email')
  FROM contact c LEFT JOIN location ON location.id = c.location_id LEFT JOIN contact_deletion d ON d.contact_id = c.id
 WHERE c.account_id = %(account)s AND c.id = ANY (%(ids)s::bigint[]) ORDER BY c.id
"""


@dataclass(frozen=True, slots=True)
class PersonInTo:
    id: int
    given_name: str
    family_name: str
    location_id: int | None
    location: str  # its name; "" = none
    language: str
    deleted: bool
    phones: tuple[str, ...]
    emails: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}".strip()


def people_in_to(account_id: int, ids: Collection[int]) -> list[PersonInTo]:
    """By id; those of other accounts are not in it."""
    return rows(_person, _PEOPLE, {"account": account_id, "ids": list(ids)}) if ids else []


def _person(contact_id: int, given: str, family: str, location_id: int | None, location: str, *rest: Any) -> PersonInTo:
    language, deleted, phones, emails = rest
    return PersonInTo(
        contact_id, given, family, location_id, location, language, deleted, tuple(phones or ()), tuple(emails or ())
    )


_NAMED_SO = """
SELECT c.id FROM contact c
 WHERE c.account_id = %(account)s AND lower(c.family_name) = lower(%(family)s)
   AND lower(c.given_name) = lower(%(given)s) AND {in_the_phonebook} LIMIT 3
"""


def contacts_named(account_id: int, words: str) -> list[int]:
    """Whose name it is in full, as `Ada Abbott` or `Abbott, Ada` (contact_by_name): up to three of the Phonebook."""
    in_the_phonebook, _ = conditions(ContactFilter())
    found: set[int] = set()
    for given, family in _readings(words):
        asked = {"account": account_id, "given": given, "family": family}
        found.update(rows(int, _NAMED_SO.format(in_the_phonebook=in_the_phonebook), asked))
    return sorted(found)


def _readings(words: str) -> Iterator[tuple[str, str]]:
    """Every (given, family) that is written so."""
    family, comma, given = (part.strip() for part in words.partition(","))
    if comma:
        yield given, family
        return
    parts = words.split()
    for cut in range(len(parts) + 1):
        yield " ".join(parts[:cut]), " ".join(parts[cut:])
