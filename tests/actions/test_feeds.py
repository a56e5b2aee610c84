"""Files that come by themselves: read like one that a person has imported, each once, every row accounted for."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.feed_files import push_file, take_file
from allstop.actions.feed_looks import look_for_late
from allstop.actions.feeds import FeedChoice, choice_of, delete_feed, feed_of, save_feed
from allstop.actions.import_run import run_import
from allstop.rules.facts import Channel
from allstop.rules.rhythm import EVENING_BEFORE, as_words
from allstop.store.lists import missing_appointments
from allstop.store.models import (
    Feed,
    FeedAppointment,
    FeedFile,
    FeedKind,
    Import,
    LedgerRow,
    Message,
    Notice,
    QueueEntry,
)
from tests.reminder_files import HEADER, a_row, changed, run, taken_in
from tests.world import World

MOVED = "11/24/2026 17:30"
SATURDAY = "11/28/2026 10:00"


def a_feed(world: World, now: datetime | None = None, **choices: object) -> Feed:
    """Like a file that was imported by hand: texts at once, so that what waits is plain to see."""
    by_hand = changed(world, taken_in(world, a_row(99)), channels=(Channel.TEXT,))
    run(world, by_hand)
    usual = {"name": "Practice system", "kind": FeedKind.PUSH, "settings": {}, "expected_at": time(14, 40)}
    choice = usual | {"rhythm": as_words(EVENING_BEFORE)} | choices
    made = FeedChoice(like_import=by_hand.pk, **choice)  # type: ignore[arg-type]
    return save_feed(world.leader, made, now or world.now)


def file_of(*rows: str) -> bytes:
    return "\r\n".join((HEADER, *rows)).encode()


def comes(world: World, feed: Feed, *rows: str, at: datetime | None = None) -> FeedFile:
    """A file comes and is imported."""
    file = take_file(feed, "monday.csv", file_of(*rows), at or world.now)
    if file.source_id is not None:
        run_import(file.source_id, at or world.now)
        file.refresh_from_db()
    return file


def counts(file: FeedFile) -> tuple[int | None, ...]:
    return file.rows, file.waiting, file.canceled, file.refused, file.errors, file.withdrawn


def messages(file: FeedFile) -> list[tuple[str, str]]:
    assert file.source is not None
    found = Message.objects.filter(job=file.source.job).order_by("id")
    return list(found.values_list("status", "reason"))


def of_feed(feed: Feed) -> list[Message]:
    files = FeedFile.objects.filter(feed=feed).values_list("source__job_id", flat=True)
    return list(Message.objects.filter(job_id__in=[job for job in files if job]).order_by("id"))


def test_a_file_is_read_like_the_one_that_a_person_imported(world: World) -> None:
    feed = a_feed(world)
    rows = (a_row(1), a_row(2, status="Cancelled"), a_row(3, at=SATURDAY), a_row(4, phone="", email=""))
    file = comes(world, feed, *rows)
    assert counts(file) == (4, 1, 2, 0, 1, 0)
    assert messages(file) == [
        ("waiting", ""),
        ("canceled", "appointment_cancelled"),
        ("canceled", "no_sending_day"),  # nobody sends Saturdays
    ]
    assert file.source is not None and file.source.created_by == "Practice system (feed)"
    [waiting, *_] = of_feed(feed)
    assert waiting.due_at.astimezone(UTC).hour == 17  # at once: Monday sends Tuesday, and it is Monday noon


def test_columns_may_stand_elsewhere_but_must_not_be_missing(world: World) -> None:
    feed = a_feed(world)
    names, row = HEADER.split(","), a_row(1).split('","')
    cells = [cell.strip('"') for cell in row]
    turned = "\r\n".join((",".join(reversed(names)), ",".join(f'"{cell}"' for cell in reversed(cells)))).encode()
    file = take_file(feed, "turned.csv", turned, world.now)
    assert run_import(file.source_id or 0, world.now) is not None
    assert messages(FeedFile.objects.get(pk=file.pk)) == [("waiting", "")]

    lacking = take_file(feed, "short.csv", file_of(a_row(2)).replace(b"ApptDate", b"When"), world.now)
    assert lacking.state == "failed" and lacking.source is not None
    assert lacking.source.failure == "The column ApptDate is missing, which earlier files of the feed had."
    assert Notice.objects.get().subject == "A file of the feed Practice system could not be imported"
    assert take_file(feed, "list.pdf", b"%PDF-1.7", world.now).state == "failed"
    others = file_of(a_row(2)).replace(b"ApptDate", b"When").replace(b"ClinicID", b"Site")
    both = take_file(feed, "shorter.csv", others, world.now).source
    assert both is not None
    assert both.failure == "The columns ApptDate, ClinicID are missing, which earlier files of the feed had."


def test_the_same_content_again_does_nothing_until_it_has_failed(world: World) -> None:
    feed = a_feed(world)
    first = comes(world, feed, a_row(1))
    again = take_file(feed, "copy of monday.csv", file_of(a_row(1)), world.now)
    assert (again.state, again.repeats, again.source) == ("repeat", first, None)
    assert len(of_feed(feed)) == 1
    for _ in range(2):  # what failed may come again
        assert take_file(feed, "list.pdf", b"%PDF-1.7", world.now).state == "failed"


def test_an_appointment_that_moved_or_is_off_takes_its_message_along(world: World) -> None:
    feed = a_feed(world)
    comes(world, feed, a_row(1), a_row(2), a_row(3), a_row(4))
    second = comes(
        world, feed, a_row(1, at=MOVED), a_row(2, status="Cancelled"), a_row(3), a_row(4, phone="(212) 555-0177")
    )
    assert counts(second) == (4, 2, 2, 0, 0, 3)
    assert [(one.status, one.reason) for one in of_feed(feed)] == [
        ("canceled", "appointment_moved"),
        ("canceled", "appointment_cancelled"),
        ("waiting", ""),
        ("canceled", "appointment_moved"),  # to another phone
        ("waiting", ""),
        ("canceled", "appointment_cancelled"),
        ("canceled", "unchanged"),
        ("waiting", ""),
    ]
    assert QueueEntry.objects.filter(account_id=world.account.pk).count() == 3 + 1  # and the one by hand
    back = comes(world, feed, a_row(2), a_row(1, at=MOVED))
    assert messages(back) == [("waiting", ""), ("canceled", "unchanged")]  # on again; as before


def test_what_has_left_is_told_again_only_if_the_appointment_changed(world: World) -> None:
    feed = a_feed(world)
    comes(world, feed, a_row(1), a_row(2))
    Message.objects.filter(account=world.account).update(status="sent", finished_at=world.now)
    QueueEntry.objects.filter(account_id=world.account.pk).delete()
    second = comes(world, feed, a_row(1, phone="(212) 555-0177"), a_row(2, at=MOVED))
    assert messages(second) == [("canceled", "unchanged"), ("waiting", "")]
    assert second.withdrawn == 0


def test_a_run_that_died_after_withdrawing_makes_the_new_message_when_it_is_taken_up_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed = a_feed(world)
    comes(world, feed, a_row(1))
    file = take_file(feed, "2.csv", file_of(a_row(1, phone="(212) 555-0177")), world.now)
    with monkeypatch.context() as broken:
        broken.setattr("allstop.actions.import_run._Run.write", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            run_import(file.source_id or 0, world.now)
    assert [one.status for one in of_feed(feed)] == ["canceled"]
    run_import(file.source_id or 0, world.now)
    assert [one.status for one in of_feed(feed)] == ["canceled", "waiting"]


def test_an_older_file_that_is_imported_later_changes_nothing(world: World) -> None:
    feed = a_feed(world)
    older = take_file(feed, "1.csv", file_of(a_row(1)), world.now)
    comes(world, feed, a_row(1, at=MOVED))
    run_import(older.source_id or 0, world.now)
    assert messages(FeedFile.objects.get(pk=older.pk)) == [("canceled", "superseded")]


def test_a_feed_of_one_location_cancels_the_rows_of_the_others(world: World) -> None:
    """TN9: a file for two locations makes each job show the other's rows as canceled by rules."""
    north = a_feed(world, only_location=world.north.pk)
    south = a_feed(world, only_location=world.south.pk, name="South")
    rows = (a_row(1, clinic="NG"), a_row(2, clinic="SG"))
    assert messages(comes(world, north, *rows)) == [("waiting", ""), ("canceled", "another_location")]
    assert messages(comes(world, south, *rows)) == [("canceled", "another_location"), ("waiting", "")]


cells = st.fixed_dictionaries(
    {
        "number": st.integers(1, 4),
        "at": st.sampled_from(["11/24/2026 16:00", MOVED, SATURDAY, "soon"]),
        "status": st.sampled_from(["Scheduled", "Cancelled"]),
        "phone": st.sampled_from(["(212) 555-0101", "(212) 555-0102", "nobody", ""]),
        "clinic": st.sampled_from(["NG", "SG", "??"]),
    }
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.lists(cells, min_size=1, max_size=6), min_size=1, max_size=3), only=st.booleans())
def test_every_row_is_accounted_for_and_no_appointment_waits_twice(
    world: World, files: list[list[dict[str, object]]], *, only: bool
) -> None:
    """rows = waiting + canceled by rules + refused + errors, for each file, whatever came before it."""
    Feed.objects.filter(account=world.account).delete()
    feed = a_feed(world, only_location=world.north.pk if only else None)
    for number, rows in enumerate(files):
        lines = [a_row(row.pop("number"), email="", **row) for row in map(dict, rows)]  # type: ignore[arg-type]
        file = comes(world, feed, *lines, a_row(50 + number))
        if file.state != "done":
            assert file.state == "repeat"
            continue
        total = (file.waiting or 0) + (file.canceled or 0) + (file.refused or 0) + (file.errors or 0)
        assert file.rows == len(lines) + 1 == total
        assert len(messages(file)) == total - (file.errors or 0)
    waiting = [one for one in of_feed(feed) if one.status == "waiting"]
    remembered = [number for one in FeedAppointment.objects.filter(feed=feed) for number in one.messages]
    assert {one.id for one in waiting} <= set(remembered)  # so that each can be withdrawn
    assert QueueEntry.objects.filter(id__in=[one.id for one in waiting]).count() == len(waiting)


def test_only_who_may_set_up_makes_feeds_and_strangers_see_none(world: World) -> None:
    feed = a_feed(world)
    choice = choice_of(feed)
    with pytest.raises(Forbidden):
        save_feed(world.member, choice, world.now, feed.pk)
    with pytest.raises(Forbidden):
        push_file(world.viewer, feed.pk, "a.csv", file_of(a_row(1)), world.now)
    for call in (
        lambda: save_feed(world.stranger, choice, world.now, feed.pk),
        lambda: delete_feed(world.stranger, feed.pk, world.now),
        lambda: push_file(world.stranger, feed.pk, "a.csv", b"a", world.now),
        lambda: feed_of(world.stranger, feed.pk),
    ):
        with pytest.raises(NotThere):
            call()
    push_file(world.member, feed.pk, "a.csv", file_of(a_row(1)), world.now)
    with pytest.raises(Conflict):  # it is being imported
        delete_feed(world.leader, feed.pk, world.now)
    assert [row.act for row in LedgerRow.objects.filter(subject=f"feed:{feed.pk}")] == ["save_feed"]


def test_what_is_wrong_with_a_feed_is_named(world: World) -> None:
    feed = a_feed(world)
    another = replace(choice_of(feed), name="Another", like_import=Import.objects.get().pk)
    wrong: Sequence[tuple[dict[str, object], str]] = (
        ({"name": " "}, "name"),
        ({"rhythm": {"monday": ["tue"]}}, "rhythm"),
        ({"rhythm": {}}, "expected_at"),
        ({"alarm_minutes": 0}, "alarm_minutes"),
        ({"kind": FeedKind.FOLDER, "settings": {"path": "/etc"}, "name": "x"}, "settings"),
        ({"kind": FeedKind.FOLDER, "settings": {"path": "feeds"}, "name": "x"}, "settings"),
        ({"like_import": 10**9}, "like_import"),
        ({"name": "practice SYSTEM"}, "name"),
    )
    for changes, field in wrong:
        with pytest.raises(Invalid) as refused:
            save_feed(world.leader, replace(another, **changes), world.now)  # type: ignore[arg-type]
        assert set(refused.value.problems) == {field}, changes
    assert Feed.objects.get(account=world.account) == feed


def test_a_file_that_does_not_come_is_told_of_once(world: World) -> None:
    """It is Monday noon in New York; the file is expected at 14:40, and half an hour later its people are told."""
    feed = a_feed(world)
    late = datetime(2026, 11, 23, 20, 10, tzinfo=UTC)
    assert feed.alarm_at == late
    for at in (late - timedelta(seconds=1), late, late + timedelta(minutes=1), late + timedelta(hours=3)):
        look_for_late(at)
    assert [one.subject for one in Notice.objects.all()] == ["No file has come for the feed Practice system"]
    assert "Monday, 23 November at 14:40" in Notice.objects.get().body
    feed.refresh_from_db()
    assert (feed.is_late, feed.alarm_at) == (True, late + timedelta(days=1))
    comes(world, feed, a_row(1), at=late + timedelta(hours=4))  # the same evening
    feed.refresh_from_db()
    assert not feed.is_late
    comes(world, feed, a_row(2), at=late + timedelta(hours=14))  # Tuesday morning: earlier than it must
    look_for_late(late + timedelta(days=1))
    assert Notice.objects.count() == 1
    look_for_late(late + timedelta(days=9))  # nobody looked for a week: it is told of once
    look_for_late(late + timedelta(days=9, seconds=1))
    assert Notice.objects.count() == 2


def test_what_two_files_lack_that_hold_everything_counts_as_cancelled(world: World) -> None:
    feed = a_feed(world, holds_all=True)
    comes(world, feed, a_row(1), a_row(2), a_row(3))
    second = comes(world, feed, a_row(1), a_row(3, phone="", email=""))  # the third is named, though not usable
    assert (second.withdrawn, missing_appointments(feed, world.now)) == (0, 2)
    third = comes(world, feed, a_row(1), a_row(3, phone="", email=""), a_row(4))
    assert counts(third) == (3, 1, 1, 0, 1, 1)
    first = FeedFile.objects.filter(feed=feed).order_by("pk")[0]
    assert messages(first) == [("waiting", ""), ("canceled", "appointment_missing"), ("waiting", "")]
    back = comes(world, feed, a_row(1), a_row(2), a_row(4))
    assert messages(back) == [("canceled", "unchanged"), ("waiting", ""), ("canceled", "unchanged")]
    for number in (5, 6):
        half = comes(world, feed, a_row(2), a_row(number, guid="", at="soon"))  # a row that names nothing
        assert half.withdrawn == 0
