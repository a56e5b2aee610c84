"""Who has not paid: reminded (past_due_mails.py) and suspended by itself some days after an invoice was due, and
enabled again by the payment.

The rule that it guards: it is off until an operator turns it on, and it enables nobody whom it did not suspend. It
changes a status as an operator does, with the reason that was chosen for it. Where that cannot be done the operators
are told: a worker that looks must not fail for it, nor a payment that came.
"""

from dataclasses import astuple
from datetime import UTC, datetime, timedelta

from allstop.actions.actor import Conflict, Invalid, Operator
from allstop.actions.notices import notify
from allstop.actions.past_due_mails import NAME, remind_past_due
from allstop.actions.payments import PaymentSaid, give_credit, record_payment
from allstop.actions.request_keys import Once, once
from allstop.actions.status_types import type_of_new_accounts
from allstop.actions.statuses import Wish, change_status
from allstop.rules.lifecycle import AccountStatus
from allstop.store.bills import balance_of
from allstop.store.models import (
    Account,
    BillingSetup,
    ChangeOf,
    Invoice,
    InvoiceState,
    NoticeKind,
    Payment,
    StatusChange,
    StatusReason,
    StatusType,
)

AT_ONCE = 100
_RULE = Operator(NAME, "rule")


def look_past_due(now: datetime) -> None:
    """Once a day, by a worker: who is reminded, and who is suspended. Many take several looks."""
    more_to_remind = remind_past_due(now)
    _, more_to_suspend = suspend_past_due(now)
    if not more_to_remind and not more_to_suspend:
        BillingSetup.objects.filter(pk=1).update(looked_on=now.astimezone(UTC).date())


def suspend_past_due(now: datetime) -> tuple[int, bool]:
    """How many were suspended, and whether there are more."""
    setup = BillingSetup.objects.filter(pk=1).first()
    if setup is None or setup.suspend_after_days is None:
        return 0, False
    if fault := _fault(setup):
        _tell("Nobody is suspended as past due", fault, now, url="/operator/billing-setup")
        return 0, False
    last = now.astimezone(UTC).date() - timedelta(days=setup.suspend_after_days)
    late = Invoice.objects.filter(state=InvoiceState.OPEN, due_on__lt=last)  # invoice_unpaid
    active = late.filter(account__status_type__status=AccountStatus.ACTIVE).order_by("account")
    done, beyond = 0, 0
    # Who has paid enough stays active: a look goes on beyond them, else they would be looked at for ever.
    while ids := list(active.filter(account__gt=beyond).values_list("account", flat=True).distinct()[:AT_ONCE]):
        for beyond in ids:
            done += _suspend(beyond, setup.suspend_reason, now)
            if done == AT_ONCE:
                return done, True
    return done, False


def pay(by: Operator, account_id: int, said: PaymentSaid, now: datetime, key: str = "") -> Once[Payment]:
    """Recorded, with a `key` once; and whom this rule has suspended is enabled, if nothing is past due any more.

    Also by a repeat: the first may have ended between the two.
    """
    asked = ("payment", *astuple(said))
    made = once(account_id, key, asked, now, lambda: record_payment(by, account_id, said, now))
    _enable_if_paid(account_id, now)
    return made


def credit(
    by: Operator, account_id: int, amount: str, words: str, now: datetime, key: str = ""
) -> Once[Payment | Invoice]:
    asked = ("credit", amount, words)
    made = once(account_id, key, asked, now, lambda: give_credit(by, account_id, amount, words, now))
    _enable_if_paid(account_id, now)
    return made


def _suspend(account_id: int, reason: str, now: datetime) -> bool:
    owed = balance_of(account_id)
    if owed is None or owed.amount <= 0:
        return False
    try:
        change_status(_RULE, account_id, Wish(type_of_new_accounts(AccountStatus.SUSPENDED).pk, reason), now)
    except (Conflict, Invalid):  # somebody has changed it, or the lists, at the same moment
        return False
    return True


def _fault(setup: BillingSetup) -> str:
    """Why nobody can be suspended; "" = they can."""
    if not StatusReason.objects.filter(text=setup.suspend_reason).exists():
        return f"The reason {setup.suspend_reason!r} is no longer in the list. Choose another one."
    if not StatusType.objects.filter(status=AccountStatus.SUSPENDED).exists():
        return "There is no status type with the status Suspended. Make one."
    return ""


def _tell(title: str, words: str, now: datetime, *, url: str, about: str = "billing_setup") -> None:
    notify(NoticeKind.PAST_DUE, title, words, now, account_id=None, about=about, url=url)


def _enable_if_paid(account_id: int, now: datetime) -> None:
    setup = BillingSetup.objects.get(pk=1)
    account = Account.objects.select_related("status_type").get(pk=account_id)
    done = StatusChange.objects.filter(account_id=account_id, state=ChangeOf.DONE).order_by("-ended_at", "-pk").first()
    if done is None or done.by != NAME or account.status_type.status != AccountStatus.SUSPENDED:
        return
    last = now.astimezone(UTC).date() - timedelta(days=setup.suspend_after_days or 0)
    if Invoice.objects.filter(account_id=account_id, state=InvoiceState.OPEN, due_on__lt=last).exists():
        return
    had = StatusType.objects.filter(name=done.old_name, status=AccountStatus.ACTIVE).first()
    try:
        change_status(_RULE, account_id, Wish((had or type_of_new_accounts()).pk), now)
    except Conflict as refused:  # what came in is recorded and stays so
        if StatusType.objects.filter(accounts=account_id, status=AccountStatus.SUSPENDED).exists():
            words = f"It was not enabled by itself. {refused}"
            title, url = f"{account.name} has paid and is still suspended", f"/operator/accounts/{account_id}"
            _tell(title, words, now, url=url, about=f"account:{account_id}")
