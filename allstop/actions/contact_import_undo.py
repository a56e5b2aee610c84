"""Taking an import of contacts back: whom it added goes, what it filled in is as it was, for ten minutes.

The rule that it guards: whatever has happened to somebody since is worth more than the undo. Whoever was written to,
changed, marked or noted about meanwhile stays, and is counted. Blocks that the file itself had set go with it, and no
others.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from allstop.actions.actor import Actor, Conflict, NotThere, require
from allstop.actions.contact_import_plan import COLUMNS
from allstop.actions.contact_import_run import RUNS
from allstop.rules.roles import Act
from allstop.store import ledger, queue
from allstop.store.assigning import hold_members
from allstop.store.lists.reading import rows
from allstop.store.models import (
    Address,
    Assignment,
    Contact,
    ContactImport,
    ContactImportSlice,
    ContactImportState,
    Deletion,
    GroupContact,
    Marker,
    Note,
    OptOut,
)

UNDO_FOR = timedelta(minutes=10)
AT_ONCE = 2000  # rows; an undo of more is left to a process of its own
# What the import itself may have written for somebody whom it added; anything else that points at them is a reason to
# leave them, whoever adds such a table.
_OWN = (Assignment, Address, Marker, OptOut, Note, GroupContact, Deletion)


def why_no_undo(source: ContactImport, now: datetime) -> str:
    """ "" = it can be undone."""
    if source.state in (ContactImportState.UNDOING, ContactImportState.UNDONE):
        return "This import was undone already."
    if source.state not in (ContactImportState.DONE, ContactImportState.FAILED) or source.finished_at is None:
        return "This import is not done yet. Wait until it is."
    if now > source.finished_at + UNDO_FOR:
        return "An import can be undone for ten minutes. This one is older."
    return "" if source.added or source.completed else "This import has changed nobody."


@transaction.atomic
def ask_for_undo(actor: Actor, import_id: int, now: datetime) -> ContactImport:
    require(actor, Act.IMPORT_CONTACTS)
    source = (
        ContactImport.objects.select_for_update(of=("self",)).filter(account_id=actor.account_id, pk=import_id).first()
    )
    if source is None:
        raise NotThere("There is no such import.")
    if why_not := why_no_undo(source, now):
        raise Conflict(why_not)
    ContactImport.objects.filter(pk=import_id).update(
        state=ContactImportState.UNDOING, undone_by=actor.name, position=0, taken_at=now, failure=""
    )
    source.refresh_from_db()
    return source


def undo_import(actor: Actor, import_id: int, now: datetime) -> ContactImport:
    """Done when it returns, if it is small; otherwise a worker goes on with it."""
    source = ask_for_undo(actor, import_id, now)
    return undo_here(source.pk) if source.rows_total <= AT_ONCE else source


def undo_here(import_id: int) -> ContactImport:
    """To the end, in this process. Does nothing when another process does it."""
    with RUNS.held(import_id) as is_mine:
        while is_mine and _undo_slice(import_id):
            pass
    return ContactImport.objects.get(pk=import_id)


def _undo_slice(import_id: int) -> bool:
    """One transaction; the newest slice first. False: there was nothing left."""
    with transaction.atomic():
        source = ContactImport.objects.select_for_update(of=("self",)).get(pk=import_id)
        if source.state != ContactImportState.UNDOING:
            return False
        part = source.slices.order_by("-number").first()
        if part is None:
            _end(source)
            return False
        touched = _touched(source, [*part.added, *part.completed])
        removed = _remove(source, part, touched)
        restored = _restore(source, part, touched)
        ContactImport.objects.filter(pk=import_id).update(
            position=source.position + len(part.added) + len(part.completed),
            removed=source.removed + removed,
            restored=source.restored + restored,
            kept=source.kept + len(part.added) + len(part.completed) - removed - restored,
            taken_at=datetime.now(UTC),
        )
        part.delete()
        queue.check_references()
        return True


_SINCE = """
SELECT replace(subject, 'contact:', '')::bigint FROM ledger
 WHERE account_id = %(account)s AND number > %(since)s
   AND subject = ANY (SELECT 'contact:' || id FROM unnest(%(ids)s::bigint[]) id)
UNION
SELECT later.id FROM bulk_change c JOIN bulk_slice s ON s.change_id = c.id, unnest(s.changed) AS later(id)
 WHERE c.account_id = %(account)s AND c.ledger_number >= %(since)s AND s.changed && %(ids)s::bigint[]
   AND later.id = ANY (%(ids)s::bigint[])
UNION
SELECT later.id FROM contact_import i JOIN contact_import_slice s ON s.contact_import_id = i.id,
       unnest(s.completed) AS later(id)
 WHERE i.account_id = %(account)s AND i.id <> %(import)s AND i.ledger_number >= %(since)s
   AND s.completed && %(ids)s::bigint[] AND later.id = ANY (%(ids)s::bigint[])
UNION
SELECT contact_id FROM note WHERE account_id = %(account)s AND contact_id = ANY (%(ids)s::bigint[]) AND at <> %(at)s
"""


def _touched(source: ContactImport, ids: list[int]) -> set[int]:
    """Those to whom somebody has done something since: one by one, in bulk, by another file, or by a note."""
    asked = {
        "account": source.account_id,
        "since": source.ledger_number,
        "import": source.pk,
        "at": source.created_at,
        "ids": ids,
    }
    return set(rows(int, _SINCE, asked))


_LOCK = """
SELECT id FROM contact WHERE id = ANY (%(ids)s::bigint[]) AND account_id = %(account)s ORDER BY id FOR UPDATE
"""


def _remove(source: ContactImport, part: ContactImportSlice, touched: set[int]) -> int:
    ids = [one for one in part.added if one not in touched]
    free = rows(int, _LOCK, {"ids": ids, "account": source.account_id})
    for table, has_account in _pointing_at_contacts():
        of_account = " AND account_id = %(account)s" if has_account else ""
        sql = f"SELECT DISTINCT contact_id FROM {table} WHERE contact_id = ANY (%(ids)s::bigint[]){of_account}"  # noqa: S608
        used = set(rows(int, sql, {"ids": free, "account": source.account_id}))
        free = [one for one in free if one not in used]
    with connection.cursor() as cursor:
        for model in _OWN:
            sql = f"DELETE FROM {model._meta.db_table} WHERE contact_id = ANY (%(ids)s::bigint[])"  # noqa: S608
            cursor.execute(sql, {"ids": free})
        cursor.execute("DELETE FROM contact WHERE id = ANY (%(ids)s::bigint[])", {"ids": free})
    return len(free)


def _pointing_at_contacts() -> Iterator[tuple[str, bool]]:
    """Every other table with a contact in it, and whether it names the account (its index may begin with that)."""
    relations: Any = Contact._meta.related_objects
    for relation in relations:
        model = relation.related_model
        if model not in _OWN and relation.field.column == "contact_id":
            yield model._meta.db_table, any(field.column == "account_id" for field in model._meta.concrete_fields)


_RESTORE = """
UPDATE contact SET {column} = b.was
  FROM jsonb_to_recordset(%(before)s::jsonb) AS b(id bigint, was {type}, now {type})
 WHERE contact.id = b.id AND contact.account_id = %(account)s AND contact.{column} IS NOT DISTINCT FROM b.now
"""
_RESTORE_ASSIGNED = """
UPDATE contact_assignment a SET member_id = member.id
  FROM jsonb_to_recordset(%(before)s::jsonb) AS b(id bigint, was bigint, now bigint)
  LEFT JOIN member ON member.id = b.was
 WHERE a.contact_id = b.id AND a.account_id = %(account)s AND a.member_id IS NOT DISTINCT FROM b.now
"""
_RESTORE_ZONES = """
UPDATE contact SET zones = ARRAY(SELECT jsonb_array_elements_text(b.was))
  FROM jsonb_to_recordset(%(before)s::jsonb) AS b(id bigint, was jsonb, now jsonb)
 WHERE contact.id = b.id AND contact.account_id = %(account)s AND to_jsonb(contact.zones) = b.now
"""
_DROP_ADDRESSES = """
DELETE FROM address USING jsonb_to_recordset(%(before)s::jsonb) AS b(id bigint, kind text, value text)
 WHERE address.contact_id = b.id AND address.kind = b.kind AND address.value = b.value
   AND address.account_id = %(account)s
"""
_REJOIN = """
INSERT INTO contact_group_contact (group_id, contact_id)
SELECT g.id, contact.id FROM jsonb_to_recordset(%(before)s::jsonb) AS b(id bigint, what bigint)
  JOIN contact ON contact.id = b.id JOIN contact_group g ON g.id = b.what
 WHERE NOT (g.is_sales AND EXISTS (SELECT FROM marker WHERE contact_id = contact.id AND kind = 'stop_promotions'))
ON CONFLICT (group_id, contact_id) DO NOTHING
"""
# name of what was gained: the table and its column
_GAINED = (
    ("opt_outs", "opt_out", "id", "bigint"),
    ("notes", "note", "id", "bigint"),
    ("groups", "contact_group_contact", "group_id", "bigint"),
)
_LOSE = """
DELETE FROM {table} USING jsonb_to_recordset(%(before)s::jsonb) AS b(id bigint, what {type})
 WHERE {table}.contact_id = b.id AND {table}.{column} = b.what
"""
_LOSE_MARKERS = _LOSE.format(table="marker", column="kind", type="text") + " AND marker.set_at = %(at)s"


def _restore(source: ContactImport, part: ContactImportSlice, touched: set[int]) -> int:
    there = set(Contact.objects.filter(pk__in=part.completed).values_list("pk", flat=True)) - touched
    before = [(one, said) for one, said in zip(part.completed, part.before, strict=True) if one in there]

    def run(sql: str, found: list[dict[str, Any]]) -> None:
        if found:
            values: dict[str, Any] = {
                "before": json.dumps(found),
                "account": source.account_id,
                "at": source.created_at,
            }
            with connection.cursor() as cursor:
                cursor.execute(sql, values)

    for name in COLUMNS:
        kind = "bigint" if name.endswith("_id") and name != "external_id" else "text"
        run(_RESTORE.format(column=name, type=kind), _stood(before, name))
    assigned = _stood(before, "assigned_to_id")
    hold_members(one["was"] for one in assigned)
    run(_RESTORE_ASSIGNED, assigned)
    run(_RESTORE_ZONES, _stood(before, "zones"))
    run(_DROP_ADDRESSES, [{"id": one, "kind": k, "value": v} for one, said in before for k, v in said["addresses"]])
    for name, table, column, kind in _GAINED:
        run(_LOSE.format(table=table, column=column, type=kind), _whats(before, name))
    run(_LOSE_MARKERS, _whats(before, "markers"))
    run(_REJOIN, _whats(before, "left"))
    return len(before)


def _stood(before: list[tuple[int, dict[str, Any]]], name: str) -> list[dict[str, Any]]:
    """What a field was before the file, and what the file made of it."""
    return [
        {"id": one, "was": said["fields"][name], "now": said["now"][name]}
        for one, said in before
        if name in said["fields"]
    ]


def _whats(before: list[tuple[int, dict[str, Any]]], name: str) -> list[dict[str, Any]]:
    return [{"id": one, "what": what} for one, said in before for what in said.get(name, ())]


def _end(source: ContactImport) -> None:
    ContactImport.objects.filter(pk=source.pk).update(
        state=ContactImportState.UNDONE, finished_at=datetime.now(UTC), failure=""
    )
    ledger.append(
        account_id=source.account_id,
        at=datetime.now(UTC),
        by=source.undone_by,
        act="undo_import_contacts",
        subject=f"contacts:import:{source.pk}",
        after={"removed": source.removed, "restored": source.restored, "kept": source.kept},
    )
