"""Stops and starts by the API: the list, a receipt, and whether it is true."""

from datetime import UTC, datetime

from allstop.actions.jobs import remove_jobs
from allstop.store.models import Attempt, Stop
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
