"""The lamp's two dialogs and the two acts behind them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from allstop.actions.actor import Machine, Operator
from allstop.actions.switch import is_stopped, stop, stop_account
from allstop.rules.facts import Channel
from allstop.rules.holds import BRAKE, INSTALLATION, one_channel, whole_account
from allstop.store import lists
from allstop.store.models import Job, LedgerEntry, Stop
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact, job, texts


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def waiting(world: World) -> None:
    texts(world, 3, of=job(world, "Monday clinic"))
    texts(world, 2, of=job(world, "Tuesday clinic"))


def test_pressing_running_only_asks_and_names_everything_that_would_stop(world: World) -> None:
    """000-05, 000-06, 000-08, TN4."""
    waiting(world)
    page = logged_in(world.cem).get("/switch", headers=HTMX)
    words = page.content.decode()
    assert "ALERT" in words
    assert "all messages, at all locations, of all clinics" in words
    assert "Calls already in progress are not ended" in words
    assert "Total in 2 jobs" in words
    assert '<td class="n" data-total-notifications>5</td>' in words
    assert "Northgate" in words
    assert ">STOP</button>" in words
    assert not is_stopped(world.account.pk)


def test_without_scripts_the_same_question_is_a_page(world: World) -> None:
    page = logged_in(world.cem).get("/switch")
    assert "<!doctype html>" in page.content.decode()
    assert 'action="/switch/stop"' in page.content.decode()


def test_the_start_dialog_names_every_stop_that_it_lifts_and_what_stays(world: World) -> None:
    mine = whole_account(world.account.pk)
    stop_account(world.member, "wrong file", world.now)
    stop(Machine("the brake", "brake"), mine, "12 of 20 failed", world.now, name=BRAKE)
    stop(world.member, one_channel(world.account.pk, Channel.TEXT), "doubles", world.now)
    client = logged_in(world.ben)
    asked = client.get("/switch", headers=HTMX).content.decode()
    assert "START lifts these 2 stops" in asked
    for word in ("wrong file", "Cem Tanaka", "12 of 20 failed", "the brake", 'href="/stops/1"', 'href="/stops/2"'):
        assert word in asked
    assert "Texts stay STOPPED, by Cem Tanaka" in asked
    client.post("/switch/start")
    assert not is_stopped(world.account.pk)
    assert [one.words for one in lists.switch_state(world.account.pk).narrower] == ["Texts"]


def test_where_only_the_installation_is_stopped_start_is_shut_and_says_why(world: World) -> None:
    stop(Operator("somebody", "command"), INSTALLATION, "wrong build", world.now)
    asked = logged_in(world.ben).get("/switch", headers=HTMX).content.decode()
    assert "Every account is STOPPED</b>, by somebody" in asked
    assert "START here would lift nothing" in asked
    assert '<button class="go" disabled>' in asked


def test_what_a_program_has_stopped_can_be_stopped_by_hand_as_well(world: World) -> None:
    mine = whole_account(world.account.pk)
    stop(Machine("the brake", "brake"), mine, "12 of 20 failed", world.now, name=BRAKE)
    asked = logged_in(world.cem).get("/switch", {"stop": "1"}, headers=HTMX).content.decode()
    assert "Stop all communications?" in asked
    assert "It is stopped already: automatic brake by the brake." in asked
    logged_in(world.cem).post("/switch/stop", {"reason": "by hand"})
    assert lists.switch_state(world.account.pk).by == "Cem Tanaka"


def test_stop_stops_and_its_reason_and_receipt_are_shown_to_everybody(world: World) -> None:
    """000-07."""
    answer = logged_in(world.cem).post("/switch/stop", {"reason": "wrong wording"}, follow=True)
    assert "STOPPED. Nothing new leaves Northgate Dental." in answer.content.decode()
    assert is_stopped(world.account.pk)
    assert "Receipt no." in answer.content.decode()
    home = logged_in(world.dot).get("/").content.decode()
    assert "STOPPED by Cem Tanaka" in home
    assert "wrong wording" in home
    assert "Receipt no." in home
    assert "confirmed by 0 workers" in home


def test_stop_by_htmx_answers_with_the_receipt_in_a_dialog(world: World) -> None:
    """000-07: who, why, when, how many workers, what was in flight, and the way to verify it."""
    answer = logged_in(world.cem).post("/switch/stop", {"reason": "wrong wording"}, headers=HTMX)
    words = answer.content.decode()
    number = Stop.objects.get().number
    assert "<dialog" in words
    assert "STOPPED." in words
    assert "wrong wording" in words
    assert "by 0 workers after" in words
    assert f'href="/stops/{number}"' in words
    assert "every 1s" not in words, "at rest: nothing more is asked"


def test_without_scripts_stop_leads_to_the_receipt(world: World) -> None:
    answer = logged_in(world.cem).post("/switch/stop", {"reason": ""})
    assert answer["Location"] == f"/stops/{Stop.objects.get().number}"


def test_stop_pressed_twice_stops_once(world: World) -> None:
    for _ in range(2):
        assert logged_in(world.cem).post("/switch/stop", {"reason": ""}).status_code == 302
    assert LedgerEntry.objects.filter(account=world.account, act="stop").count() == 1


def test_stop_and_start_are_not_done_by_a_link(world: World) -> None:
    for path in ("/switch/stop", "/switch/start", "/switch/remove-old-jobs"):
        assert logged_in(world.ada).get(path).status_code == 405
    assert not is_stopped(world.account.pk)


def test_a_reason_that_is_too_long_is_said_at_its_field_and_nothing_stops(world: World) -> None:
    answer = logged_in(world.cem).post("/switch/stop", {"reason": "x" * 301}, headers=HTMX)
    assert answer.status_code == 422
    assert 'id="id_reason_error"' in answer.content.decode()
    assert not is_stopped(world.account.pk)


def test_a_viewer_sees_the_totals_but_may_not_stop(world: World) -> None:
    client = logged_in(world.dot)
    words = client.get("/switch", headers=HTMX).content.decode()
    assert "You are a viewer here; this needs the role admin or leader or member." in words
    assert client.post("/switch/stop", {"reason": ""}).status_code == 403
    assert not is_stopped(world.account.pk)


def test_a_member_may_stop_but_not_start(world: World) -> None:
    stop_account(world.admin, "", world.now)
    answer = logged_in(world.cem).post("/switch/start")
    assert answer.status_code == 403
    assert is_stopped(world.account.pk)


def test_pressing_stopped_only_asks_with_the_same_totals_and_the_old_jobs_first(world: World) -> None:
    """000-09, 000-11, 000-12, 000-16."""
    waiting(world)
    old = job(world, "Forgotten list")
    texts(world, 4, of=old, to=contact(world), due_at=world.now - timedelta(days=3))
    stop_account(world.admin, "", world.now)
    words = logged_in(world.ben).get("/switch", headers=HTMX).content.decode()
    assert "You may want to delete any old jobs first" in words
    assert "Forgotten list" in words
    assert "3 days ago" in words
    assert "Monday clinic" not in words
    assert "Total in 3 jobs" in words
    assert "hundreds of reminders may go out at once" in words
    assert 'href="/help/remove-jobs"' in words
    assert 'href="mailto:ada@northgate.example?' in words
    assert ">START</button>" in words
    assert is_stopped(world.account.pk)


def test_jobs_that_programs_handed_in_since_the_stop_are_counted_in_the_warning(world: World) -> None:
    stop_account(world.admin, "", world.now)
    Job.objects.filter(pk=job(world).pk).update(source="api")
    words = logged_in(world.ben).get("/switch", headers=HTMX).content.decode()
    assert "1 job came in by automated upload since the stop" in words


def test_start_starts(world: World) -> None:
    """000-10."""
    stop_account(world.admin, "", world.now)
    logged_in(world.ben).post("/switch/start")
    assert not is_stopped(world.account.pk)


def test_start_pressed_twice_says_that_it_runs_already(world: World) -> None:
    stop_account(world.admin, "", world.now)
    logged_in(world.ben).post("/switch/start")
    again = logged_in(world.ben).post("/switch/start")
    assert again.status_code == 409
    assert "RUNNING already" in again.content.decode()


def test_remove_in_the_start_dialog_counts_again_and_stays_stopped(world: World) -> None:
    """000-11, 000-15."""
    old = job(world, "Forgotten list")
    texts(world, 4, of=old, due_at=world.now - timedelta(days=3))
    waiting(world)
    stop_account(world.admin, "", world.now)
    answer = logged_in(world.ben).post("/switch/remove-old-jobs", {"id": [old.pk]}, headers=HTMX)
    words = answer.content.decode()
    assert "Removed 1 job with 4 notifications." in words
    assert "Total in 2 jobs" in words
    assert is_stopped(world.account.pk)
    assert lists.totals(world.account.pk).messages == 5


def test_remove_in_the_start_dialog_with_nothing_selected_removes_nothing(world: World) -> None:
    waiting(world)
    stop_account(world.admin, "", world.now)
    words = logged_in(world.ben).post("/switch/remove-old-jobs", headers=HTMX).content.decode()
    assert "Nothing was removed" in words
    assert lists.totals(world.account.pk).messages == 5


def test_the_neighbours_switch_is_another_one(world: World) -> None:
    stop_account(world.admin, "", world.now)
    page = logged_in(world.rae).get("/").content.decode()
    assert 'data-state="running"' in page
    assert "Ada Okafor" not in page
