"""Setup, emergency, and the page behind an emergency link."""

import re
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from allstop import stop_file
from allstop.actions import identity
from allstop.actions.stop_links import make_link, revoke_link
from allstop.actions.switch import is_stopped, standing_stop, start_account, stop_account
from allstop.console.guesses import WRONG_A_MINUTE, wrong_keys
from allstop.rules.holds import INSTALLATION
from allstop.store.models import DatabaseIdentity, LedgerEntry, Stop, StopLink, StopPhone, User
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: object) -> Path:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    wrong_keys.__init__()  # type: ignore[misc]
    return tmp_path


def a_link(world: World) -> str:
    return f"/stop/{make_link(world.admin, 'Fridge door', 30, world.now)[1]}"


def stranger() -> Client:
    return Client(enforce_csrf_checks=True)


def operator(world: World) -> Client:
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    return logged_in(world.ada)


# --- the link


def test_opening_the_link_changes_nothing_and_tells_only_the_name(world: World) -> None:
    path = a_link(world)
    before = LedgerEntry.objects.count()
    for _ in range(3):
        assert stranger().head(path).status_code == 200
        answer = stranger().get(path)
    words = answer.content.decode()
    assert answer.status_code == 200
    assert "Stop Northgate Dental?" in words
    assert words.split("<main")[1].split("</main")[0].count("<button") == 1
    for leak in ("Fridge door", "Ada", "northgate.example", "Southgate", "events", "RUNNING"):
        assert leak not in words.replace("favicon-running", ""), leak
    assert not is_stopped(world.account.pk)
    assert LedgerEntry.objects.count() == before


def test_the_page_runs_nothing_inline_and_is_told_to_nobody(world: World) -> None:
    answer = stranger().get(a_link(world))
    words = answer.content.decode()
    assert " style=" not in words
    assert "<style" not in words
    assert "<script>" not in words
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cache-Control"] == "no-store"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "noindex" in answer["X-Robots-Tag"]


def test_the_button_stops_without_cookies_and_the_second_time_says_so(world: World) -> None:
    path = a_link(world)
    stopped = stranger().post(path)
    assert stopped.status_code == 200
    assert f"Receipt no. {Stop.objects.latest('number').number}" in stopped.content.decode()
    assert is_stopped(world.account.pk)
    link = StopLink.objects.get()
    for ask in (stranger().get, stranger().post):
        again = ask(path)
        words = again.content.decode()
        assert again.status_code == 410
        assert f"Link no. {link.pk} stopped" in words
        assert "is <b>STOPPED</b>" in words
    start_account(world.admin, "", timezone.now())
    after = stranger().post(path)
    assert "is <b>RUNNING</b>" in after.content.decode()
    assert not is_stopped(world.account.pk)


def test_where_it_is_stopped_already_the_link_stays_good(world: World) -> None:
    path = a_link(world)
    stop_account(world.admin, "", world.now)
    assert "so this link stays good" in stranger().post(path).content.decode()
    assert StopLink.objects.get().used_at is None


def test_a_revoked_or_an_expired_link_stops_nothing(world: World) -> None:
    path = a_link(world)
    StopLink.objects.update(expires_at=timezone.now())
    assert "has expired" in stranger().post(path).content.decode()
    revoke_link(world.admin, StopLink.objects.get().pk, world.now)
    answer = stranger().post(path)
    assert answer.status_code == 410
    assert "was revoked" in answer.content.decode()
    assert not is_stopped(world.account.pk)


def test_wrong_keys_are_404_then_429_and_a_right_one_is_always_let_through(world: World) -> None:
    path = a_link(world)
    for _ in range(WRONG_A_MINUTE):
        assert stranger().post("/stop/nonsense").status_code in (404, 429)
    assert stranger().get("/stop/nonsense").status_code == 429
    assert "Northgate" not in stranger().get("/stop/nonsense").content.decode()
    assert stranger().put(path).status_code == 405
    assert stranger().post(path).status_code == 200
    assert is_stopped(world.account.pk)


# --- the page


def test_an_admin_makes_a_link_that_is_shown_once_and_works(world: World) -> None:
    client = logged_in(world.ada)
    answer = client.post("/setup/emergency/links", {"name": "Fridge door", "days": "30"})
    found = re.search(r"<code>http://[^/]+(/stop/[\w-]+)</code>", answer.content.decode())
    assert found is not None
    assert answer["Cache-Control"] == "no-store"
    page = client.get("/setup/emergency").content.decode()
    assert found[1] not in page
    assert "Fridge door" in page
    assert stranger().post(found[1]).status_code == 200
    assert is_stopped(world.account.pk)
    assert "receipt no." in client.get("/setup/emergency").content.decode()


def test_an_admin_lists_a_phone_and_gets_its_order_once(world: World) -> None:
    client = logged_in(world.ada)
    said = {"member": world.ben.pk, "phone": "212 555 0177", "code": ""}
    answer = client.post("/setup/emergency/phones", said).content.decode()
    assert re.search(r"<code>ALLSTOP \d{6}</code>", answer)
    listed = StopPhone.objects.get()
    assert (listed.member_id, listed.phone) == (world.ben.pk, "+12125550177")
    assert "ALLSTOP 0" not in client.get("/setup/emergency").content.decode()
    again = client.post("/setup/emergency/phones", {"member": world.cem.pk, "phone": "212 555 0177"})
    assert again.status_code == 422
    assert "listed already" in again.content.decode()
    client.post(f"/setup/emergency/phones/{listed.pk}/remove")
    client.post(f"/setup/emergency/phones/{listed.pk}/remove")
    assert not StopPhone.objects.exists()


@pytest.mark.parametrize("who", ["ben", "cem", "dot"])
def test_whoever_is_no_admin_sees_the_page_and_changes_nothing(world: World, who: str) -> None:
    client = logged_in(getattr(world, who))
    link = make_link(world.admin, "Fridge door", 30, world.now)[0]
    assert "needs the role admin" in client.get("/setup/emergency").content.decode()
    said = {"member": world.ben.pk, "phone": "212 555 0177"}
    assert client.post("/setup/emergency/links", {"name": "Mine"}).status_code == 403
    assert client.post("/setup/emergency/phones", said).status_code == 403
    assert client.post(f"/setup/emergency/links/{link.pk}/revoke").status_code == 403
    assert (StopLink.objects.count(), StopPhone.objects.count()) == (1, 0)
    assert StopLink.objects.get().revoked_at is None


def test_a_viewer_is_not_offered_as_somebody_who_may_stop(world: World) -> None:
    client = logged_in(world.ada)
    assert "Dot Fontaine</option>" not in client.get("/setup/emergency").content.decode()
    assert client.post("/setup/emergency/phones", {"member": world.dot.pk, "phone": "2125550177"}).status_code == 422
    assert client.post("/setup/emergency/phones", {"member": world.rae.pk, "phone": "2125550177"}).status_code == 422


def test_only_operators_make_links_for_the_installation(world: World) -> None:
    said = {"name": "Server room", "days": "", "everything": "on"}
    assert logged_in(world.ada).post("/setup/emergency/links", said).status_code == 403
    client = operator(world)
    answer = client.post("/setup/emergency/links", said).content.decode()
    found = re.search(r"<code>http://[^/]+(/stop/[\w-]+)</code>", answer)
    assert found is not None
    link = StopLink.objects.get()
    assert (link.account_id, link.expires_at) == (None, None)
    assert "every account of this installation" in stranger().get(found[1]).content.decode()
    assert "Server room" not in logged_in(world.rae).get("/setup/emergency").content.decode()
    stranger().post(found[1])
    assert standing_stop(INSTALLATION) is not None
    second = make_link(world.admin, "Mine", 30, world.now)[0]
    assert client.post(f"/setup/emergency/links/{second.pk}/revoke").status_code == 302


def test_the_page_says_when_the_stop_file_is_there_and_where_to_operators(world: World, home: Path) -> None:
    stop_file.make(home, "fire")
    words = logged_in(world.dot).get("/setup/emergency").content.decode()
    assert "The stop file is there" in words
    assert str(home) not in words
    assert str(home / "STOP") in operator(world).get("/setup/emergency").content.decode()


# --- a changed database


def test_only_an_operator_confirms_a_changed_database_and_sees_what_changed(world: World, home: Path) -> None:
    identity.look(home, "here", world.now)
    DatabaseIdentity.objects.update(system="77")
    identity.look(home, "here", world.now)
    admin = logged_in(world.ada)
    assert "An operator must confirm it" in admin.get("/setup/emergency").content.decode()
    assert admin.get("/setup/emergency/database").status_code == 403
    assert admin.post("/setup/emergency/database").status_code == 403
    assert identity.standing_change() is not None
    client = operator(world)
    asked = client.get("/setup/emergency/database").content.decode()
    assert "on another server" in asked
    assert '<td class="num">77</td>' in asked
    assert identity.standing_change() is not None, "GET changes nothing"
    assert client.post("/setup/emergency/database").status_code == 302
    assert identity.standing_change() is None
    assert client.post("/setup/emergency/database").status_code == 409
    assert "there is nothing to do" in client.get("/setup/emergency/database").content.decode()


def test_start_says_why_it_is_refused(world: World, home: Path) -> None:
    client = logged_in(world.ada)
    stop_account(world.admin, "", world.now)
    stop_file.make(home, "fire")
    answer = client.post("/switch/start")
    assert answer.status_code == 409
    assert "Take the file away first" in answer.content.decode()
    assert is_stopped(world.account.pk)
