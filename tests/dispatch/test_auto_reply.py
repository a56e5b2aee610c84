"""The automatic reply by real workers: two of them, one killed, and each conversation gets one text."""

import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from allstop.actions.replies import Written, take_reply
from allstop.actions.reply_setup import change_replies, replies_of
from allstop.rules.facts import Channel
from allstop.store.models import Conversation, Message, OutboxItem, Status
from tests.dispatch.processes import wait_until, workers
from tests.world import World, contact

MANY = 30


def test_two_workers_and_a_kill_send_one_for_each(committed_world: World, database_url: str) -> None:
    world, now = committed_world, datetime.now(UTC)
    wanted = replace(replies_of(world.leader), auto_reply="{account}: we answer soon.", auto_reply_minutes=1)
    change_replies(world.leader, wanted, now)
    people = [contact(world, f"Pat {n}", phone=f"+1212555{1000 + n}", email="") for n in range(MANY)]
    with workers(database_url, 2) as processes:
        for number in range(len(people)):
            written = Written(
                adapter="sandbox",
                provider_id=f"question {number}",
                channel=Channel.TEXT,
                sender=f"+1212555{1000 + number}",
                recipient="",
                text="Is anybody there?",
                in_reply_to="",
                at=now - timedelta(minutes=2) + timedelta(seconds=number // 10),
            )
            assert take_reply(written)
        wait_until(Message.objects.exists, "the first one")
        processes[0].send_signal(signal.SIGKILL)
        wait_until(lambda: not Conversation.objects.exclude(auto_reply_due_at=None).exists(), "every timer")
        wait_until(lambda: not Message.objects.filter(status=Status.WAITING).exists(), "all of them to leave")
    replies = Message.objects.filter(channel="text")  # its members are told by email, in one mail or in two
    assert replies.count() == MANY
    assert set(replies.values_list("contact_id", flat=True)) == {person.pk for person in people}
    left = list(OutboxItem.objects.filter(channel="text").values_list("to", flat=True))
    assert len(left) == len(set(left)), "somebody got two"
    unknown = replies.filter(status=Status.UNKNOWN).count()  # what the killed one had in hand
    assert len(left) >= MANY - unknown
    assert Conversation.objects.filter(unread=1, state="open").count() == MANY
