"""START as a plan by the API."""

from datetime import UTC, datetime, timedelta

import pytest

from allstop.actions.switch import is_stopped, stop_account
from allstop.store.models import QueueEntry
from tests.doors.caller import Caller, caller
from tests.kept_cast import the_cast
from tests.world import World, contact, job, texts


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: the API reads the clock."""
    made = the_cast(datetime.now(UTC))
    stop_account(made.admin, "", made.now)
    return made


def waiting(world: World) -> set[int]:
    return set(QueueEntry.objects.filter(account_id=world.account.pk).values_list("id", flat=True))


def key(ask: Caller, name: str) -> str:
    (found,) = [one["key"] for one in ask("GET", "/account/backlog").body["groups"] if one["job"] == name]
    return str(found)


def test_the_backlog_shows_its_groups(world: World) -> None:
    recall = job(world, "Recall")
    texts(world, 3, of=recall, due_at=world.now - timedelta(days=3))
    body = caller(world, world.dot)("GET", "/account/backlog").body
    assert (body["messages"], body["start"], body["ramp"]) == (3, None, None)
    (group,) = body["groups"]
    assert (group["job_id"], group["location"], group["age"], group["staleness"], group["messages"]) == (
        recall.pk,
        "Northgate",
        "week",
        "fresh",
        3,
    )
    assert group["by_channel"] == {"text": 3, "call": 0, "email": 0}
    assert caller(world, world.rae)("GET", "/account/backlog").body["groups"] == []


def test_a_preview_refuses_what_a_start_would_refuse(world: World) -> None:
    texts(world, 3, of=job(world, "Recall"))
    ask = caller(world, world.ben)
    past = {"do": "later", "at": "2020-01-01T09:00:00Z"}
    for plan, status in (
        ({"groups": [{"key": key(ask, "Recall"), **past}]}, 422),
        ({"groups": [{"key": "999999.0.day.fresh", "do": "drop"}]}, 404),
        ({"messages": [{"id": 2**40, "do": "drop"}]}, 404),
    ):
        seen = ask("POST", "/account/start/preview", {"plan": plan})
        assert seen == ask("POST", "/account/start", {"plan": plan})
        assert seen.status == status
    assert len(waiting(world)) == 3


def test_forty_chosen_of_three_hundred(world: World) -> None:
    ids = texts(world, 300, of=job(world, "Recall"))
    ask = caller(world, world.ben)
    plan = {
        "groups": [{"key": key(ask, "Recall"), "do": "drop"}],
        "messages": [{"id": one, "do": "send"} for one in ids[:40]],
    }
    seen = ask("POST", "/account/start/preview", {"plan": plan}).body
    assert (seen["counts"]["send"], seen["counts"]["drop"], seen["minutes"]) == (40, 260, 1)
    assert [one["messages"] for one in seen["stretches"]] == [40]
    expected = {"send": 40, "later": 0, "drop": 260}
    started = ask("POST", "/account/start", {"plan": plan, "expected": expected})
    assert (started.status, started.body["state"], started.body["done"]) == (200, "started", 260)
    assert waiting(world) == set(ids[:40])


def test_what_has_changed_is_a_conflict_with_the_new_counts(world: World) -> None:
    texts(world, 3)
    answer = caller(world, world.ben)("POST", "/account/start", {"expected": {"send": 2}})
    assert (answer.status, answer.code) == (409, "conflict")
    assert "Now 3 would be sent" in answer.body["error"]["message"]
    assert is_stopped(world.account.pk)


def test_without_a_plan_nothing_stale_leaves(world: World) -> None:
    person = contact(world)
    for _ in range(2):
        texts(world, 1, to=person)
    body = caller(world, world.ben)("POST", "/account/start", {}).body
    assert (body["counts"]["send"], body["counts"]["drop"], body["counts"]["duplicates"]) == (1, 1, 1)
    assert len(waiting(world)) == 1


def test_a_ramp_is_shown_with_its_figures_and_ended(world: World) -> None:
    texts(world, 3)
    ask = caller(world, world.ben)
    ask("POST", "/account/start", {"ramp": {"per_minute": 10, "minutes": 15}})
    ramp = ask("GET", "/account/backlog").body["ramp"]
    assert (ramp["per_minute"], ramp["minutes"], ramp["ends_at"], ramp["sent"]) == (10, 15, None, 0)
    assert (ramp["failures"], ramp["opt_outs"]) == (20, 5)
    assert ask("POST", "/account/start/all-now").body["ramp"] is None
    assert ask("POST", "/account/start/all-now").status == 409


def test_a_ramp_has_limits_of_its_own(world: World) -> None:
    ask = caller(world, world.ben)
    ask("POST", "/account/start", {"ramp": {"per_minute": 10, "minutes": 15, "failures": 50, "opt_outs": 2}})
    ramp = ask("GET", "/account/backlog").body["ramp"]
    assert (ramp["failures"], ramp["opt_outs"]) == (50, 2)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"plan": {"groups": [{"key": "x", "do": "drop"}]}}, "groups"),
        ({"plan": {"groups": [{"key": "0.0.day.fresh", "do": "later"}]}}, "at"),
        ({"plan": {"groups": [{"key": "0.0.day.fresh", "do": "drop", "at": "2031-01-01T00:00:00Z"}]}}, "at"),
        ({"plan": {"groups": [{"key": "0.0.day.fresh", "do": "later", "at": "2020-01-01T00:00:00Z"}]}}, "at"),
        (
            {"plan": {"groups": [{"key": "0.0.day.fresh", "do": "later", "at": "2031-01-01T00:00:00"}]}},
            "plan.groups.0.at",
        ),
        ({"plan": {"groups": [{"key": "0.0.day.fresh", "do": "burn"}]}}, "plan.groups.0.do"),
        ({"ramp": {"per_minute": 0, "minutes": 15}}, "ramp.per_minute"),
        ({"ramp": {"per_minute": 10, "minutes": 15, "failures": 101}}, "ramp.failures"),
        ({"ramp": {"per_minute": 10, "minutes": 15, "opt_outs": 0}}, "ramp.opt_outs"),
    ],
)
def test_what_cannot_be_used_is_said_and_starts_nothing(world: World, body: dict[str, object], field: str) -> None:
    answer = caller(world, world.ben)("POST", "/account/start", body)
    assert (answer.status, list(answer.fields)) == (422, [field])
    assert is_stopped(world.account.pk)


def test_another_accounts_jobs_and_messages_are_404(world: World) -> None:
    (one,) = texts(world, 1, of=job(world, "Recall"))
    stop_account(world.stranger, "", world.now)
    mine = key(caller(world, world.ben), "Recall")
    ask = caller(world, world.rae)
    for plan in ({"groups": [{"key": mine, "do": "drop"}]}, {"messages": [{"id": one, "do": "drop"}]}):
        assert ask("POST", "/account/start", {"plan": plan}).status == 404
    assert waiting(world) == {one}
    assert QueueEntry.objects.filter(account_id=world.account.pk).count() == 1
