"""Stops of one channel, one location and of everything: the board of switches, the dialogs, and what shows them."""

from datetime import timedelta

import pytest
from django.utils import timezone

from allstop.actions.actor import Machine, Operator
from allstop.actions.switch import stop, stop_account
from allstop.rules.facts import Channel
from allstop.rules.holds import BRAKE, INSTALLATION, SCHEDULED, one_channel, one_location
from allstop.store import lists, queue
from allstop.store.models import QueueEntry, Stop, User, Worker
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact, job, texts

TEXTS = {"scope": "channel", "channel": "text"}


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def narrower(world: World) -> list[str]:
    return [one.words for one in lists.switch_state(world.account.pk).narrower]


def operator(world: World) -> None:
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)


def test_the_board_has_every_switch_with_what_waits(world: World) -> None:
    texts(world, 3, at=world.south)
    stop(world.member, one_location(world.account.pk, world.south.pk), "flooded", world.now - timedelta(hours=5))
    words = logged_in(world.dot).get("/stops").content.decode()
    board = words[words.index("switchboard-title") : words.index("</tbody>")]
    rows = board.split("<tr data-switch=")[1:]
    assert [row[1 : row.index('"', 1)] for row in rows] == [
        "account",
        "channel:text",
        "channel:call",
        "channel:email",
        f"location:{world.north.pk}",
        f"location:{world.south.pk}",
    ]
    assert all("RUNNING" in row for row in rows[:-1])
    for word in ("STOPPING", "5 hours ago by", "Cem Tanaka", "flooded", ">3<", "Receipt no."):
        assert word in rows[-1]
    assert "All stop" not in words


def test_a_part_of_what_is_stopped_is_not_said_to_run(world: World) -> None:
    stop_account(world.member, "", world.now)
    words = logged_in(world.dot).get("/stops").content.decode()
    board = words[words.index("switchboard-title") : words.index("</tbody>")]
    assert "RUNNING" not in board
    assert board.count("<small>The account is STOPPED</small>") == 5


def test_a_question_changes_nothing_and_stop_and_start_do(world: World) -> None:
    texts(world, 2, of=job(world))
    client = logged_in(world.ben)
    asked = client.get("/stops/ask", TEXTS, headers=HTMX).content.decode()
    assert "Stop texts of Northgate Dental?" in asked
    assert "data-total-notifications>2<" in asked
    assert narrower(world) == []
    answer = client.post("/stops/stop", {**TEXTS, "reason": "doubles"}, headers=HTMX).content.decode()
    assert "STOP of texts of Northgate Dental" in answer
    assert "doubles" in answer
    assert narrower(world) == ["Texts"]
    assert "Start texts of Northgate Dental again?" in client.get("/stops/ask", TEXTS).content.decode()
    started = client.post("/stops/start", TEXTS, follow=True).content.decode()
    assert "STARTED texts of Northgate Dental." in started
    assert narrower(world) == []
    assert client.post("/stops/start", TEXTS).status_code == 409


def test_start_of_a_part_says_what_it_dropped(world: World) -> None:
    person = contact(world)
    for _ in range(2):
        texts(world, 1, to=person)
    stop(world.member, one_channel(world.account.pk, Channel.TEXT), "doubles", world.now)
    client = logged_in(world.ben)
    asked = client.get("/stops/ask", TEXTS, headers=HTMX).content.decode()
    assert "all but the newest of what says the same" in asked
    started = client.post("/stops/start", TEXTS, follow=True).content.decode()
    assert "1 was dropped (1 that a newer one repeats)." in started
    assert QueueEntry.objects.count() == 1


def board_row(page: str, subject: str) -> str:
    return page.split(f'<tr data-switch="{subject}"')[1].split("</tr>", maxsplit=1)[0]


def test_what_only_the_brake_or_a_schedule_stopped_is_shown_and_started_or_stopped_by_hand_as_well(
    world: World,
) -> None:
    reach = one_channel(world.account.pk, Channel.TEXT)
    until = world.now + timedelta(hours=3)
    stop(Machine("Ben Weber (scheduled)", "schedule"), reach, "new phones", world.now, name=SCHEDULED, until=until)
    stop(Machine("the brake", "brake"), reach, "12 of 20 failed", world.now, name=BRAKE)
    client = logged_in(world.ben)
    row = board_row(client.get("/stops").content.decode(), "channel:text")
    for word in ("by the brake", "Automatic brake", "12 of 20 failed", "Scheduled stop as well, by Ben Weber", "until"):
        assert word in row
    assert "START…" in row
    assert "STOP as well…" in row
    asked = client.get("/stops/ask", TEXTS, headers=HTMX).content.decode()
    assert "Start texts of Northgate Dental again?" in asked
    assert "START lifts these 2 stops" in asked
    for word in ("12 of 20 failed", "new phones", "would end", 'href="/stops/1"', 'href="/stops/2"'):
        assert word in asked
    by_hand = client.get("/stops/ask", {**TEXTS, "stop": "1"}, headers=HTMX).content.decode()
    assert "Stop texts of Northgate Dental?" in by_hand
    assert "It is stopped already: automatic brake by the brake." in by_hand
    client.post("/stops/stop", {**TEXTS, "reason": "by hand"}, headers=HTMX)
    row = board_row(client.get("/stops").content.decode(), "channel:text")
    assert "by Ben Weber" in row
    assert "STOP as well…" not in row
    client.post("/stops/start", TEXTS)
    assert narrower(world) == []


def test_without_scripts_the_same_works_by_pages(world: World) -> None:
    client = logged_in(world.cem)
    where = {"scope": "location", "location": str(world.north.pk)}
    page = client.get("/stops/ask", where).content.decode()
    assert 'action="/stops/stop"' in page
    assert f'name="location" value="{world.north.pk}"' in page
    answer = client.post("/stops/stop", where, follow=True)
    assert answer.redirect_chain == [(f"/stops/{Stop.objects.get().number}", 302)]
    assert "STOPPED. Nothing new leaves Northgate." in answer.content.decode()


def test_the_lamp_stays_running_and_says_what_is_stopped(world: World) -> None:
    home = logged_in(world.dot)
    stop(world.member, one_channel(world.account.pk, Channel.TEXT), "doubles", world.now)
    words = home.get("/").content.decode()
    assert 'data-state="running"' in words
    assert "<small data-lamp-line>Texts are stopped</small>" in words
    assert "<b>Texts are STOPPING</b> by Cem Tanaka" in words
    stop(world.member, one_location(world.account.pk, world.north.pk), "", world.now)
    assert "Texts and Northgate are stopped" in home.get("/").content.decode()
    stop(world.member, one_channel(world.account.pk, Channel.CALL), "", world.now)
    assert "3 parts are stopped" in home.get("/").content.decode()


def test_a_job_and_a_message_say_which_stop_holds_them(world: World) -> None:
    mine, other = job(world, "Mine"), job(world, "Other")
    (message,) = texts(world, 1, of=mine, at=world.north)
    texts(world, 1, of=other, at=world.south)
    stop(world.member, one_location(world.account.pk, world.north.pk), "flooded", world.now)
    client = logged_in(world.dot)
    assert "<b>Northgate is STOPPING</b>" in client.get(f"/jobs/{mine.pk}").content.decode()
    assert "Northgate is STOPP" not in client.get(f"/jobs/{other.pk}").content.decode()
    why = client.get(f"/messages/{message}").content.decode()
    for word in ("Its location is STOPPED.", "Cem Tanaka", "flooded"):
        assert word in why


def test_all_stop_is_for_operators_with_totals_over_all_accounts(world: World) -> None:
    texts(world, 2)
    person = contact(world, account=world.rival)
    QueueEntry.objects.filter(id__in=texts(world, 1, to=person)).exists()
    everything = {"scope": "installation"}
    leader = logged_in(world.ben)
    assert "only operators" in leader.get("/stops/ask", everything).content.decode()
    assert leader.post("/stops/stop", everything).status_code == 403
    assert not Stop.objects.exists()
    operator(world)
    client = logged_in(world.ada)
    assert "All stop" in client.get("/stops").content.decode()
    asked = client.get("/stops/ask", everything, headers=HTMX).content.decode()
    assert "Stop every account?" in asked
    assert "data-total-notifications>3<" in asked
    assert "By account" in asked
    client.post("/stops/stop", {**everything, "reason": "wrong build"}, headers=HTMX)
    rival = logged_in(world.rae)
    home = rival.get("/").content.decode()
    assert "STOPPED by Ada Okafor" in home
    assert "wrong build" in home
    assert "In flight then" not in home
    number = Stop.objects.get().number
    receipt = rival.get(f"/stops/{number}").content.decode()
    assert "of every account" in receipt
    assert "its operators verify it" in receipt
    assert rival.get(f"/stops/{number}?verify=1").status_code == 403
    assert "Verified: the receipt is true." in client.get(f"/stops/{number}?verify=1").content.decode()
    assert rival.post("/stops/start", everything).status_code == 403
    client.post("/stops/start", everything)
    assert lists.switch_state(world.rival.pk).is_running


def test_a_viewer_sees_the_board_but_moves_no_switch(world: World) -> None:
    client = logged_in(world.dot)
    assert "You are a viewer here" in client.get("/stops/ask", TEXTS).content.decode()
    assert client.post("/stops/stop", TEXTS).status_code == 403
    stop(world.member, one_channel(world.account.pk, Channel.TEXT), "", world.now)
    assert logged_in(world.cem).post("/stops/start", TEXTS).status_code == 403
    assert narrower(world) == ["Texts"]


@pytest.mark.parametrize(
    "which", [{"scope": "channel"}, {"scope": "channel", "channel": "fax"}, {"scope": "job"}, {"scope": "location"}]
)
def test_what_is_no_switch_is_not_there(world: World, which: dict[str, str]) -> None:
    client = logged_in(world.ada)
    assert client.get("/stops/ask", which).status_code == 404
    assert client.post("/stops/stop", which).status_code == 404


def test_a_strangers_location_is_not_there_and_links_stop_nothing(world: World) -> None:
    where = {"scope": "location", "location": str(world.north.pk)}
    for path in ("/stops/stop", "/stops/start"):
        assert logged_in(world.rae).post(path, where).status_code == 404
        assert logged_in(world.ada).get(path, where).status_code == 405
    number = stop_account(world.admin, "", world.now).number
    assert logged_in(world.rae).get(f"/stops/{number}/state", headers=HTMX).status_code == 404


def test_stopping_shows_what_is_in_flight_and_then_what_still_is(world: World) -> None:
    """000-03: calls in progress are counted until they end, also when the stop is confirmed."""
    ids = texts(world, 3)
    worker = Worker.objects.create(host="h", pid=1, started_at=world.now, lease_until=world.now, acked=0)
    QueueEntry.objects.filter(id__in=ids).update(worker_id=worker.pk)
    QueueEntry.objects.filter(id=ids[0]).update(channel="call")
    client = logged_in(world.dot)
    number = stop_account(world.member, "", world.now).number
    words = client.get("/").content.decode()
    assert "<small data-lamp-line>3 in flight</small>" in words
    assert 'data-live="lamp.in_flight">3</b> in flight' in words
    state = client.get(f"/stops/{number}/state", headers=HTMX).content.decode()
    assert "<b>STOPPING.</b>" in state
    assert "3 in flight" in state
    assert "every 1s" in state
    Worker.objects.update(acked=number)
    queue.confirm(number, timezone.now())
    words = client.get("/").content.decode()
    assert "<small data-lamp-line>1 call still in progress</small>" in words
    state = client.get(f"/stops/{number}/state", headers=HTMX).content.decode()
    assert "<b>STOPPED.</b> Nothing new leaves. 1 call still in progress." in state
    assert "every 1s" in state
    QueueEntry.objects.filter(id__in=ids).delete()
    state = client.get(f"/stops/{number}/state", headers=HTMX).content.decode()
    assert "still" not in state
    assert "every 1s" not in state


def test_a_stop_of_everything_tells_no_count_of_others_to_anybody_but_operators(world: World) -> None:
    texts(world, 1)
    worker = Worker.objects.create(host="h", pid=1, started_at=world.now, lease_until=world.now, acked=0)
    QueueEntry.objects.update(worker_id=worker.pk)
    number = stop(Operator("Olu", "command"), INSTALLATION, "", world.now).number
    state = logged_in(world.rae).get(f"/stops/{number}/state", headers=HTMX).content.decode()
    assert "0 in flight" in state
    assert "of all accounts: for operators" in state
