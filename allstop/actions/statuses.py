"""Changing the status of an account: now, or what status_plans.py has planned, by a worker at its time.

A status brings a hold of its own, through the stop protocol: suspending stops an account's sending with the receipt of
a STOP, and enabling lifts that hold and no other. What was planned runs in its order within seconds of its time, also
when no worker ran then; bills go by the time that was planned. Nothing returns to prospect.

The rule that it guards: the status, the hold, the record and the ledger change in one transaction. Lifting the old
hold may take longer, since nothing stale may leave: it follows, and whoever dies before it is done has left a mark by
which a worker goes on.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.actor import Conflict, Invalid, Machine, NotThere, Operator
from allstop.actions.billing import bill_change, lock_for_change
from allstop.actions.confirming import StopReceipt, receipt_of, wait_until_confirmed
from allstop.actions.holds import add_hold, new_hold
from allstop.actions.intake import close_intake
from allstop.actions.notices import notify
from allstop.actions.packages import bills_usage_while_suspended
from allstop.actions.plan import Target, start_as_planned
from allstop.actions.status_types import type_of
from allstop.actions.switch import one_at_a_time
from allstop.rules.holds import LIFECYCLE_HOLDS, Effect, whole_account
from allstop.rules.lifecycle import HOLD_OF, NEEDS_REASON, AccountStatus, change_words, may_become
from allstop.rules.proration import Charge
from allstop.store import bills, ledger, queue
from allstop.store.models import (
    Account,
    ChangeOf,
    Hold,
    NoticeKind,
    StatusChange,
    StatusReason,
    StatusType,
)

LEFT_ALONE = timedelta(seconds=5)  # what is still to be lifted then has lost whoever began
LIFTED = "The account was enabled: its status is {}."


@dataclass(frozen=True, slots=True)
class Changed:
    change: StatusChange
    receipt: StopReceipt | None  # of the stop that the new status brought


@dataclass(frozen=True, slots=True)
class Wish:
    type_id: int
    reason: str = ""  # one of the list
    charge: Charge = Charge.PRORATED


def change_status(by: Operator, account_id: int, wish: Wish, now: datetime) -> Changed:
    """Now. Not inside a transaction: what the old status held is let go after the commit."""
    with transaction.atomic():
        close_intake(account_id)  # so that no lead is created once it is cancelled
        is_billed = lock_for_change(account_id)
        with queue.impatient():
            account = locked_account(account_id)
            new = _checked(account, wish)
            change = record(by, account, new, wish, now, now, ChangeOf.DONE)
            receipt = _bill_and_enter(by, account, new, change, now, is_billed)
    lift_old_holds(account_id, now)
    change.refresh_from_db()
    return Changed(change, receipt)


def run_status_changes(now: datetime) -> int:
    """What is due, oldest first; then what is still to be lifted. Returns how many were carried out or refused."""
    ran, receipts = 0, []
    due = StatusChange.objects.filter(state=ChangeOf.COMING, at__lte=now).order_by("at", "pk")
    for change_id, account_id in due.values_list("pk", "account_id"):
        with transaction.atomic():
            close_intake(account_id)
            is_billed = lock_for_change(account_id)
            done = _carry_out(change_id, now, is_billed)
        if done is None:
            continue
        ran += 1
        if done.receipt is not None:
            receipts.append(done.receipt.number)
        lift_old_holds(account_id, now)
    if receipts:
        wait_until_confirmed(max(receipts))
    left = StatusChange.objects.filter(is_lifting=True, ended_at__lt=now - LEFT_ALONE)
    for account_id in set(left.values_list("account_id", flat=True)):
        lift_old_holds(account_id, now)
    return ran


def lift_old_holds(account_id: int, now: datetime) -> None:
    """Of statuses that the account has left. Nothing stale leaves. Done twice, it does no harm.

    Where a START of the account is under way, or the machine's stop file is there, a worker comes back to it.
    """
    left = StatusChange.objects.filter(account_id=account_id, is_lifting=True).order_by("pk")
    for change in left:
        account = Account.objects.select_related("status_type").get(pk=account_id)
        own = HOLD_OF[AccountStatus(account.status_type.status)]
        standing = Hold.objects.filter(account_id=account_id, name__in=LIFECYCLE_HOLDS, lifted_at=None)
        machine = Machine(change.by, change.via)
        reason = LIFTED.format(account.status_type.name)
        try:
            for hold in standing.exclude(name=own or ""):
                target = Target(whole_account(account_id), hold.pk)
                start_as_planned(machine, now=now, target=target, reason=reason)
        except Conflict:
            return
        if not standing.exclude(name=own or "").exists():
            StatusChange.objects.filter(pk=change.pk).update(is_lifting=False)


def _carry_out(change_id: int, now: datetime, is_billed: bool) -> Changed | None:
    """In a transaction. None: another worker has it, or it was taken back or put off."""
    with queue.impatient():
        mine = StatusChange.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        change = mine.filter(pk=change_id, state=ChangeOf.COMING, at__lte=now).first()  # it may have been put off
        if change is None:
            return None
        by = Machine(change.by, "schedule")
        account = locked_account(change.account_id)
        old, new = account.status_type, change.type
        try:
            if new is None:
                raise NotThere(f"The status type {change.name} does not exist any more.")
            _check_change(old, new)
        except (Conflict, NotThere) as refused:
            _refuse(change, account, str(refused), now)
            return Changed(change, None)
        StatusChange.objects.filter(pk=change.pk).update(
            state=ChangeOf.DONE,
            ended_at=now,
            old_name=old.name,
            old_status=old.status,
            bills_usage=bills_usage_while_suspended(),
        )
        return Changed(change, _bill_and_enter(by, account, new, change, now, is_billed))


def _bill_and_enter(
    by: Operator | Machine, account: Account, new: StatusType, change: StatusChange, now: datetime, is_billed: bool
) -> StopReceipt | None:
    """Billed first, by the status that it had; the ledger hears of it last."""
    written = bill_change(by, change, account.status_type, new, now) if is_billed else None
    receipt = _enter(by, account, new, change, now)
    if written is not None:
        bills.tell(written, now, by.name, by.via)
    return receipt


def _enter(
    by: Operator | Machine, account: Account, new: StatusType, change: StatusChange, now: datetime
) -> StopReceipt | None:
    """The account has the new type from here on. The new hold comes before the old one goes: no lane opens between."""
    old = account.status_type
    reach = whole_account(account.pk)
    name = HOLD_OF[AccountStatus(new.status)]
    standing = {one.name: one for one in Hold.objects.filter(account=account, name__in=LIFECYCLE_HOLDS, lifted_at=None)}
    receipt = None
    if name is not None and name not in standing:
        hold = add_hold(new_hold(by, name, reach, now, reason=change.reason))
        assert Effect.SENDING in hold.blocks
        receipt = receipt_of(queue.stop(hold.pk, now), hold)
    if set(standing) - {name}:
        StatusChange.objects.filter(pk=change.pk).update(is_lifting=True)
    Account.objects.filter(pk=account.pk).update(status_type=new)
    ledger.append(
        account_id=account.pk,
        at=now,
        by=by.name,
        act="change_status",
        subject="account",
        reason=change.reason,
        before={"type": old.name, "status": old.status},
        after={
            "type": new.name,
            "status": new.status,
            "change": change.pk,
            "charge": change.charge,
            "counts_from": change.at.isoformat(),
            "via": by.via,
        }
        | ({"number": receipt.number} if receipt else {}),
    )
    return receipt


def _refuse(change: StatusChange, account: Account, words: str, now: datetime) -> None:
    StatusChange.objects.filter(pk=change.pk).update(state=ChangeOf.REFUSED, ended_at=now, words=words)
    after = {"change": change.pk, "to": change.name, "via": "schedule"}
    ledger.append(
        account_id=account.pk,
        at=now,
        by=change.by,
        act="refuse_status",
        subject="account",
        reason=words,
        after=after,
    )
    notify(
        NoticeKind.SCHEDULED,
        f"A planned change of {account.name} was refused",
        f"It should have become {change.name}. {words}\nIt was planned by {change.by}.",
        now,
        account_id=None,
        about=f"account:{account.pk}",
        url=f"/operator/accounts/{account.pk}",
    )


def record(  # noqa: PLR0913 - one change
    by: Operator, account: Account, new: StatusType, wish: Wish, at: datetime, now: datetime, state: ChangeOf
) -> StatusChange:
    is_done = state is ChangeOf.DONE
    return StatusChange.objects.create(
        account=account,
        type=new,
        name=new.name,
        status=new.status,
        old_name=account.status_type.name if is_done else "",
        old_status=account.status_type.status if is_done else None,
        at=at,
        charge=wish.charge.value,
        reason=wish.reason,
        by=by.name,
        via=by.via,
        made_at=now,
        state=state.value,
        ended_at=now if is_done else None,
        bills_usage=bills_usage_while_suspended(),
    )


def locked_account(account_id: int) -> Account:
    if not Account.objects.filter(pk=account_id).exists():
        raise NotThere("There is no such account.")
    one_at_a_time(whole_account(account_id))
    return Account.objects.select_related("status_type").get(pk=account_id)


def chosen_type(wish: Wish) -> StatusType:
    if not StatusReason.objects.exists():
        raise Conflict("Make a list of reasons first: Setup, Account Status Reasons. A status changes for one of them.")
    return type_of(wish.type_id)


def _checked(account: Account, wish: Wish) -> StatusType:
    new = chosen_type(wish)
    _check_change(account.status_type, new)
    check_reason(AccountStatus(new.status), wish.reason)
    return new


def _check_change(old: StatusType, new: StatusType) -> None:
    if new.pk == old.pk:
        raise Conflict(f"The account is {old.name} already.")
    if not may_become(AccountStatus(old.status), AccountStatus(new.status)):
        raise Conflict(no_prospect(old.name))


def no_prospect(old: str) -> str:
    return f"An account that is {old} cannot become a prospect again: that status is for the time before the first use."


def check_reason(new: AccountStatus, reason: str) -> None:
    if reason and not StatusReason.objects.filter(text=reason).exists():
        raise Invalid(reason=f"{reason!r} is not in the list of reasons. Choose one of the list.")
    if not reason and new in NEEDS_REASON:
        words = change_words(AccountStatus.ACTIVE, new).lower()
        raise Invalid(reason=f"Choose the reason. To {words} an account one is needed.")
