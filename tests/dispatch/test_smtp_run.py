"""The main job on real input: a clinic's files, a real mail server, STOP half-way, START, and a worker killed."""

import json
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

import pytest
from django.db.models import Count

from allstop.actions.actor import Actor
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.import_options import Route, Start, Timing
from allstop.actions.import_run import run_import
from allstop.actions.imports import configure, confirm, options_of, upload
from allstop.actions.switch import start_account, stop_account
from allstop.bench.smtp_catcher import Catcher, start_catcher
from allstop.rules.facts import Channel
from allstop.store import queue
from allstop.store.models import ChannelSetup, Import, JobSource, Message, QueueEntry, Status
from tests.dispatch.processes import wait_until, workers
from tests.formats.notify_file import notify_csv
from tests.world import World

ROWS = 5000


@pytest.fixture
def catcher(tmp_path: Path) -> Iterator[Catcher]:
    caught = start_catcher(tmp_path / "arrivals")
    yield caught
    caught.stop()


def send_by(catcher: Catcher, world: World) -> None:
    ChannelSetup.objects.filter(account=world.account, channel=Channel.EMAIL).update(
        provider="smtp",
        config={"host": "127.0.0.1", "port": catcher.port, "encryption": "none"},
        sender="desk@northgate.example",
    )
    queue.setup_changed(world.account.pk, Channel.EMAIL, 0, datetime.now(UTC))


def import_as_emails(actor: Actor, name: str, content: bytes) -> Import:
    now = datetime.now(UTC)
    taken = upload(actor, name, content, now, JobSource.UPLOAD)
    options = replace(
        options_of(taken), channels=(Channel.EMAIL,), route=Route.FIRST, timing=Timing(Start.NOW, None, 1, time(10))
    )
    configure(actor, taken.pk, options, now)
    confirm(actor, taken.pk, now)
    run_import(taken.pk, now)
    return Import.objects.get(pk=taken.pk)


def calendar(count: int) -> bytes:
    """An .ics as calendar programs export it, with a time zone and attendees."""
    start = datetime.now(UTC).replace(minute=0, second=0, microsecond=0) + timedelta(days=2)
    events = [
        "\r\n".join(
            (
                "BEGIN:VEVENT",
                f"UID:visit-{i}@northgate.example",
                f"DTSTAMP:{start:%Y%m%dT%H%M%SZ}",
                f"DTSTART;TZID=America/New_York:{start + timedelta(minutes=i):%Y%m%dT%H%M%S}",
                "DURATION:PT30M",
                "SUMMARY:Check-up",
                f"ATTENDEE;CN=Patient {i}:mailto:visitor{i}@example.org",
                "END:VEVENT",
            )
        )
        for i in range(count)
    ]
    return "\r\n".join(
        ("BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Northgate//Desk//EN", *events, "END:VCALENDAR", "")
    ).encode()


def in_two_days() -> date:
    return datetime.now(UTC).date() + timedelta(days=2)


def arrived(catcher: Catcher) -> int:
    with catcher.log.open("rb") as log:
        return sum(1 for _ in log)


def test_stop_half_way_through_5000_emails_and_then_the_rest_once_each(
    committed_world: World, database_url: str, catcher: Catcher
) -> None:
    """000-02, 000-10, 000-12, 000-13, TN3, TN6, by a real SMTP server that timestamps arrivals."""
    world = committed_world
    send_by(catcher, world)
    taken = import_as_emails(world.member, "reminders.csv", notify_csv(ROWS, in_two_days()))
    made = taken.messages_made
    assert made > ROWS * 0.7, "most rows have an email address"
    assert made + taken.rows_refused == ROWS
    with workers(database_url, 2):
        wait_until(lambda: arrived(catcher) > made // 3, "a third to arrive")
        receipt = wait_until_confirmed(stop_account(world.admin, "half-way", datetime.now(UTC)).number)
        acknowledged_at = datetime.now(UTC).timestamp()
        assert receipt.confirmed_at is not None
        wait_until(lambda: not QueueEntry.objects.filter(worker_id__isnull=False).exists(), "empty hands")
        before = arrived(catcher)
        # Uploads are accepted while STOPPED, and wait (000-12, TN5).
        late = import_as_emails(world.member, "visits.ics", calendar(40))
        assert late.messages_made == 40, late.failure
        arrivals = catcher.arrivals()
        assert len(arrivals) == before < made
        after = [one for one in arrivals if one["began_at"] > acknowledged_at]
        assert after == []
        assert Message.objects.filter(status=Status.WAITING).count() == made + 40 - before
        start_account(world.admin, "", datetime.now(UTC))
        wait_until(lambda: not QueueEntry.objects.exists(), "the rest to leave")
    arrivals = catcher.arrivals()
    assert len(arrivals) == made + 40
    assert len({one["message_id"] for one in arrivals}) == made + 40
    assert Message.objects.filter(status=Status.SENT).count() == made + 40
    told = {"before_stop": before, "after_acknowledgement": len(after), "after_start": made + 40 - before}
    print(json.dumps(told))


def test_a_worker_killed_in_the_middle_loses_nothing_and_repeats_nothing(
    committed_world: World, database_url: str, catcher: Catcher
) -> None:
    world = committed_world
    send_by(catcher, world)
    made = import_as_emails(world.member, "reminders.csv", notify_csv(2000, in_two_days())).messages_made
    with workers(database_url, 2) as (first, _):
        wait_until(lambda: arrived(catcher) > 300, "some to arrive")
        first.send_signal(signal.SIGKILL)
        wait_until(lambda: not QueueEntry.objects.exists(), "the other worker to do the rest")
    counts = dict(Message.objects.values_list("status").annotate(n=Count("id")))
    arrivals = catcher.arrivals()
    assert sum(counts.values()) == made
    assert set(counts) <= {Status.SENT, Status.UNKNOWN}
    assert len({one["message_id"] for one in arrivals}) == len(arrivals), "nothing arrived twice"
    assert counts[Status.SENT] <= len(arrivals) <= made
    told = {"sent": counts[Status.SENT], "unknown": counts.get(Status.UNKNOWN, 0), "lost": made - sum(counts.values())}
    print(json.dumps(told))
