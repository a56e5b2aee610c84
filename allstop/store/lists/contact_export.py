"""Contacts as an export writes them: all that match a filter, or some by id, a few thousand at a time by id.

Each portion is a statement of its own (contact_of_account), so nothing is held open however long somebody downloads.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from allstop.store.lists.contact_filter import ContactFilter
from allstop.store.lists.phonebook import ids_that_match
from allstop.store.lists.reading import rows

PORTION = 2000


@dataclass(frozen=True, slots=True)
class ExportRow:
    id: int
    given_name: str
    family_name: str
    external_id: str
    language: str
    country: str
    zone: str
    location: str  # its code, or its name where it has none
    assigned_to: str  # the member's email
    addresses: list[tuple[str, str, str]]  # kind, value, label; the first of a kind is tried first
    groups: list[str]
    markers: list[str]
    opted_out: list[str]  # channels; "all" = every channel


_ROWS = """
SELECT c.id, c.given_name, c.family_name, c.external_id, c.language, c.country, c.zone,
       COALESCE(NULLIF(location.code, ''), location.name, ''), COALESCE(login.email, ''),
       COALESCE((SELECT jsonb_agg(jsonb_build_array(kind, value, label) ORDER BY kind, position, id)
                   FROM address WHERE contact_id = c.id), '[]'),
       ARRAY(SELECT g.name FROM contact_group_contact p JOIN contact_group g ON g.id = p.group_id
              WHERE p.contact_id = c.id ORDER BY g.name),
       ARRAY(SELECT kind FROM marker WHERE contact_id = c.id ORDER BY kind),
       ARRAY(SELECT COALESCE(channel, 'all') FROM opt_out WHERE contact_id = c.id AND lifted_at IS NULL ORDER BY 1)
  FROM contact c
  LEFT JOIN location ON location.id = c.location_id
  LEFT JOIN contact_assignment a ON a.contact_id = c.id
  LEFT JOIN member ON member.id = a.member_id LEFT JOIN login ON login.id = member.user_id
 WHERE c.account_id = %(account)s AND c.id = ANY (%(ids)s::bigint[]) ORDER BY c.id
"""


def export_ids(account_id: int, ids: Sequence[int]) -> Iterator[ExportRow]:
    ordered = sorted(set(ids))
    for start in range(0, len(ordered), PORTION):
        yield from _portion(account_id, ordered[start : start + PORTION])


def export_matching(
    account_id: int, wanted: ContactFilter, *, until: int, without: Sequence[int] = ()
) -> Iterator[ExportRow]:
    beyond = 0
    while True:
        ids = ids_that_match(account_id, wanted, beyond=beyond, until=until, without=list(without), limit=PORTION)
        yield from _portion(account_id, ids)
        if len(ids) < PORTION:
            return
        beyond = ids[-1]


def _portion(account_id: int, ids: Sequence[int]) -> list[ExportRow]:
    return rows(_row, _ROWS, {"account": account_id, "ids": list(ids)}) if ids else []


def _row(*columns: Any) -> ExportRow:
    found = json.loads(columns[9]) if isinstance(columns[9], str) else columns[9]
    row: Any = (*columns[:9], [tuple(one) for one in found], *columns[10:])
    return ExportRow(*row)
