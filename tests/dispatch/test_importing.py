"""Imports run in processes of their own: whatever kills one, all of a file is imported or nothing."""

import os
import signal
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from allstop.actions import import_run
from allstop.actions.import_progress import Progress
from allstop.actions.import_run import run_import
from allstop.actions.imports import confirm, upload
from allstop.cli.sample_reminders import reminder_file
from allstop.dispatch.importing import Importing
from allstop.store.models import Contact, Import, ImportState, Job, JobSource, Message, Status
from tests.dispatch.processes import PATIENCE
from tests.reminder_files import LATER, a_row, run, taken_in
from tests.world import World


def nothing_was_made() -> bool:
    return not (Contact.objects.exists() or Job.objects.exists() or Message.objects.exists())


def test_a_run_that_fails_in_the_middle_leaves_nothing(committed_world: World) -> None:
    world = committed_world
    taken = taken_in(world, *(a_row(number, at=LATER) for number in range(1, 40)))
    confirm(world.member, taken.pk, world.now)
    with connection.cursor() as cursor:  # the last statement of the run fails, when everything else is written
        cursor.execute("ALTER TABLE ledger ADD CONSTRAINT no_import CHECK (act <> 'import') NOT VALID")
    try:
        with pytest.raises(Exception, match="no_import"):
            run_import(taken.pk, world.now)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE ledger DROP CONSTRAINT no_import")
    assert nothing_was_made()
    assert Import.objects.get().state == ImportState.RUNNING
    assert run_import(taken.pk, world.now) is not None
    assert Message.objects.count() == 39


def test_two_processes_do_not_run_the_same_import(committed_world: World) -> None:
    taken = taken_in(committed_world, a_row(1, at=LATER))
    confirm(committed_world.member, taken.pk, committed_world.now)
    with Progress(taken.pk) as other:
        assert other.lock()
        assert run_import(taken.pk, committed_world.now) is None
        assert not import_run.has_died(taken.pk)
    assert import_run.has_died(taken.pk)


def wait_for(condition: Callable[[], bool], seconds: float = PATIENCE) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def large(world: World, rows: int = 6000) -> Import:
    content = reminder_file(rows, world.now).encode()
    taken = upload(world.member, "large.csv", content, world.now, JobSource.UPLOAD)
    return confirm(world.member, taken.pk, world.now)


def test_a_process_that_is_killed_in_the_middle_leaves_nothing_and_the_import_is_taken_up_again(
    committed_world: World,
) -> None:
    taken = large(committed_world)
    worker = Importing()
    now = datetime.now(UTC)
    assert worker.look(now) == 1
    wait_for(lambda: Import.objects.get(pk=taken.pk).rows_done > 3500)  # writing, inside the transaction
    os.kill(worker.running[taken.pk].pid, signal.SIGKILL)
    worker.running[taken.pk].wait()
    wait_for(lambda: import_run.has_died(taken.pk))
    assert nothing_was_made()
    worker.look(now)
    again = Import.objects.get(pk=taken.pk)
    assert (again.state, again.failure) == ("running", import_run.DIED_ONCE)
    wait_for(lambda: Import.objects.get(pk=taken.pk).state == ImportState.DONE)
    worker.look(now)
    done = Import.objects.get(pk=taken.pk)
    assert (done.failure, done.rows_done, Job.objects.count()) == ("", 6000, 1)
    assert Message.objects.count() + done.rows_refused == 6000


def test_an_import_whose_process_dies_twice_fails_with_words(committed_world: World) -> None:
    taken = taken_in(committed_world, a_row(1, at=LATER))
    confirm(committed_world.member, taken.pk, committed_world.now)
    for queued_again in (True, False):
        assert import_run.take(taken.pk, committed_world.now)
        assert import_run.after_death(taken.pk, committed_world.now) is queued_again
    failed = Import.objects.get()
    assert (failed.state, failed.failure) == ("failed", import_run.DIED_TWICE)
    assert run(committed_world, failed).messages == {Status.WAITING: 1}


def test_another_worker_takes_an_import_whose_worker_died_with_its_process(committed_world: World) -> None:
    taken = taken_in(committed_world, a_row(1, at=LATER))
    confirm(committed_world.member, taken.pk, committed_world.now)
    now = datetime.now(UTC)
    assert import_run.take(taken.pk, now)  # and then nothing more was heard
    worker = Importing()
    assert worker.look(now + timedelta(seconds=5)) == 0
    assert worker.look(now + timedelta(seconds=60)) == 1
    wait_for(lambda: Import.objects.get().state == ImportState.DONE)


def test_a_worker_that_ends_puts_its_import_back(committed_world: World) -> None:
    taken = large(committed_world)
    worker = Importing()
    worker.look(datetime.now(UTC))
    wait_for(lambda: Import.objects.get(pk=taken.pk).rows_done > 0)
    worker.end()
    back = Import.objects.get(pk=taken.pk)
    assert (back.state, back.rows_done, back.failure) == ("queued", 0, "")
    assert nothing_was_made()
