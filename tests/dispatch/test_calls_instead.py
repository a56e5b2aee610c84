"""A text to whoever has said no to texts, with a real worker: refused, and called instead."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from allstop.actions.contacts import record_opt_out
from allstop.actions.reply_setup import change_replies, replies_of
from allstop.rules.facts import Channel, Purpose
from allstop.store import queue
from allstop.store.models import Message, OutboxItem
from tests.dispatch.processes import wait_until, workers
from tests.world import World, contact


def test_the_worker_refuses_the_text_and_makes_the_call(committed_world: World, database_url: str) -> None:
    world, now = committed_world, datetime.now(UTC)
    change_replies(world.leader, replace(replies_of(world.leader), calls_instead=True), now)
    pat = contact(world)
    record_opt_out(pat, Channel.TEXT, "STOP", now, "+12125550123")
    [text] = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.TEXT,
                purpose=Purpose.REMINDER,
                address="+12125550123",
                body="Reply YES",
                due_at=now,
                appointment_at=now + timedelta(days=1),
                contact_id=pat.pk,
            )
        ],
        now,
    )
    with workers(database_url, 1):
        wait_until(lambda: OutboxItem.objects.filter(channel="call").exists(), "the call to be made")
    assert Message.objects.get(id=text).reason == "opted_out_text"
    assert OutboxItem.objects.get().body.startswith("This is Northgate Dental. We remind you of an appointment on")
