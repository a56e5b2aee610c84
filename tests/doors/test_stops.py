"""Stops and starts by the API: the list, a receipt, and whether it is true."""

from datetime import UTC, datetime

import pytest

from allstop.actions.jobs import remove_jobs
from allstop.store.models import Attempt, Stop, User
from tests.doors.caller import caller
from tests.world import World, job, texts


def test_a_receipt_is_found_by_its_number_and_verified(world: World) -> None:
    ask = caller(world, world.cem)
    stopped = ask("POST", "/account/stop", {"reason": "wrong file"}).body
    found = ask("GET", f"/stops/{stopped['number']}").body
    assert stopped.items() <= found.items()
    assert (found["kind"], found["scope"], found["until"]) == ("stop", "account", None)
    checked = caller(world, world.dot)("GET", f"/stops/{stopped['number']}/verify").body
    assert (checked["is_sound"], checked["late"], checked["were_in_flight"]) == (True, [], 0)
    assert checked["receipt"] == found


def test_what_began_inside_a_stop_is_named(world: World) -> None:
    (message,) = texts(world, 1)
    ask = caller(world, world.ada)
    number = ask("POST", "/account/stop", {}).body["number"]
    Attempt.objects.create(
        account=world.account,
        message_id=message,
        number=1,
        worker_id=1,
        adapter="sandbox",
        started_at=datetime.now(UTC),
        outcome="accepted",
        ref="",
        code="",
        detail="",
    )
    answer = ask("GET", f"/stops/{number}/verify")
    assert (answer.status, answer.body["is_sound"]) == (200, False)
    assert [late["message_id"] for late in answer.body["late"]] == [message]


def test_the_list_is_newest_first_by_pages_and_by_reach(world: World) -> None:
    ask = caller(world, world.ben)
    first = ask("POST", "/account/stop", {}).body["number"]
    started = ask("POST", "/account/start", {}).body["number"]
    remove_jobs(world.admin, [job(world).pk], datetime.now(UTC))
    of_job = Stop.objects.order_by("-number")[0].number
    page = ask("GET", "/stops?limit=2").body
    assert [(one["number"], one["kind"]) for one in page["items"]] == [(of_job, "stop"), (started, "start")]
    rest = ask("GET", f"/stops?limit=2&after={page['next']}").body
    assert ([one["number"] for one in rest["items"]], rest["next"]) == ([first], None)
    assert [one["number"] for one in ask("GET", "/stops?scope=job").body["items"]] == [of_job]
    assert ask("GET", f"/stops/{started}").status == 404


@pytest.mark.parametrize("scope", ["channel", "location"])
def test_a_channel_or_a_location_is_stopped_and_started_by_its_number(world: World, scope: str) -> None:
    which = {"channel": "text"} if scope == "channel" else {"location_id": world.north.pk}
    ask = caller(world, world.ben)
    made = ask("POST", "/stops", {"scope": scope, "reason": "doubles", **which})
    assert (made.status, made.body["scope"], made.body["until"]) == (200, scope, None)
    assert which.items() <= made.body.items()
    assert made.body["confirmed_at"] is not None
    assert ask("POST", "/stops", {"scope": scope, **which}).body == made.body, "a second stop is the first"
    account = ask("GET", "/account").body
    assert account["state"] == "running"
    assert [(one["scope"], one["number"], one["reason"], one["state"]) for one in account["narrower"]] == [
        (scope, made.body["number"], "doubles", "stopped")
    ]
    started = ask("POST", f"/stops/{made.body['number']}/start", {"reason": "fixed"})
    assert (started.status, started.body["number"] > made.body["number"]) == (200, True)
    assert ask("GET", "/account").body["narrower"] == []
    assert ask("GET", f"/stops/{made.body['number']}").body["until"] is not None
    assert [one["kind"] for one in ask("GET", f"/stops?scope={scope}").body["items"]] == ["start", "stop"]


def test_a_start_by_number_lifts_no_newer_stop(world: World) -> None:
    ask = caller(world, world.ada)
    first = ask("POST", "/stops", {"scope": "channel", "channel": "text"}).body["number"]
    ask("POST", f"/stops/{first}/start", {})
    second = ask("POST", "/stops", {"scope": "channel", "channel": "text"}).body["number"]
    answer = ask("POST", f"/stops/{first}/start", {})
    assert (answer.status, answer.code) == (409, "conflict")
    assert ask("GET", "/account").body["narrower"][0]["number"] == second
    remove_jobs(world.admin, [job(world).pk], datetime.now(UTC))
    of_job = Stop.objects.order_by("-number")[0].number
    assert ask("POST", f"/stops/{of_job}/start", {}).status == 409


def test_the_whole_installation_is_its_operators_matter(world: World) -> None:
    asked = {"scope": "installation", "reason": "wrong build"}
    refused = caller(world, world.ada)("POST", "/stops", asked)
    assert (refused.status, refused.code) == (403, "forbidden")
    User.objects.filter(pk=world.ben.user_id).update(is_operator=True)
    operator = caller(world, world.ben)
    number = operator("POST", "/stops", asked).body["number"]
    for member in (world.dot, world.rae):
        seen = caller(world, member)
        found = seen("GET", f"/stops/{number}").body
        assert (found["reason"], found["in_flight"], found["handed_back"]) == ("wrong build", None, None)
        assert seen("GET", f"/stops/{number}/verify").status == 403
        assert seen("GET", "/account").body["whole_installation"] is True
    assert caller(world, world.ada)("POST", f"/stops/{number}/start", {}).status == 403
    assert operator("GET", f"/stops/{number}").body["in_flight"] == 0
    assert operator("GET", f"/stops/{number}/verify").body["is_sound"] is True
    assert operator("POST", f"/stops/{number}/start", {}).status == 200


def test_who_stops_something_says_exactly_what(world: World) -> None:
    ask = caller(world, world.ada)
    for said in (
        {"scope": "channel"},
        {"scope": "location", "channel": "text"},
        {"scope": "account", "location_id": world.north.pk},
        {"scope": "everything"},
    ):
        assert ask("POST", "/stops", said).status == 422, said
    assert ask("POST", "/stops", {"scope": "location", "location_id": 99_999}).status == 404
    assert not Stop.objects.exists()
