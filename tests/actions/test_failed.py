"""Failed messages stay until a person resets or deletes them (TX14)."""

from datetime import timedelta

import pytest

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.failed import FailedChoice, decide_failed
from allstop.actions.jobs import remove_jobs
from allstop.store.models import Attempt, LedgerEntry, Message, QueueEntry, Status, Tally, TallyChange
from tests.world import World, contact, finish, job, texts


def failed(world: World, count: int) -> list[int]:
    ids = texts(world, count, of=job(world), to=contact(world))
    finish(world, ids, Status.FAILED)
    return ids


def tallied(world: World) -> dict[str, int]:
    counts: dict[str, int] = {}
    for rows in (Tally, TallyChange):
        for status, count in rows.objects.filter(account_id=world.account.pk).values_list("status", "count"):
            counts[status] = counts.get(status, 0) + count
    return {status: count for status, count in counts.items() if count}


def test_reset_ones_wait_again_and_deleted_ones_never_leave(world: World) -> None:
    ids = failed(world, 3)
    [waits] = texts(world, 1, to=contact(world, phone="+12125550190", email="w@example.org"))
    assert decide_failed(world.member, [*ids[:1], waits], FailedChoice.RESET, "provider was down", world.now) == 1
    assert decide_failed(world.member, ids[1:2], FailedChoice.DELETE, "", world.now) == 1
    statuses = dict(Message.objects.filter(account=world.account).values_list("id", "status"))
    assert [statuses[one] for one in ids] == ["waiting", "removed", "failed"]
    entry = QueueEntry.objects.get(account_id=world.account.pk, id=ids[0])
    attempts = Attempt.objects.filter(account=world.account, message_id=ids[0])
    assert (entry.due_at, entry.attempt, entry.worker_id) == (world.now, attempts.count(), None)
    assert tallied(world) == {"waiting": 2, "removed": 1, "failed": 1}
    acts = LedgerEntry.objects.filter(subject=f"message:{ids[0]}", act="reset_failed")
    assert acts.get().before == {"status": "failed", "attempts": 0}
    again = decide_failed(world.member, ids[:2], FailedChoice.RESET, "", world.now + timedelta(minutes=1))
    assert again == 0  # neither has failed


def test_who_may_decide_and_on_what(world: World) -> None:
    ids = failed(world, 1)
    with pytest.raises(Forbidden):
        decide_failed(world.viewer, ids, FailedChoice.RESET, "", world.now)
    with pytest.raises(NotThere):
        decide_failed(world.stranger, ids, FailedChoice.DELETE, "", world.now)
    with pytest.raises(Invalid):
        decide_failed(world.member, ids, FailedChoice.DELETE, "x" * 301, world.now)
    of = Message.objects.get(account=world.account, id=ids[0]).job_id
    assert of is not None
    remove_jobs(world.member, [of], world.now)
    with pytest.raises(Conflict):
        decide_failed(world.member, ids, FailedChoice.RESET, "", world.now)
    assert decide_failed(world.member, ids, FailedChoice.DELETE, "", world.now) == 1
