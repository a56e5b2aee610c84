"""Credits: topped up by operators, asked for once, and what the history says."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import connection

from allstop.actions.actor import Actor, Conflict, Forbidden, Invalid
from allstop.actions.credits import ask_for_top_ups, count_no_more, history, setup_of, top_up
from allstop.rules.facts import Channel
from allstop.store.models import ChannelSetup, CreditEntry, Lane, LedgerEntry, Notice, NoticeReader, User
from tests.world import World


def operator(world: World) -> Actor:
    return replace(world.admin, is_operator=True)


def spend(world: World, *parts: int) -> list[bool]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT granted FROM credit_spend(%s, 'text', %s::int[], %s)", [world.account.pk, list(parts), world.now]
        )
        row = cursor.fetchone()
    assert row is not None
    return list(row[0])


def give_back(world: World, count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT credit_return(%s, 'text', %s, %s)", [world.account.pk, count, world.now])


def text_lane(world: World) -> Lane:
    return Lane.objects.get(account_id=world.account.pk, channel=Channel.TEXT, by_hand=False)


def test_an_account_that_nobody_counts_pays_nothing(world: World) -> None:
    assert spend(world, 1, 5) == [True, True]
    assert setup_of(world.viewer).credits is None
    assert not history(world.viewer)
    give_back(world, 3)
    assert setup_of(world.viewer).credits is None


def test_what_can_be_paid_leaves_in_order_and_never_more(world: World) -> None:
    top_up(operator(world), 5, "Invoice 17", world.now)
    assert spend(world, 2, 4, 2) == [True, False, True]
    assert setup_of(world.viewer).credits == 1
    assert spend(world, 2) == [False]
    assert spend(world, 1) == [True]
    assert setup_of(world.viewer).credits == 0
    [spent, added] = history(world.viewer)
    assert (added.kind, added.credits, added.balance, added.by, added.note) == (
        "top_up",
        5,
        5,
        world.admin.name,
        "Invoice 17",
    )
    assert (spent.kind, spent.credits, spent.balance) == ("spent", 5, 0)


def test_workers_read_the_setup_again_at_zero_and_when_credits_come_back(world: World) -> None:
    top_up(operator(world), 1, "", world.now)
    number = text_lane(world).setup_number
    spend(world, 1)
    assert text_lane(world).setup_number == number + 1, "so that the lane closes"
    give_back(world, 1)
    assert text_lane(world).setup_number == number + 2, "so that it opens"
    give_back(world, 1)
    assert text_lane(world).setup_number == number + 2
    assert CreditEntry.objects.get(kind="spent").credits == -1, "what came back is not spent"


def test_only_operators_top_up(world: World) -> None:
    for actor in (world.admin, replace(world.member, is_operator=True)):
        with pytest.raises(Forbidden):
            top_up(actor, 5, "", world.now)
    for count in (0, -1, 2_000_000_000):
        with pytest.raises(Invalid):
            top_up(operator(world), count, "", world.now)
    with pytest.raises(Invalid):
        top_up(operator(world), 5, "x" * 301, world.now)
    assert not CreditEntry.objects.exists()
    entry_before = LedgerEntry.objects.count()
    top_up(operator(world), 5, "Invoice 17", world.now)
    entry = LedgerEntry.objects.order_by("-pk")[0]
    assert entry.after is not None
    assert (entry.act, entry.after["credits"], LedgerEntry.objects.count()) == ("top_up_credits", 5, entry_before + 1)


def test_a_top_up_is_asked_for_once_below_100_and_again_after_the_next(world: World) -> None:
    """TX13, 004-15: below 100 a top-up is asked for once."""
    User.objects.filter(pk=world.ben.pk).update(is_operator=True)
    top_up(operator(world), 101, "", world.now)
    assert ask_for_top_ups(world.now) == 0
    spend(world, 1)
    assert ask_for_top_ups(world.now) == 0, "100 are not below 100"
    spend(world, 1)
    assert ask_for_top_ups(world.now) == 1
    spend(world, 1)
    assert ask_for_top_ups(world.now + timedelta(days=3)) == 0
    ours = Notice.objects.get(account=world.account)
    assert (ours.kind, ours.subject) == ("credits", "Texts: 99 credits left")
    assert [reader.user_id for reader in NoticeReader.objects.filter(notice=ours)] == [world.ada.pk]
    asked = Notice.objects.get(account=None)
    assert f"allstop credits add NUMBER --account {world.account.pk}" in asked.body
    assert [reader.user_id for reader in NoticeReader.objects.filter(notice=asked)] == [world.ben.pk]
    assert LedgerEntry.objects.filter(act="top_up_asked").count() == 1
    top_up(operator(world), 500, "", world.now)
    assert setup_of(world.viewer).top_up_asked_at is None
    spend(world, 580)
    assert ask_for_top_ups(world.now) == 1
    assert Notice.objects.filter(account=world.account).count() == 2


def test_counting_can_be_ended(world: World) -> None:
    with pytest.raises(Conflict):
        count_no_more(operator(world), world.now)
    top_up(operator(world), 5, "", world.now)
    with pytest.raises(Forbidden):
        count_no_more(world.admin, world.now)
    assert count_no_more(operator(world), world.now).credits is None
    assert [entry.kind for entry in history(world.viewer)] == ["uncounted", "top_up"]
    assert ChannelSetup.objects.filter(credits=None).count() == ChannelSetup.objects.count()
