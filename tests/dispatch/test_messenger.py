"""Sends of the Messenger run in processes of their own, go on after a death, and each message is judged as it goes."""

from datetime import UTC, datetime, timedelta

from allstop.actions import messenger_run
from allstop.actions.contacts import mark
from allstop.actions.messenger import Letter, One, To, ask_for_send, send
from allstop.dispatch.child import SILENCE
from allstop.dispatch.messenger import Messenger
from allstop.rules.facts import Channel, Purpose
from allstop.rules.markers import MarkerKind
from allstop.store import lists
from allstop.store.models import Message, MessengerSend
from tests.dispatch.processes import wait_until, workers
from tests.world import World, contact

HELLO = Letter(channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Hello")
EVERYBODY = To(filters=(lists.Many(filter=lists.ContactFilter()),))


def people(world: World, count: int) -> list[int]:
    return [contact(world, f"Pat {number}", phone=f"+1212555{number:04}", email="").pk for number in range(count)]


def state(made: MessengerSend) -> str:
    return MessengerSend.objects.get(pk=made.pk).state


def test_a_worker_runs_one_that_nobody_waits_for(committed_world: World, database_url: str) -> None:
    people(committed_world, 3)
    with workers(database_url):
        made = ask_for_send(committed_world.member, EVERYBODY, HELLO, datetime.now(UTC) - 2 * SILENCE).send
        wait_until(lambda: state(made) == "done", "the send")
        wait_until(lambda: Message.objects.filter(status="sent").count() == 3, "the sandbox")


def test_markers_are_checked_again_when_each_message_leaves(committed_world: World, database_url: str) -> None:
    """003-15, 003-19: six in TO:, two marked after Send was pressed, one of them overridden by nobody."""
    world = committed_world
    ids = people(world, 6)
    mark(world.member, ids[:1], MarkerKind.STOP_PROMOTIONS, "", world.now)
    soon = datetime.now(UTC) + timedelta(seconds=2)
    letter = Letter(
        channel=Channel.TEXT,
        purpose=Purpose.PERSONAL,
        body="Closed tomorrow",
        due_at=soon,
        despite_stop_promotions=True,
        reason="burst pipe",
    )
    asked = To(ones=tuple(One(contact_id=pk) for pk in ids))
    assert send(world.member, asked, letter, datetime.now(UTC)).send.accepted == 6
    mark(world.member, ids[1:2], MarkerKind.STOP_ALL, "", world.now)
    mark(world.member, ids[2:3], MarkerKind.STOP_PROMOTIONS, "", world.now)
    with workers(database_url):
        wait_until(lambda: not Message.objects.filter(status="waiting").exists(), "the gate")
    became = {one.contact_id: (one.status, one.reason) for one in Message.objects.all()}
    assert (
        became
        == {
            ids[0]: ("sent", ""),  # overridden
            ids[1]: ("refused", "stop_all"),
            ids[2]: ("refused", "stop_promotions"),
            **dict.fromkeys(ids[3:], ("sent", "")),
        }
    )


def test_a_process_that_is_killed_is_followed_by_another(committed_world: World, database_url: str) -> None:
    people(committed_world, 4)
    now = datetime.now(UTC)
    made = ask_for_send(committed_world.member, EVERYBODY, HELLO, now - 2 * SILENCE).send
    assert messenger_run.RUNS.take(made.pk, now - 2 * SILENCE)  # by a process that was killed before its first slice
    here = Messenger()
    assert here.look(now) == 1
    wait_until(lambda: state(made) == "done", "the second process")
    assert Message.objects.count() == 4
    wait_until(lambda: here.look(datetime.now(UTC)) == 0, "its end")
    here.end()


def test_one_that_somebody_runs_is_left_alone(committed_world: World) -> None:
    people(committed_world, 1)
    now = datetime.now(UTC)
    made = ask_for_send(committed_world.member, EVERYBODY, HELLO, now - timedelta(minutes=1)).send
    messenger_run.RUNS.take(made.pk, now - timedelta(minutes=1))
    with messenger_run.RUNS.held(made.pk) as is_mine:
        assert is_mine
        assert Messenger().look(now) == 0
        assert messenger_run.run_here(made.pk).state == "running"
    assert messenger_run.RUNS.has_died(made.pk)
