"""What stands, and stops that are scheduled: shown to everybody, changed by who may START."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from allstop.actions.actor import Machine
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.scheduled import run_schedule, schedule_stop
from allstop.actions.switch import stop, stop_account
from allstop.rules.facts import Channel
from allstop.rules.holds import BRAKE, INSTALLATION, one_channel, whole_account
from allstop.rules.plans import Planned
from allstop.store.models import Account, Hold, Plan, QueueEntry, ScheduledStop, User
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact, texts

HOUR = timedelta(hours=1)


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def brake_on_texts(world: World) -> Hold:
    reach = one_channel(world.account.pk, Channel.TEXT)
    stop(Machine("the brake", "brake"), reach, "12 of 20 failed", world.now - 3 * HOUR, name=BRAKE)
    return Hold.objects.get(name=BRAKE)


def test_the_page_says_what_stands_since_when_by_whom_and_what_waits(world: World) -> None:
    texts(world, 4)
    brake_on_texts(world)
    words = logged_in(world.dot).get("/stops/standing").content.decode()
    for said in ("Texts", "Automatic brake", "3 hours", "the brake", "12 of 20 failed", ">4<"):
        assert said in words
    assert "when somebody presses START" in words
    assert "You are a viewer here" in words
    assert "Texts" not in logged_in(world.rae).get("/stops/standing").content.decode().split("<main")[1]


def test_the_lamp_says_whose_stop_it_is_and_how_old(world: World) -> None:
    receipt = stop_account(world.member, "", world.now - 50 * HOUR)
    wait_until_confirmed(receipt.number)
    assert "Cem Tanaka, 2 days" in logged_in(world.dot).get("/contacts").content.decode()


def test_start_beside_a_row_asks_first_and_lifts_that_one(world: World) -> None:
    hold = brake_on_texts(world)
    ben = logged_in(world.ben)
    stop_account(world.member, "", world.now)
    page = ben.get("/stops/standing").content.decode()
    assert f'href="/stops/standing/{hold.pk}/start"' in page
    assert 'href="/switch" hx-get="/switch"' in page  # the whole account: by the start dialog
    asked = ben.get(f"/stops/standing/{hold.pk}/start", headers=HTMX).content.decode()
    assert "Start again: Texts?" in asked
    assert Hold.objects.filter(lifted_at=None).count() == 2
    ben.post(f"/stops/standing/{hold.pk}/start")
    assert [one.name for one in Hold.objects.filter(lifted_at=None)] == ["stopped"]
    assert ben.post(f"/stops/standing/{hold.pk}/start").status_code == 404
    assert ben.get(f"/stops/standing/{hold.pk}/start").status_code == 404


def test_start_beside_a_row_drops_what_is_stale_and_says_so(world: World) -> None:
    person = contact(world)
    for _ in range(2):
        texts(world, 1, to=person)
    hold = brake_on_texts(world)
    ben = logged_in(world.ben)
    assert "all but the newest" in ben.get(f"/stops/standing/{hold.pk}/start", headers=HTMX).content.decode()
    page = ben.post(f"/stops/standing/{hold.pk}/start", follow=True).content.decode()
    assert "The stop by the brake is lifted. 1 was dropped (1 that a newer one repeats)." in page
    assert QueueEntry.objects.count() == 1


def test_members_and_strangers_do_not_start_it(world: World) -> None:
    path = f"/stops/standing/{brake_on_texts(world).pk}/start"
    assert logged_in(world.cem).post(path).status_code == 403
    assert logged_in(world.rae).post(path).status_code == 404
    assert logged_in(world.rae).get(path).status_code == 404
    assert Hold.objects.filter(lifted_at=None).exists()


def test_a_stop_of_the_installation_is_started_by_operators_only(world: World) -> None:
    stop(Machine("somebody", "command"), INSTALLATION, "", world.now)
    assert "Only an operator" in logged_in(world.ada).get("/stops/standing").content.decode()
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    assert "Only an operator" not in logged_in(world.ada).get("/stops/standing").content.decode()


def test_the_reminder_is_set_by_who_may_change_the_setup(world: World) -> None:
    ben = logged_in(world.ben)
    assert 'value="24"' in ben.get("/stops/standing").content.decode()
    ben.post("/stops/reminder", {"hours": "6"})
    assert Account.objects.get(pk=world.account.pk).remind_after_hours == 6
    assert ben.post("/stops/reminder", {"hours": "10000"}).status_code == 422
    assert logged_in(world.cem).post("/stops/reminder", {"hours": "7"}).status_code == 403
    assert ben.get("/stops/reminder").status_code == 405
    assert Account.objects.get(pk=world.account.pk).remind_after_hours == 6


def local(world: World, hours: float) -> str:
    return timezone.localtime(world.now + hours * HOUR, zone_of(world)).strftime("%Y-%m-%dT%H:%M")


def zone_of(world: World) -> ZoneInfo:
    return ZoneInfo(world.account.zone)


def test_a_stop_is_scheduled_on_the_accounts_clock_listed_and_cancelled(world: World) -> None:
    ben = logged_in(world.ben)
    said = {"what": "channel:text", "starts_at": local(world, 2), "ends_at": local(world, 4), "reason": "new phones"}
    page = ben.post("/stops/scheduled", said, follow=True).content.decode()
    assert "The stop is scheduled." in page
    assert "new phones" in page
    assert "<rect" in page
    assert "style=" not in page.split("<main")[1]
    one = ScheduledStop.objects.get()
    assert one.starts_at == (world.now + 2 * HOUR).replace(second=0, microsecond=0)
    assert logged_in(world.cem).post(f"/stops/scheduled/{one.pk}/cancel").status_code == 403
    assert logged_in(world.rae).post(f"/stops/scheduled/{one.pk}/cancel").status_code == 404
    assert ben.get(f"/stops/scheduled/{one.pk}/cancel").status_code == 405
    ben.post(f"/stops/scheduled/{one.pk}/cancel")
    one.refresh_from_db()
    assert one.state == Plan.CANCELLED


def test_what_cannot_be_scheduled_is_said_at_its_field(world: World) -> None:
    ben = logged_in(world.ben)

    def refused(**changes: str) -> str:
        said = {"what": "account", "starts_at": local(world, 2), "ends_at": local(world, 4), "reason": ""}
        answer = ben.post("/stops/scheduled", said | changes)
        assert answer.status_code == 422
        return answer.content.decode()

    assert "This time has passed" in refused(starts_at=local(world, -1))
    assert "It must end after it begins" in refused(ends_at=local(world, 1))
    assert "Write the time like" in refused(starts_at="soon")
    for slip in ("9999-12-31T23:59", "0026-11-24T09:00"):
        assert "Write the time like" in refused(ends_at=slip)
    assert "Select a valid choice" in refused(what="installation")
    assert "Select a valid choice" in refused(what="location:99999")
    assert not ScheduledStop.objects.exists()
    said = {"what": "account", "starts_at": local(world, 2), "ends_at": local(world, 4)}
    assert logged_in(world.cem).post("/stops/scheduled", said).status_code == 403


def test_a_scheduled_stop_that_stands_shows_its_end_on_home_and_in_the_list(world: World) -> None:
    planned = Planned(world.now, world.now + HOUR)
    schedule_stop(world.leader, whole_account(world.account.pk), planned, "", world.now)
    run_schedule(world.now + timedelta(seconds=1))
    dot = logged_in(world.dot)
    home = dot.get("/").content.decode()
    assert "STOPPED by Ben Weber (scheduled)" in home
    assert ", until <time" in home
    assert "stands now" in dot.get("/stops/scheduled").content.decode()
    assert "Scheduled stop" in dot.get("/stops/standing").content.decode()
