"""A START as a plan with real worker processes: exactly the chosen ones arrive, also after kill -9 in the middle."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

from allstop.actions.actor import Actor
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.plan import plan_under_way, start_as_planned
from allstop.actions.switch import is_stopped, stop_account
from allstop.rules.plan import DROP, SEND, Group, Plan
from allstop.rules.ramp import RampChoice
from allstop.store import lists
from allstop.store.models import Hold, Job, Message, OutboxItem, PlanState, Ramp, RampState, StartPlan, Status
from tests.dispatch.processes import wait_until, workers
from tests.world import World, contact, job, texts


def stopped_with(world: World, count: int) -> tuple[Job, list[int], Group]:
    wait_until_confirmed(stop_account(world.admin, "wrong file", datetime.now(UTC)).number)
    made = job(world, "Recall")
    ids = texts(world, count, of=made, to=contact(world))
    (group,) = [one.group for one in lists.backlog(world.account.pk, datetime.now(UTC)).groups]
    assert isinstance(group, Group)
    return made, ids, group


def arrived() -> set[int]:
    return set(OutboxItem.objects.values_list("message_id", flat=True))


def test_forty_chosen_of_three_hundred_and_exactly_forty_leave(committed_world: World, database_url: str) -> None:
    world = committed_world
    with workers(database_url, 2):
        _, ids, group = stopped_with(world, 300)
        chosen = ids[3:300:7][:40]
        plan = Plan({group: DROP}, dict.fromkeys(chosen, SEND))
        start_as_planned(world.leader, plan, now=datetime.now(UTC))
        wait_until(lambda: len(arrived()) >= 40, "forty to arrive")
        wait_until(lambda: Message.objects.filter(status=Status.SENT).count() == 40, "them to be finished")
        time.sleep(0.5)
        assert arrived() == set(chosen)
    assert Message.objects.filter(status=Status.REMOVED, reason="dropped_at_start").count() == 260


STARTER = """
import django; django.setup()
from datetime import UTC, datetime, timedelta
from allstop.actions.actor import Actor
from allstop.actions import plan
from allstop.rules.plan import DROP, SEND, Plan, read_key
from allstop.rules.roles import Role
from allstop.store import plans
plans.AT_ONCE = 5
actor = Actor({account}, "Ben Weber", Role.LEADER, "console")
chosen = Plan({{read_key("{key}"): DROP}}, dict.fromkeys({chosen}, SEND))
plan.start_as_planned(actor, chosen, now=datetime.now(UTC), patience=timedelta(hours=1))
"""


def starter(world: World, database_url: str, group: Group, chosen: list[int]) -> "subprocess.Popen[bytes]":
    code = STARTER.format(account=world.account.pk, key=group.key, chosen=chosen)
    environ = os.environ | {"DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "allstop.settings"}
    return subprocess.Popen([sys.executable, "-c", code], env=environ)


def killed_half_way(world: World, database_url: str, group: Group, chosen: list[int]) -> StartPlan:
    process = starter(world, database_url, group, chosen)
    try:
        wait_until(lambda: StartPlan.objects.filter(dropped__gt=100).exists(), "some to be dropped")
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()
    plan = plan_under_way(world.account.pk)
    assert plan is not None, "it was too fast to be killed"
    return plan


def test_after_kill_9_in_the_middle_it_stays_stopped_and_a_worker_finishes_the_plan(
    committed_world: World, database_url: str
) -> None:
    world = committed_world
    _, ids, group = stopped_with(world, 3000)
    chosen = ids[::75]
    plan = killed_half_way(world, database_url, group, chosen)
    assert is_stopped(world.account.pk)
    assert 100 < plan.dropped < plan.total == 2960
    with workers(database_url, 2):
        time.sleep(1)
        assert arrived() == set(), "nothing leaves before the plan is whole"
        wait_until(lambda: len(arrived()) >= 40, "the chosen ones to arrive")
        wait_until(lambda: Message.objects.filter(status=Status.SENT).count() == 40, "them to be finished")
        time.sleep(0.3)
    assert arrived() == set(chosen)
    plan.refresh_from_db()
    assert (plan.state, plan.dropped) == (PlanState.STARTED, 2960)
    assert Message.objects.filter(status=Status.REMOVED).count() == 2960


def test_after_kill_9_the_next_start_finishes_the_plan(committed_world: World, database_url: str) -> None:
    world = committed_world
    made, ids, group = stopped_with(world, 3000)
    plan = killed_half_way(world, database_url, group, ids[:40])
    again = start_as_planned(world.admin, now=datetime.now(UTC))
    assert (again.plan_id, again.state, again.done) == (plan.pk, PlanState.STARTED, 2960)
    assert set(made.message_set.filter(status=Status.WAITING).values_list("id", flat=True)) == set(ids[:40])
    assert not is_stopped(world.account.pk)


def test_a_ramp_lets_few_leave_and_stops_the_account_when_they_fail(committed_world: World, database_url: str) -> None:
    """A number that ends in 0197 is refused for good by the sandbox's provider."""
    world = committed_world
    wait_until_confirmed(stop_account(world.admin, "", datetime.now(UTC)).number)
    bad = contact(world, phone="+12125550197")
    texts(world, 30, to=bad)
    Message.objects.update(address="+12125550197")
    leader: Actor = world.leader
    with workers(database_url, 2):
        began = time.monotonic()
        start_as_planned(leader, now=datetime.now(UTC), ramp=RampChoice(per_minute=120, minutes=5))
        wait_until(lambda: is_stopped(world.account.pk), "the ramp to stop the account")
        took = time.monotonic() - began
    failed = Message.objects.filter(status=Status.FAILED).count()
    assert 5 <= failed <= 1 + took * 2
    assert Message.objects.filter(status=Status.WAITING).count() == 30 - failed
    hold = Hold.objects.get(account=world.account, lifted_at=None)
    assert hold.by == "ramp"
    assert "messages failed" in hold.reason
    assert Ramp.objects.get().state == RampState.TRIPPED


def test_a_ramp_ends_by_itself_through_the_workers(committed_world: World, database_url: str) -> None:
    world = committed_world
    _, ids, _ = stopped_with(world, 200)
    start_as_planned(world.leader, now=datetime.now(UTC), ramp=RampChoice(per_minute=120, minutes=1))
    with workers(database_url):
        wait_until(lambda: len(arrived()) >= 2, "the first to arrive")
        time.sleep(1)
        assert len(arrived()) < 20
        Ramp.objects.update(minutes=1, begun_at=datetime.now(UTC) - timedelta(minutes=2))
        Message.objects.filter(status=Status.SENT).update(finished_at=datetime.now(UTC) - timedelta(seconds=90))
        wait_until(lambda: arrived() == set(ids), "all to leave")
    assert Ramp.objects.get().state == RampState.DONE
