"""The switch by the API."""

from tests.doors.caller import caller
from tests.world import World, contact, job, texts


def test_the_account_shows_its_switch_and_its_totals(world: World) -> None:
    texts(world, 3, of=job(world), to=contact(world))
    body = caller(world, world.dot)("GET", "/account").body
    assert (body["name"], body["state"], body["number"], body["since"]) == ("Northgate Dental", "running", None, None)
    assert body["totals"] == {
        "jobs": 1,
        "messages": 3,
        "in_flight": 0,
        "by_channel": {"text": 3, "call": 0, "email": 0},
        "by_location": [{"location": "Northgate", "messages": 3}],
    }


def test_stop_answers_with_the_confirmed_receipt_and_shows_who_and_why(world: World) -> None:
    """000-02, TN1."""
    ask = caller(world, world.cem)
    receipt = ask("POST", "/account/stop", {"reason": "wrong file"})
    assert receipt.status == 200
    assert (receipt.body["by"], receipt.body["reason"]) == ("Cem Tanaka's program (token)", "wrong file")
    assert receipt.body["confirmed_at"] >= receipt.body["effective_at"]
    assert receipt.body["effective_at"].endswith("Z")
    body = ask("GET", "/account").body
    assert (body["state"], body["reason"], body["number"]) == ("stopped", "wrong file", receipt.body["number"])


def test_stopping_twice_returns_the_same_receipt(world: World) -> None:
    ask = caller(world, world.ada)
    first = ask("POST", "/account/stop", {"reason": "one"})
    assert ask("POST", "/account/stop", {"reason": "two"}) == first


def test_start_lets_go_and_starting_twice_is_a_conflict(world: World) -> None:
    ask = caller(world, world.ben)
    stopped = ask("POST", "/account/stop", {}).body["number"]
    started = ask("POST", "/account/start", {"reason": "fixed"})
    assert (started.status, started.body["number"] > stopped) == (200, True)
    assert ask("GET", "/account").body["state"] == "running"
    again = ask("POST", "/account/start", {})
    assert (again.status, again.code) == (409, "conflict")


def test_a_reason_that_is_too_long_stops_nothing(world: World) -> None:
    ask = caller(world, world.ada)
    for reason in ("x" * 301, "\0"):
        answer = ask("POST", "/account/stop", {"reason": reason})
        assert (answer.status, list(answer.fields)) == (422, ["reason"])
    assert ask("GET", "/account").body["state"] == "running"
