"""What one slice of a bulk change does to its contacts, and how an undo takes exactly that back.

The rule that it guards: a slice tells whom it changed, whom it refused, and what stood before; whoever was as wanted
already is neither. Its contacts are locked, so that a change of the same contacts by somebody else comes before or
after it as a whole.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from allstop.rules.markers import MarkerKind
from allstop.store.assigning import hold_members
from allstop.store.lists.reading import rows
from allstop.store.models import BulkChange, BulkSlice, ChangeKind

Before = list[list[Any]]


@dataclass(slots=True)
class Sliced:
    changed: list[int]
    refused: list[int] = field(default_factory=list)
    before: Before = field(default_factory=list)  # a row for each changed contact, or for each place in a group
    stops: bool = False  # messages that workers hold for these contacts must be asked again


SETS = {
    ChangeKind.FLAG: MarkerKind.FLAG,
    ChangeKind.STOP_ALL: MarkerKind.STOP_ALL,
    ChangeKind.STOP_PROMOTIONS: MarkerKind.STOP_PROMOTIONS,
}
CLEARS = {
    ChangeKind.UNFLAG: MarkerKind.FLAG,
    ChangeKind.OK_TO_SEND: MarkerKind.STOP_ALL,
    ChangeKind.OK_FOR_SALES: MarkerKind.STOP_PROMOTIONS,
}


def do_slice(change: BulkChange, ids: Sequence[int], now: datetime) -> Sliced:
    """`ids`: contacts of the account. `now` is when the button was pressed: what is set is set then."""
    kind = ChangeKind(change.kind)
    values = {
        "account": change.account_id,
        "ids": list(ids),
        "change": change.pk,
        "by": change.by,
        "reason": change.reason,
        "now": now,
        "member": change.member_id,
        "group": change.group_id,
    }
    if kind is not ChangeKind.FLAG and kind is not ChangeKind.UNFLAG:
        _lock(values)
    if kind in SETS:
        return _set_marker(SETS[kind], values)
    if kind in CLEARS:
        return _clear_marker(CLEARS[kind], values)
    return _OTHERS[kind](values)


_LOCK = """
SELECT count(*) FROM (SELECT id FROM contact WHERE id = ANY (%(ids)s::bigint[]) AND account_id = %(account)s
                       ORDER BY id FOR NO KEY UPDATE) locked
"""


def _lock(values: dict[str, Any]) -> None:
    rows(int, _LOCK, values)


_SET_MARKER = """
INSERT INTO marker (account_id, contact_id, kind, set_by, set_at, reason, change_id)
SELECT %(account)s, id, %(kind)s, %(by)s, %(now)s, %(reason)s, %(change)s FROM unnest(%(ids)s::bigint[]) id
ON CONFLICT (contact_id, kind) DO NOTHING RETURNING contact_id
"""
_LEAVE_SALES_GROUPS = """
DELETE FROM contact_group_contact place USING contact_group g
 WHERE place.contact_id = ANY (%(ids)s::bigint[]) AND g.id = place.group_id AND g.is_sales
RETURNING place.contact_id, place.group_id
"""


def _set_marker(kind: MarkerKind, values: dict[str, Any]) -> Sliced:
    changed = rows(int, _SET_MARKER, values | {"kind": kind.value})
    left: Before = []
    if kind is MarkerKind.STOP_PROMOTIONS:
        left = rows(_listed, _LEAVE_SALES_GROUPS, values | {"ids": changed})
    return Sliced(changed, before=left, stops=bool(changed) and kind is not MarkerKind.FLAG)


_CLEAR_MARKER = """
DELETE FROM marker WHERE contact_id = ANY (%(ids)s::bigint[]) AND account_id = %(account)s AND kind = %(kind)s
RETURNING contact_id, set_by, set_at::text, reason, change_id
"""
_STILL_NO = """
SELECT DISTINCT contact_id FROM opt_out WHERE contact_id = ANY (%(ids)s::bigint[]) AND lifted_at IS NULL
"""


def _clear_marker(kind: MarkerKind, values: dict[str, Any]) -> Sliced:
    """OK to Send does not lift the contact's own no: whoever has said one and has no marker is refused it."""
    before = rows(_listed, _CLEAR_MARKER, values | {"kind": kind.value})
    changed = [row[0] for row in before]
    refused: list[int] = []
    if kind is MarkerKind.STOP_ALL:
        refused = sorted(set(rows(int, _STILL_NO, values)) - set(changed))
    return Sliced(changed, refused, before)


_ASSIGN = """
WITH was AS (SELECT contact_id, member_id FROM contact_assignment WHERE contact_id = ANY (%(ids)s::bigint[]))
UPDATE contact_assignment a SET member_id = %(member)s FROM was
 WHERE a.contact_id = was.contact_id AND was.member_id IS DISTINCT FROM %(member)s::bigint
RETURNING a.contact_id, was.member_id
"""


def _assign(values: dict[str, Any]) -> Sliced:
    hold_members([values["member"]])
    before = rows(_listed, _ASSIGN, values)
    return Sliced([row[0] for row in before], before=before)


_BARRED = """
SELECT marker.contact_id FROM marker JOIN contact_group g ON g.id = %(group)s AND g.is_sales
 WHERE marker.contact_id = ANY (%(ids)s::bigint[]) AND marker.kind = 'stop_promotions'
"""
_ADD = """
INSERT INTO contact_group_contact (group_id, contact_id, change_id)
SELECT %(group)s, id, %(change)s FROM unnest(%(ids)s::bigint[]) id
ON CONFLICT (group_id, contact_id) DO NOTHING RETURNING contact_id
"""


def _add_to_group(values: dict[str, Any]) -> Sliced:
    barred = set(rows(int, _BARRED, values))
    free = [one for one in values["ids"] if one not in barred]
    return Sliced(rows(int, _ADD, values | {"ids": free}), sorted(barred))


_REMOVE = """
DELETE FROM contact_group_contact
 WHERE group_id = %(group)s AND contact_id = ANY (%(ids)s::bigint[]) RETURNING contact_id
"""


def _remove_from_group(values: dict[str, Any]) -> Sliced:
    return Sliced(rows(int, _REMOVE, values))


_DELETE = """
INSERT INTO contact_deletion (contact_id, account_id, deleted_by, deleted_at, change_id)
SELECT id, %(account)s, %(by)s, %(now)s, %(change)s FROM unnest(%(ids)s::bigint[]) id
ON CONFLICT (contact_id) DO NOTHING RETURNING contact_id
"""
_RESTORE = """
DELETE FROM contact_deletion WHERE contact_id = ANY (%(ids)s::bigint[]) AND account_id = %(account)s
RETURNING contact_id, deleted_by, deleted_at::text, change_id
"""


def _delete(values: dict[str, Any]) -> Sliced:
    return Sliced(rows(int, _DELETE, values))


def _restore(values: dict[str, Any]) -> Sliced:
    before = rows(_listed, _RESTORE, values)
    return Sliced([row[0] for row in before], before=before)


_OTHERS: dict[ChangeKind, Callable[[dict[str, Any]], Sliced]] = {
    ChangeKind.ASSIGN: _assign,
    ChangeKind.ADD_TO_GROUP: _add_to_group,
    ChangeKind.REMOVE_FROM_GROUP: _remove_from_group,
    ChangeKind.DELETE: _delete,
    ChangeKind.RESTORE: _restore,
}


def _listed(*columns: Any) -> list[Any]:
    return list(columns)


# --- undo. What a change has set carries its number, so that what somebody set again since is left alone. What it took
# away comes back unless somebody has touched the same thing of the same contact since: the ledger and the later
# changes know.

_TOUCHED = """
SELECT replace(subject, 'contact:', '')::bigint FROM ledger
 WHERE account_id = %(account)s AND number > %(since)s AND act = ANY (%(acts)s::text[])
   AND subject = ANY (SELECT 'contact:' || id FROM unnest(%(ids)s::bigint[]) id)
UNION
SELECT later.id FROM bulk_change c JOIN bulk_slice s ON s.change_id = c.id, unnest(s.changed) AS later(id)
 WHERE c.account_id = %(account)s AND c.id > %(change)s AND c.id <> %(undo)s AND c.kind = ANY (%(kinds)s::text[])
   AND c.group_id IS NOT DISTINCT FROM %(group)s::bigint AND s.changed && %(ids)s::bigint[]
   AND later.id = ANY (%(ids)s::bigint[])
"""
_UNSET = """
DELETE FROM marker
 WHERE contact_id = ANY (%(ids)s::bigint[]) AND kind = %(kind)s AND change_id = %(change)s RETURNING contact_id
"""
_SET_BACK = """
INSERT INTO marker (account_id, contact_id, kind, set_by, set_at, reason, change_id)
SELECT %(account)s, (b->>0)::bigint, %(kind)s, b->>1, (b->>2)::timestamptz, b->>3, (b->>4)::bigint
  FROM jsonb_array_elements(%(before)s::jsonb) b
ON CONFLICT (contact_id, kind) DO NOTHING RETURNING contact_id
"""
_REJOIN = """
INSERT INTO contact_group_contact (group_id, contact_id)
SELECT g.id, contact.id FROM jsonb_array_elements(%(before)s::jsonb) b
  JOIN contact ON contact.id = (b->>0)::bigint JOIN contact_group g ON g.id = (b->>1)::bigint
 WHERE NOT (g.is_sales AND EXISTS (SELECT FROM marker WHERE contact_id = contact.id AND kind = 'stop_promotions'))
ON CONFLICT (group_id, contact_id) DO NOTHING RETURNING contact_id
"""
_ASSIGN_BACK = """
UPDATE contact_assignment a SET member_id = member.id
  FROM jsonb_array_elements(%(before)s::jsonb) b LEFT JOIN member ON member.id = (b->>1)::bigint
 WHERE a.contact_id = (b->>0)::bigint AND a.member_id IS NOT DISTINCT FROM %(member)s::bigint
RETURNING a.contact_id
"""
_LEAVE = """
DELETE FROM contact_group_contact
 WHERE group_id = %(group)s AND contact_id = ANY (%(ids)s::bigint[]) AND change_id = %(change)s RETURNING contact_id
"""
_UNDELETE = """
DELETE FROM contact_deletion WHERE contact_id = ANY (%(ids)s::bigint[]) AND change_id = %(change)s RETURNING contact_id
"""
_DELETE_AGAIN = """
INSERT INTO contact_deletion (contact_id, account_id, deleted_by, deleted_at, change_id)
SELECT (b->>0)::bigint, %(account)s, b->>1, (b->>2)::timestamptz, (b->>3)::bigint
  FROM jsonb_array_elements(%(before)s::jsonb) b
ON CONFLICT (contact_id) DO NOTHING RETURNING contact_id
"""


def undo_slice(undo: BulkChange, of: BulkChange, part: BulkSlice) -> Sliced:
    """Refused are those whom somebody has changed since."""
    kind = ChangeKind(of.kind)
    values: dict[str, Any] = {
        "account": of.account_id,
        "ids": part.changed,
        "change": of.pk,
        "undo": undo.pk,
        "since": of.ledger_number,
        "member": of.member_id,
        "group": of.group_id,
        "before": json.dumps(part.before),
    }
    _lock(values)
    if kind in SETS:
        back = _unset(SETS[kind], part, values)
    elif kind in CLEARS:
        back = _set_again(kind, part, values)
    else:
        back = _taken_back(kind, of, part, values)
    stops = bool(back) and kind in (ChangeKind.OK_TO_SEND, ChangeKind.OK_FOR_SALES)
    return Sliced(back, sorted(set(part.changed) - set(back)), stops=stops)


def _unset(kind: MarkerKind, part: BulkSlice, values: dict[str, Any]) -> list[int]:
    back = rows(int, _UNSET, values | {"kind": kind.value})
    left = [row for row in part.before if row[0] in set(back)]  # the sales groups that Stop Promotions had emptied
    if left:
        rows(int, _REJOIN, values | {"before": json.dumps(left)})
    return back


def _set_again(kind: ChangeKind, part: BulkSlice, values: dict[str, Any]) -> list[int]:
    back = rows(int, _SET_BACK, values | _untouched(kind, part, values) | {"kind": CLEARS[kind].value})
    if kind is ChangeKind.OK_FOR_SALES:  # somebody may have put them into a sales group meanwhile
        rows(_listed, _LEAVE_SALES_GROUPS, {"ids": back})
    return back


def _taken_back(kind: ChangeKind, of: BulkChange, part: BulkSlice, values: dict[str, Any]) -> list[int]:
    match kind:
        case ChangeKind.ASSIGN:
            hold_members({row[1] for row in part.before})
            return rows(int, _ASSIGN_BACK, values)
        case ChangeKind.ADD_TO_GROUP:
            return rows(int, _LEAVE, values)
        case ChangeKind.REMOVE_FROM_GROUP:
            places = [[one, of.group_id] for one in part.changed]
            return rows(int, _REJOIN, values | _untouched(kind, part, values, places))
        case ChangeKind.DELETE:
            return rows(int, _UNDELETE, values)
        case ChangeKind.RESTORE:
            return rows(int, _DELETE_AGAIN, values | _untouched(kind, part, values))
        case _:
            raise ValueError(f"{kind} is not undone.")


# kind: (what else changes the same thing in bulk, and one by one as the ledger calls it)
_SAME_THING: dict[ChangeKind, tuple[Sequence[ChangeKind], Sequence[str]]] = {
    ChangeKind.UNFLAG: ((ChangeKind.FLAG, ChangeKind.UNFLAG), ("set_flag", "clear_flag")),
    ChangeKind.OK_TO_SEND: ((ChangeKind.STOP_ALL, ChangeKind.OK_TO_SEND), ("set_stop_all", "clear_stop_all")),
    ChangeKind.OK_FOR_SALES: (
        (ChangeKind.STOP_PROMOTIONS, ChangeKind.OK_FOR_SALES),
        ("set_stop_promotions", "clear_stop_promotions"),
    ),
    ChangeKind.REMOVE_FROM_GROUP: ((ChangeKind.ADD_TO_GROUP, ChangeKind.REMOVE_FROM_GROUP), ()),
    ChangeKind.RESTORE: ((ChangeKind.DELETE, ChangeKind.RESTORE), ()),
}


def _untouched(
    kind: ChangeKind, part: BulkSlice, values: dict[str, Any], before: Before | None = None
) -> dict[str, str]:
    kinds, acts = _SAME_THING[kind]
    touched = set(rows(int, _TOUCHED, values | {"kinds": [one.value for one in kinds], "acts": list(acts)}))
    return {"before": json.dumps([row for row in before or part.before if row[0] not in touched])}
