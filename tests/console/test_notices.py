"""The bell and the notices behind it."""

import pytest
from django.utils import timezone

from allstop.actions.notices import notify
from allstop.store.models import Notice, NoticeKind, NoticeReader, User
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def told(world: World, subject: str = "Texts stand still") -> Notice:
    account = world.account.pk
    return notify(NoticeKind.STANDING, subject, "For a day.", world.now, account_id=account, url="/stops")


def test_the_bell_counts_what_is_not_read_on_every_page_of_that_person(world: World) -> None:
    told(world)
    told(world, "Calls stand still")
    ada = logged_in(world.ada)
    for path in ("/", "/contacts"):
        assert 'aria-label="Notices: 2 not read"' in ada.get(path).content.decode()
    assert 'aria-label="Notices"' in logged_in(world.ben).get("/").content.decode()
    bell = ada.get("/notices/bell", headers=HTMX).content.decode()
    assert '<b class="num">2</b>' in bell
    assert ada.get("/notices/bell").status_code == 302


def test_the_page_says_it_leads_there_and_one_or_all_are_marked_as_read(world: World) -> None:
    first = told(world)
    told(world, "Calls stand still")
    ada = logged_in(world.ada)
    page = ada.get("/notices").content.decode()
    assert "<b>Texts stand still</b>" in page
    assert '<a href="/stops">Look at it</a>' in page
    ada.post("/notices/read", {"id": first.pk})
    assert "<b>Texts stand still</b>" not in ada.get("/notices").content.decode()
    assert "Notices: 1 not read" in ada.get("/").content.decode()
    ada.post("/notices/read")
    assert "not read" not in ada.get("/").content.decode()


def test_nobody_reads_or_marks_the_notices_of_another(world: World) -> None:
    notice = told(world)
    for member in (world.ben, world.rae):
        client = logged_in(member)
        assert "Texts stand still" not in client.get("/notices").content.decode()
        assert client.post("/notices/read", {"id": notice.pk}).status_code == 404
        assert client.post("/notices/read", {"id": "x"}).status_code == 404
    assert NoticeReader.objects.get().read_at is None
    assert logged_in(world.ada).get("/notices/read").status_code == 405


def test_a_person_turns_their_mails_off_and_on(world: World) -> None:
    ada = logged_in(world.ada)
    assert "checked" in ada.get("/notices").content.decode()
    answer = ada.post("/notices/mail", {}, follow=True).content.decode()
    assert "No notice is mailed to you any more." in answer
    assert not User.objects.get(pk=world.ada.user_id).notices_by_mail
    ada.post("/notices/mail", {"by_mail": "on"})
    assert User.objects.get(pk=world.ada.user_id).notices_by_mail


def test_each_chooses_what_they_are_told_by_email_in_this_account(world: World) -> None:
    client = logged_in(world.dot)
    said = {"written": "digest", "assigned": "never", "digest_hour": "17"}
    assert client.post("/notices/news", said | {"digest_hour": "24"}).status_code == 422
    assert client.post("/notices/news", said).status_code == 302
    world.dot.refresh_from_db()
    assert (world.dot.mail_written, world.dot.mail_assigned, world.dot.digest_hour) == ("digest", "never", 17)
    world.ada.refresh_from_db()
    assert world.ada.mail_written == "at_once"
    assert client.get("/notices/news").status_code == 405
