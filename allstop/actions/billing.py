"""Billing one account: by hand, and by a change of its status. What is shown before is what is billed then.

The rule that it guards: one function makes a bill of the account's books, for the preview and for the bill itself, and
whoever writes one has locked the account's terms, so that no run bills it at the same time.
"""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from allstop.actions.actor import Conflict, Invalid, Machine, NotThere, Operator
from allstop.actions.packages import bills_usage_while_suspended
from allstop.rules.days import ONE
from allstop.rules.foreseeing import Change, foreseen
from allstop.rules.invoicing import Bill, Missed, bill_account, missed_days, status_changed, turn_of
from allstop.rules.lifecycle import STATUS_WORDS, AccountStatus, Area, does
from allstop.rules.packages import Turn
from allstop.rules.proration import Charge
from allstop.store import bills, ledger, usage
from allstop.store.billing import Books, Reading, books_of, months_of
from allstop.store.models import Account, BillingSetup, BillingTerms, ChangeOf, Invoice, StatusChange, StatusType


@dataclass(frozen=True, slots=True)
class Billed:
    bill: Bill
    invoice: Invoice | None  # None: nothing to bill, or credits that wait for the next


NOTHING_IS_BILLED = "The account has no packages. Add one under Packages first."


# --- by hand


def preview_bill(account_id: int, since: date | None, until: date | None, now: datetime) -> Bill:
    """What `bill_by_hand` would bill."""
    books = _books(account_id, now)
    status = _billable(books)
    first, last = _span(books, since, until, now)
    return bill_account(books.facts, status, last, first)


@transaction.atomic
def bill_by_hand(by: Operator, account_id: int, since: date | None, until: date | None, now: datetime) -> Billed:
    """What has a bill date in these days, and usage of months that are over; also of days on which the account was
    cancelled or suspended (002-07). Done again it bills nothing more."""
    lock(account_id)
    books = _books(account_id, now)
    status = _billable(books)
    first, last = _span(books, since, until, now)
    bill = bill_account(books.facts, status, last, first)
    invoice = _write(by, books, bill, last, now)
    said = {"since": first.isoformat(), "until": last.isoformat(), "total": str(bill.total.amount), "via": by.via}
    after = said | {"invoice": invoice.pk if invoice else None}
    ledger.append(account_id=account_id, at=now, by=by.name, act="bill_account", subject="account", after=after)
    return Billed(bill, invoice)


def missed_of(account_id: int, now: datetime) -> list[Missed]:
    """Days whose bill date has passed and that nobody billed (TB14). Bill Account can bill them."""
    books = books_of([account_id], Reading(usage_to=date.min)).get(account_id)
    return missed_days(books.facts, _today(books.account, now)) if books is not None else []


def missed_of_all(now: datetime, after: int = 0, at_most: int = 200) -> list[tuple[Books, list[Missed]]]:
    """The catch-up report, by number of the account."""
    found: list[tuple[Books, list[Missed]]] = []
    while len(found) < at_most:
        some = list(BillingTerms.objects.filter(account__gt=after).order_by("pk").values_list("pk", flat=True)[:200])
        if not some:
            break
        after = some[-1]
        books = books_of(some, Reading(usage_to=date.min))
        for pk in some:
            if pk in books and (days := missed_days(books[pk].facts, _today(books[pk].account, now))):
                found.append((books[pk], days))
    return found[:at_most]


# --- by a change of status


def period_end(account_id: int, now: datetime) -> date:
    """The first day after the account's present billing month."""
    terms = BillingTerms.objects.filter(pk=account_id).first()
    account = Account.objects.get(pk=account_id)
    today = _today(account, now)
    if terms is None:
        return (today.replace(day=1) + 31 * ONE).replace(day=1)
    return months_of(terms).period(today).end


def preview_change(
    account_id: int,
    new: AccountStatus,
    charge: Charge,
    on: date | None,
    now: datetime,
    not_this: int | None = None,
) -> Bill | None:
    """What a change of status bills and credits, now or as from a day to come: then as daily runs and the changes that
    are planned before it will have left the account. None: the account is not billed. `not_this`: a planned change that
    is being put off."""
    account = Account.objects.select_related("status_type").filter(pk=account_id).first()
    if account is None:
        raise NotThere("There is no such account.")
    today = _today(account, now)
    if on is None or on <= today:
        books = _books_for_change(account_id, new, now, today, None)
        return status_changed(books.facts, books.status, new, today, charge) if books is not None else None
    books = books_of([account_id], Reading(usage_to=on)).get(account_id)
    if books is None:
        return None
    wanted = Change(on, new, charge, bills_usage_while_suspended())
    return foreseen(books.facts, books.status, today, _planned(account, on, not_this), wanted)


def _planned(account: Account, until: date, not_this: int | None) -> list[Change]:
    """What will have been carried out when a change on the day `until` is, in its order."""
    zone = ZoneInfo(account.zone)
    coming = StatusChange.objects.filter(account=account, state=ChangeOf.COMING).exclude(pk=not_this or 0)
    found = [
        Change(one.at.astimezone(zone).date(), AccountStatus(one.status), Charge(one.charge), one.bills_usage)
        for one in coming.order_by("at", "pk")
    ]
    return [one for one in found if one.on <= until]


def lock_for_change(account_id: int) -> bool:
    """At the beginning of the transaction of a change, before anybody's patience is limited: a bill run may have to
    finish its slice. Whether the account is billed at all."""
    if not BillingTerms.objects.select_for_update().filter(pk=account_id).exists():
        return False
    BillingSetup.objects.select_for_update().get(pk=1)
    return True


def bill_change(
    by: Operator | Machine, change: StatusChange, old: StatusType, new: StatusType, now: datetime
) -> bills.Written | None:
    """In the transaction of the change, which has locked. `old` is what the account still has. What it returns is to be
    told (`bills.tell`) last: the ledger's lock comes after those of a stop."""
    at = _counts_from(change)
    zone = ZoneInfo(Account.objects.get(pk=change.account_id).zone)
    day = at.astimezone(zone).date()
    status = AccountStatus(new.status)
    books = _books_for_change(change.account_id, status, at, day, change.pk)
    if books is None:
        return None
    bill = status_changed(books.facts, AccountStatus(old.status), status, day, Charge(change.charge))
    books.account.status_type = new  # of a cancelled account a credit gets an invoice of its own (TB15)
    return bills.write([bills.ToWrite(books, bill)], day, now, by.name) if bill else None


def _books_for_change(
    account_id: int, new: AccountStatus, at: datetime, day: date, change_id: int | None
) -> Books | None:
    if not BillingTerms.objects.filter(pk=account_id).exists():
        return None
    old = AccountStatus(Account.objects.select_related("status_type").get(pk=account_id).status_type.status)
    ends = at if turn_of(old, new) is Turn.STARTS else None
    reading = Reading(usage_to=day, not_this=change_id, enabled_at=ends)
    return books_of([account_id], reading).get(account_id)


def _counts_from(change: StatusChange) -> datetime:
    """One that was carried out late counts from its own time, but from none before another that was done."""
    done = StatusChange.objects.filter(account_id=change.account_id, state=ChangeOf.DONE).exclude(pk=change.pk)
    last = done.order_by("-at").values_list("at", flat=True).first()
    return max(change.at, last) if last is not None else change.at


# --- what they share


def lock(account_id: int) -> BillingTerms:
    found = BillingTerms.objects.select_for_update().filter(pk=account_id).first()
    if found is None:
        if not Account.objects.filter(pk=account_id).exists():
            raise NotThere("There is no such account.")
        raise Conflict(NOTHING_IS_BILLED)
    return found


def write_bill(by: Operator | Machine, to_write: bills.ToWrite, day: date, now: datetime) -> Invoice | None:
    """In a transaction that has locked the account's terms. The last thing but the caller's own entry."""
    written = bills.write([to_write], day, now, by.name)
    bills.tell(written, now, by.name, by.via)
    number = written.invoices.get(to_write.books.terms.account_id)
    return Invoice.objects.get(pk=number) if number is not None else None


def _write(by: Operator | Machine, books: Books, bill: Bill, day: date, now: datetime) -> Invoice | None:
    return write_bill(by, bills.ToWrite(books, bill), day, now) if bill else None


def _books(account_id: int, now: datetime) -> Books:
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotThere("There is no such account.")
    setup = BillingSetup.objects.filter(pk=1).first()
    terms = BillingTerms.objects.filter(pk=account_id).first()
    if setup is None or terms is None:
        raise Conflict(NOTHING_IS_BILLED)
    known = setup.usage_until.date() if setup.usage_until is not None else terms.since
    usage.gather_of(account_id, known, now)  # what it has used since the last run
    return books_of([account_id], Reading(usage_to=_today(account, now)))[account_id]


def _billable(books: Books) -> AccountStatus:
    if not does(books.status, Area.BILL_ACCOUNT):
        words = STATUS_WORDS[books.status].lower()
        raise Conflict(f"{books.account.name} is a {words}: a {words} is not billed. Enable the account first.")
    return books.status


def _span(books: Books, since: date | None, until: date | None, now: datetime) -> tuple[date, date]:
    """Without `since` the billing month that `until` is in; without `until` today."""
    today = _today(books.account, now)
    last = until or today
    if last > today:
        raise Invalid(until=f"Give a day up to today, {today.isoformat()}: what comes later is billed then.")
    first = since or months_of(books.terms).period(last).start
    if first > last:
        raise Invalid(since="The first day is after the last.")
    return first, last


def _today(account: Account, now: datetime) -> date:
    return now.astimezone(ZoneInfo(account.zone)).date()
