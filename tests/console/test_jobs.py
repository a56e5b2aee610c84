"""The jobs on Home, one job, and REMOVE."""

import json

import pytest
from django.utils import timezone

from allstop.rules.facts import Channel, Purpose
from allstop.store import lists, queue
from allstop.store.models import Job, Status
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact, job, texts


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def is_removed(made: Job) -> bool:
    return Job.objects.get(pk=made.pk).removed_at is not None


def test_home_shows_the_jobs_that_stand(world: World) -> None:
    """000-13, 000-14."""
    monday = job(world, "Monday clinic")
    texts(world, 3, of=monday)
    page = logged_in(world.dot).get("/").content.decode()
    assert f'data-id="{monday.pk}"' in page
    assert "0 / 3" in page
    assert 'aria-multiselectable="true"' in page


def test_the_table_alone_is_what_the_live_stream_asks_for(world: World) -> None:
    job(world, "Monday clinic")
    part = logged_in(world.dot).get("/jobs", headers=HTMX).content.decode()
    assert part.lstrip().startswith("<section")
    assert logged_in(world.dot).get("/jobs").status_code == 302


def test_a_long_list_goes_on_after_its_last_row(world: World) -> None:
    made = [job(world, f"Job {i}") for i in range(53)]
    client = logged_in(world.dot)
    first = client.get("/").content.decode()
    after = made[3].pk  # newest first: the fiftieth row
    assert f'href="/?after={after}"' in first
    second = client.get(f"/?after={after}").content.decode()
    assert [f'data-id="{one.pk}"' in second for one in made[:4]] == [True, True, True, False]


def test_remove_first_asks_and_counts(world: World) -> None:
    """000-14, 000-15, TN7."""
    made = [job(world, name) for name in ("Monday", "Tuesday", "Wednesday")]
    for one in made:
        texts(world, 2, of=one)
    ids = [made[0].pk, made[1].pk]
    answer = logged_in(world.cem).post("/jobs/remove/ask", {"id": ids}, headers=HTMX).content.decode()
    assert "Remove 2 jobs?" in answer
    assert "4 notifications" in answer
    assert not any(is_removed(one) for one in made)


def test_remove_removes_the_selected_and_leaves_the_others(world: World) -> None:
    """000-15, TN7."""
    monday, tuesday = job(world, "Monday"), job(world, "Tuesday")
    texts(world, 2, of=monday)
    texts(world, 3, of=tuesday)
    answer = logged_in(world.cem).post("/jobs/remove", {"id": [monday.pk]}, headers=HTMX)
    assert json.loads(answer["HX-Trigger"])["toast"]["text"] == ("Removed 1 job. 2 notifications will never leave.")
    assert is_removed(monday)
    assert not is_removed(tuesday)
    assert lists.totals(world.account.pk).messages == 3


def test_remove_without_scripts_asks_on_a_page_and_comes_back_to_home(world: World) -> None:
    monday = job(world, "Monday")
    client = logged_in(world.cem)
    asked = client.post("/jobs/remove/ask", {"id": [monday.pk]}).content.decode()
    assert 'action="/jobs/remove"' in asked
    answer = client.post("/jobs/remove", {"id": [monday.pk]}, follow=True)
    assert "Removed 1 job." in answer.content.decode()
    assert is_removed(monday)


def test_select_all_means_the_jobs_that_stood_when_it_was_asked(world: World) -> None:
    monday, tuesday, kept = job(world, "Monday"), job(world, "Tuesday"), job(world, "Kept")
    asked = logged_in(world.cem).post("/jobs/remove/ask", {"all": "1", "except": [kept.pk]}, headers=HTMX)
    words = asked.content.decode()
    assert "Remove 2 jobs?" in words
    until = kept.pk - 1
    assert f'name="until" value="{until}"' in words
    newcomer = job(world, "Newcomer")
    logged_in(world.cem).post("/jobs/remove", {"all": "1", "except": [kept.pk], "until": until})
    assert [is_removed(one) for one in (monday, tuesday, kept, newcomer)] == [True, True, False, False]


def test_removed_twice_is_removed_once(world: World) -> None:
    monday = job(world, "Monday")
    client = logged_in(world.cem)
    client.post("/jobs/remove", {"id": [monday.pk]})
    again = client.post("/jobs/remove", {"id": [monday.pk]}, headers=HTMX)
    assert json.loads(again["HX-Trigger"])["toast"]["text"] == "These jobs were removed already."


def test_a_link_removes_nothing(world: World) -> None:
    monday = job(world, "Monday")
    assert logged_in(world.ada).get(f"/jobs/remove?id={monday.pk}").status_code == 405
    assert logged_in(world.ada).get(f"/jobs/remove/ask?id={monday.pk}").status_code == 405
    assert not is_removed(monday)


def test_a_viewer_has_no_remove_and_is_refused(world: World) -> None:
    monday = job(world, "Monday")
    client = logged_in(world.dot)
    assert "REMOVE" not in client.get("/").content.decode()
    assert client.post("/jobs/remove", {"id": [monday.pk]}).status_code == 403
    assert not is_removed(monday)


def test_another_accounts_job_is_not_there(world: World) -> None:
    monday = job(world, "Monday")
    client = logged_in(world.rae)
    for path in ("/jobs/remove", "/jobs/remove/ask"):
        assert client.post(path, {"id": [monday.pk]}).status_code == 404
    assert not is_removed(monday)


def test_an_id_that_is_no_number_is_not_there(world: World) -> None:
    assert logged_in(world.ada).post("/jobs/remove", {"id": ["1; DROP"]}).status_code == 404


def test_the_page_of_a_job_hides_what_the_rules_cancelled_until_it_is_asked_for(world: World) -> None:
    """TN9."""
    made = job(world, "Two locations")
    texts(world, 1, of=made, to=contact(world, "Pat Moreau"))
    queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.TEXT,
                purpose=Purpose.REMINDER,
                address="+12125550123",
                body="Of Southgate",
                due_at=world.now,
                job_id=made.pk,
                status=Status.CANCELED,
                reason="another_location",
            )
        ],
        world.now,
    )
    client = logged_in(world.dot)
    hidden = client.get(f"/jobs/{made.pk}").content.decode()
    assert "Of Southgate" not in hidden
    assert "Show canceled by rules (1)" in hidden
    shown = client.get(f"/jobs/{made.pk}?canceled=on").content.decode()
    assert "Of Southgate" in shown
    assert "It belongs to another location." in shown


def test_the_filters_of_a_job_show_only_what_matches(world: World) -> None:
    made = job(world, "Monday")
    texts(world, 1, of=made)
    client = logged_in(world.dot)
    assert "Reminder 0" in client.get(f"/jobs/{made.pk}?status=waiting&channel=text").content.decode()
    assert "Reminder 0" not in client.get(f"/jobs/{made.pk}?status=sent").content.decode()
    assert "Reminder 0" not in client.get(f"/jobs/{made.pk}?channel=call").content.decode()
    assert client.get(f"/jobs/{made.pk}?status=nonsense").status_code == 200
