"""Bill runs: everything that is due on a day, of all accounts at once. Operators only.

The rule that it guards: a run bills each account in the transaction in which it moves on from it, so one that is killed
goes on where it was, bills nobody twice and forgets nobody; and another run on the same day finds nothing more.
"""

from datetime import UTC, date, datetime

from django.db import IntegrityError, transaction

from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.bill_run_slices import RUNS, run_here
from allstop.actions.packages import billing_setup
from allstop.store import ledger
from allstop.store.models import BillingTerms, BillRun, RunState

AT_ONCE = 100  # accounts that the caller waits for; more are left to a process of their own


def bill_run(by: Operator, day: date | None, now: datetime) -> BillRun:
    """Done when it returns, if few accounts are due; otherwise a worker starts a process for it within a second. Not
    inside a transaction."""
    made = ask_to_bill(by, day, now)
    return run_here(made.pk) if made.total <= AT_ONCE else made


def ask_to_bill(by: Operator, day: date | None, now: datetime) -> BillRun:
    """Written down as queued. Without a day today, in UTC."""
    today = now.astimezone(UTC).date()
    wanted = day or today
    if wanted > today:
        raise Invalid(day=f"Give a day up to today, {today.isoformat()}: no day is billed before it has come.")
    if RUNS.open().exists():
        raise Conflict("A bill run is under way. Wait until it is done.")
    billing_setup()
    try:
        with transaction.atomic():
            made = BillRun.objects.create(
                day=wanted,
                state=RunState.QUEUED,
                total=BillingTerms.objects.filter(next_on__lte=wanted).count(),
                by=by.name,
                via=by.via,
                created_at=now,
            )
            after = {"day": wanted.isoformat(), "accounts": made.total, "via": by.via}
            ledger.append(
                account_id=None, at=now, by=by.name, act="bill_run", subject=f"bill_run:{made.pk}", after=after
            )
    except IntegrityError as other:
        raise Conflict("Another bill run has begun at the same moment. Wait until it is done.") from other
    return made


def bill_run_of(run_id: int) -> BillRun:
    found = BillRun.objects.filter(pk=run_id).first()
    if found is None:
        raise NotThere("There is no bill run with this number.")
    return found
