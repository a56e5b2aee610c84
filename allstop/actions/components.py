"""The packages that an account has: added, changed and ended by operators, each from a day on.

The rule that it guards: a component is never changed. What becomes of it is another one, so each day is billed at the
price of that day; and what its end credits is what its preview has shown. The first one makes the account's terms.
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models.functions import Least

from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.billing import lock, write_bill
from allstop.actions.packages import billing_setup
from allstop.rules.invoicing import Bill, package_cancelled
from allstop.rules.money import currency_fault
from allstop.rules.packages import Kind
from allstop.rules.proration import Charge
from allstop.store import ledger, usage
from allstop.store.billing import Books, Reading, books_of, package_of
from allstop.store.bills import ToWrite
from allstop.store.models import Account, BillingTerms, Component, Invoice, InvoiceLine, Package
from allstop.store.models.billing import LAST_BILL_DAY

MOST = 1_000_000
MOST_A_PERIOD = Decimal(10) ** 12  # what lines, invoices and balances have room for, many times over
FIRST_DAY = date(2000, 1, 1)


@dataclass(frozen=True, slots=True)
class Ended:
    component: Component
    bill: Bill
    invoice: Invoice | None


@transaction.atomic
def set_terms(by: Operator, account_id: int, bill_day: int, currency: str, now: datetime) -> BillingTerms:
    """From which day of the month the account is billed. Once something is billed, it stays."""
    account = _account(account_id)
    said = currency.strip().upper()
    faults = {
        "bill_day": "" if 1 <= bill_day <= LAST_BILL_DAY else f"Give a day of the month, 1 to {LAST_BILL_DAY}.",
        "currency": currency_fault(said),
    }
    if wrong := {name: words for name, words in faults.items() if words}:
        raise Invalid(**wrong)
    terms = _terms_of(account, now)
    before = {"bill_day": terms.bill_day, "currency": terms.currency}
    after = {"bill_day": bill_day, "currency": said}
    if before == after:
        return terms
    if InvoiceLine.objects.filter(account_id=account_id).exists():
        raise Conflict("Something was billed to this account already: its bill day and its currency stay.")
    if before["currency"] != said and Component.objects.filter(account_id=account_id).exists():
        raise Conflict(f"Its packages have prices in {terms.currency}: the currency stays.")
    BillingTerms.objects.filter(pk=account_id).update(**after)
    _tell(by, account_id, "set_terms", "account", before, after, now)
    return BillingTerms.objects.get(pk=account_id)


@transaction.atomic
def add_component(
    by: Operator, account_id: int, package_id: int, quantity: int, starts_on: date | None, now: datetime
) -> Component:
    """At today's price. Without a day from today on; one in the past is billed by the next run."""
    account = _account(account_id)
    package = Package.objects.filter(pk=package_id).first()
    if package is None:
        raise NotThere("There is no such package.")
    if not package.is_active:
        raise Conflict(f"The package {package.name} is retired: no account gets it any more.")
    start = starts_on or _today(account, now)
    if start < FIRST_DAY:
        raise Invalid(starts_on="Give a day in this century.")
    terms = _terms_of(account, now, start)
    if terms.currency != package.currency:
        raise Conflict(f"The account is billed in {terms.currency}; {package.name} has a price in {package.currency}.")
    made = _add(by, account, package, package.price, quantity, start, now)
    _tell(by, account_id, "add_component", f"component:{made.pk}", None, _facts(made), now)
    return made


def preview_end(account_id: int, component_id: int, on: date | None, charge: Charge, now: datetime) -> Bill:
    """What `end_component` would bill and credit."""
    books, one, day = _to_end(account_id, component_id, on, charge, now)
    return _bill_of_end(books, one, day, charge, now)


@transaction.atomic
def end_component(
    by: Operator, account_id: int, component_id: int, on: date | None, charge: Charge, now: datetime
) -> Ended:
    """From the day `on`, which is not used any more; without one from today."""
    _component(account_id, component_id)  # nobody else's, before anything is said of the account
    lock(account_id)
    return _end(by, account_id, component_id, on, charge, now)


@transaction.atomic
def change_component(
    by: Operator, account_id: int, component_id: int, quantity: int, on: date | None, now: datetime
) -> Component:
    """Another quantity, from a day up to today, at the price that the account has: the old one ends, by the day."""
    old = _component(account_id, component_id)
    lock(account_id)
    account = _account(account_id)
    start = on or _today(account, now)
    if start > _today(account, now):
        raise Invalid(on="Give a day up to today. What is to come is changed then.")
    if start <= old.starts_on:
        raise Invalid(on=f"It began on {old.starts_on.isoformat()}: give a later day.")
    _end(by, account_id, component_id, start, Charge.PRORATED, now)
    made = _add(by, account, old.package, old.price, quantity, start, now)
    after = _facts(made) | {"instead_of": old.pk}
    _tell(by, account_id, "change_component", f"component:{made.pk}", _facts(old), after, now)
    return made


def _end(by: Operator, account_id: int, component_id: int, on: date | None, charge: Charge, now: datetime) -> Ended:
    books, one, day = _to_end(account_id, component_id, on, charge, now)
    bill = _bill_of_end(books, one, day, charge, now)
    Component.objects.filter(pk=one.pk).update(ends_on=day)
    BillingTerms.objects.filter(pk=account_id).update(next_on=Least("next_on", day))
    today = _today(books.account, now)
    invoice = write_bill(by, ToWrite(books, bill), min(day, today), now) if bill else None
    said: dict[str, object] = {"ends_on": day.isoformat(), "charge": charge.value, "total": str(bill.total.amount)}
    after = said | {"invoice": invoice.pk if invoice else None}
    _tell(by, account_id, "end_component", f"component:{one.pk}", {"ends_on": None}, after, now)
    return Ended(Component.objects.get(pk=one.pk), bill, invoice)


def _to_end(
    account_id: int, component_id: int, on: date | None, charge: Charge, now: datetime
) -> tuple[Books, Component, date]:
    account = _account(account_id)
    one = _component(account_id, component_id)
    today = _today(account, now)
    day = on or max(today, one.starts_on)
    if one.ends_on is not None:
        raise Conflict(f"It ends on {one.ends_on.isoformat()} already.")
    if day < one.starts_on:
        raise Invalid(on=f"It begins on {one.starts_on.isoformat()}: give that day or a later one.")
    if day > today and charge is not Charge.PRORATED:
        raise Invalid(charge="What ends on a day to come is billed by the day until then: choose prorated.")
    books = books_of([account_id], Reading(usage_to=max(day, today)))[account_id]
    return books, one, day


def _bill_of_end(books: Books, one: Component, day: date, charge: Charge, now: datetime) -> Bill:
    bill = package_cancelled(books.facts, package_of(one, books.terms), day, charge)
    if day <= _today(books.account, now):
        return bill
    unused = tuple(line for line in bill.fees if line.kind is Kind.CREDIT)  # days until then are billed by runs
    return Bill(bill.currency, unused, ())


def _add(  # noqa: PLR0913 - what a component is
    by: Operator, account: Account, package: Package, price: Decimal, quantity: int, start: date, now: datetime
) -> Component:
    if not 1 <= quantity <= MOST:
        raise Invalid(quantity=f"Give 1 to {MOST:,}.")
    if price * quantity >= MOST_A_PERIOD:
        raise Invalid(quantity=f"Together they cost {MOST_A_PERIOD:,} {package.currency} or more a period. Give fewer.")
    made = Component.objects.create(
        account=account,
        package=package,
        name=package.name,
        frequency=package.frequency,
        mode=package.mode,
        is_full_period=package.is_full_period,
        quantity=quantity,
        price=price,
        starts_on=start,
        settled_to=start,
        by=by.name,
        made_at=now,
    )
    BillingTerms.objects.filter(pk=account.pk).update(next_on=Least("next_on", start))
    return made


def _terms_of(account: Account, now: datetime, since: date | None = None) -> BillingTerms:
    """Locked; made where there are none: from the first of each month, in the installation's currency."""
    found = BillingTerms.objects.select_for_update().filter(pk=account.pk).first()
    start = min(since or _today(account, now), _today(account, now))
    if found is None:
        currency = billing_setup().currency
        made = BillingTerms(account=account, currency=currency, bill_day=1, since=start, usage_to=start, next_on=start)
        BillingTerms.objects.bulk_create([made], ignore_conflicts=True)  # two operators at once
        usage.gather_of(account.pk, start, now)
        found = BillingTerms.objects.select_for_update().get(pk=account.pk)
    return found


def _component(account_id: int, component_id: int) -> Component:
    found = Component.objects.select_related("package").filter(account_id=account_id, pk=component_id).first()
    if found is None:
        raise NotThere("The account has no such package.")
    return found


def _account(account_id: int) -> Account:
    found = Account.objects.filter(pk=account_id).first()
    if found is None:
        raise NotThere("There is no such account.")
    return found


def _today(account: Account, now: datetime) -> date:
    return now.astimezone(ZoneInfo(account.zone)).date()


def _facts(one: Component) -> dict[str, object]:
    return {
        "package": one.name,
        "quantity": one.quantity,
        "price": f"{one.price.normalize():f}",
        "frequency": one.frequency,
        "mode": one.mode,
        "starts_on": one.starts_on.isoformat(),
    }


def _tell(  # noqa: PLR0913 - what an entry says
    by: Operator,
    account_id: int,
    act: str,
    subject: str,
    before: dict[str, object] | None,
    after: dict[str, object],
    now: datetime,
) -> None:
    after = {**after, "via": by.via}
    ledger.append(account_id=account_id, at=now, by=by.name, act=act, subject=subject, before=before, after=after)
