"""What one slice of a file of contacts writes: new people by COPY, and what others lack in a few statements.

Everything happens in the caller's transaction. Whoever is completed is locked first, and what stood before is handed
back for the undo. The rule that it guards: blocks are only ever added, and a no follows the address.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allstop.actions.contact_import_plan import COLUMNS, Known, Planned, zones_after
from allstop.actions.people import inherit_opt_outs
from allstop.actions.suppression import recall
from allstop.rules.markers import MarkerKind
from allstop.store.assigning import assign
from allstop.store.copying import copy_rows, reserve_ids
from allstop.store.lists.reading import rows
from allstop.store.models import Account, Address, Contact, Group, Note

FILE_WORDS = "a file that was imported"


@dataclass(slots=True)
class Written:
    added: list[int] = field(default_factory=list)
    completed: list[int] = field(default_factory=list)
    before: list[dict[str, Any]] = field(default_factory=list)  # in the order of `completed`
    stops: bool = False  # messages that workers hold for these contacts must be asked again
    zones_found: bool = False  # messages that wait for a known zone must be asked again


@dataclass(frozen=True, slots=True)
class By:
    """Who imports, when, and under which number."""

    account: Account
    name: str
    at: datetime
    via: str


def write_slice(by: By, planned: Planned) -> Written:
    done = Written()
    _add(by, planned.new, done)
    if planned.touched:
        _complete(by, planned.touched, done)
    gaining = [known for known in (*planned.new, *planned.touched) if known.gains]
    if gaining:
        _gain(by, gaining, done)
    return done


def _add(by: By, new: Sequence[Known], done: Written) -> None:
    account = by.account
    done.added = reserve_ids(Contact, len(new))
    for known, contact_id in zip(new, done.added, strict=True):
        known.zones = zones_after(account, known)
        known.id = contact_id
    copy_rows(
        Contact,
        ("id", "account_id", *COLUMNS, "zones", "created_at"),
        # Zones as text: their names need no quotes, and the driver takes longer over a list than over all the rest.
        ((known.id, account.pk, *_of(known), f"{{{','.join(known.zones)}}}", by.at) for known in new),
    )
    copy_rows(
        Address,
        ("account_id", "contact_id", "kind", "value", "label", "position"),
        ((account.pk, *row) for known in new for row in _addresses(known, 0)),
    )
    _assign(new)
    _keep_the_no(account.pk, {known.id: known.addresses for known in new if known.id is not None})


def _keep_the_no(account_id: int, given: Mapping[int, Collection[str]]) -> None:
    """Of whoever has one of these addresses, or had it when they were erased."""
    inherit_opt_outs(account_id, given)
    recall(account_id, given)


def _assign(some: Sequence[Known]) -> None:
    assign(
        {known.id: known.filled["assigned_to_id"] for known in some if known.id and "assigned_to_id" in known.filled}
    )


def _of(known: Known) -> list[Any]:
    return [known.filled.get(name, known.values[name]) for name in COLUMNS]


def _addresses(known: Known, first: int) -> list[tuple[Any, ...]]:
    phones = [
        (known.id, "phone", phone.e164, label[:30], place) for place, (phone, label) in enumerate(known.phones, first)
    ]
    return [
        *phones,
        *(
            (known.id, "email", email.address, label[:30], place)
            for place, (email, label) in enumerate(known.emails, first)
        ),
    ]


_LOCK = """
SELECT count(*) FROM (SELECT id FROM contact WHERE id = ANY (%(ids)s::bigint[]) ORDER BY id FOR NO KEY UPDATE) locked
"""
_COMPLETE = """
UPDATE contact SET given_name = s.given_name, family_name = s.family_name, external_id = s.external_id,
       language = s.language, country = s.country, zone = s.zone, location_id = s.location_id,
       zones = ARRAY(SELECT jsonb_array_elements_text(s.zones))
  FROM jsonb_to_recordset(%(said)s::jsonb) AS s(id bigint, given_name text, family_name text, external_id text,
       language text, country text, zone text, location_id bigint, zones jsonb)
 WHERE contact.id = s.id
"""
_MORE_ADDRESSES = """
INSERT INTO address (account_id, contact_id, kind, value, label, position)
SELECT %(account)s, a.contact_id, a.kind, a.value, a.label, a.position
  FROM jsonb_to_recordset(%(said)s::jsonb) AS a(contact_id bigint, kind text, value text, label text, position smallint)
ON CONFLICT (contact_id, kind, value) DO NOTHING
"""


def _complete(by: By, touched: Sequence[Known], done: Written) -> None:
    ids = [known.id for known in touched]
    rows(int, _LOCK, {"ids": ids})
    changed: list[dict[str, Any]] = []
    for known in touched:
        zones = zones_after(by.account, known)
        before = {name: known.values[name] for name in known.filled}
        if zones != known.zones:
            before["zones"] = known.zones
            done.zones_found = done.zones_found or not known.zones
        if before:
            changed.append({"id": known.id, **dict(zip(COLUMNS, _of(known), strict=True)), "zones": zones})
        added = [row[1:3] for row in _addresses(known, 0)]
        done.completed.append(known.id or 0)
        done.before.append({"fields": before, "now": {**known.filled, "zones": zones}, "addresses": added})
    if changed:
        rows_changed(_COMPLETE, {"said": json.dumps(changed)})
    _assign(touched)
    # after the addresses that are there: what somebody chose stays first
    more = [dict(zip(_ADDRESS, row, strict=True)) for known in touched for row in _addresses(known, 100)]
    if more:
        rows_changed(_MORE_ADDRESSES, {"account": by.account.pk, "said": json.dumps(more)})
    _keep_the_no(
        by.account.pk,
        {known.id: [row[2] for row in _addresses(known, 0)] for known in touched if known.id and known.is_changed},
    )


_ADDRESS = ("contact_id", "kind", "value", "label", "position")

_MARK = """
INSERT INTO marker (account_id, contact_id, kind, set_by, set_at, reason)
SELECT %(account)s, m.contact_id, m.kind, %(by)s, %(now)s, %(words)s
  FROM unnest(%(ids)s::bigint[], %(what)s::text[]) AS m(contact_id, kind)
ON CONFLICT (contact_id, kind) DO NOTHING RETURNING contact_id, kind
"""
_OPT_OUT = """
INSERT INTO opt_out (account_id, contact_id, channel, address, words, at)
SELECT %(account)s, o.contact_id, NULLIF(o.channel, 'all'), '', %(words)s, %(now)s
  FROM unnest(%(ids)s::bigint[], %(what)s::text[]) AS o(contact_id, channel)
ON CONFLICT DO NOTHING RETURNING contact_id, id
"""
_LEAVE_SALES_GROUPS = """
DELETE FROM contact_group_contact place USING contact_group g
 WHERE place.contact_id = ANY (%(ids)s::bigint[]) AND g.id = place.group_id AND g.is_sales
RETURNING place.contact_id, place.group_id
"""
_JOIN = """
INSERT INTO contact_group_contact (group_id, contact_id)
SELECT g.id, j.contact_id FROM unnest(%(ids)s::bigint[], %(what)s::bigint[]) AS j(contact_id, group_id)
  JOIN contact_group g ON g.id = j.group_id AND g.account_id = %(account)s
 WHERE NOT (g.is_sales AND EXISTS (SELECT FROM marker WHERE contact_id = j.contact_id AND kind = 'stop_promotions'))
ON CONFLICT (group_id, contact_id) DO NOTHING RETURNING contact_id, group_id
"""


def _gain(by: By, gaining: Sequence[Known], done: Written) -> None:
    """Markers, opt-outs, groups and notes. Markers first: they say who may not be in a sales group."""
    values = {"account": by.account.pk, "by": by.name, "now": by.at, "words": FILE_WORDS}
    undo = dict(zip(done.completed, done.before, strict=True))

    def keep(name: str, found: Sequence[tuple[int, Any]]) -> None:
        for contact_id, what in found:
            if contact_id in undo:
                undo[contact_id].setdefault(name, []).append(what)

    markers = rows(_pair, _MARK, values | _gains(gaining, "marker"))
    keep("markers", markers)
    barred = [contact_id for contact_id, kind in markers if kind == MarkerKind.STOP_PROMOTIONS]
    if barred:
        keep("left", rows(_pair, _LEAVE_SALES_GROUPS, {"ids": barred}))
    opt_outs = rows(_pair, _OPT_OUT, values | _gains(gaining, "opt_out"))
    keep("opt_outs", opt_outs)
    _make_groups(by.account, gaining)
    keep("groups", rows(_pair, _JOIN, values | _gains(gaining, "group")))
    _write_notes(by, gaining, keep)
    # A contact that is new in this transaction has no message yet.
    blocked = {contact_id for contact_id, kind in markers if kind != MarkerKind.FLAG} | {one for one, _ in opt_outs}
    done.stops = bool(blocked & undo.keys())


def _gains(gaining: Sequence[Known], what: str) -> dict[str, list[Any]]:
    pairs = [(known.id, value) for known in gaining for kind, value in known.gains if kind == what]
    return {"ids": [pair[0] for pair in pairs], "what": [pair[1] for pair in pairs]}


def _make_groups(account: Account, gaining: Sequence[Known]) -> None:
    """Groups that the file names and the account lacks are made, never as sales groups."""
    lacking = {value.casefold(): value for known in gaining for kind, value in known.gains if _is_new(kind, value)}
    if not lacking:
        return
    Group.objects.bulk_create(
        (Group(account=account, name=name, is_sales=False) for name in lacking.values()), ignore_conflicts=True
    )
    made = {
        name.casefold(): pk
        for name, pk in Group.objects.filter(account=account).values_list("name", "pk")
        if name.casefold() in lacking
    }
    for known in gaining:
        known.gains = [
            (kind, made[value.casefold()]) if _is_new(kind, value) else (kind, value) for kind, value in known.gains
        ]


def _is_new(kind: str, value: Any) -> bool:
    return kind == "group" and isinstance(value, str)


def _write_notes(by: By, gaining: Sequence[Known], keep: Any) -> None:
    notes = [(known.id, value) for known in gaining for kind, value in known.gains if kind == "note"]
    ids = reserve_ids(Note, len(notes)) if notes else []
    copy_rows(
        Note,
        ("id", "account_id", "contact_id", "by", "at", "text"),
        ((pk, by.account.pk, of, by.name, by.at, text) for pk, (of, text) in zip(ids, notes, strict=True)),
    )
    keep("notes", [(of, pk) for pk, (of, _) in zip(ids, notes, strict=True) if of is not None])


def rows_changed(sql: str, values: dict[str, Any]) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def _pair(first: int, second: Any) -> tuple[int, Any]:
    return first, second
