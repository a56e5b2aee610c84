"""The setup of sending by the API: read, changed as a whole, and never over somebody else's change."""

from typing import Any

from allstop.rules.facts import Channel
from allstop.store.models import ChannelSetup
from allstop.store.sealing import opened
from tests.doors.caller import Caller, caller
from tests.world import World


def changed(body: dict[str, Any], **text: Any) -> dict[str, Any]:
    settings = {**body["settings"], "text": {**body["settings"]["text"], **text}}
    return {"version": body["version"], "settings": settings}


def test_what_was_read_is_changed_and_comes_back_with_its_capacity(world: World) -> None:
    ask: Caller = caller(world, world.ben)
    first = ask("GET", "/sending-setup").body
    assert first["settings"]["text"]["sessions"] == []
    assert first["capacity"]["text"]["a_week"] is None
    said = changed(first, sessions=["mon 9:00-12:00"], every_minutes=3, warn_after_days=7)
    made = ask("PUT", "/sending-setup", said)
    assert made.status == 200
    assert made.body["settings"]["text"]["sessions"] == ["Monday 09:00-12:00"]
    assert made.body["capacity"]["text"] == {
        "by_day": [60, 0, 0, 0, 0, 0, 0],
        "a_week": 60,
        "days": 7,
        "within_days": made.body["capacity"]["text"]["within_days"],
    }
    assert {one["place"] for one in made.body["changes"]} == {
        "text.sessions",
        "text.every_minutes",
        "text.warn_after_days",
    }
    assert ask("GET", "/sending-setup").body["version"] == made.body["version"] != first["version"]

    late = ask("PUT", "/sending-setup", changed(first, warn_after_days=9))
    assert (late.status, late.code) == (409, "conflict")
    again = ask("PUT", "/sending-setup", {**changed(made.body), "version": made.body["version"]})
    assert again.body["changes"] == []


def test_what_is_wrong_is_said_by_its_place_and_a_check_changes_nothing(world: World) -> None:
    ask = caller(world, world.ben)
    body = ask("GET", "/sending-setup").body
    wrong = ask("PUT", "/sending-setup", changed(body, sessions=["Moonday 09:00-12:00"], every_minutes=-1))
    assert wrong.status == 422
    assert set(wrong.fields) == {"text.sessions", "text.every_minutes"}
    gone = ask("PUT", "/sending-setup", changed(body, provider="pigeon"))
    assert "no longer supported" in gone.fields["text.provider"]
    assert ask("PUT", "/sending-setup", changed(body, colour="red")).fields == {
        "settings.text.colour": "There is no such field."
    }
    tried = ask(
        "POST", "/sending-setup/check", {"settings": changed(body, immediate=True, warn_after_days=0)["settings"]}
    )
    assert tried.status == 200
    assert set(tried.body["problems"]) == {"text.warn_after_days"}
    assert tried.body["warnings"][0]["place"] == "text.immediate"
    assert ask("GET", "/sending-setup").body == body


def test_a_password_goes_in_beside_the_settings_and_never_comes_out(world: World) -> None:
    ask = caller(world, world.ben)
    body = ask("GET", "/sending-setup").body
    said = changed(body, provider="smpp", config={"host": "smsc.test", "system_id": "practice7"})
    made = ask("PUT", "/sending-setup", {**said, "passwords": {"text": "pw123456"}})
    assert made.status == 200
    assert made.body["has_password"] == {"text": True, "call": False, "email": False}
    assert "pw123456" not in str(made.body)
    kept = ChannelSetup.objects.get(account=world.account, channel=Channel.TEXT)
    assert opened(kept.config) == {"host": "smsc.test", "system_id": "practice7", "password": "pw123456"}
