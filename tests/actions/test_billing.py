"""What accounts are billed: by a run, by hand, and by a change of status; what was shown before is what is billed."""

import random
from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

import pytest

from allstop.actions import past_due
from allstop.actions.accounts import create_account
from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.bill_runs import bill_run
from allstop.actions.billing import bill_by_hand, missed_of, missed_of_all, preview_bill, preview_change
from allstop.actions.components import add_component, change_component, end_component, preview_end, set_terms
from allstop.actions.packages import PackageSaid, SetupSaid, retire_package, save_package, save_rate, save_setup
from allstop.actions.past_due import credit, pay, suspend_past_due
from allstop.actions.payments import PaymentSaid, undo_payment
from allstop.actions.status_plans import plan_change
from allstop.actions.status_types import add_reason
from allstop.actions.statuses import Wish, change_status, run_status_changes
from allstop.rules.lifecycle import AccountStatus
from allstop.rules.money import Money
from allstop.rules.periods import days_in
from allstop.rules.proration import Charge
from allstop.rules.rating import Unit
from allstop.store import usage
from allstop.store.bills import balance_of
from allstop.store.models import (
    Account,
    Attempt,
    BillRun,
    CallStep,
    Component,
    Invoice,
    InvoiceLine,
    LedgerEntry,
    Message,
    Package,
    Payment,
    StatusChange,
    StatusType,
    UsageDay,
)
from tests.world import World, texts

OPS = Operator("Olu (operator)", "console")
ACTIVE, CANCELLED, SUSPENDED, PROSPECT = AccountStatus
PAST_DUE = "Past due"
DECEMBER, CHRISTMAS, NEW_YEAR = date(2026, 12, 1), date(2026, 12, 22), date(2027, 1, 1)


LATE_AFTER_FIVE_DAYS = SetupSaid(
    currency="USD",
    issuer="",
    due_days=14,
    usage_while_suspended=True,
    suspend_after_days=5,
    suspend_reason=PAST_DUE,
)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 17, tzinfo=UTC)


def of(status: AccountStatus) -> StatusType:
    return StatusType.objects.filter(status=status).order_by("pk")[0]


def package(now: datetime, name: str = "Basic", price: str = "30.00", **other: object) -> Package:
    said = PackageSaid(name=name, price=price, **{"currency": "USD", **other})  # type: ignore[arg-type]
    return save_package(OPS, None, said, now)


def become(world: World, status: AccountStatus, day: date, charge: Charge = Charge.PRORATED) -> None:
    reason = PAST_DUE if status is not ACTIVE else ""
    change_status(OPS, world.account.pk, Wish(of(status).pk, reason, charge), noon(day))


def run(day: date) -> BillRun:
    return bill_run(OPS, day, noon(day))


def amounts(lines: Iterable[InvoiceLine] | None = None) -> list[str]:
    found = InvoiceLine.objects.order_by("pk") if lines is None else lines
    return [f"{line.kind} {line.amount:.2f}" for line in found]


def prove_sums() -> None:
    """An invoice is the sum of its lines, and a balance that of all transactions, added up here one by one."""
    for invoice in Invoice.objects.all():
        assert invoice.total == sum((line.amount for line in invoice.lines.all()), Decimal(0))
    assert list(Invoice.objects.order_by("pk").values_list("pk", flat=True)) == list(
        range(1, Invoice.objects.count() + 1)
    )
    for account in Account.objects.filter(billing_terms__isnull=False):
        owed = Decimal(0)
        for line in InvoiceLine.objects.filter(account=account):
            owed += line.amount
        for payment in Payment.objects.filter(account=account, undone_at=None):
            owed -= payment.amount
        balance = balance_of(account.pk)
        assert balance is not None and balance.amount == owed


@pytest.fixture
def basic(world: World, now: datetime) -> Component:
    """Thirty a month in advance from the first of December; bill day 1."""
    add_reason(OPS, PAST_DUE, now)
    return add_component(OPS, world.account.pk, package(now).pk, 1, DECEMBER, now)


def test_packages_are_made_changed_and_retired_and_what_is_wrong_is_said(world: World, now: datetime) -> None:
    """A change of the price changes nobody's component."""
    basic = package(now)
    for wrong, fields in (
        (PackageSaid(name="basic", price="1"), {"name"}),
        (PackageSaid(name="", price="-1"), {"name", "price"}),
        (PackageSaid(name="A", price="1.005", currency="EURO"), {"price", "currency"}),
        (PackageSaid(name="B", price="1", frequency="weekly", mode="never"), {"frequency", "mode"}),
        (PackageSaid(name="C" * 61, price="1.5", currency="JPY"), {"name", "price"}),
    ):
        with pytest.raises(Invalid) as refused:
            save_package(OPS, None, wrong, now)
        assert set(refused.value.problems) == fields
    had = add_component(OPS, world.account.pk, basic.pk, 2, None, now)
    save_package(OPS, basic.pk, PackageSaid(name="Basic", price="1,250.50"), now)
    had.refresh_from_db()
    assert (had.price, Package.objects.get().price) == (Decimal(30), Decimal("1250.5"))
    retire_package(OPS, basic.pk, now)
    assert not retire_package(OPS, basic.pk, now).is_active  # done twice
    with pytest.raises(Conflict, match="retired"):
        add_component(OPS, world.account.pk, basic.pk, 1, None, now)
    for missing in (lambda: add_component(OPS, 0, basic.pk, 1, None, now), lambda: retire_package(OPS, 0, now)):
        with pytest.raises(NotThere):
            missing()
    acts = LedgerEntry.objects.filter(account=None, act__contains="package").order_by("number")
    assert list(acts.values_list("act", flat=True)) == ["save_package", "save_package", "retire_package"]


def test_a_run_bills_what_is_due_once_and_the_next_period_on_its_day(world: World, now: datetime) -> None:
    """002-04; the first part of a period by its days: 8 of 30."""
    add_component(OPS, world.account.pk, package(now).pk, 1, None, now)
    add_component(OPS, world.account.pk, package(now, "Late", "10", mode="arrears").pk, 3, None, now)
    first = run(now.date())
    assert (first.state, first.total, first.done, first.invoices, first.amounts) == ("done", 1, 1, 1, {"USD": "8.00"})
    assert run(now.date()).total == 0
    assert amounts() == ["charge 8.00"]
    run(DECEMBER)
    assert amounts() == ["charge 8.00", "charge 30.00", "charge 8.00"]
    assert InvoiceLine.objects.latest("pk").words == "3 x Late, 23 Nov 2026 to 30 Nov 2026, 8 of 30 days"
    invoice = Invoice.objects.get(pk=2)
    assert (invoice.total, invoice.day, invoice.due_on) == (Decimal(38), DECEMBER, date(2026, 12, 15))
    entry = LedgerEntry.objects.filter(account=world.account, act="invoice").latest("number")
    assert (entry.subject, entry.after and entry.after["total"]) == ("invoice:2", "38.00")
    prove_sums()
    with pytest.raises(Invalid, match="up to today"):
        bill_run(OPS, NEW_YEAR, now)


@pytest.mark.parametrize(
    ("mode", "charge", "bills", "invoices"),
    [
        ("advance", Charge.FULL, [], 1),
        ("advance", Charge.PRORATED, ["credit -9.68"], 2),
        ("advance", Charge.NONE, [], 1),
        ("arrears", Charge.FULL, ["charge 30.00"], 1),
        ("arrears", Charge.PRORATED, ["charge 20.32"], 1),
        ("arrears", Charge.NONE, ["waived 0.00"], 0),
    ],
)
def test_cancelling_bills_what_its_preview_has_shown(
    world: World, now: datetime, mode: str, charge: Charge, bills: list[str], invoices: int
) -> None:
    """TB8 to TB10, TB15, 002-05, 002-25: to the cent, and a run bills nothing more."""
    add_reason(OPS, PAST_DUE, now)
    add_component(OPS, world.account.pk, package(now, mode=mode).pk, 1, DECEMBER, now)
    run(DECEMBER)
    before = InvoiceLine.objects.count()
    shown = preview_change(world.account.pk, CANCELLED, charge, None, noon(CHRISTMAS))
    planned = preview_change(world.account.pk, CANCELLED, charge, CHRISTMAS, noon(DECEMBER))
    assert shown is not None and InvoiceLine.objects.count() == before
    assert shown == planned
    become(world, CANCELLED, CHRISTMAS, charge)
    lines = list(InvoiceLine.objects.order_by("pk"))[before:]
    assert amounts(lines) == bills == [f"{line.kind.value} {line.amount.amount:.2f}" for line in shown.fees]
    assert [line.words for line in lines] == [line.words for line in shown.fees]
    assert Invoice.objects.count() == invoices
    run(NEW_YEAR)
    assert Invoice.objects.count() == invoices and world.account.components.get().ends_on is None
    prove_sums()


def test_by_hand_a_cancelled_account_is_billed_and_a_prospect_refused(
    world: World, basic: Component, now: datetime
) -> None:
    """002-06, 002-07, TB4, TB6, TB14: missed periods are reported, and billed by nobody but a person."""
    become(world, CANCELLED, DECEMBER)
    assert run(NEW_YEAR).invoices == 0
    later = noon(date(2027, 1, 20))
    (missed,) = missed_of(world.account.pk, later)
    assert (missed.days[0].start, missed.days[-1].end) == (DECEMBER, date(2027, 2, 1))
    assert [books.account.pk for books, _ in missed_of_all(later)] == [world.account.pk]
    become(world, ACTIVE, date(2027, 1, 20))
    run(date(2027, 1, 21))
    assert amounts() == ["charge 11.61"]  # 12 of 31 days of January, and nothing before
    shown = preview_bill(world.account.pk, DECEMBER, None, later)
    billed = bill_by_hand(OPS, world.account.pk, DECEMBER, None, later)
    assert billed.bill == shown and billed.invoice is not None
    assert amounts() == ["charge 11.61", "charge 30.00", "charge 18.39"]
    assert not bill_by_hand(OPS, world.account.pk, DECEMBER, None, later).bill  # done twice
    assert missed_of(world.account.pk, later) == []
    with pytest.raises(Invalid, match="up to today"):
        bill_by_hand(OPS, world.account.pk, None, date(2027, 2, 1), later)
    with pytest.raises(Conflict, match="no packages"):
        bill_by_hand(OPS, world.rival.pk, None, None, later)
    prospect = create_account("Later", "UTC", "GB", now, status=PROSPECT)
    add_component(OPS, prospect.pk, basic.package_id, 1, DECEMBER, now)
    with pytest.raises(Conflict, match="a prospect is not billed"):
        bill_by_hand(OPS, prospect.pk, None, None, later)
    run(date(2027, 1, 22))
    assert not Invoice.objects.filter(account=prospect).exists()  # 002-11
    prove_sums()


def test_a_planned_change_is_billed_by_its_day_also_when_it_is_carried_out_late(
    world: World, basic: Component, now: datetime
) -> None:
    """TB13, 002-22: a run in between has billed December already."""
    plan_change(OPS, world.account.pk, Wish(of(SUSPENDED).pk, PAST_DUE), DECEMBER + timedelta(10), now)
    run(DECEMBER)
    assert run_status_changes(noon(date(2026, 12, 15))) == 1
    assert amounts() == ["charge 30.00", "credit -20.32"]  # from the 11th: 21 of 31 days
    assert InvoiceLine.objects.filter(invoice=None).count() == 1  # it waits for the next invoice
    balance = balance_of(world.account.pk)
    assert balance is not None and str(balance) == "9.68 USD"
    become(world, ACTIVE, CHRISTMAS)
    assert InvoiceLine.objects.filter(invoice=None).count() == 2  # 9.67 more does not make it a debit
    run(NEW_YEAR)
    newest = Invoice.objects.latest("pk")
    assert newest.total == Decimal("30.00") - Decimal("20.32") + Decimal("9.67")  # the 20 days in use cost 19.35
    assert not InvoiceLine.objects.filter(invoice=None).exists()
    prove_sums()


def test_components_end_and_change_by_the_day(world: World, basic: Component, now: datetime) -> None:
    run(DECEMBER)
    day = noon(date(2026, 12, 11))
    shown = preview_end(world.account.pk, basic.pk, None, Charge.PRORATED, day)
    assert str(shown.total) == "-20.32 USD"
    with pytest.raises(Invalid, match="later day"):
        change_component(OPS, world.account.pk, basic.pk, 2, DECEMBER, day)
    two = change_component(OPS, world.account.pk, basic.pk, 2, None, day)
    run(date(2026, 12, 12))
    assert amounts() == ["charge 30.00", "credit -20.32", "charge 40.65"]  # twice the 21 days
    with pytest.raises(Conflict, match="already"):
        end_component(OPS, world.account.pk, basic.pk, None, Charge.NONE, day)
    with pytest.raises(NotThere):
        end_component(OPS, world.rival.pk, two.pk, None, Charge.NONE, day)
    with pytest.raises(Invalid, match="choose prorated"):
        end_component(OPS, world.account.pk, two.pk, NEW_YEAR, Charge.FULL, day)
    with pytest.raises(Conflict, match="stay"):
        set_terms(OPS, world.account.pk, 15, "USD", day)
    ended = end_component(OPS, world.account.pk, two.pk, date(2026, 12, 27), Charge.PRORATED, day)
    assert str(ended.bill.total) == "-9.68 USD"  # 16 of 21 days stay: 2 x 30 x 16 / 31 = 30.97
    run(NEW_YEAR)
    run(date(2027, 3, 1))
    assert Counter(amounts())["charge 60.00"] == 0
    prove_sums()


def attempts(world: World, ids: list[int], at: datetime, outcome: str = "accepted", number: int = 1) -> None:
    Attempt.objects.bulk_create(
        Attempt(
            account=world.account,
            message_id=one,
            number=number,
            worker_id=1,
            adapter="sandbox",
            started_at=at,
            ended_at=at,
            outcome=outcome,
            ref="",
            code="",
            detail="",
        )
        for one in ids
    )


def test_usage_comes_from_the_attempts_exactly_once(world: World, basic: Component, now: datetime) -> None:
    """Parts of texts, emails and minutes of calls; by the account's own day; whatever comes late is billed later."""
    save_rate(OPS, None, Unit.TEXT_PART, "0.05", 10, now)
    save_rate(OPS, None, Unit.CALL_MINUTE, "0.2", 0, now)
    save_rate(OPS, world.account.pk, Unit.EMAIL, "0.001", 0, now)
    at = datetime(2026, 12, 5, 3, tzinfo=UTC)  # the evening of the fourth in New York
    sent = texts(world, 12)
    Message.objects.filter(id=sent[0]).update(body="x" * 161)  # two parts
    Message.objects.filter(id=sent[1]).update(channel="email")
    Message.objects.filter(id=sent[2]).update(channel="call")
    for kind, seconds in (("answered", 0), ("hangup", 61)):
        CallStep.objects.create(
            account=world.account,
            message_id=sent[2],
            attempt=1,
            adapter="sip",
            ref="r",
            kind=kind,
            data="",
            at=at + timedelta(seconds=seconds),
        )
    attempts(world, sent[:11], at)
    attempts(world, sent[11:], at, "rejected")
    usage.gather(noon(CHRISTMAS))
    usage.gather(noon(CHRISTMAS))
    found = {(one.day, one.unit): one.quantity for one in UsageDay.objects.all()}
    fourth = date(2026, 12, 4)
    assert found == {(fourth, "text_part"): 10, (fourth, "email"): 1, (fourth, "call_minute"): 2}
    run(DECEMBER)
    run(NEW_YEAR)
    assert amounts() == ["charge 30.00", "charge 30.00", "usage 0.40", "usage 0.00", "usage 0.00"]
    attempts(world, sent[11:], at, number=2)  # told late: it left in December
    usage._gather(at - timedelta(days=1), noon(NEW_YEAR), None)
    Message.objects.filter(id=sent[0]).update(body="")  # erased: what it cost is not forgotten
    usage._gather(at - timedelta(days=1), noon(NEW_YEAR), None)
    run(date(2027, 2, 1))
    late = InvoiceLine.objects.filter(kind="usage").latest("pk")
    assert (int(late.quantity), f"{late.amount:.2f}") == (1, "0.05")  # all ten included ones were given
    assert run(date(2027, 3, 1)).amounts == {"USD": "30.00"}
    prove_sums()


def test_usage_while_suspended_is_a_choice_that_counts_from_then_on(
    world: World, basic: Component, now: datetime
) -> None:
    """002-10, TB5: packages do not bill, usage does; or neither, if the operator says so."""
    save_rate(OPS, None, Unit.TEXT_PART, "1", 0, now)
    become(world, SUSPENDED, DECEMBER)
    sent = texts(world, 2)
    attempts(world, sent[:1], noon(date(2026, 12, 10)))
    off = SetupSaid(
        currency="USD",
        issuer="",
        due_days=14,
        usage_while_suspended=False,
        suspend_after_days=None,
        suspend_reason="",
    )
    save_setup(OPS, off, noon(CHRISTMAS))
    run(NEW_YEAR)
    assert amounts() == ["usage 1.00"]  # the suspension is older than the change
    become(world, ACTIVE, date(2027, 1, 5), Charge.NONE)
    become(world, SUSPENDED, date(2027, 1, 10), Charge.NONE)
    attempts(world, sent[1:], noon(date(2027, 1, 15)))
    run(date(2027, 2, 1))
    assert Counter(amounts())["usage 1.00"] == 1
    with pytest.raises(Invalid) as wrong:
        save_setup(
            OPS,
            SetupSaid(
                currency="X",
                issuer="",
                due_days=-1,
                usage_while_suspended=True,
                suspend_after_days=1,
                suspend_reason="none of them",
            ),
            now,
        )
    assert set(wrong.value.problems) == {"currency", "due_days", "suspend_reason"}


def test_a_look_for_who_is_past_due_ends_also_when_many_cannot_be_suspended(
    world: World, basic: Component, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their late invoices are covered by what the last payments and credits have left."""
    monkeypatch.setattr(past_due, "AT_ONCE", 1)
    others = [create_account(name, "UTC", "GB", now) for name in ("Even", "Owing", "Owing, too")]
    for other in others:
        add_component(OPS, other.pk, basic.package_id, 1, DECEMBER, now)
    run(DECEMBER)
    save_setup(OPS, LATE_AFTER_FIVE_DAYS, now)
    even = {world.account.pk, others[0].pk}
    monkeypatch.setattr(past_due, "balance_of", lambda pk: Money(Decimal(0), "USD") if pk in even else balance_of(pk))
    assert suspend_past_due(noon(CHRISTMAS)) == (1, True)
    assert suspend_past_due(noon(CHRISTMAS)) == (1, True)
    assert suspend_past_due(noon(CHRISTMAS)) == (0, False)
    suspended = Account.objects.filter(status_type__status=AccountStatus.SUSPENDED)
    assert {one.name for one in suspended} == {"Owing", "Owing, too"}


def test_who_is_past_due_is_suspended_and_enabled_by_the_payment(world: World, basic: Component, now: datetime) -> None:
    """002-08: optional; the payment covers the oldest invoice first."""
    run(DECEMBER)
    assert suspend_past_due(noon(date(2027, 6, 1))) == (0, False)
    save_setup(OPS, LATE_AFTER_FIVE_DAYS, now)
    assert suspend_past_due(noon(date(2026, 12, 20)))[0] == 0  # due on the 15th
    assert suspend_past_due(noon(date(2026, 12, 21))) == (1, False)
    assert Account.objects.get(pk=world.account.pk).status_type.name == "Suspended"
    assert suspend_past_due(noon(CHRISTMAS))[0] == 0
    pay(OPS, world.account.pk, PaymentSaid("10", "bank"), noon(CHRISTMAS))
    assert Account.objects.get(pk=world.account.pk).status_type.name == "Suspended"
    paid = pay(OPS, world.account.pk, PaymentSaid("20.00", "bank"), noon(CHRISTMAS)).made
    assert Account.objects.get(pk=world.account.pk).status_type.name == "Active"
    assert Invoice.objects.get(pk=1).state == "paid"
    undo_payment(OPS, world.account.pk, paid.pk, noon(CHRISTMAS))
    undo_payment(OPS, world.account.pk, paid.pk, noon(CHRISTMAS))
    assert Invoice.objects.get(pk=1).state == "open"
    assert StatusChange.objects.filter(state="done").count() == 2
    for wrong in ("0", "ten", "1.005", "-5"):
        with pytest.raises(Invalid):
            pay(OPS, world.account.pk, PaymentSaid(wrong), now)
    with pytest.raises(NotThere):
        undo_payment(OPS, world.account.pk, 0, now)
    prove_sums()


def test_a_credit_is_let_off_and_of_a_cancelled_account_it_is_an_invoice(
    world: World, basic: Component, now: datetime
) -> None:
    """TB15."""
    run(DECEMBER)
    assert isinstance(credit(OPS, world.account.pk, "5.00", "an outage", noon(DECEMBER)).made, Payment)
    assert Invoice.objects.count() == 1
    become(world, CANCELLED, CHRISTMAS, Charge.NONE)
    made = credit(OPS, world.account.pk, "25.00", "goodwill", noon(CHRISTMAS)).made
    assert isinstance(made, Invoice) and made.total == -25
    assert Invoice.objects.get(pk=1).state == "paid"
    balance = balance_of(world.account.pk)
    assert balance is not None and not balance
    prove_sums()


def naive(lines: list[InvoiceLine], statuses: dict[date, AccountStatus], last: date) -> dict[date, Decimal]:
    """Month -> what should have been billed, day by day, from nothing but who was what on which day."""
    days: Counter[date] = Counter()
    for line in lines:
        day = line.starts_on
        while day < line.ends_on:
            days[day] += {"charge": 1, "credit": -1, "waived": 0}[line.kind]
            assert days[day] in (0, 1), f"{day} is billed twice"
            day += timedelta(days=1)
    owed: dict[date, Decimal] = {}
    month = DECEMBER
    while month <= last:
        of_month = [month + timedelta(days=n) for n in range(days_in(month.year, month.month))]
        for day in of_month:
            if days[day] and day < last:
                assert statuses[day] is ACTIVE, f"{day} is free and billed"
        share = Decimal(30) * sum(days[day] for day in of_month) / len(of_month)
        owed[month] = share.quantize(Decimal("0.01"), ROUND_HALF_UP)
        month = (month + timedelta(days=32)).replace(day=1)
    return owed


@pytest.mark.parametrize("mode", ["advance", "arrears"])
def test_in_whatever_order_it_is_held_no_day_is_billed_twice_or_when_it_is_free(
    world: World, now: datetime, mode: str
) -> None:
    """TB4 to TB6, TB14: suspended, cancelled and enabled by chance over four months, with runs in between."""
    add_reason(OPS, PAST_DUE, now)
    add_component(OPS, world.account.pk, package(now, mode=mode).pk, 1, DECEMBER, now)
    chance = random.Random(f"seventeen {mode}")
    status, statuses = ACTIVE, {}
    last = date(2027, 4, 1)
    day = DECEMBER
    while day <= last:
        if day.day == 1 or chance.random() < 0.05:
            run(day)
        if day != DECEMBER and chance.random() < 0.12:
            wanted = chance.choice([one for one in (ACTIVE, SUSPENDED, CANCELLED) if one is not status])
            shown = preview_change(world.account.pk, wanted, Charge.PRORATED, None, noon(day))
            had = InvoiceLine.objects.count()
            become(world, wanted, day)
            assert shown is not None and InvoiceLine.objects.count() == had + len(shown.fees)
            status = wanted
        statuses[day] = status
        day += timedelta(days=1)
    lines = list(InvoiceLine.objects.order_by("pk"))
    owed = naive(lines, statuses, last)
    billed: dict[date, Decimal] = {}
    for line in lines:
        billed[line.period_start] = billed.get(line.period_start, Decimal(0)) + line.amount
    assert {month: billed.get(month, Decimal(0)) for month in owed} == owed
    assert StatusChange.objects.count() > 8 and len(lines) >= 8
    prove_sums()
