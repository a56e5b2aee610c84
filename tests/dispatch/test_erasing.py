"""A person is erased while workers send, and while processes are killed."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from allstop.actions.erase import erase_person, finish_begun
from allstop.store import ledger
from allstop.store.models import Attempt, ChannelSetup, Contact, Erasure, Hold, Message, OutboxItem, Stop
from tests.dispatch.processes import PATIENCE, wait_until, workers
from tests.world import World, contact, texts


def everything_waits(world: World) -> Contact:
    person = contact(world, "Maeve Doyle", phone="+447400123958", email="")
    texts(world, 3, to=person, due_at=datetime.now(UTC) + timedelta(hours=1))
    return person


def blocked_at_the_end() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks l JOIN pg_stat_activity a USING (pid)"
            " WHERE NOT l.granted AND a.query LIKE '%ledger%'"
        )
        row = cursor.fetchone()
        assert row is not None
        return bool(row[0])


def test_kill_9_in_the_middle_leaves_all_or_nothing_and_a_worker_goes_on(
    committed_world: World, database_url: str
) -> None:
    world = committed_world
    person = everything_waits(world)
    import psycopg

    command = [sys.executable, "-m", "allstop", "contact", "erase", str(person.pk), "--confirm", "CONFIRM"]
    environ = os.environ | {"ALLSTOP_ACCOUNT": str(world.account.pk)}
    with psycopg.connect(database_url) as other:
        # It has to wait in its last transaction, at the last entry of the ledger, with everything deleted.
        process = subprocess.Popen(command, env=environ)
        wait_until(lambda: Stop.objects.filter(scope="contact", confirmed_at__isnull=False).exists(), "the stop")
        other.execute("SELECT 1 FROM ledger_head WHERE chain = %s FOR UPDATE", [world.account.pk])
        if process.poll() is None:
            wait_until(lambda: blocked_at_the_end() or process.poll() is not None, "the last step")
        process.kill()
        process.wait(PATIENCE)
        other.rollback()
    if Erasure.objects.get().state == "stopping":
        assert Contact.objects.filter(pk=person.pk).exists()
        assert Hold.objects.filter(name="erasing", contact=person, lifted_at=None).exists()
        assert set(Message.objects.values_list("status", flat=True)) == {"canceled"}
        assert set(Message.objects.values_list("address", flat=True)) == {"+12125550123"}
    with workers(database_url):
        wait_until(lambda: Erasure.objects.get().state == "done", "a worker to finish it")
    assert not Contact.objects.filter(pk=person.pk).exists()
    assert set(Message.objects.values_list("address", "body", "status")) == {("", "", "canceled")}
    assert isinstance(ledger.verify(world.account.pk), int)


@pytest.mark.parametrize("pace", [0, 20])
def test_nothing_starts_to_them_after_the_stop_though_workers_hold_messages(
    committed_world: World, database_url: str, pace: int
) -> None:
    world = committed_world
    person = contact(world, "Maeve Doyle")
    ChannelSetup.objects.filter(account=world.account).update(provider="sandbox", is_enabled=True, pace_ms=pace)
    texts(world, 400, to=person)
    with workers(database_url):
        wait_until(lambda: OutboxItem.objects.count() > 5, "some to leave")
        done = erase_person(world.admin, person.pk, "CONFIRM", datetime.now(UTC))
        wait_until(lambda: Erasure.objects.get().state == "done", "the end of it")
    stop = Stop.objects.get(pk=done.stop_number)
    assert stop.confirmed_at is not None
    assert not Attempt.objects.filter(started_at__gt=stop.confirmed_at).exists()
    assert not OutboxItem.objects.exists()
    assert set(Message.objects.values_list("address", "body")) == {("", "")}
    finish_begun(datetime.now(UTC) + timedelta(seconds=10))
    assert isinstance(ledger.verify(world.account.pk), int)
