"""A bill run over several slices: killed in the middle of one it bills nobody twice and forgets nobody."""

from collections import Counter
from datetime import UTC, date, datetime

import pytest

from allstop.actions import bill_run_slices
from allstop.actions.accounts import create_account
from allstop.actions.actor import Conflict, Operator
from allstop.actions.bill_runs import ask_to_bill, bill_run_of
from allstop.actions.components import add_component
from allstop.actions.packages import PackageSaid, save_package
from allstop.dispatch.billing import Billing
from allstop.dispatch.child import SILENCE
from allstop.store.models import BillingTerms, BillRun, Invoice, InvoiceLine
from tests.dispatch.processes import PATIENCE, wait_until
from tests.world import World

OPS = Operator("Olu (operator)", "console")
ACCOUNTS = 7


def test_one_whose_process_died_goes_on_where_it_was(
    committed_world: World, database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One at a time; a kill -9 between two slices, in the middle of one, and of its process."""
    now = committed_world.now
    day: date = now.date()
    monkeypatch.setattr(bill_run_slices, "SLICE", 2)
    basic = save_package(OPS, None, PackageSaid(name="Basic", price="30"), now)
    for number in range(ACCOUNTS):
        made = create_account(f"Account {number}", "UTC", "GB", now)
        add_component(OPS, made.pk, basic.pk, 1, day, now)
    run = ask_to_bill(OPS, day, now)
    assert (run.total, run.state) == (ACCOUNTS, "queued")
    with pytest.raises(Conflict, match="under way"):
        ask_to_bill(OPS, day, now)
    assert bill_run_slices.RUNS.take(run.pk, now)
    assert bill_run_slices._next_slice(run.pk, datetime.now(UTC))

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:  # everything of the slice is written, nothing is committed
        broken.setattr(bill_run_slices, "_count", dies)
        with pytest.raises(KeyboardInterrupt):
            bill_run_slices._next_slice(run.pk, datetime.now(UTC))
    found = bill_run_of(run.pk)
    assert (found.done, Invoice.objects.count()) == (2, 2)
    assert found.taken_at is not None
    here = Billing()
    assert here.take(found.taken_at + SILENCE / 2) is None  # it may be alive
    assert here.look(found.taken_at + 2 * SILENCE) == 1  # in a process of its own
    here.running[run.pk].kill()
    here.running[run.pk].wait(PATIENCE)
    later = datetime.now(UTC) + 5 * SILENCE  # it was quicker than the kill, or has died for the second time
    wait_until(lambda: here.look(later) == 0 and is_over(run), "the death to be noticed")
    here.end()
    again = run if bill_run_of(run.pk).state == "done" else ask_to_bill(OPS, day, datetime.now(UTC))
    done = bill_run_slices.run_here(again.pk)
    assert done.state == "done"
    assert Counter(Invoice.objects.values_list("account", flat=True)).most_common(1)[0][1] == 1
    assert sorted(Invoice.objects.values_list("pk", flat=True)) == list(range(1, ACCOUNTS + 1))
    assert InvoiceLine.objects.count() == ACCOUNTS
    assert not BillingTerms.objects.filter(next_on__lte=day).exists()


def is_over(run: BillRun) -> bool:
    return bill_run_of(run.pk).state in ("done", "failed")
