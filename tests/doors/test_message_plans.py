"""Message plans by the API."""

from typing import Any

import pytest

from allstop.store.models import MessagePlan
from tests.doors.caller import caller
from tests.world import World

STEPS: list[dict[str, Any]] = [
    {"channel": "email", "days": 14, "clock": "10:00", "words": [{"body": "See you {when}", "subject": "You"}]},
    {"channel": "text", "days": 2, "clock": "11:00", "condition": "failed", "words": [{"body": "See you {when}"}]},
]


def test_a_plan_is_made_looked_at_rehearsed_changed_and_deleted(world: World) -> None:
    ask = caller(world, world.ben)
    made = ask("POST", "/message-plans", {"name": "Steps", "steps": STEPS})
    assert (made.status, made.body["steps"][1]["condition"]) == (201, "failed")
    path = f"/message-plans/{made.body['id']}"
    assert ask("GET", "/message-plans").body["items"] == [made.body] == [ask("GET", path).body]
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
