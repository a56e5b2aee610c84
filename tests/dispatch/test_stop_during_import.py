"""STOP while a large file is written: neither waits for the other, and neither ends the other."""

import threading
from datetime import UTC, datetime, timedelta

from django.db import connection

from allstop.actions.import_run import run_import
from allstop.actions.imports import confirm, upload
from allstop.actions.switch import start_account, stop_account
from allstop.store.models import Import, ImportState, JobSource, Message
from tests.formats.notify_file import notify_csv
from tests.world import World

ROWS = 30_000  # enough that checking their foreign keys at the commit would keep a stop waiting for too long


def test_a_stop_neither_waits_for_an_import_nor_ends_it(committed_world: World) -> None:
    """A stop ends whoever keeps it waiting for longer than 200 ms: an import must never be that."""
    file = notify_csv(ROWS, datetime.now(UTC).date() + timedelta(days=2))
    taken = upload(committed_world.member, "large.csv", file, datetime.now(UTC), JobSource.UPLOAD)
    confirm(committed_world.member, taken.pk, datetime.now(UTC))

    def write() -> None:
        try:
            run_import(taken.pk, datetime.now(UTC))
        finally:
            connection.close()

    writing = threading.Thread(target=write)
    writing.start()
    while writing.is_alive():
        stop_account(committed_world.admin, "", datetime.now(UTC))
        start_account(committed_world.admin, "", datetime.now(UTC))
        writing.join(0.02)
    done = Import.objects.get(pk=taken.pk)
    assert done.state == ImportState.DONE, done.failure
    assert Message.objects.count() == done.messages_made
    assert done.messages_made + done.rows_refused == ROWS
