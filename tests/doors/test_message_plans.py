"""Message plans by the API."""

from typing import Any

import pytest

from allstop.store.models import Message, MessagePlan
from tests.doors.caller import caller
from tests.world import World, contact

STEPS: list[dict[str, Any]] = [
    {"channel": "email", "days": 14, "clock": "10:00", "words": [{"body": "See you {when}", "subject": "You"}]},
    {"channel": "text", "days": 2, "clock": "11:00", "condition": "failed", "words": [{"body": "See you {when}"}]},
]
FORWARD: list[dict[str, Any]] = [
    {"channel": "email", "days": 0, "clock": "10:00", "words": [{"body": "Hello {names}", "subject": "Hello"}]},
    {"channel": "text", "days": 7, "clock": "11:00", "condition": "unconfirmed", "words": [{"body": "Again, {names}"}]},
]


def test_a_plan_is_made_looked_at_rehearsed_changed_and_deleted(world: World) -> None:
    ask = caller(world, world.ben)
    made = ask("POST", "/message-plans", {"name": "Steps", "steps": STEPS})
    assert (made.status, made.body["steps"][1]["condition"]) == (201, "failed")
    path = f"/message-plans/{made.body['id']}"
    assert ask("GET", "/message-plans").body["items"] == [made.body] == [ask("GET", path).body]
    for slip in ("0001-01-01T00:00:00Z", "9999-12-31T23:00:00Z"):
        said = ask("GET", f"{path}/dates?appointment={slip}")
        assert said.fields == {"appointment": "Give a year from 1900 to 2999."}
    dates = ask("GET", f"{path}/dates?appointment=2036-12-15T10:30:00-05:00").body["items"]
    assert [(one["step"], one["at"], one["condition"]) for one in dates] == [
        (1, "2036-12-01T15:00:00Z", "always"),
        (2, "2036-12-13T16:00:00Z", "failed"),
    ]
    assert ask("PUT", path, {"name": "Less", "steps": STEPS[:1]}).body["name"] == "Less"
    assert caller(world, world.rae)("GET", path).status == 404
    assert ask("DELETE", path).body["name"] == "Less"
    assert not MessagePlan.objects.filter(account=world.account).exists()


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"name": " ", "steps": STEPS}, "name"),
        ({"name": "Steps", "steps": []}, "steps"),
        ({"name": "Steps", "steps": [STEPS[1]]}, "step1_condition"),
        ({"name": "Steps", "steps": [{**STEPS[0], "days": -1}]}, "steps.0.days"),
    ],
)
def test_what_cannot_be_used_is_named(world: World, said: dict[str, Any], field: str) -> None:
    answer = caller(world, world.ben)("POST", "/message-plans", said)
    assert (answer.status, list(answer.fields)) == (422, [field])


@pytest.mark.parametrize("clock", ["25:00", "9:30", "10.30", "", "ten"])
def test_a_time_of_day_that_cannot_be_used_is_told_how_to_be_sent(world: World, clock: str) -> None:
    ask = caller(world, world.ben)
    answer = ask("POST", "/message-plans", {"name": "Steps", "steps": [{**STEPS[0], "clock": clock}]})
    assert answer.fields == {"steps.0.clock": "Send a time of day such as 09:30."}
    taken = ask.upload(b"Name,Phone\n", {"timing": {"start": "before", "clock": clock}})
    assert taken.fields == {"options.timing.clock": "Send a time of day such as 09:30."}


def test_a_plan_is_sent_to_a_list_after_a_look(world: World) -> None:
    contact(world, "Ana Silva", phone="+12125550131", email="ana@example.org")
    contact(world, "Ben Silva", phone="+12125550131", email="")
    lead, ask = caller(world, world.ben), caller(world, world.cem)
    plan = lead("POST", "/message-plans", {"name": "Recall", "counts_from": "sending", "steps": FORWARD}).body["id"]
    dates = ask("GET", f"/message-plans/{plan}/dates").body
    assert (dates["appointment"], [one["step"] for one in dates["items"]]) == (None, [1, 2])
    kept = ask("POST", "/contact-lists", {"name": "Quiet", "for_family": True}).body
    assert kept["for_family"] is True
    path = f"/contact-lists/{kept['id']}/sends"
    said = {"plan": plan, "purpose": "reminder"}
    shown = ask("POST", f"{path}/preview", said).body
    assert (shown["people"], shown["reached"], shown["messages"], shown["left_behind"]) == (2, 2, 2, {})
    assert [(one["step"], one["people"], one["messages"]) for one in shown["days"]] == [(1, 1, 1), (2, 2, 1)]
    leaves = shown["leaves"]
    assert (leaves["messages"], leaves["leave"], [one["channel"] for one in leaves["channels"]]) == (
        2,
        2,
        ["text", "email"],
    )
    made = ask("POST", path, said)
    assert (made.status, made.body["accepted"]) == (201, 2)
    followed = ask("GET", f"/contact-lists/{kept['id']}/followed-up").body
    assert (followed["total"], [one["name"] for one in followed["items"]]) == (2, ["Ana Silva", "Ben Silva"])
    assert followed["items"][0]["channel"] == "email"
    texts = Message.objects.filter(account=world.account, channel="text").order_by("id")
    assert [(one.body, one.reason) for one in texts] == [("Again, Ana and Ben", ""), ("Again, Ben", "with_family")]
    for refused in ({"purpose": "reminder"}, said | {"body": "Hello"}):
        assert ask("POST", path, refused).status == 422
