"""`allstop start` as a plan: shows first, then does exactly that."""

from datetime import timedelta

import pytest

from allstop.actions.actor import Machine
from allstop.actions.switch import is_stopped, stop, stop_account
from allstop.rules.holds import BRAKE, whole_account
from allstop.store import lists
from allstop.store.models import LedgerEntry, QueueEntry, Ramp
from tests.cli.runner import allstop
from tests.world import World, contact, job, texts

DAY = timedelta(days=1)


@pytest.fixture
def world(committed_world: World) -> World:
    stop_account(committed_world.admin, "", committed_world.now)
    return committed_world


def of(world: World) -> tuple[object, ...]:
    return ("--account", world.account.pk)


def waiting(world: World) -> set[int]:
    return set(QueueEntry.objects.filter(account_id=world.account.pk).values_list("id", flat=True))


def test_the_plan_shows_what_waits_and_when_it_leaves_and_starts_nothing(world: World) -> None:
    recall = job(world, "Recall")
    texts(world, 3, of=recall, due_at=world.now - 9 * DAY)
    person = contact(world)
    for _ in range(2):
        texts(world, 1, to=person)
    shown = allstop("start", "--plan", *of(world))
    assert shown.code == 0
    assert f"{recall.pk}.{world.north.pk}.older.fresh\tRecall\tNorthgate\tMore than a week late\tFresh\t3" in shown.out
    assert "A newer one says the same\t1" in shown.out
    assert "4 leave now, 0 later, 1 dropped." in shown.out
    assert "Nothing was started." in shown.out
    said = allstop("start", "--plan", "--json", "--drop", f"{recall.pk}.*", *of(world)).json
    assert (said["backlog"]["messages"], said["preview"]["counts"]["drop"]) == (5, 4)
    assert is_stopped(world.account.pk)


def test_without_options_nothing_stale_leaves_and_it_says_so(world: World) -> None:
    """The default of an unattended restart."""
    person = contact(world)
    for _ in range(2):
        texts(world, 1, to=person)
    started = allstop("start", *of(world))
    assert started.out == "RUNNING. 1 message may leave when it is due. 1 dropped (0 too late, 1 repeated).\n"
    assert len(waiting(world)) == 1
    assert not is_stopped(world.account.pk)


def test_a_part_is_started_without_the_stale_and_says_so(world: World) -> None:
    person = contact(world)
    for _ in range(2):
        texts(world, 1, to=person)
    allstop("stop", "--channel", "text", *of(world))
    started = allstop("start", "--channel", "text", *of(world))
    assert "may leave when they are due. 1 dropped (0 too late, 1 repeated)." in started.out
    assert len(waiting(world)) == 1
    allstop("stop", "--channel", "text", *of(world))
    assert allstop("start", "--channel", "text", "--json", *of(world)).json["state"] == "started"


def test_the_plan_names_every_stop_that_start_would_lift(world: World) -> None:
    reach = whole_account(world.account.pk)
    stop(Machine("the brake", "brake"), reach, "12 of 20 failed", world.now, name=BRAKE)
    lines = allstop("start", "--plan", *of(world)).out.splitlines()
    lifts = [line for line in lines if line.startswith("START lifts")]
    assert [line.split(",")[0] for line in lifts] == ["START lifts no. 1", "START lifts no. 2"]
    assert lifts[1].endswith(": 12 of 20 failed")


def test_groups_are_dropped_sent_and_re_dated_by_their_keys(world: World) -> None:
    old, other = job(world, "Old"), job(world, "Other")
    texts(world, 3, of=old)
    (kept,) = texts(world, 1, of=other)
    later = f"{other.pk}.*=2031-01-15T09:00"
    started = allstop("start", "--drop", f"{old.pk}.*", "--later", later, "--reason", "all old", "--json", *of(world))
    assert (started.code, started.json["state"], started.json["counts"]["later"]) == (0, "started", 1)
    entry = QueueEntry.objects.get(account_id=world.account.pk)
    assert (entry.id, entry.due_at.isoformat()) == (kept, "2031-01-15T14:00:00+00:00")
    assert LedgerEntry.objects.get(act="start").reason == "all old"


def test_stale_groups_are_sent_when_they_are_named(world: World) -> None:
    person = contact(world)
    for _ in range(2):
        texts(world, 1, to=person)
    allstop("start", "--send", "*.duplicate", *of(world))
    assert len(waiting(world)) == 2


def test_a_ramp_is_begun_with_limits_of_its_own(world: World) -> None:
    assert allstop("start", "--ramp", "10/15m/50%/1%", *of(world)).code == 0
    ramp = Ramp.objects.get()
    assert (ramp.failures, ramp.opt_outs) == (50, 1)


def test_a_ramp_is_begun(world: World) -> None:
    texts(world, 3)
    started = allstop("start", "--ramp", "10/15m", *of(world))
    assert "10 a minute on each channel for 15 minutes, then all." in started.out
    ramp = Ramp.objects.get()
    assert (ramp.per_minute, ramp.minutes, ramp.failures, ramp.opt_outs) == (10, 15, 20, 5)
    assert lists.running_ramp(world.account.pk) is not None


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--drop", "99.*"), 4, "No group that waits is called 99.*"),
        (("--later", "*=soon"), 2, "is no time"),
        (("--later", "*=2020-01-01T09:00"), 2, "in the future"),
        (("--ramp", "fast"), 2, "is no ramp"),
        (("--ramp", "0/15m"), 2, "A ramp sends"),
        (("--ramp", "10/15m/0%/5%"), 2, "1 to 100 per cent"),
        (("--ramp", "10/15m/20%"), 2, "is no ramp"),
        (("--reason", "x" * 301), 2, "at most 300"),
    ],
)
def test_what_cannot_be_used_starts_nothing(world: World, options: tuple[str, str], code: int, words: str) -> None:
    texts(world, 1)
    refused = allstop("start", *options, *of(world))
    assert refused.code == code
    assert words in refused.err
    assert is_stopped(world.account.pk)
