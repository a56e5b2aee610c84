"""Files by the API: taken in with their guess, changed by choices, confirmed once."""

from typing import Any

import pytest

from allstop.actions.import_run import run_import
from allstop.store.models import Import, Job, Message
from tests.doors.caller import caller
from tests.doors.operations import FILE
from tests.world import World


def test_a_file_is_read_and_shown_as_it_will_be_sent(world: World) -> None:
    body = caller(world, world.cem).upload(FILE, name="reminders.csv").body
    assert (body["state"], body["rows_total"], body["file_name"]) == ("uploaded", 2, "reminders.csv")
    assert body["options"]["purpose"] == "reminder"
    assert body["preview"]["blockers"] == {}
    first, second = body["preview"]["rows"]
    assert (first["name"], second["name"]) == ("Pat Moreau", "Sam Ito")
    assert first["messages"][0]["to"] == "+12125550123"
    assert "Pat" in first["messages"][0]["body"]
    assert not Message.objects.exists()


def test_choices_stand_over_the_guess(world: World) -> None:
    choices = {
        "name": "Monday",
        "channels": ["email"],
        "wording": {"email": {"subject": "For {first_name}", "body": "See you on {date}"}},
        "columns": {"given_name": "First Name", "email": 3, "appointment_date": "Date"},
        "timing": {"start": "now"},
    }
    body = caller(world, world.cem).upload(FILE, choices).body
    message = body["preview"]["rows"][0]["messages"][0]
    assert body["options"]["name"] == "Monday"
    assert (message["channel"], message["to"], message["subject"]) == ("email", "pat@example.org", "For Pat")


def test_another_purpose_brings_no_reminders_words(world: World) -> None:
    promotion = {"purpose": "promotion", "channels": ["email"], "timing": {"start": "now"}}
    ask = caller(world, world.cem)
    assert ask.upload(FILE, promotion).status == 422
    words = {"email": {"subject": "Spring", "body": "Half price"}}
    body = ask.upload(FILE, {**promotion, "wording": words}).body
    assert body["preview"]["rows"][0]["messages"][0]["body"] == "Half price"


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"surprise": 1}, "options.surprise"),
        ({"channels": []}, "channels"),
        ({"columns": {"email": "Fax"}}, "columns"),
        ({"columns": {"email": 99}}, "columns"),
        ({"location_id": 999}, "location_id"),
        ({"wording": {"text": {"body": "Hello {nobody}"}}}, "text_body"),
        ({"encoding": "klingon"}, "encoding"),
        ("{broken", "options"),
    ],
)
def test_choices_that_cannot_be_used_leave_no_file_behind(world: World, options: Any, field: str) -> None:
    answer = caller(world, world.ada).upload(FILE, options)
    assert (answer.status, list(answer.fields)) == (422, [field])
    assert not Import.objects.exists()


def test_a_file_that_cannot_be_read_is_refused_in_words(world: World) -> None:
    for content in (b"", b"\x00\x01\x02", b"First Name,Phone\n"):
        answer = caller(world, world.ada).upload(content)
        assert (answer.status, list(answer.fields)) == (422, ["file"])
    assert caller(world, world.ada)("POST", "/imports", {}).status in (400, 422)
    assert not Import.objects.exists()


def test_a_confirmed_file_becomes_a_job_once(committed_world: World) -> None:
    world = committed_world
    ask = caller(world, world.cem)
    row = b"No,Body,12,,2030-01-15,9:00\n"
    taken = ask.upload(FILE + row).body["id"]
    confirmed = ask("POST", f"/imports/{taken}/confirm")
    assert (confirmed.body["state"], confirmed.body["preview"]) == ("queued", None)
    again = ask("POST", f"/imports/{taken}/confirm")
    assert (again.status, again.code) == (409, "conflict")
    run_import(taken, world.now)
    body = ask("GET", f"/imports/{taken}").body
    assert (body["state"], body["messages_made"], body["rows_refused"]) == ("done", 2, 1)
    assert Job.objects.get().pk == body["job_id"]
    problems = ask("GET", f"/imports/{taken}/problems").body.decode("utf-8-sig").splitlines()
    assert problems[0] == "Row,Column,Value,Problem"
    assert problems[1].startswith("4,Phone,12,")
