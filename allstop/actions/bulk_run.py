"""The run of a bulk change: slice by slice, each in a short transaction of its own, here or in another process.

The rule that it guards: what a slice did is committed together with where the change has come to, and, when it stops
somebody, with a stop number. So whoever goes on after the end of a process repeats nothing and leaves nothing out.
"""

import json
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

from allstop.actions.bulk_slice import Sliced, do_slice, undo_slice
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.runs import Runs
from allstop.store import ledger, queue
from allstop.store.lists.contact_filter import filter_from_json
from allstop.store.lists.phonebook import ids_that_match
from allstop.store.models import BulkChange, ChangeKind, ChangeState, Contact

SLICE = 10_000  # contacts of one transaction: about a tenth of a second
DIED_ONCE = "The program that made this change ended in the middle. It goes on where it was."
DIED_TWICE = "The program that made this change ended in the middle, twice. What it did stands and can be undone."
OPEN = (ChangeState.QUEUED, ChangeState.RUNNING, ChangeState.CONFIRMING)


def run_here(change_id: int) -> BulkChange:
    """Run it in this process, to the end. Does nothing when another process runs it, or it is done."""
    with RUNS.held(change_id) as is_mine:
        if is_mine:
            RUNS.take(change_id, datetime.now(UTC))
            while _next_slice(change_id):
                pass
            _confirm(change_id)
    return BulkChange.objects.get(pk=change_id)


def fail(change_id: int, words: str) -> None:
    """For a run that ended with an error: what its slices did stands, is written down, and can be undone."""
    with transaction.atomic():
        change = BulkChange.objects.select_for_update(of=("self",)).get(pk=change_id)
        if change.state not in OPEN:
            return
        BulkChange.objects.filter(pk=change_id).update(
            state=ChangeState.FAILED, failure=words, finished_at=datetime.now(UTC)
        )
        _write(change)


def _next_slice(change_id: int) -> bool:
    """One transaction. False: there was nothing left, or it is not to be run."""
    kind = ChangeKind(BulkChange.objects.values_list("kind", flat=True).get(pk=change_id))
    # Not queue.impatient(), as a STOP has it: waiting for the gate's row, it would end a STOP that holds it.
    with transaction.atomic():
        change = BulkChange.objects.select_for_update(of=("self",)).get(pk=change_id)
        if change.state != ChangeState.RUNNING:
            return False
        found = _undone_part(change) if kind is ChangeKind.UNDO else _done_part(change)
        is_last = found is None
        if found is not None:
            position, seen, sliced, is_last = found
            number = change.slices.count() + 1
            _keep(change, number, sliced)
            change.done += seen
            change.changed += len(sliced.changed)
            change.refused += len(sliced.refused)
            change.position = position
            if sliced.stops:
                change.last_stop = queue.announce_contacts(change.account_id, change.created_at)
                change.first_stop = change.first_stop or change.last_stop
        if found is None or is_last:
            change.state = ChangeState.CONFIRMING
        BulkChange.objects.filter(pk=change_id).update(
            **{name: getattr(change, name) for name in _MOVING}, taken_at=datetime.now(UTC)
        )
        if change.state == ChangeState.CONFIRMING:
            _write(change)
        return change.state == ChangeState.RUNNING


_KEEP = """
INSERT INTO bulk_slice (change_id, number, changed, refused, before)
VALUES (%s, %s, %s::bigint[], %s::bigint[], %s)
"""


def _keep(change: BulkChange, number: int, sliced: Sliced) -> None:
    """Not through the model, which looks at each of ten thousand ids."""
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [change.pk, number, sliced.changed, sliced.refused, json.dumps(sliced.before)])


_MOVING = ("position", "done", "changed", "refused", "first_stop", "last_stop", "state")


def _done_part(change: BulkChange) -> tuple[int, int, Sliced, bool] | None:
    """Where it has come to, how many contacts that were, what became of them, and whether it is the end."""
    said = change.selection
    if "ids" in said:
        ids = [one for one in said["ids"] if one > change.position][:SLICE]
        ids = list(
            Contact.objects.filter(account_id=change.account_id, pk__in=ids).order_by("pk").values_list("pk", flat=True)
        )
    else:
        ids = ids_that_match(
            change.account_id,
            filter_from_json(said["filter"]),
            beyond=change.position,
            until=change.until_id,
            without=said["except"],
            limit=SLICE,
        )
    if not ids:
        return None
    return ids[-1], len(ids), do_slice(change, ids, change.created_at), len(ids) < SLICE


def _undone_part(change: BulkChange) -> tuple[int, int, Sliced, bool] | None:
    assert change.undoes is not None
    part = change.undoes.slices.filter(number__gt=change.position).order_by("number").first()
    if part is None:
        return None
    is_last = not change.undoes.slices.filter(number__gt=part.number).exists()
    return part.number, len(part.changed), undo_slice(change, change.undoes, part), is_last


def _confirm(change_id: int) -> None:
    """Not inside a transaction: it waits until workers obey."""
    change = BulkChange.objects.get(pk=change_id)
    if change.state == ChangeState.CONFIRMING:
        if change.last_stop is not None:
            wait_until_confirmed(change.last_stop)
        BulkChange.objects.filter(pk=change_id, state=ChangeState.CONFIRMING).update(
            state=ChangeState.DONE, finished_at=datetime.now(UTC)
        )


def _write(change: BulkChange) -> None:
    """The one entry of the change. Who was changed stands in its slices."""
    ledger.append(
        account_id=change.account_id,
        at=datetime.now(UTC),
        by=change.by,
        act=f"bulk_{change.kind}",
        subject=f"contacts:{change.pk}",
        after={
            "until": change.until_id,
            "total": change.total,
            "changed": change.changed,
            "refused": change.refused,
            "member": change.member_id,
            "group": change.group_id,
            "undoes": change.undoes_id,
            "stops": [change.first_stop, change.last_stop] if change.last_stop else [],
            "via": change.via,
        },
        # A search may be for a name, a reason may tell one.
        personal={"reason": change.reason, "after": {"selection": _short(change.selection)}},
        contact=_only_one(change.selection),
    )


def _only_one(selection: dict[str, Any]) -> int | None:
    ids = selection.get("ids", [])
    return int(ids[0]) if len(ids) == 1 else None


def _short(selection: dict[str, Any]) -> dict[str, Any]:
    """Up to a hundred ids; the slices have all."""
    ids = selection.get("ids", [])
    return selection if len(ids) <= 100 else {"ids": ids[:100], "and": len(ids) - 100}


RUNS = Runs(
    table=BulkChange,
    going=(ChangeState.RUNNING, ChangeState.CONFIRMING),
    died_once=DIED_ONCE,
    fail=lambda change_id: fail(change_id, DIED_TWICE),
)
