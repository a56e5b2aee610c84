"""Imports of contacts run in processes of their own, and one that dies goes on in another, from its last slice."""

import os
import signal
from datetime import UTC, datetime, timedelta

from allstop.actions import contact_import_run, contact_imports
from allstop.actions.contact_import_undo import ask_for_undo
from allstop.dispatch.contact_importing import ContactImporting
from allstop.rules.facts import Channel
from allstop.store.models import Address, Contact, ContactImport, LedgerEntry, Message
from tests.contact_import_runs import people, uploaded
from tests.dispatch.processes import wait_until, workers
from tests.world import World, contact, texts

ROWS = 14_000  # some slices, and long enough for a second reader


def confirmed(world: World, rows: int = ROWS) -> int:
    lines = (f"First{n},Last{n},+1212{5550000 + n},p{n}@example.org,P{n}" for n in range(rows))
    source = uploaded(world, people(*lines))
    contact_imports.confirm(world.member, source.pk, datetime.now(UTC))
    return source.pk


def state_of(import_id: int) -> str:
    return ContactImport.objects.values_list("state", flat=True).get(pk=import_id)


def test_killed_in_the_middle_it_goes_on_and_does_nothing_twice(committed_world: World, database_url: str) -> None:
    source = confirmed(committed_world)
    here = ContactImporting()
    assert here.look(datetime.now(UTC)) == 1
    position = ContactImport.objects.filter(pk=source).values_list("position", flat=True)
    wait_until(lambda: position.get() > 0, "the first slice")
    os.kill(here.running[source].pid, signal.SIGKILL)
    here.running[source].wait()
    assert 0 < position.get() < ROWS
    wait_until(lambda: contact_import_run.RUNS.has_died(source), "the server's word that it is gone")
    assert here.look(datetime.now(UTC)) == 1  # another process, at once
    wait_until(lambda: state_of(source) == "done", "the second process")
    done = ContactImport.objects.get(pk=source)
    assert (done.added, done.completed, done.unchanged, done.refused) == (ROWS, 0, 0, 0)
    assert Contact.objects.count() == ROWS
    assert Address.objects.count() == 2 * ROWS
    assert sum(len(part.added) for part in done.slices.all()) == ROWS
    assert LedgerEntry.objects.filter(act="import_contacts").count() == 1
    wait_until(lambda: here.look(datetime.now(UTC)) == 0, "its end")
    ask_for_undo(committed_world.member, source, datetime.now(UTC))
    assert here.look(datetime.now(UTC)) == 1
    wait_until(lambda: state_of(source) == "undone", "the undo")
    assert not Contact.objects.exists()
    here.end()


def test_the_second_death_fails_it_with_words_and_what_it_did_can_be_undone(committed_world: World) -> None:
    now = datetime.now(UTC)
    source = confirmed(committed_world, 3)
    assert contact_import_run.RUNS.take(source, now - timedelta(minutes=1))
    assert contact_import_run.RUNS.after_death(source, now)
    assert not contact_import_run.RUNS.after_death(source, now)
    failed = ContactImport.objects.get(pk=source)
    assert (failed.state, failed.failure) == ("failed", contact_import_run.DIED_TWICE)


def test_one_that_somebody_runs_is_left_alone(committed_world: World) -> None:
    now = datetime.now(UTC)
    source = confirmed(committed_world, 3)
    contact_import_run.RUNS.take(source, now - timedelta(minutes=1))
    with contact_import_run.RUNS.held(source) as is_mine:
        assert is_mine
        assert ContactImporting().look(now) == 0
        assert contact_import_run.run_here(source).state == "running"


def test_a_worker_runs_it_and_nobody_whom_it_blocked_is_written_to(committed_world: World, database_url: str) -> None:
    world = committed_world
    person = contact(world, email="")
    with workers(database_url):
        source = uploaded(world, "Name,Phone,Do not contact\nPat,212 555 0123,yes\n")
        contact_imports.confirm(world.member, source.pk, datetime.now(UTC))
        wait_until(lambda: state_of(source.pk) == "done", "the import")
        texts(world, 2, to=person)
        wait_until(lambda: Message.objects.filter(status="waiting").count() == 0, "the gate")
    assert set(Message.objects.values_list("channel", "status", "reason")) == {(Channel.TEXT, "refused", "stop_all")}
