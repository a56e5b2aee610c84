"""A watched folder: complete files only, each once, moved away with a result, whatever kills the process."""

import os
import signal
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from allstop.actions import feed_places, import_run, imports
from allstop.actions.actor import Invalid
from allstop.actions.feed_files import take_file
from allstop.actions.feed_rows import remember
from allstop.actions.feeds import FeedChoice, choice_of, save_feed
from allstop.actions.import_run import run_import
from allstop.actions.imports import upload
from allstop.actions.switch import stop_account
from allstop.channels.feeds.folder import Folder, allowed_below, open_folder
from allstop.channels.feeds.place import PlaceFault
from allstop.dispatch import child, feed_process
from allstop.dispatch.importing import Importing
from allstop.rules import arrivals
from allstop.rules.facts import Channel
from allstop.store.models import Feed, FeedFile, FeedKind, Import, JobSource, LedgerRow, Message, Status
from tests.actions.test_feeds import a_feed, comes, file_of
from tests.dispatch.processes import PATIENCE, wait_until
from tests.formats.test_calendar import ATTENDEE, EVENT, calendar_of
from tests.peers.sshd import sshd
from tests.peers.web_server import web_server
from tests.reminder_files import LATER, a_row, changed, run
from tests.world import World


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "FEED_FOLDERS", [f"{tmp_path}/feeds/{{account}}"])
    monkeypatch.setenv("ALLSTOP_FEED_FOLDERS", f"{tmp_path}/feeds/{{account}}")
    monkeypatch.setattr(arrivals, "QUIET", timedelta(0))  # what it waits for is tested in tests/rules
    return tmp_path / "feeds"


def watched(world: World, folder: Path) -> tuple[Feed, Path]:
    where = folder / str(world.account.pk) / "in"
    feed = a_feed(world, kind=FeedKind.FOLDER, settings={"path": str(where)}, rhythm={}, expected_at=None)
    return feed, where


def look(feed: Feed) -> Feed:
    feed.refresh_from_db()
    feed_process.look_into(feed)
    feed.refresh_from_db()
    return feed


def imported(feed: Feed) -> None:
    for file in FeedFile.objects.filter(feed=feed, state="taken").order_by("pk"):
        run_import(file.source_id or 0, datetime.now(UTC))


def below(where: Path, name: str) -> list[str]:
    return sorted(one.name for one in (where / name).iterdir()) if (where / name).exists() else []


def test_a_file_is_taken_imported_and_moved_away_with_its_result(world: World, folder: Path) -> None:
    feed, where = watched(world, folder)
    stop_account(world.leader, "Wrong texts", world.now)  # files are taken all the same, and pile up
    (where / "monday.csv").write_bytes(file_of(a_row(1, at=LATER), a_row(2, at="soon")))
    (where / "later.csv.filepart").write_bytes(b"half")
    (where / "broken.csv").write_bytes(b"%PDF-1.7")
    os.utime(where / "monday.csv", (1, 1))
    (where / "link.csv").symlink_to("/etc/passwd")
    look(feed)
    assert sorted(FeedFile.objects.values_list("state", flat=True)) == ["failed", "taken"]
    assert (where / "monday.csv").exists()  # until it is imported
    imported(feed)
    look(feed)
    done = FeedFile.objects.get(state="done")
    failed = FeedFile.objects.get(state="failed")
    assert below(where, "done") == [f"monday-{done.pk}.csv", f"monday-{done.pk}.csv.result.csv"]
    assert below(where, "failed") == [f"broken-{failed.pk}.csv", f"broken-{failed.pk}.csv.result.csv"]
    result = (where / "done" / f"monday-{done.pk}.csv.result.csv").read_text("utf-8-sig").splitlines()
    assert result[:3] == ["result,done", "rows,2", "waiting,1"]
    assert "errors,1" in result and result[-1].startswith("3,ApptDate,soon,")
    assert "This is a PDF" in (where / "failed" / f"broken-{failed.pk}.csv.result.csv").read_text("utf-8-sig")
    assert {one.name for one in where.iterdir()} == {"done", "failed", "later.csv.filepart", "link.csv"}
    (where / "again.csv").write_bytes(file_of(a_row(1, at=LATER), a_row(2, at="soon")))
    look(feed)
    look(feed)
    assert FeedFile.objects.filter(state="repeat", place="").count() == 1
    assert Message.objects.filter(status=Status.WAITING).count() == 1 + 1  # and the one by hand


def test_a_file_is_left_alone_until_it_is_complete_and_one_that_was_replaced_is_read_anew(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, where = watched(world, folder)
    file = where / "monday.csv"
    file.write_bytes(file_of(a_row(1, at=LATER)))
    with monkeypatch.context() as patient:
        patient.setattr(arrivals, "QUIET", timedelta(hours=1))
        look(feed)
        look(feed)
        assert not FeedFile.objects.exists()
    look(feed)
    file.write_bytes(file_of(a_row(1, at=LATER), a_row(2, at=LATER)))  # while the first is being imported
    imported(feed)
    look(feed)
    assert file.exists() and below(where, "done") == []
    look(feed)
    imported(feed)
    look(feed)
    assert not file.exists()
    assert list(FeedFile.objects.order_by("pk").values_list("rows", flat=True)) == [1, 2]


class Killed(BaseException):
    pass


def _steps() -> Iterator[tuple[type[Any] | Any, str]]:
    yield from ((Folder, name) for name in ("files", "read", "write", "move"))
    yield feed_process, "_take"


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_killed_before_or_after_any_step_each_file_is_imported_once(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, *, after: bool
) -> None:
    feed, where = watched(world, folder)
    for number, (owner, name) in enumerate(_steps()):
        content = file_of(a_row(number, at=LATER), a_row(20, at=LATER))
        (where / f"{number}.csv").write_bytes(content)
        usual = getattr(owner, name)

        def dies(*given: Any, usual: Any = usual, **more: Any) -> Any:
            if after:
                usual(*given, **more)
            raise Killed

        kills = 0
        for _ in range(2):  # while it is taken, and while it is moved away
            with monkeypatch.context() as broken:
                broken.setattr(owner, name, dies)
                try:
                    look(feed)
                    imported(feed)
                    look(feed)
                except Killed:
                    kills += 1
            imported(feed)
        assert kills
        for _ in range(2):
            look(feed)
            imported(feed)
        look(feed)
    files = FeedFile.objects.filter(feed=feed)
    assert sorted(files.values_list("state", "place")) == [("done", "")] * 5
    assert len(below(where, "done")) == 10
    assert {one.name for one in where.iterdir()} == {"done"}
    jobs = list(files.values_list("source__job_id", flat=True))
    assert Message.objects.filter(job_id__in=jobs, status="waiting").count() == 5 + 1
    assert Message.objects.filter(job_id__in=jobs, reason="unchanged").count() == 4


def test_a_process_that_is_killed_and_the_next_one_take_each_file_once(
    committed_world: World, database_url: str, folder: Path
) -> None:
    feed, where = watched(committed_world, folder)
    for number in range(4):
        rows = [a_row(row, at=LATER, type=f"T{number}") for row in range(20)]
        (where / f"{number}.csv").write_bytes(file_of(*rows))
    found = [(feed_process._key(one.name), one.stat()) for one in where.iterdir()]
    seen = {key: (size.st_size, size.st_mtime, "2026-01-01T00:00+00:00") for key, size in found}
    Feed.objects.update(seen=seen, next_look_at=datetime.now(UTC))  # seen for long: complete
    process = child.start("allstop.dispatch.feed_process")
    wait_until(FeedFile.objects.exists, "the first file")
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    Feed.objects.update(next_look_at=datetime.now(UTC))
    assert child.start("allstop.dispatch.feed_process").wait(PATIENCE) == 0
    assert FeedFile.objects.filter(feed=feed).count() == 4


def test_files_of_one_feed_are_imported_in_the_order_in_which_they_came(world: World) -> None:
    feed = a_feed(world)
    first, second = (take_file(feed, "x.csv", file_of(a_row(1, at=at)), world.now) for at in (LATER, "11/24/2035 9:00"))
    importing = Importing()
    assert importing.take(world.now) == first.source_id
    assert importing.take(world.now) is None  # the second waits for the first
    Import.objects.filter(pk=first.source_id or 0).update(state="done")
    assert importing.take(world.now) == second.source_id


def test_a_file_that_is_too_large_is_told_of_and_keeps_no_other_from_being_taken(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed, where = watched(world, folder)
    (where / "large.csv").write_bytes(file_of(a_row(1)) * 20)
    (where / "monday.csv").write_bytes(file_of(a_row(1, at=LATER)))
    monkeypatch.setattr(imports, "LARGEST", 1000)
    assert look(feed).failure.startswith("A file is larger than")
    assert FeedFile.objects.get().state == "taken"
    assert feed.looked_at is not None


def test_a_folder_outside_the_allowed_ones_is_refused(world: World, folder: Path) -> None:
    allowed = allowed_below(settings.FEED_FOLDERS, world.account.pk)
    other = folder / str(world.rival.pk) / "in"
    way_round = folder / str(world.account.pk) / ".." / str(world.rival.pk)
    for path in (other, way_round, Path("/etc")):
        with pytest.raises(PlaceFault, match="Choose a folder below"):
            open_folder(str(path), allowed)
    mine = allowed[0]
    mine.mkdir(parents=True)
    (mine / "out").symlink_to("/etc")
    with pytest.raises(PlaceFault):
        open_folder(str(mine / "out"), allowed)
    with pytest.raises(Invalid) as refused:
        a_feed(world, kind=FeedKind.FOLDER, settings={"path": str(other)})
    assert set(refused.value.problems) == {"settings"}


def test_a_folder_that_cannot_be_read_says_so_on_the_feed_until_it_can(world: World, folder: Path) -> None:
    feed, where = watched(world, folder)
    where.rmdir()
    where.write_text("a file in its place")
    assert look(feed).failure.startswith("The folder cannot be used")
    where.unlink()
    assert look(feed).failure == ""
    assert feed.looked_at is not None


def test_files_are_taken_from_another_machine_and_their_results_left_there(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "FEEDS_PRIVATE", True)
    monkeypatch.setattr(arrivals, "QUIET", timedelta(0))
    where = tmp_path / "in"
    where.mkdir()
    with sshd(tmp_path / "server") as ssh:
        told = {"host": "127.0.0.1", "port": ssh.port, "user": ssh.user, "private_key": ssh.private_key}
        told |= {"path": str(where)}
        feed = a_feed(world, kind=FeedKind.SFTP, settings=told, rhythm={}, expected_at=None)
        assert ssh.private_key not in str(Feed.objects.values_list("settings", flat=True).get(pk=feed.pk))
        assert "Compare it with what its owner says" in look(feed).failure
        choice = replace(choice_of(feed), settings={**told, "private_key": "", "host_key": ssh.fingerprint})
        save_feed(world.leader, choice, world.now, feed.pk)  # what is never shown stays
        assert feed_places.test_place(world.leader, feed.pk, world.now) == ""
        (where / "monday.csv").write_bytes(file_of(a_row(1, at=LATER), a_row(2, at="soon")))
        assert look(feed).failure == ""
        imported(feed)
        look(feed)
    done = FeedFile.objects.get(feed=feed)
    assert (done.rows, done.waiting, done.errors) == (2, 1, 1)
    assert below(where, "done") == [f"monday-{done.pk}.csv", f"monday-{done.pk}.csv.result.csv"]
    assert list(where.iterdir()) == [where / "done"]


def test_what_a_calendar_says_is_taken_when_it_changes_also_when_it_changes_back(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "FEEDS_PRIVATE", True)

    def on(day: datetime) -> bytes:
        return calendar_of(f"{EVENT}\nDTSTART:{day:%Y%m%d}T150000Z\n{ATTENDEE}")

    by_hand = upload(world.member, "c.ics", on(world.now + timedelta(days=7)), world.now, JobSource.UPLOAD)
    run(world, changed(world, by_hand, channels=(Channel.EMAIL,)))
    early, late = (on(datetime.now(UTC) + timedelta(days=days)) for days in (7, 8))
    with web_server() as web:
        told = {"calendar_url": web.url("/c.ics"), "every_minutes": 15}
        choice = FeedChoice(
            name="Calendar", kind=FeedKind.CALENDAR, settings=told, like_import=by_hand.pk, rhythm={}, expected_at=None
        )
        feed = save_feed(world.leader, choice, world.now)
        sealed = Feed.objects.values_list("settings", flat=True).get(pk=feed.pk)
        assert "c.ics" not in str(sealed)
        for content in (early, early, late, early):
            web.says("/c.ics", content)
            assert look(feed).failure == ""
            imported(feed)
        assert look(feed).next_look_at is not None
        files = list(FeedFile.objects.filter(feed=feed).order_by("pk"))
        assert [(one.rows, one.waiting, one.withdrawn) for one in files] == [(1, 1, 0), (1, 1, 1), (1, 1, 1)]
        web.says("/c.ics", b"", 500)
        assert look(feed).failure == "The server refused it (HTTP 500)."
        assert FeedFile.objects.filter(feed=feed).count() == 3


def test_nothing_slow_comes_after_the_ledger_for_whose_chain_a_stop_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A STOP ends whoever holds it up: imports of feeds began anew again and again while somebody pressed."""
    feed = a_feed(world)
    before = LedgerRow.objects.count()
    written: list[int] = []

    def remembers(*given: Any) -> None:
        written.append(LedgerRow.objects.count())
        remember(*given)

    monkeypatch.setattr(import_run, "remember", remembers)
    comes(world, feed, a_row(1), a_row(2))
    assert written == [before] and LedgerRow.objects.count() > before
