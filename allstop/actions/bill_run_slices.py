"""The run of a bill run: slice by slice, each in a short transaction of its own, here or in another process."""

from datetime import UTC, date, datetime
from decimal import Decimal

from django.db import transaction

from allstop.actions.runs import Runs
from allstop.rules.days import ONE, has
from allstop.rules.invoicing import bill_run
from allstop.store import bills, ledger, usage
from allstop.store.billing import Books, Reading, books_of, keep_settled, months_of, next_date, settled_to
from allstop.store.models import BillingTerms, BillRun, RunState

SLICE = 400  # accounts of one transaction: what Bill Account of one of them may have to wait for
DIED_ONCE = "The program that billed died in the middle. It goes on where it was."
DIED_TWICE = "The program that billed died twice. What was billed stands; start another run, and it does the rest."


def run_here(run_id: int) -> BillRun:
    """In this process, to the end. Does nothing when another process runs it, or it is done."""
    with RUNS.held(run_id) as is_mine:
        if is_mine:
            RUNS.take(run_id, datetime.now(UTC))
            run = BillRun.objects.get(pk=run_id)
            if run.state == RunState.RUNNING and not run.position:
                usage.gather(run.created_at)
            while _next_slice(run_id, datetime.now(UTC)):
                pass
    return BillRun.objects.get(pk=run_id)


def _fail(run_id: int) -> None:
    failed = BillRun.objects.filter(pk=run_id, state=RunState.RUNNING)
    failed.update(state=RunState.FAILED, failure=DIED_TWICE, finished_at=datetime.now(UTC))


RUNS = Runs(table=BillRun, died_once=DIED_ONCE, fail=_fail)


def _next_slice(run_id: int, now: datetime) -> bool:
    """One transaction. False: there was nothing left, or it is not to be run."""
    with transaction.atomic():
        run = BillRun.objects.select_for_update().get(pk=run_id)
        if run.state != RunState.RUNNING:
            return False
        due = BillingTerms.objects.select_for_update().filter(next_on__lte=run.day, account__gt=run.position)
        ids = list(due.order_by("account").values_list("pk", flat=True)[:SLICE])
        if not ids:
            _finish(run, now)
            return False
        books = books_of(ids, Reading(usage_to=run.day, is_run=True))
        to_write = [bills.ToWrite(one, bill) for one in books.values() if (bill := bill_run(one.facts, run.day))]
        written = bills.write(to_write, run.day, now, run.by, run_id)
        _move_on(books, run.day)
        _count(run, ids, written, written.amounts(to_write), now)
        bills.tell(written, now, run.by, run.via, run_id)
        return True


def _move_on(books: dict[int, Books], day: date) -> None:
    """When each account is looked at next. One that a hold keeps free that day is looked at again the day after, since
    its status may have changed for a day that has passed."""
    settled: dict[int, date] = {}
    months: dict[int, tuple[date, date]] = {}  # account -> usage is billed to, and what comes next
    for pk, one in books.items():
        dates = []
        is_free = has(one.facts.free, day)
        for package in one.facts.packages:
            its = one.components[package.id]
            if not is_free and its.starts_on <= day:
                settled[its.pk] = settled_to(package, its.settled_to, day)
                dates.append(next_date(package, day))
            elif its.ends_on is None or its.ends_on > its.settled_to:
                dates.append(max(its.starts_on, day + ONE))
        month = months_of(one.terms).period(day)
        months[pk] = max(month.start, one.terms.usage_to), min([month.end, *filter(None, dates)])
    keep_settled(settled, months)


def _count(run: BillRun, ids: list[int], written: bills.Written, amounts: dict[str, Decimal], now: datetime) -> None:
    sums = {currency: Decimal(amount) for currency, amount in run.amounts.items()}
    for currency, amount in amounts.items():
        sums[currency] = sums.get(currency, Decimal(0)) + amount
    BillRun.objects.filter(pk=run.pk).update(
        position=ids[-1],
        done=run.done + len(ids),
        invoices=run.invoices + len(written.invoices),
        amounts={currency: str(amount) for currency, amount in sums.items()},
        taken_at=now,
    )


def _finish(run: BillRun, now: datetime) -> None:
    BillRun.objects.filter(pk=run.pk).update(state=RunState.DONE, finished_at=now)
    ledger.append(
        account_id=None,
        at=now,
        by=run.by,
        act="bill_run_done",
        subject=f"bill_run:{run.pk}",
        after={"accounts": run.done, "invoices": run.invoices, "amounts": run.amounts, "via": run.via},
    )
