"""Bulk changes run in processes of their own, and one that dies goes on in another."""

from datetime import UTC, datetime, timedelta

from allstop.actions import bulk_run
from allstop.actions.bulk import Selection, Wish, ask_for_change
from allstop.dispatch.changing import Changing
from allstop.dispatch.child import SILENCE
from allstop.store.lists import ContactFilter
from allstop.store.models import BulkChange, ChangeKind, Marker, Message, Stop
from tests.dispatch.processes import wait_until, workers
from tests.world import World, contact, texts


def asked(world: World, at: datetime) -> BulkChange:
    wish = Wish(kind=ChangeKind.STOP_ALL)
    return ask_for_change(world.member, Selection(filter=ContactFilter()), wish, at)


def test_a_worker_runs_it_and_nothing_starts_when_it_is_done(committed_world: World, database_url: str) -> None:
    world = committed_world
    people = [contact(world, f"Pat {number}", email="") for number in range(3)]
    with workers(database_url):
        change = asked(world, datetime.now(UTC) - 2 * SILENCE)
        wait_until(lambda: BulkChange.objects.get(pk=change.pk).state == "done", "the change")
        for person in people:
            texts(world, 2, to=person)
        wait_until(lambda: Message.objects.filter(status="waiting").count() == 0, "the gate")
        assert set(Message.objects.values_list("status", "reason")) == {("refused", "stop_all")}
    assert Marker.objects.filter(kind="stop_all").count() == 3
    assert Stop.objects.get(scope="contacts").confirmed_at is not None


def test_a_process_that_is_killed_is_followed_by_another(committed_world: World, database_url: str) -> None:
    world = committed_world
    ids = [contact(world, f"Pat {number}", phone="", email="").pk for number in range(4)]
    now = datetime.now(UTC)
    change = asked(world, now - 2 * SILENCE)
    assert bulk_run.RUNS.take(change.pk, now - 2 * SILENCE)  # by a process that was killed before its first slice
    here = Changing()
    assert here.look(now) == 1
    wait_until(lambda: BulkChange.objects.get(pk=change.pk).state == "done", "the second process")
    assert BulkChange.objects.get(pk=change.pk).changed == len(ids)
    wait_until(lambda: here.look(datetime.now(UTC)) == 0, "its end")
    here.end()


def test_one_that_somebody_runs_is_left_alone(committed_world: World) -> None:
    contact(committed_world)
    now = datetime.now(UTC)
    change = asked(committed_world, now - timedelta(minutes=1))
    bulk_run.RUNS.take(change.pk, now - timedelta(minutes=1))
    with bulk_run.RUNS.held(change.pk) as is_mine:
        assert is_mine
        assert not bulk_run.RUNS.has_died(change.pk)
        assert Changing().look(now) == 0
        assert bulk_run.run_here(change.pk).state == "running"
    assert bulk_run.RUNS.has_died(change.pk)
