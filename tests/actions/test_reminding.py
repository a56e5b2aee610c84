"""What stands is listed with its owner and what waits, and its people are told exactly once each time."""

import threading
from datetime import datetime, timedelta

import pytest
from django.db import connections

from allstop.actions.actor import Forbidden, Invalid, Operator
from allstop.actions.holds import add_hold, new_hold
from allstop.actions.jobs import remove_jobs
from allstop.actions.reminding import remind, set_reminder
from allstop.actions.switch import start, stop, stop_account
from allstop.rules.facts import Channel
from allstop.rules.holds import INSTALLATION, PAUSED, SUSPENDED, one_channel, one_location, whole_account
from allstop.store import lists
from allstop.store.models import Account, LedgerEntry, Notice, NoticeReader, User
from tests.world import World, job, texts

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def test_the_list_has_every_hold_with_its_owner_and_exactly_what_waits_behind_it(world: World, now: datetime) -> None:
    gone = job(world, "Gone")
    texts(world, 3, at=world.north)
    texts(world, 2, at=world.south)
    texts(world, 4, of=gone)
    remove_jobs(world.member, [gone.pk], now)
    stop(world.member, one_location(world.account.pk, world.south.pk), "flooded", now)
    stop(world.leader, one_channel(world.account.pk, Channel.TEXT), "", now + HOUR)
    stop(world.leader, one_channel(world.account.pk, Channel.EMAIL), "", now + HOUR)
    add_hold(new_hold(world.admin, PAUSED, whole_account(world.account.pk), now + 2 * HOUR))
    stop(Operator("Olu", "command"), INSTALLATION, "all stop", now + 3 * HOUR)
    found = lists.standing(world.account.pk)
    assert [(row.kind, row.what, row.by, row.waiting) for row in found] == [
        ("STOP", "The location Southgate", "Cem Tanaka", 2),
        ("STOP", "Texts", "Ben Weber", 5),
        ("STOP", "Emails", "Ben Weber", 0),
        ("Pause", "The whole account", "Ada Okafor", 0),
        ("STOP", "Every account of the installation", "Olu", 5),
    ]
    assert found[0].age(now + DAY) == DAY
    assert [row.what for row in lists.standing(world.rival.pk)] == ["Every account of the installation"]
    assert lists.standing(world.rival.pk)[0].waiting == 0


def test_the_admins_are_told_after_a_day_and_then_once_each_further_day(world: World, now: datetime) -> None:
    texts(world, 2)
    stop(world.member, one_channel(world.account.pk, Channel.TEXT), "wrong file", now)
    told = [remind(now + hours * HOUR) for hours in (1, 23, 24, 24.1, 47, 48, 71, 200, 201)]
    assert told == [0, 0, 1, 0, 0, 1, 0, 1, 0]
    first = Notice.objects.order_by("pk")[0]
    assert first.subject == "Still stopped after 1 day: Texts"
    assert first.body.splitlines() == [
        "STOP: Texts, for 1 day, by Cem Tanaka.",
        "Reason: wrong file",
        "2 messages wait behind it.",
        "It stands until somebody lifts it: press START beside it.",
    ]
    assert [reader.user for reader in first.readers.all()] == [world.ada.user]


def test_what_is_lifted_reminds_nobody(world: World, now: datetime) -> None:
    reach = one_channel(world.account.pk, Channel.TEXT)
    stop(world.member, reach, "", now)
    start(world.leader, reach, "", now + HOUR)
    assert remind(now + 2 * DAY) == 0


def test_removed_jobs_and_what_operators_set_on_an_account_remind_nobody(world: World, now: datetime) -> None:
    remove_jobs(world.member, [job(world).pk], now)
    add_hold(new_hold(world.admin, SUSPENDED, whole_account(world.account.pk), now))
    assert remind(now + 2 * DAY) == 0


def test_a_stop_of_the_installation_is_told_to_its_operators(world: World, now: datetime) -> None:
    User.objects.filter(pk=world.ben.user_id).update(is_operator=True)
    stop(Operator("Olu", "command"), INSTALLATION, "", now)
    assert remind(now + DAY) == 1
    assert [reader.user for reader in NoticeReader.objects.all()] == [world.ben.user]
    assert Notice.objects.get().account is None


def test_the_hours_are_the_accounts_own_and_none_turns_it_off(world: World, now: datetime) -> None:
    set_reminder(world.leader, 2, now)
    stop_account(world.member, "", now)
    assert remind(now + 2 * HOUR) == 1
    set_reminder(world.leader, 0, now)
    assert remind(now + 5 * DAY) == 0
    entries = LedgerEntry.objects.filter(act="set_reminder").order_by("number")
    assert [(one.by, one.before, one.after) for one in entries] == [
        ("Ben Weber", {"hours": 24}, {"hours": 2, "via": "console"}),
        ("Ben Weber", {"hours": 2}, {"hours": 0, "via": "console"}),
    ]
    with pytest.raises(Forbidden):
        set_reminder(world.member, 5, now)
    with pytest.raises(Invalid, match="from 1 to 720"):
        set_reminder(world.leader, 721, now)
    assert Account.objects.get(pk=world.rival.pk).remind_after_hours == 24


def test_several_workers_at_once_tell_once(committed_world: World, now: datetime) -> None:
    world = committed_world
    stop_account(world.member, "", now)
    counts: list[int] = []

    def look() -> None:
        counts.append(remind(now + DAY))
        connections.close_all()

    threads = [threading.Thread(target=look) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(counts) == 1
    assert Notice.objects.count() == 1
