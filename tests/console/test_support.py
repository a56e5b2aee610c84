"""An operator inside an account: the banner, what is refused, and that it really ends."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from allstop.store.models import Hold, LedgerEntry, SupportVisit, User
from tests.console.desk import HTMX, logged_in
from tests.console.test_pages import addresses, one_of_each
from tests.kept_cast import the_cast
from tests.world import World, contact

BANNER = "Support: <b>Rae Rival</b>, operator, is in Northgate Dental."


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    made = the_cast(timezone.now())
    User.objects.filter(pk=made.rae.user_id).update(is_operator=True)  # of Rival Motors
    return made


@pytest.fixture
def inside(world: World) -> Client:
    client = logged_in(world.rae)
    at = f"/operator/accounts/{world.account.pk}/enter"
    assert client.post(at, {"reason": ""}).status_code == 422
    assert client.post(at, {"reason": "Texts do not leave"})["Location"] == "/"
    return client


def test_every_page_opens_with_the_banner_and_nothing_that_support_may_not_do_happens(
    world: World, inside: Client
) -> None:
    person = contact(world, "Flora Flagged")
    home = inside.get("/").content.decode()
    assert BANNER in home and "Northgate Dental: Rae Rival, support. Menu" in home
    without = []
    for path, _names in addresses(one_of_each(world)):
        answer = inside.get(path)
        assert answer.status_code in (200, 302, 403, 404, 405, 409), path
        is_page = answer.status_code != 405 and not answer.streaming and b'id="main"' in answer.content
        if is_page and BANNER not in answer.content.decode():
            without.append(path)
    assert without == []
    for path in ("/setup/tokens", "/help/tickets", f"/contacts/{person.pk}/flag"):
        assert inside.post(path, {"name": "x", "subject": "x", "text": "x"}).status_code in (403, 404, 405), path
    assert inside.get("/help/tickets").status_code == 403
    assert not LedgerEntry.objects.filter(by__contains="(support)").exists()
    inside.post("/switch/stop", {"reason": "looking into it"})
    done = LedgerEntry.objects.filter(account=world.account, by="Rae Rival (support)")
    assert "stop" in done.values_list("act", flat=True)
    assert inside.post("/switch/start", {"reason": ""}).status_code == 403
    assert Hold.objects.filter(account=world.account, name="stopped", lifted_at=None).exists()


def test_leaving_ends_it_and_the_operators_own_account_is_back(world: World, inside: Client) -> None:
    mine = contact(world, "Rita Rival", account=world.rival)
    theirs = contact(world, "Nora North")
    assert inside.get(f"/contacts/{theirs.pk}").status_code == 200
    assert inside.get(f"/contacts/{mine.pk}").status_code == 404
    left = inside.post("/operator/support/leave")
    assert left["Location"] == f"/operator/accounts/{world.account.pk}"
    assert SupportVisit.objects.get().ended_at is not None
    assert inside.get(f"/contacts/{theirs.pk}").status_code == 404
    assert inside.get(f"/contacts/{mine.pk}").status_code == 200
    assert "Support:" not in inside.get("/").content.decode()
    assert inside.post("/operator/support/leave")["Location"] == "/operator/accounts"
    shown = inside.get("/operator/support").content.decode()
    assert "Texts do not leave" in shown and "Northgate Dental" in shown
    assert "Texts do not leave" in logged_in(world.ada).get("/help/tickets").content.decode()


def test_when_its_hour_is_over_nothing_more_is_done_neither_there_nor_at_home(world: World, inside: Client) -> None:
    """What was pressed for one account must not happen to the operator's own."""
    SupportVisit.objects.update(began_at=timezone.now() - timedelta(hours=2), until=timezone.now())
    over = inside.post("/switch/stop", {"reason": "too late"})
    assert over["Location"] == "/operator/accounts"
    assert not Hold.objects.filter(name="stopped").exists()
    assert "Your support visit is over" in inside.get("/operator/accounts").content.decode()
    assert "Support:" not in inside.get("/").content.decode()
    inside.post(f"/operator/accounts/{world.account.pk}/enter", {"reason": "Again"})
    User.objects.filter(pk=world.rae.user_id).update(is_operator=False)
    assert inside.get("/contacts", headers=HTMX)["HX-Redirect"] == "/operator/accounts"
    assert inside.get("/operator/accounts").status_code == 404


def test_choosing_another_account_leaves_first_and_nobody_else_enters(world: World, inside: Client) -> None:
    assert inside.post("/switch-account", {"account": world.account.pk}).status_code == 404
    assert inside.post("/switch-account", {"account": world.rival.pk}).status_code == 302
    assert SupportVisit.objects.get().ended_at is not None
    assert "Rival Motors: Rae Rival, admin. Menu" in inside.get("/").content.decode()
    own = inside.post(f"/operator/accounts/{world.rival.pk}/enter", {"reason": "x"})
    assert (own.status_code, "You are a member" in own.content.decode()) == (409, True)
    for path in (f"/operator/accounts/{world.rival.pk}/enter", "/operator/support", "/operator/support/leave"):
        assert logged_in(world.ada).post(path, {"reason": "x"}).status_code in (404, 405), path
    assert SupportVisit.objects.count() == 1
