"""Changes of status that are still to come: planned for a day, put off, taken back; and one wish for many accounts.

Any number may stand for an account. Each has its own day, which counts for bills, and statuses.py carries them out in
the order of their days.

The rule that it guards: a plan changes nothing else before its time, and one that was carried out is never changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.billing import period_end
from allstop.actions.confirming import StopReceipt
from allstop.actions.statuses import (
    Wish,
    change_status,
    check_reason,
    chosen_type,
    locked_account,
    no_prospect,
    record,
)
from allstop.rules.days import start_of_day
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.proration import When
from allstop.store import ledger
from allstop.store.models import Account, ChangeOf, StatusChange, StatusType

MOST_AT_ONCE = 200  # accounts in one go: each may stop sending, and whoever pressed the button waits


@dataclass(frozen=True, slots=True)
class Moment:
    when: When = When.NOW
    on: date | None = None  # for When.DATE


@dataclass(frozen=True, slots=True)
class Outcome:
    """Of one account. `problem`: why nothing was changed; "" when it was."""

    account_id: int
    account: str
    change: StatusChange | None = None
    receipt: StopReceipt | None = None
    problem: str = ""


def change_or_plan(by: Operator, account_id: int, wish: Wish, moment: Moment, now: datetime) -> Outcome:
    """What every way to change a status ends in. Not inside a transaction, as change_status."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotThere("There is no such account.")
    if moment.when is When.NOW:
        done = change_status(by, account_id, wish, now)
        return Outcome(account_id, account.name, done.change, done.receipt)
    on = moment.on if moment.when is When.DATE else period_end(account_id, now)
    if on is None:
        raise Invalid(on="Give the date. Without one nothing was changed.")
    return Outcome(account_id, account.name, plan_change(by, account_id, wish, on, now))


def change_many(by: Operator, account_ids: Sequence[int], wish: Wish, moment: Moment, now: datetime) -> list[Outcome]:
    """The same for each of them. One that is refused stays as it is and says why; the others are changed."""
    chosen = list(dict.fromkeys(account_ids))
    if not chosen:
        raise Invalid(accounts="Tick the accounts whose status is to change.")
    if len(chosen) > MOST_AT_ONCE:
        raise Invalid(accounts=f"Change the status of at most {MOST_AT_ONCE} accounts at once.")
    names = dict(Account.objects.filter(pk__in=chosen).values_list("pk", "name"))
    if len(names) < len(chosen):
        raise NotThere("One of these accounts does not exist. Nothing was changed.")
    check_reason(AccountStatus(chosen_type(wish).status), wish.reason)  # what is wrong for all is said once
    if moment.when is When.DATE and moment.on is None:
        raise Invalid(on="Give the date. Without one nothing was changed.")
    outcomes = []
    for account_id in chosen:
        try:
            outcomes.append(change_or_plan(by, account_id, wish, moment, now))
        except (Conflict, Invalid) as refused:
            outcomes.append(Outcome(account_id, names[account_id], problem=str(refused)))
    return outcomes


@transaction.atomic
def plan_change(by: Operator, account_id: int, wish: Wish, on: date, now: datetime) -> StatusChange:
    """For the beginning of a day in the account's zone. Then it is asked again whether it is allowed."""
    account = locked_account(account_id)
    new, at = _planned(account, wish, on, now)
    change = record(by, account, new, wish, at, now, ChangeOf.COMING)
    _tell(by, "plan_status", change, now, reason=wish.reason, after=_said(change))
    return change


@transaction.atomic
def change_plan(by: Operator, account_id: int, change_id: int, wish: Wish, on: date, now: datetime) -> StatusChange:
    """Another day, type, reason or charge, before its time. It answers to whoever changed it last."""
    change = _of(account_id, change_id)
    if change.state != ChangeOf.COMING:
        raise Conflict("It is over already, and stays as it was.")
    account = locked_account(account_id)  # after the change's own row, as a worker does
    new, at = _planned(account, wish, on, now)
    before = _said(change)
    change.type, change.name, change.status, change.at = new, new.name, new.status, at
    change.charge, change.reason, change.by, change.via = wish.charge.value, wish.reason, by.name, by.via
    change.save(update_fields=["type", "name", "status", "at", "charge", "reason", "by", "via"])
    _tell(by, "change_plan_of_status", change, now, reason=wish.reason, before=before, after=_said(change))
    return change


@transaction.atomic
def take_back(by: Operator, account_id: int, change_id: int, now: datetime) -> StatusChange:
    """A planned change, before its time. One that is taken back already stays as it is."""
    change = _of(account_id, change_id)
    if change.state == ChangeOf.COMING:
        change.state, change.ended_at, change.words = ChangeOf.CANCELLED, now, f"By {by.name}"
        change.save(update_fields=["state", "ended_at", "words"])
        _tell(by, "take_back_status", change, now, before=_said(change))
    elif change.state != ChangeOf.CANCELLED:
        raise Conflict("It is over already.")
    return change


def planned_change(account_id: int, change_id: int) -> StatusChange:
    """One that is still to come; else it is not there to be changed."""
    coming = StatusChange.objects.filter(account_id=account_id, pk=change_id, state=ChangeOf.COMING)
    found = coming.select_related("type").first()
    if found is None:
        raise NotThere("There is no such planned change.")
    return found


def _planned(account: Account, wish: Wish, on: date, now: datetime) -> tuple[StatusType, datetime]:
    new = chosen_type(wish)
    check_reason(AccountStatus(new.status), wish.reason)
    zone = ZoneInfo(account.zone)
    if on <= now.astimezone(zone).date():
        raise Invalid(on="Give a date after today. To change the status today, change it now.")
    if new.status == AccountStatus.PROSPECT and account.status_type.status != AccountStatus.PROSPECT:
        raise Conflict(no_prospect(account.status_type.name))
    return new, start_of_day(on, zone)


def _of(account_id: int, change_id: int) -> StatusChange:
    """With its row: a worker that has begun it is waited for."""
    found = StatusChange.objects.select_for_update().filter(account_id=account_id, pk=change_id).first()
    if found is None:
        raise NotThere("There is no such planned change.")
    return found


def _said(change: StatusChange) -> dict[str, object]:
    return {"change": change.pk, "to": change.name, "at": change.at.isoformat(), "charge": change.charge}


def _tell(  # noqa: PLR0913 - one entry
    by: Operator,
    act: str,
    change: StatusChange,
    now: datetime,
    *,
    reason: str = "",
    before: dict[str, object] | None = None,
    after: dict[str, object] | None = None,
) -> None:
    ledger.append(
        account_id=change.account_id,
        at=now,
        by=by.name,
        act=act,
        subject="account",
        reason=reason,
        before=before,
        after={**(after or {}), "via": by.via},
    )
