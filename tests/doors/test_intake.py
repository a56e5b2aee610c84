"""Pause and Unpause Account by the API."""

from tests.doors.caller import caller
from tests.world import World


def test_the_account_is_paused_with_the_word_and_tells_what_it_refused(world: World) -> None:
    ask = caller(world, world.ben)
    wrong = ask("POST", "/intake/pause", {"confirm": "confirm"})
    assert (wrong.status, list(wrong.fields)) == (422, ["confirm"])
    assert ask("GET", "/intake").body["paused"] is False
    done = ask("POST", "/intake/pause", {"confirm": "CONFIRM", "reason": "doubles"}).body
    assert (done["paused"], done["reason"], done["refused_total"]) == (True, "doubles", 0)
    assert done["by"] == "Ben Weber's program (token)"
    assert [one["name"] for one in ask("GET", "/stops/standing").body["items"]] == ["paused"]
    assert caller(world, world.cem)("POST", "/intake/unpause", {"confirm": "CONFIRM"}).status == 403
    assert ask("POST", "/intake/unpause", {"confirm": "CONFIRM"}).body["paused"] is False
    assert ask("POST", "/intake/unpause", {"confirm": "CONFIRM"}).status == 409
