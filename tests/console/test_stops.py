"""The receipts: found in the list and from the banner, and verified on their page."""

import pytest
from django.utils import timezone

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.jobs import remove_jobs
from allstop.actions.switch import start_account, stop_account
from allstop.store.models import Stop
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World, job


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def stopped(world: World) -> int:
    return wait_until_confirmed(stop_account(world.member, "wrong file", world.now).number).number


def test_the_banner_leads_to_the_receipt_and_the_receipt_to_its_verification(world: World) -> None:
    number = stopped(world)
    client = logged_in(world.dot)
    assert f'<a href="/stops/{number}">Receipt no. {number}</a>' in client.get("/").content.decode()
    words = client.get(f"/stops/{number}").content.decode()
    assert "Cem Tanaka" in words
    assert "wrong file" in words
    assert "it stands" in words
    assert "data-question" not in words
    checked = client.get(f"/stops/{number}?verify=1").content.decode()
    assert "Verified: the receipt is true." in checked
    assert checked.count("data-question") == 5


def test_a_receipt_that_is_not_true_says_so(world: World) -> None:
    number = stopped(world)
    Stop.objects.filter(pk=number).update(workers=9)
    words = logged_in(world.dot).get(f"/stops/{number}?verify=1").content.decode()
    assert "Not verified." in words
    assert "has another time or other numbers than the receipt" in words


def test_the_list_has_stops_and_starts_and_those_of_jobs_apart(world: World) -> None:
    number = stopped(world)
    start_account(world.leader, "fixed", timezone.now())
    gone = job(world)
    remove_jobs(world.member, [gone.pk], timezone.now())
    client = logged_in(world.dot)
    words = client.get("/stops").content.decode()
    assert f'href="/stops/{number}"' in words
    assert "START" in words
    assert "fixed" in words
    assert "by 0 workers after" in words
    assert f"job:{gone.pk}" not in words
    assert f"job:{gone.pk}" in client.get("/stops?scope=job").content.decode()


def test_a_stranger_finds_no_receipt_and_nobody_changes_one(world: World) -> None:
    number = stopped(world)
    stranger = logged_in(world.rae)
    assert stranger.get(f"/stops/{number}").status_code == 404
    assert stranger.get(f"/stops/{number}?verify=1").status_code == 404
    assert f"/stops/{number}" not in stranger.get("/stops").content.decode()
    for path in ("/stops", f"/stops/{number}"):
        assert logged_in(world.ada).post(path).status_code == 405
