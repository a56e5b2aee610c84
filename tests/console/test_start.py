"""The page that plans a START: its groups, what they would do, and exactly that when START is pressed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from allstop.actions.carrying_on import started
from allstop.actions.plan import start_as_planned
from allstop.actions.switch import is_stopped, stop, stop_account
from allstop.console.views import start as views
from allstop.rules.holds import Reach, Scope
from allstop.rules.plan import DROP, Plan
from allstop.rules.ramp import RampChoice
from allstop.store import lists, plans
from allstop.store.models import Message, QueueEntry, Ramp, RampState, Status
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact, job, texts

DAY = timedelta(days=1)


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    made = the_cast(timezone.now())
    stop_account(made.admin, "", made.now)
    return made


def key_of(world: World, name: str) -> str:
    (key,) = [one.key for one in lists.backlog(world.account.pk, timezone.now()).groups if one.job == name]
    return key


def waiting(world: World) -> set[int]:
    return set(QueueEntry.objects.filter(account_id=world.account.pk).values_list("id", flat=True))


def test_the_groups_are_shown_with_sensible_choices(world: World) -> None:
    texts(world, 3, of=job(world, "Monday"), due_at=world.now - 3 * DAY)
    twice = job(world, "Twice")
    person = contact(world)
    for _ in range(2):
        texts(world, 1, of=twice, to=person)
    words = logged_in(world.ben).get("/start").content.decode()
    assert "2 to 7 days late" in words
    assert "A newer one says the same" in words
    assert f'name="do.{key_of(world, "Monday")}" value="send" checked' in words
    groups = lists.backlog(world.account.pk, timezone.now()).groups
    (stale,) = [one.key for one in groups if one.group.staleness == "duplicate"]
    assert f'name="do.{stale}" value="drop" checked' in words
    assert "<b>4 leave now</b>, 0 later, <b>1 is dropped</b>" in words
    assert "style=" not in words
    assert "<rect " in words
    assert is_stopped(world.account.pk)


def test_with_very_much_that_waits_the_page_comes_at_once_and_the_rest_follows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    texts(world, 3, of=job(world, "Monday"))
    monkeypatch.setattr(views, "MANY", 2)
    client = logged_in(world.ben)
    words = client.get("/start").content.decode()
    assert "3 messages wait" in words
    assert 'hx-get="/start/groups" hx-trigger="load"' in words
    assert 'hx-trigger="load, change from:#start-form' in words
    assert "Monday" not in words
    assert "seen.send" not in words  # nobody can START before seeing what it does
    part = client.get("/start/groups", headers=HTMX).content.decode()
    assert "Monday" in part
    assert "<html" not in part
    assert client.get("/start/groups").url == "/start"  # type: ignore[attr-defined]
    assert "Monday" in client.get("/start?all=1").content.decode()
    seen = client.post("/start/preview", {"ramp": "0"}, headers=HTMX).content.decode()
    assert 'name="seen.send" value="3"' in seen
    assert "Monday" not in logged_in(world.rae).get("/start/groups", headers=HTMX).content.decode()


def test_the_preview_says_what_the_choices_would_do_and_changes_nothing(world: World) -> None:
    texts(world, 3, of=job(world, "Monday"))
    texts(world, 2, of=job(world, "Tuesday"))
    posted = {f"do.{key_of(world, 'Monday')}": "drop", f"do.{key_of(world, 'Tuesday')}": "send"}
    words = logged_in(world.dot).post("/start/preview", posted, headers=HTMX).content.decode()
    assert "<b>2 leave now</b>, 0 later, <b>3 are dropped</b>" in words
    assert 'name="seen.send" value="2"' in words
    assert "<html" not in words
    whole = logged_in(world.dot).post("/start/preview", posted).content.decode()
    assert f'name="do.{key_of(world, "Monday")}" value="drop" checked' in whole
    assert len(waiting(world)) == 5


def test_the_preview_names_a_job_that_another_stop_keeps(world: World) -> None:
    monday = job(world, "Monday")
    texts(world, 3, of=monday)
    assert "Nothing of" not in logged_in(world.dot).post("/start/preview", headers=HTMX).content.decode()
    one_job = Reach(scope=Scope.JOB, account_id=world.account.pk, job_id=monday.pk)
    stop(world.leader, one_job, "prices", world.now)
    words = logged_in(world.dot).post("/start/preview", headers=HTMX).content.decode()
    assert "<b>Nothing of “Monday” leaves with this</b>: STOP by Ben Weber stands against it" in words


def test_forty_chosen_of_three_hundred(world: World) -> None:
    ids = texts(world, 300, of=job(world, "Recall"))
    key = key_of(world, "Recall")
    posted: dict[str, object] = {f"do.{key}": "pick", f"pick.{key}": ids[100:140]}
    seen = {"seen.send": "40", "seen.later": "0", "seen.drop": "260"}
    answer = logged_in(world.ben).post("/start", posted | seen, follow=True)
    assert "STARTED. What is due at Northgate Dental leaves now. 260 were dropped." in answer.content.decode()
    assert waiting(world) == set(ids[100:140])
    assert Message.objects.filter(status=Status.REMOVED, reason="dropped_at_start").count() == 260
    assert not is_stopped(world.account.pk)


def test_thousands_can_be_ticked(world: World) -> None:
    ids = texts(world, 1500, of=job(world, "Recall"))
    key = key_of(world, "Recall")
    logged_in(world.ben).post("/start", {f"do.{key}": "pick", f"pick.{key}": ids[:1400]})
    assert waiting(world) == set(ids[:1400])


def test_what_was_ticked_counts_only_while_choose_is_chosen(world: World) -> None:
    ids = texts(world, 3, of=job(world, "Recall"))
    key = key_of(world, "Recall")
    logged_in(world.ben).post("/start", {f"do.{key}": "drop", f"pick.{key}": ids})
    assert waiting(world) == set()


def test_the_messages_of_a_group_are_shown_to_pick_from(world: World) -> None:
    ids = texts(world, 205, of=job(world, "Recall"), to=contact(world, "Pat Moreau"))
    url = f"/start/messages?key={key_of(world, 'Recall')}"
    words = logged_in(world.dot).get(url, headers=HTMX).content.decode()
    assert words.count('type="checkbox"') == 200
    assert "Pat Moreau" in words
    more = logged_in(world.dot).get(f"{url}&after={ids[199]}", headers=HTMX).content.decode()
    assert more.count('type="checkbox"') == 5
    assert "Tick all" not in more
    assert logged_in(world.dot).get("/start/messages?key=x", headers=HTMX).status_code == 404
    assert logged_in(world.rae).get(url, headers=HTMX).content.decode().count('type="checkbox"') == 0


def test_another_day_needs_its_time_and_gets_it_on_the_accounts_clock(world: World) -> None:
    (one,) = texts(world, 1, of=job(world, "Recall"))
    key = key_of(world, "Recall")
    client = logged_in(world.ben)
    for wrong in ("", "2020-01-01T09:00", "soon"):
        answer = client.post("/start", {f"do.{key}": "later", f"at.{key}": wrong})
        assert answer.status_code == 422
        assert "Give the new day and time, in the future" in answer.content.decode()
    client.post("/start", {f"do.{key}": "later", f"at.{key}": "2031-01-15T09:00"})
    assert QueueEntry.objects.get(id=one).due_at.isoformat() == "2031-01-15T14:00:00+00:00"


def test_what_has_changed_since_the_person_looked_is_shown_and_nothing_happens(world: World) -> None:
    texts(world, 3, of=job(world, "Monday"))
    texts(world, 2, of=job(world, "Tuesday"))
    seen = {"seen.send": "3", "seen.later": "0", "seen.drop": "0"}
    answer = logged_in(world.ben).post("/start", seen)
    assert answer.status_code == 409
    words = answer.content.decode()
    assert "Now 5 would be sent" in words
    assert "Tuesday" in words
    assert is_stopped(world.account.pk)


def test_who_may_not_start_sees_the_plan_and_cannot_press_it(world: World) -> None:
    texts(world, 1)
    for member in (world.cem, world.dot):
        client = logged_in(member)
        assert 'class="go" disabled' in client.get("/start").content.decode()
        for path in ("/start", "/start/cancel", "/start/all-now"):
            assert client.post(path).status_code == 403
    assert is_stopped(world.account.pk)


def test_a_link_changes_nothing(world: World) -> None:
    client = logged_in(world.ada)
    for path in ("/start/preview", "/start/cancel", "/start/all-now"):
        assert client.get(path).status_code == 405


def test_what_is_no_choice_is_refused(world: World) -> None:
    client = logged_in(world.ada)
    assert client.post("/start", {"do.x": "send"}).status_code == 404
    assert client.post("/start", {"do.0.0.day.fresh": "burn"}).status_code == 404
    assert client.post("/start", {"do.0.0.day.fresh": "pick", "pick.0.0.day.fresh": "x"}).status_code == 404
    wrong = client.post("/start", {"ramp": "1", "per_minute": "0", "minutes": "x"})
    assert wrong.status_code == 422
    assert is_stopped(world.account.pk)


def test_the_neighbours_groups_cannot_be_planned(world: World) -> None:
    texts(world, 1, of=job(world, "Recall"))
    stop_account(world.stranger, "", world.now)
    assert logged_in(world.rae).post("/start", {f"do.{key_of(world, 'Recall')}": "drop"}).status_code == 404
    assert "Recall" not in logged_in(world.rae).get("/start").content.decode()
    assert len(waiting(world)) == 1


def test_a_running_account_has_nothing_to_plan(world: World) -> None:
    assert logged_in(world.rae).get("/start").headers["Location"] == "/"
    assert logged_in(world.rae).post("/start").status_code == 409


def test_a_long_plan_shows_how_far_it_is_and_can_be_cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    texts(world, 30, of=job(world, "Recall"))
    group = lists.backlog(world.account.pk, timezone.now()).groups[0].group
    monkeypatch.setattr(plans, "AT_ONCE", 10)
    begun = start_as_planned(world.leader, Plan({group: DROP}), now=timezone.now(), patience=timedelta(0))
    client = logged_in(world.ben)
    words = client.get("/start").content.decode()
    assert "Dropping 30 and re-dating 0 messages" in words
    assert 'value="10"' in words
    assert client.post("/switch/start").status_code in (200, 302)
    assert started(begun.plan_id).state == "started"
    assert client.get("/start", headers=HTMX).headers["HX-Redirect"] == "/"


def test_a_plan_under_way_is_cancelled(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    texts(world, 30, of=job(world, "Recall"))
    group = lists.backlog(world.account.pk, timezone.now()).groups[0].group
    monkeypatch.setattr(plans, "AT_ONCE", 10)
    start_as_planned(world.leader, Plan({group: DROP}), now=timezone.now(), patience=timedelta(0))
    client = logged_in(world.ben)
    answer = client.post("/start/cancel", follow=True)
    assert "it stays STOPPED. 10 had been dropped or re-dated." in answer.content.decode()
    assert is_stopped(world.account.pk)
    assert client.post("/start/cancel").status_code == 409


def test_a_slow_start_is_shown_on_home_and_on_stops_and_can_be_ended(world: World) -> None:
    texts(world, 3, of=job(world, "Monday"))
    said = {"ramp": "1", "per_minute": "10", "minutes": "15", "failures": "30", "opt_outs": "2"}
    shut = logged_in(world.ben).post("/start", said | {"failures": "0"})
    assert shut.status_code == 422
    assert "limits are 1 to 100 per cent" in shut.content.decode()
    answer = logged_in(world.ben).post("/start", said, follow=True)
    assert "more than 30 % fail or 2 % say no" in answer.content.decode()
    assert "10 a minute on each channel for 15 minutes, then all." in answer.content.decode()
    for path in ("/", "/stops"):
        words = logged_in(world.dot).get(path).content.decode()
        assert "<b>Slow start.</b> 10 a minute on each channel, by Ben Weber" in words
        assert "Send all now" in words
    assert logged_in(world.dot).post("/start/all-now").status_code == 403
    logged_in(world.ada).post("/start/all-now")
    assert Ramp.objects.get().state == RampState.ENDED
    assert "Slow start" not in logged_in(world.dot).get("/").content.decode()


def test_the_preview_follows_the_slow_start(world: World) -> None:
    texts(world, 3)
    ramp = {"ramp": "1", "per_minute": "1", "minutes": "15"}
    words = logged_in(world.ben).post("/start/preview", ramp, headers=HTMX).content.decode()
    assert words.count("<rect ") == 3
    assert RampChoice(1, 15).pace_ms == 60_000


def test_the_dialogs_start_drops_what_is_stale_and_says_so(world: World) -> None:
    person = contact(world)
    for _ in range(2):
        texts(world, 1, to=person)
    client = logged_in(world.ben)
    dialog = client.get("/switch", headers=HTMX).content.decode()
    assert 'href="/start"' in dialog
    answer = client.post("/switch/start", follow=True)
    assert "1 was dropped (1 that a newer one repeats)." in answer.content.decode()
