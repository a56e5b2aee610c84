"""Payments, credits and top-ups with a key are booked once, whoever asks again and however fast."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import astuple, replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from allstop.actions.actor import Conflict, Invalid, Operator
from allstop.actions.components import add_component, set_terms
from allstop.actions.credits import top_up
from allstop.actions.messages import send_message
from allstop.actions.packages import PackageSaid, save_package, save_setup
from allstop.actions.past_due import credit, pay, suspend_past_due
from allstop.actions.payments import PaymentSaid, record_payment
from allstop.actions.request_keys import KEYS_KEPT, LONGEST_KEY, once
from allstop.rules.lifecycle import AccountStatus
from allstop.store.models import (
    Account,
    Component,
    CreditEntry,
    Invoice,
    LedgerEntry,
    Payment,
    RequestKey,
    StatusType,
)
from tests.actions.test_billing import CHRISTMAS, DECEMBER, LATE_AFTER_FIVE_DAYS, noon, run
from tests.actions.test_billing import basic as basic  # noqa: PLC0414 - the fixture
from tests.actions.test_messages import EMAIL
from tests.world import World

OPS = Operator("Olu (operator)", "api")
Ask = Callable[..., tuple[int, bool]]
BANK = PaymentSaid("40.00", "bank, no. 7731")


def billed(world: World) -> None:
    set_terms(OPS, world.account.pk, 1, "USD", world.now)


def paying(world: World, key: str = "bank 7731", amount: str = "40.00", late: int = 0) -> tuple[int, bool]:
    said = replace(BANK, amount=amount)
    done = pay(OPS, world.account.pk, said, world.now + timedelta(days=late), key)
    return done.made.pk, done.is_repeat


def letting_off(world: World, key: str = "bank 7731", amount: str = "40.00", late: int = 0) -> tuple[int, bool]:
    done = credit(OPS, world.account.pk, amount, "an outage", world.now + timedelta(days=late), key)
    return done.made.pk, done.is_repeat


def topping_up(world: World, key: str = "bank 7731", amount: str = "40.00", late: int = 0) -> tuple[int, bool]:
    operator = replace(world.admin, is_operator=True)
    done = top_up(operator, int(float(amount)), "Invoice 17", world.now + timedelta(days=late), key)
    return done.made.pk, done.is_repeat


def booked() -> list[int]:
    """Also in the ledger: who asks again leaves no trace."""
    return [Payment.objects.count(), Invoice.objects.count(), CreditEntry.objects.count(), LedgerEntry.objects.count()]


EACH = pytest.mark.parametrize("ask", [paying, letting_off, topping_up])


@EACH
def test_the_same_request_with_the_same_key_is_booked_once(world: World, ask: Ask) -> None:
    billed(world)
    first, is_repeat = ask(world)
    before = booked()
    assert not is_repeat
    assert ask(world, late=1) == (first, True)
    assert booked() == before
    assert ask(world, key="bank 7732")[0] != first
    assert ask(world, key="")[0] != ask(world, key="")[0], "without a key each is one of its own"


@EACH
def test_another_request_with_the_same_key_is_refused(world: World, ask: Ask) -> None:
    billed(world)
    ask(world)
    before = booked()
    with pytest.raises(Conflict, match="used for another request"):
        ask(world, amount="41.00")
    others = [one for one in (paying, letting_off, topping_up) if one is not ask]
    for other in others:
        with pytest.raises(Conflict):
            other(world)
    with pytest.raises(Conflict):
        send_message(world.member, EMAIL, world.now, "bank 7731")
    with pytest.raises(Invalid):
        ask(world, key="x" * (LONGEST_KEY + 1))
    assert booked() == before


@EACH
def test_what_was_refused_may_be_asked_again_with_its_key(world: World, ask: Ask) -> None:
    billed(world)
    with pytest.raises(Invalid):
        ask(world, amount="0")
    assert not RequestKey.objects.exists()
    assert not ask(world)[1]


@EACH
def test_keys_are_forgotten_after_a_week(world: World, ask: Ask) -> None:
    billed(world)
    first, _ = ask(world)
    assert ask(world, late=KEYS_KEPT.days) == (first, True)
    later = ask(world, late=KEYS_KEPT.days + 1)
    assert later != (first, True)
    assert RequestKey.objects.count() == 1


@EACH
def test_of_many_at_the_same_time_one_is_booked(committed_world: World, ask: Ask) -> None:
    billed(committed_world)
    before = booked()

    def at_once() -> tuple[int, bool]:
        try:
            return ask(committed_world)
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        done = [one.result() for one in [pool.submit(at_once) for _ in range(6)]]
    assert len({pk for pk, _ in done}) == 1
    assert sorted(is_repeat for _, is_repeat in done) == [False, *[True] * 5]
    assert sum(booked()) == sum(before) + 2  # one row, and one entry in the ledger


def test_a_credit_to_a_cancelled_account_is_one_invoice(world: World) -> None:
    basic = save_package(OPS, None, PackageSaid(name="Basic", price="30"), world.now)
    add_component(OPS, world.account.pk, basic.pk, 1, None, world.now)
    cancelled = StatusType.objects.filter(status=AccountStatus.CANCELLED)[0]
    Account.objects.filter(pk=world.account.pk).update(status_type=cancelled)
    first = credit(OPS, world.account.pk, "5", "goodwill", world.now, "k")
    again = credit(OPS, world.account.pk, "5", "goodwill", world.now, "k")
    assert isinstance(first.made, Invoice)
    assert (again.made, again.is_repeat, Invoice.objects.count()) == (first.made, True, 1)


def test_a_repeat_enables_whom_the_first_did_not_come_to(world: World, basic: Component) -> None:
    """The first was cut off between the payment and what follows from it."""
    run(DECEMBER)
    save_setup(OPS, LATE_AFTER_FIVE_DAYS, world.now)
    assert suspend_past_due(noon(CHRISTMAS)) == (1, False)
    now = noon(CHRISTMAS)
    asked = ("payment", *astuple(BANK))
    once(world.account.pk, "k", asked, now, lambda: record_payment(OPS, world.account.pk, BANK, now))
    assert Account.objects.get(pk=world.account.pk).status_type.name == "Suspended"
    assert pay(OPS, world.account.pk, BANK, now, "k").is_repeat
    assert Account.objects.get(pk=world.account.pk).status_type.name == "Active"
    assert Payment.objects.count() == 1


def test_a_key_has_made_one_thing(world: World) -> None:
    billed(world)
    paying(world)
    with pytest.raises(IntegrityError, match="request_key_made_one"), transaction.atomic():
        RequestKey.objects.update(message_id=1)
