"""Feeds by the API: made, handed a file, and asked what became of it."""

from django.utils import timezone

from allstop.actions.import_run import run_import
from allstop.store.models import FeedFile
from tests.actions.test_feeds import a_feed, file_of
from tests.doors.caller import caller
from tests.reminder_files import LATER, a_row
from tests.world import World


def test_a_program_hands_its_files_in_and_is_told_what_became_of_them(world: World) -> None:
    feed = a_feed(world, rhythm={}, expected_at=None)
    ask = caller(world, world.cem)
    path = f"/feeds/{feed.pk}/files"
    first = ask.upload(file_of(a_row(1, at=LATER), a_row(2, at="soon")), path=path)
    assert (first.status, first.body["state"], first.body["rows"]) == (201, "taken", None)
    run_import(first.body["import_id"], timezone.now())
    again = ask.upload(file_of(a_row(1, at=LATER), a_row(2, at="soon")), path=path)
    assert (again.status, again.body["state"], again.body["repeats"]) == (200, "repeat", first.body["id"])
    broken = ask.upload(b"%PDF-1.7", path=path)
    assert (broken.status, broken.body["state"]) == (201, "failed")
    assert broken.body["failure"].startswith("This is a PDF.")
    page = ask("GET", f"{path}?limit=2").body
    assert [one["state"] for one in page["items"]] == ["failed", "repeat"]
    [last] = ask("GET", f"{path}?after={page['next']}").body["items"]
    assert [last[name] for name in ("rows", "waiting", "canceled", "refused", "errors")] == [2, 1, 0, 0, 1]
    assert FeedFile.objects.count() == 3
    assert caller(world, world.dot).upload(b"a", path=path).status == 403
    assert caller(world, world.rae).upload(b"a", path=path).status == 404


def test_a_feed_is_made_and_changed_whole(world: World) -> None:
    feed = a_feed(world)
    ask = caller(world, world.ben)
    shown = ask("GET", f"/feeds/{feed.pk}").body
    assert shown["rhythm"]["thu"] == ["fri"] and shown["expected_at"] == "14:40:00"
    said = {"name": "Practice system", "kind": "push", "rhythm": {"fri": ["mon"]}, "expected_at": "08:00"}
    assert ask("PUT", f"/feeds/{feed.pk}", said).body["rhythm"] == {"fri": ["mon"]}
    wrong = ask("PUT", f"/feeds/{feed.pk}", {**said, "kind": "folder"})
    assert (wrong.status, list(wrong.fields)) == (422, ["kind"])
    assert list(ask("POST", "/feeds", {**said, "name": "Other"}).fields) == ["like_import"]
    for path in ("/in\0", "/in\ud800"):
        no_text = ask("POST", "/feeds", {**said, "name": "Folder", "kind": "folder", "settings": {"path": path}})
        assert (no_text.status, "no text" in no_text.fields["settings"]) == (422, True)
    assert [one["id"] for one in ask("GET", "/feeds").body["items"]] == [feed.pk]
    assert ask("POST", f"/feeds/{feed.pk}/look").status == 409
    assert ask("DELETE", f"/feeds/{feed.pk}").body["name"] == "Practice system"
    assert ask("GET", f"/feeds/{feed.pk}").status == 404
