"""Setup, feeds: made, looked at, changed and deleted by whoever may; every file with what became of it."""

import pytest
from django.utils import timezone

from allstop.actions.feed_files import take_file
from allstop.actions.visits import answer_appointment
from allstop.store.models import AnswerKind, Feed, Import
from allstop.store.sealing import opened
from tests.actions.test_feeds import a_feed, comes, file_of, of_feed
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.reminder_files import LATER, a_row
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def form(world: World, **changes: object) -> dict[str, object]:
    like = Import.objects.filter(account=world.account).order_by("-pk")[0].pk
    usual = {"kind": "push", "name": "Hygiene", "like_import": like, "expected_at": "14:40", "alarm_minutes": 30}
    return usual | {"is_on": "on", "sun": ["mon"], "mon": ["tue", "wed"]} | changes


def test_a_feed_is_made_changed_and_deleted_on_its_pages(world: World) -> None:
    a_feed(world, name="Checkups")
    client = logged_in(world.ben)
    assert "Watched folder" in client.get("/setup/feeds").content.decode()
    offered = client.get("/setup/feeds/new?kind=push").content.decode()
    assert "On Sunday send the reminders of Monday" in offered and "tomorrow.csv" in offered
    assert client.get("/setup/feeds/new?kind=fax").status_code == 404
    wrong = client.post("/setup/feeds/new", form(world, name="checkups", sun=[], mon=[]))
    assert wrong.status_code == 422
    assert "Files are expected on the days that send something" in wrong.content.decode()
    assert "someday is not one of the available choices" in (
        client.post("/setup/feeds/new", form(world, sun=["someday"])).content.decode()
    )
    made = client.post("/setup/feeds/new", form(world), follow=True).content.decode()
    assert "The feed Hygiene is saved." in made and "Mon sends Tue and Wed, Sun sends Mon" in made
    feed = Feed.objects.get(name="Hygiene")
    path = f"/setup/feeds/{feed.pk}"
    assert f"http://testserver/api/v1/feeds/{feed.pk}/files" in made
    shown = client.get(f"{path}/edit").content.decode()
    assert 'value="wed" checked' in shown and 'value="14:40"' in shown
    assert client.post(f"{path}/edit", form(world, name="Hygiene 2", like_import="", is_on="")).status_code == 302
    feed.refresh_from_db()
    assert (feed.name, feed.is_on, feed.alarm_at) == ("Hygiene 2", False, None)
    assert client.post(f"{path}/look").status_code == 409
    assert "This cannot be undone." in client.get(f"{path}/delete").content.decode()
    client.post(f"{path}/delete")
    assert not Feed.objects.filter(pk=feed.pk).exists()


def test_each_kind_asks_for_what_its_place_needs_and_shows_no_secret_again(world: World) -> None:
    a_feed(world)
    client = logged_in(world.ben)
    told: dict[str, dict[str, object]] = {
        "sftp": {"host": "files.example.com", "port": 22, "user": "in", "password": "s3cret", "path": "."},
        "email": {"host": "imap.example.com", "port": 993, "encryption": "tls", "user": "in", "password": "s3cret"}
        | {"folder": "INBOX", "senders": "@clinic.example"},
        "calendar": {"calendar_url": "https://cal.example.com/s3cret.ics", "every_minutes": 30},
        "fhir": {
            "base_url": "https://fhir.example.com/r4",
            "bearer_token": "s3cret",
            "days_ahead": 7,
            "every_minutes": 5,
        },
    }
    for kind, settings in told.items():
        asked = client.get(f"/setup/feeds/new?kind={kind}").content.decode()
        assert all(f'name="{name}"' in asked for name in settings)
        typed = form(world, kind=kind, name=kind, **settings)
        assert (
            client.post("/setup/feeds/new", typed | {"senders": "", "path": "", "every_minutes": 1}).status_code == 422
        )
        assert client.post("/setup/feeds/new", typed).status_code == 302, kind
        feed = Feed.objects.get(name=kind)
        shown = client.get(f"/setup/feeds/{feed.pk}/edit").content.decode()
        assert "s3cret" not in shown + client.get(f"/setup/feeds/{feed.pk}").content.decode()
        hidden = {name: "" for name, value in settings.items() if "s3cret" in str(value)}
        assert client.post(f"/setup/feeds/{feed.pk}/edit", typed | hidden | {"like_import": ""}).status_code == 302
        assert "s3cret" in str(opened(Feed.objects.get(pk=feed.pk).settings)), "left empty, it stays"
    elsewhere = form(world, kind="sftp", name="sftp", **told["sftp"] | {"host": "other.example.com", "password": ""})
    sftp = Feed.objects.get(name="sftp")
    assert "Enter a password" in client.post(f"/setup/feeds/{sftp.pk}/edit", elsewhere).content.decode()
    assert client.post(f"/setup/feeds/{sftp.pk}/look").status_code == 302
    assert logged_in(world.dot).post(f"/setup/feeds/{sftp.pk}/test").status_code == 403


def test_what_came_is_shown_with_what_became_of_each_row(world: World) -> None:
    feed = a_feed(world, rhythm={}, expected_at=None)
    comes(world, feed, a_row(1, at=LATER), a_row(2, at="soon"))
    take_file(feed, "again.csv", file_of(a_row(1, at=LATER), a_row(2, at="soon")), timezone.now())
    take_file(feed, "list.pdf", b"%PDF-1.7", timezone.now())
    client = logged_in(world.dot)
    page = client.get(f"/setup/feeds/{feed.pk}").content.decode()
    for words in ("monday.csv", "The same content as on", "This is a PDF.", "imported", "repeat", "failed"):
        assert words in page
    answer_appointment(world.member, of_feed(feed)[0].id, AnswerKind.CONFIRMED, timezone.now())
    page = client.get(f"/setup/feeds/{feed.pk}").content.decode()
    assert "What contacts said of its appointments" in page and "not asked for" in page
    assert "A1,confirmed," in client.get(f"/setup/feeds/{feed.pk}/answers.csv").content.decode("utf-8-sig")
    assert logged_in(world.rae).get(f"/setup/feeds/{feed.pk}/answers.csv").status_code == 404
    assert "Practice system" in client.get("/setup/feeds").content.decode()
    for source in Import.objects.filter(account=world.account):  # the page of one that failed opens as well
        assert client.get(f"/import/{source.pk}").status_code == 200
    assert f"/setup/feeds/{feed.pk}/edit" not in page
    for path in ("edit", "look", "test", "delete"):
        assert client.post(f"/setup/feeds/{feed.pk}/{path}", form(world)).status_code == 403
    assert logged_in(world.rae).get(f"/setup/feeds/{feed.pk}").status_code == 404
