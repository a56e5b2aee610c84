"""The run of a mass end: slice by slice, each in a short transaction of its own, here or in another process.

The rule that it guards: the leads of a slice are ended in the transaction that moves the position on, so whoever goes
on after a kill -9 ends none twice and leaves none out. A slice of which a worker holds messages takes a stop number
last, like a bulk change (docs/notes/0009-many-contacts.md), and the end is done only when workers have confirmed it.
"""

import time
from datetime import UTC, datetime

from django.db import transaction

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.runs import Runs
from allstop.rules.holds import ENDING, HOLD_EFFECTS
from allstop.rules.leads import Reason
from allstop.store import ledger, queue
from allstop.store.models import EndState, MassEnd
from allstop.store.talks import end_leads, hold_left, next_new_leads

SLICE = 300  # leads of one transaction: what a stop may have to wait for beside it
DIED_ONCE = "The program that ended the conversations died in the middle. It goes on where it was."


def run_here(end_id: int) -> MassEnd:
    """In this process, to the end. Does nothing when another process runs it, or it is done."""
    with RUNS.held(end_id) as is_mine:
        if is_mine:
            RUNS.take(end_id, datetime.now(UTC))
            while _next_slice_and_rest(end_id):
                pass
            _confirm(end_id)
    return MassEnd.objects.get(pk=end_id)


# It is an emergency measure: however often its process dies, another one goes on where it was.
RUNS = Runs(table=MassEnd, going=(EndState.RUNNING, EndState.CONFIRMING), died_once=DIED_ONCE)


def _next_slice_and_rest(end_id: int) -> bool:
    """It has minutes, a STOP beside it has none: half of the time the processor and the disk are left to others."""
    began = time.monotonic()
    goes_on = _next_slice(end_id)
    if goes_on:
        time.sleep(time.monotonic() - began)
    return goes_on


def _next_slice(end_id: int) -> bool:
    """One transaction. False: there was nothing left, or it is not to be run."""
    with transaction.atomic():
        end = MassEnd.objects.select_for_update(of=("self",)).get(pk=end_id)
        if end.state != EndState.RUNNING:
            return False
        found = next_new_leads(end.account_id, end.member_id, end.position, end.until_id, SLICE)
        if found.ids:
            reason = Reason.MASS_END if end.member_id is None else Reason.MEMBER_END
            done = end_leads(end.account_id, found.ids, reason, end.by, end.created_at)
            end.position = found.ids[-1]
            end.ended += len(found.ids)
            end.withdrawn += done.withdrawn
            if done.left:
                hold_left(end.account_id, found, done, sorted(HOLD_EFFECTS[ENDING]), end.by, end.created_at)
        else:
            done = None
            end.state = EndState.CONFIRMING.value
        _save(end)
        if done is not None and done.left:  # last: the gate's row is locked for the commit only
            number = queue.announce_contacts(end.account_id, end.created_at)
            MassEnd.objects.filter(pk=end_id).update(last_stop=number)
        return bool(found.ids)


def _save(end: MassEnd) -> None:
    MassEnd.objects.filter(pk=end.pk).update(
        position=end.position,
        ended=end.ended,
        withdrawn=end.withdrawn,
        state=end.state,
        taken_at=datetime.now(UTC),
    )


def _confirm(end_id: int) -> None:
    """Not inside a transaction: it waits until workers obey. What they give back the talks' chore withdraws."""
    end = MassEnd.objects.get(pk=end_id)
    if end.state != EndState.CONFIRMING:
        return
    if end.last_stop is not None:
        wait_until_confirmed(end.last_stop)
    with transaction.atomic():
        open_ = MassEnd.objects.filter(pk=end_id, state=EndState.CONFIRMING)
        if open_.update(state=EndState.DONE, finished_at=datetime.now(UTC)):
            ledger.append(
                account_id=end.account_id,
                at=datetime.now(UTC),
                by=end.by,
                act="conversations_ended",
                subject=f"mass_end:{end.pk}",
                after={"ended": end.ended, "withdrawn": end.withdrawn, "member": end.member_id, "via": end.via},
            )
