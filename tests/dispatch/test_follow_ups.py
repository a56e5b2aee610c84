"""A plan for a list that ends: also what a worker holds is taken back, and never what is leaving."""

import threading
from datetime import UTC, datetime

import pytest

from allstop.actions.contact_lists import tick
from allstop.store.models import FollowUp, Message, QueueEntry
from tests.actions.test_follow_ups import a_list, a_plan, sent_by
from tests.dispatch.test_feed_withdrawing import a_worker, obeys, waiting_by_tally
from tests.world import World, contact


@pytest.mark.parametrize("gives_back", [True, False])
def test_what_a_worker_holds_is_taken_back_and_what_it_has_started_is_looked_at_again(
    committed_world: World, gives_back: bool
) -> None:
    world, now = committed_world, datetime.now(UTC)
    ana = contact(world, "Ana Silva", phone="+12125550131", email="ana@example.org")
    kept = a_list(world)
    job = sent_by(world, a_plan(world), kept)
    first, *later = Message.objects.filter(job=job).order_by("id")
    worker = a_worker(now)
    QueueEntry.objects.filter(id=first.id).update(worker_id=worker.pk)
    held = [(world.account.pk, first.id)] if gives_back else []
    thread = threading.Thread(target=obeys, args=(worker, held, []))
    thread.start()
    tick(world.member, kept.pk, [ana.pk], now)
    thread.join()
    waiting = [] if gives_back else [first]
    assert list(Message.objects.filter(job=job, status="waiting")) == waiting
    assert Message.objects.filter(job=job, reason="ticked").count() == 1 + len(later) - len(waiting)
    assert waiting_by_tally(world) == len(waiting)
    looks = FollowUp.objects.get(contact=ana).look_at
    assert (looks is None) == gives_back  # else again, until its worker says what became of it
