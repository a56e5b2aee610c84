"""What contacts say of a feed's appointments is told to where its files come from: each word once (issue 8)."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from allstop.actions.actor import Invalid, NotThere
from allstop.actions.feed_answers import answers_file, next_batch, take_to_tell
from allstop.actions.feeds import choice_of, save_feed
from allstop.actions.visits import answer_appointment
from allstop.channels.feeds.folder import Folder
from allstop.dispatch import feed_process
from allstop.rules.feedback import MOST_ATTEMPTS
from allstop.store import lists
from allstop.store.models import AnswerKind, Event, Feed, FeedAnswer, FeedKind, Message, Webhook
from tests.actions.test_feeds import a_feed, comes, of_feed
from tests.peers.sshd import Sshd, sshd
from tests.peers.web_server import web_server
from tests.reminder_files import LATER, a_row
from tests.world import World

PAST = datetime(2020, 1, 1, tzinfo=UTC)
HEAD = "Appointment ID,Answer,Answered at,By,Message"


def answer(world: World, message: Message, kind: AnswerKind) -> None:
    answer_appointment(world.member, message.id, kind, world.now)


def tell(feed: Feed) -> Feed:
    """As the process does it, once it is time."""
    Feed.objects.filter(pk=feed.pk, tell_at__isnull=False).update(tell_at=PAST)
    found = take_to_tell(datetime.now(UTC))
    assert found is not None and found.pk == feed.pk
    feed_process.tell(found)
    return Feed.objects.get(pk=feed.pk)


def cells(file: bytes) -> list[list[str]]:
    head, *rows = file.decode("utf-8-sig").splitlines()
    assert head == HEAD
    return [row.split(",")[:2] for row in rows]


def test_answers_lie_in_a_file_beside_the_others_whatever_dies_meanwhile(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "FEED_FOLDERS", [f"{tmp_path}/{{account}}"])
    where = tmp_path / str(world.account.pk) / "in"
    place: dict[str, Any] = {"kind": FeedKind.FOLDER, "settings": {"path": str(where)}}
    feed = a_feed(world, rhythm={}, expected_at=None, tells_answers=True, **place)
    Webhook.objects.create(
        account=world.account,
        name="EHR",
        url="https://a.example",
        kinds=["appointment.answered"],
        secrets={},
        created_at=world.now,
    )
    comes(world, feed, *(a_row(number, at=LATER) for number in (1, 2, 3)))
    first, second, third = of_feed(feed)
    answer(world, first, AnswerKind.CONFIRMED)
    answer(world, second, AnswerKind.CANCELLED)
    answer(world, second, AnswerKind.CANCELLED)  # the same word again
    event = Event.objects.order_by("pk").first()
    assert event is not None and event.payload is not None
    assert (event.payload["answer"], event.payload["appointment_id"]) == ("confirmed", "A1")
    feed.refresh_from_db()
    assert feed.tell_at is not None

    class Killed(BaseException):
        pass

    usual = Folder.write

    def dies_after(*given: Any) -> None:
        usual(*given)
        raise Killed

    def dies_before(*_: Any) -> None:
        raise Killed

    for dies in (dies_before, dies_after):
        with monkeypatch.context() as broken:
            broken.setattr(Folder, "write", dies)
            with pytest.raises(Killed):
                tell(feed)
    answer(world, third, AnswerKind.OTHER)  # between the file that has its rows and its writing
    feed = tell(feed)
    files = sorted((where / "answers").iterdir(), key=lambda one: one.name)
    assert [cells(one.read_bytes()) for one in files] == [
        [["A1", "confirmed"], ["A2", "cancelled"]],
        [["A3", "other"]],
    ]
    assert (feed.tell_at, feed.tell_failure) == (None, "")
    assert not next_batch(feed)
    answer(world, first, AnswerKind.CANCELLED)  # a later word
    feed = tell(feed)
    assert len(list((where / "answers").iterdir())) == 3
    assert cells(answers_file(world.viewer, feed.pk)) == [
        ["A1", "confirmed"],
        ["A2", "cancelled"],
        ["A3", "other"],
        ["A1", "cancelled"],
    ]
    with pytest.raises(NotThere):
        answers_file(world.stranger, feed.pk)
    comes(world, feed, a_row(2, at="11/25/2036 09:00"))  # it has moved: an answer to the old message is about nothing
    answer(world, second, AnswerKind.CONFIRMED)
    assert FeedAnswer.objects.filter(feed=feed).count() == 4


def test_over_sftp_a_file_lies_there_whole_or_not_at_all_and_what_is_wrong_is_said(
    world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The far end is OpenSSH. Its disk is full where the draft is a way to /dev/full."""
    monkeypatch.setattr(settings, "FEEDS_PRIVATE", True)
    where = tmp_path / "in"
    where.mkdir()

    def reached(server: Sshd) -> dict[str, Any]:
        asked = {"host": "127.0.0.1", "port": server.port, "user": server.user, "path": str(where)}
        return asked | {"private_key": server.private_key, "host_key": server.fingerprint}

    with sshd(tmp_path / "a") as server, sshd(tmp_path / "b", read_only=True) as guarded:
        place: dict[str, Any] = {"kind": FeedKind.SFTP, "settings": reached(guarded)}
        feed = a_feed(world, rhythm={}, expected_at=None, tells_answers=True, **place)
        comes(world, feed, a_row(1, at=LATER), a_row(2, at=LATER))
        first, second = of_feed(feed)
        answer(world, first, AnswerKind.CONFIRMED)
        feed = tell(feed)
        assert feed.tell_failure == "The server does not let this user read and write in the folder."
        assert feed.tell_at is not None and list(where.iterdir()) == []

        feed = save_feed(world.leader, replace(choice_of(feed), settings=reached(server)), world.now, feed.pk)
        [row] = FeedAnswer.objects.all()
        name = f"answers-{row.pk}.csv"
        folder = where / "answers"
        folder.mkdir()
        (folder / name).write_text("what lay there")
        (folder / f".{name}.writing").symlink_to("/dev/full")
        feed = tell(feed)
        assert feed.tell_failure == "The server could not write the file. Its disk may be full."
        assert [one.name for one in folder.iterdir()] == [name], "no half of it is left"
        assert (folder / name).read_text() == "what lay there"
        assert FeedAnswer.objects.filter(told_at=None).count() == 1

        feed = tell(feed)  # there is room again
        assert (feed.tell_failure, feed.tell_at) == ("", None)
        assert cells((folder / name).read_bytes()) == [["A1", "confirmed"]]
        answer(world, second, AnswerKind.CANCELLED)
        tell(feed)
        later = sorted(one.name for one in folder.iterdir() if one.name != name)
        assert len(later) == 1 and cells((folder / later[0]).read_bytes()) == [["A2", "cancelled"]]
        assert [one.name for one in where.iterdir()] == ["answers"], "beside the files that come"


def test_a_fhir_server_gets_an_appointment_response_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "FEEDS_PRIVATE", True)
    with web_server() as web:
        place = {"base_url": web.url("/fhir"), "bearer_token": "secret-token"}
        feed = a_feed(world, kind=FeedKind.FHIR, settings=place, rhythm={}, expected_at=None, tells_answers=True)
        comes(world, feed, a_row(1, at=LATER), a_row(2, at=LATER))
        first, second = of_feed(feed)
        answer(world, first, AnswerKind.CONFIRMED)
        answer(world, second, AnswerKind.OTHER)
        web.takes("/fhir/AppointmentResponse", 503)
        feed = tell(feed)
        assert feed.tell_failure == "The server refused it (HTTP 503)." and feed.tell_at is not None
        assert [one.attempts for one in lists.feed_answers(world.account.pk, feed.pk)] == [1, 1]
        web.takes("/fhir/AppointmentResponse", 301, Location="/elsewhere")  # never to where it points
        feed = tell(feed)
        web.takes("/fhir/AppointmentResponse", 201)
        web.posted.clear()
        feed = tell(feed)
        assert (feed.tell_failure, feed.tell_at) == ("", None)
        assert FeedAnswer.objects.filter(told_at=None).count() == 0
        said = [json.loads(body) for _, _, body in web.posted]
        assert [(one["appointment"]["reference"], one["participantStatus"]) for one in said] == [
            ("Appointment/A1", "accepted"),
            ("Appointment/A2", "tentative"),
        ]
        path, headers, _ = web.posted[0]
        assert path == "/fhir/AppointmentResponse" and headers["authorization"] == "Bearer secret-token"
        assert headers["if-none-exist"].endswith(said[0]["identifier"][0]["value"])
        assert said[0]["actor"] == {"reference": "Patient/P1"}
        assert take_to_tell(datetime.now(UTC) + timedelta(days=1)) is None  # each word once
        answer(world, first, AnswerKind.CANCELLED)
        monkeypatch.setattr(settings, "FEEDS_PRIVATE", False)
        web.posted.clear()
        feed = tell(feed)
        assert not web.posted and "https://" in feed.tell_failure
        FeedAnswer.objects.filter(told_at=None).update(attempts=MOST_ATTEMPTS)
        feed = tell(feed)
        assert feed.tell_at is None  # given up
        save_feed(world.leader, choice_of(feed), world.now, feed.pk)
        assert FeedAnswer.objects.get(told_at=None).attempts == 0


def test_answers_are_told_only_where_somebody_can_take_them(world: World) -> None:
    feed = a_feed(world)
    with pytest.raises(Invalid) as refused:
        save_feed(world.leader, replace(choice_of(feed), tells_answers=True), world.now, feed.pk)
    assert list(refused.value.problems) == ["tells_answers"]
    comes(world, feed, a_row(1))
    [message] = of_feed(feed)
    answer(world, message, AnswerKind.CONFIRMED)
    assert cells(answers_file(world.viewer, feed.pk)) == [["A1", "confirmed"]]  # to be downloaded
