"""Real workers on a real queue: everything leaves once, a stop is obeyed, a crash loses nothing."""

import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime

import pytest
from django.db.models import Count

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.jobs import remove_jobs
from allstop.actions.switch import start_account, stop_account
from allstop.cli.work import FENCED
from allstop.dispatch.burial import bury_dead, this_machine
from allstop.rules.retry import Outcome
from allstop.store.models import Attempt, Message, OutboxItem, QueueEntry, Status, Worker
from tests.dispatch.processes import PATIENCE, wait_until, workers
from tests.world import World, job, texts


def count(status: Status) -> int:
    return Message.objects.filter(status=status).count()


def test_what_is_due_leaves_once_with_an_attempt_and_a_receipt(committed_world: World, database_url: str) -> None:
    ids = texts(committed_world, 300)
    with workers(database_url, 2):
        wait_until(lambda: count(Status.SENT) == 300, "300 texts to be sent")
        wait_until(lambda: Message.objects.filter(receipt="delivered").count() == 300, "their receipts")
    assert OutboxItem.objects.count() == 300
    assert sorted(OutboxItem.objects.values_list("message_id", flat=True)) == ids
    assert Attempt.objects.filter(outcome=Outcome.ACCEPTED).count() == 300
    assert not QueueEntry.objects.exists()
    assert not Worker.objects.exists(), "workers that end in order sign off"


def test_after_stop_is_confirmed_nothing_leaves_until_start(committed_world: World, database_url: str) -> None:
    """000-02, 000-10, TN3, TN6: pressed half-way through."""
    with workers(database_url, 2):
        wait_until(lambda: Worker.objects.count() == 2, "both workers")
        texts(committed_world, 2000)
        wait_until(lambda: OutboxItem.objects.count() > 300, "some texts to leave")
        receipt = wait_until_confirmed(stop_account(committed_world.admin, "half-way", datetime.now(UTC)).number)
        assert receipt.confirmed_at is not None
        assert receipt.workers == 2
        left = OutboxItem.objects.count()
        assert left < 2000
        wait_until(lambda: not QueueEntry.objects.filter(worker_id__isnull=False).exists(), "empty hands")
        # What was under way is written down as usual, and no more comes.
        assert OutboxItem.objects.count() == left
        assert count(Status.SENT) == left
        assert count(Status.WAITING) == 2000 - left
        assert not Attempt.objects.filter(started_at__gt=receipt.confirmed_at).exists()
        start_account(committed_world.admin, "", datetime.now(UTC))
        wait_until(lambda: count(Status.SENT) == 2000, "the rest to leave after START")
    assert OutboxItem.objects.count() == 2000


def test_a_killed_worker_loses_nothing_and_nothing_it_held_is_sent_again(
    committed_world: World, database_url: str
) -> None:
    texts(committed_world, 3000)
    with workers(database_url, 2) as (first, _):
        wait_until(lambda: OutboxItem.objects.count() > 500, "some texts to leave")
        first.send_signal(signal.SIGKILL)
        wait_until(lambda: not QueueEntry.objects.exists(), "the other worker to do the rest")
    sent, unknown = count(Status.SENT), count(Status.UNKNOWN)
    assert sent + unknown == 3000
    assert unknown <= 50
    assert not OutboxItem.objects.values("message_id").annotate(n=Count("id")).filter(n__gt=1).exists()
    # Whatever is in the outbox is either recorded as sent or honestly unknown.
    assert sent <= OutboxItem.objects.count() <= sent + unknown
    still = Message.objects.filter(status=Status.UNKNOWN).values("id")  # what was asked for meanwhile is sent
    assert Attempt.objects.filter(outcome=Outcome.UNKNOWN, message_id__in=still).count() == unknown


def test_a_worker_told_to_end_finishes_what_is_under_way(committed_world: World, database_url: str) -> None:
    texts(committed_world, 2000)
    with workers(database_url, 1) as (only,):
        wait_until(lambda: OutboxItem.objects.count() > 200, "some texts to leave")
        only.terminate()
        assert only.wait(PATIENCE) == 0
    assert count(Status.UNKNOWN) == 0
    assert count(Status.SENT) == OutboxItem.objects.count()
    assert not QueueEntry.objects.filter(worker_id__isnull=False).exists()


def test_a_removed_job_never_sends_while_others_do(committed_world: World, database_url: str) -> None:
    """000-15, TN7."""
    old, new = job(committed_world, "Old"), job(committed_world, "New")
    texts(committed_world, 1000, of=old)
    texts(committed_world, 200, of=new)
    with workers(database_url, 2):
        wait_until(lambda: OutboxItem.objects.count() > 100, "some texts to leave")
        remove_jobs(committed_world.member, [old.pk], datetime.now(UTC))
        left = OutboxItem.objects.filter(message_id__in=_ids(old.pk)).count()
        wait_until(lambda: not QueueEntry.objects.exists(), "the rest")
    assert OutboxItem.objects.filter(message_id__in=_ids(old.pk)).count() == left
    assert Message.objects.filter(job=old, status=Status.SENT).count() == left
    assert Message.objects.filter(job=old, status=Status.REMOVED).count() == 1000 - left
    assert Message.objects.filter(job=new, status=Status.SENT).count() == 200


def _ids(job_id: int) -> list[int]:
    return list(Message.objects.filter(job_id=job_id).values_list("id", flat=True))


def test_a_worker_that_was_fenced_while_it_lived_says_what_became_of_what_it_held(
    committed_world: World, database_url: str
) -> None:
    """A slow machine must not turn messages into unknowns: for one lease the worker may still tell."""
    texts(committed_world, 3000)
    with workers(database_url, 1) as (only,):
        wait_until(lambda: OutboxItem.objects.count() > 200, "some texts to leave")
        Worker.objects.update(fenced=True)
        assert only.wait(PATIENCE) == FENCED
    assert not QueueEntry.objects.filter(worker_id__isnull=False).exists(), "it holds nothing"
    assert count(Status.UNKNOWN) == 0
    assert count(Status.SENT) == OutboxItem.objects.count()
    assert count(Status.SENT) + count(Status.WAITING) == 3000


def test_a_supervisor_takes_no_worker_of_another_container_for_its_own_child(
    committed_world: World, database_url: str
) -> None:
    """Both have one name, and count their processes from 1."""
    as_user = [] if os.geteuid() == 0 else ["--user", "--map-current-user"]
    inside = ["unshare", *as_user, "--pid", "--fork", "--kill-child"]
    if shutil.which("unshare") is None or subprocess.run([*inside, "true"], check=False).returncode != 0:
        pytest.skip("no namespaces may be made here")
    environ = os.environ | {"DATABASE_URL": database_url}
    with subprocess.Popen([*inside, sys.executable, "-m", "allstop", "work"], env=environ) as there:
        try:
            wait_until(Worker.objects.exists, "the worker")
            worker = Worker.objects.get()
            assert worker.pid < 10
            bury_dead(this_machine(), worker.pid, datetime.now(UTC))
            assert Worker.objects.filter(pk=worker.pk, fenced=False).exists()
        finally:
            there.kill()
