"""START as a plan: exactly what was chosen leaves, and nothing before the plan is whole."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.carrying_on import Started, finish_left, started
from allstop.actions.jobs import remove_jobs
from allstop.actions.plan import Changed, Expected, cancel_plan, start_as_planned
from allstop.actions.switch import is_stopped, start_account, stop_account
from allstop.rules.plan import DROP, SEND, Choice, Fate, Group, Plan, Staleness
from allstop.store import ledger, lists, plans, queue
from allstop.store.models import (
    Hold,
    Lane,
    LedgerEntry,
    Message,
    PlanState,
    QueueEntry,
    StartPlan,
    StartPlanItem,
    Status,
    Stop,
)
from tests.store.test_backlog import message
from tests.world import World, contact, job, texts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def group_of(world: World, name: str) -> Group:
    found = lists.backlog(world.account.pk, world.now).groups
    (group,) = [one.group for one in found if one.job == name]
    assert isinstance(group, Group)
    return group


def reasons(ids: list[int]) -> set[tuple[str, str]]:
    return set(Message.objects.filter(id__in=ids).values_list("status", "reason"))


def waiting(world: World) -> set[int]:
    return set(QueueEntry.objects.filter(account_id=world.account.pk).values_list("id", flat=True))


def test_a_start_without_a_plan_sends_what_is_fresh_and_nothing_stale(world: World) -> None:
    """The default of an unattended restart; TN6 for what is due and fresh."""
    person = contact(world)
    fresh = texts(world, 3, due_at=world.now - 9 * DAY)
    late = [message(world, contact_id=person.pk, body=f"{n}", use_by=world.now - HOUR) for n in range(2)]
    too_late = queue.enqueue(late, world.now)
    older, newer = queue.enqueue([message(world, contact_id=person.pk)] * 2, world.now)
    stop_account(world.admin, "", world.now)
    made = start_as_planned(world.leader, now=world.now)
    assert (made.state, made.counts.send, made.counts.drop) == (PlanState.STARTED, 4, 3)
    assert (made.counts.past_use_by, made.counts.duplicates) == (2, 1)
    assert waiting(world) == {*fresh, newer}
    assert reasons(too_late) == {("removed", "too_late")}
    assert reasons([older]) == {("removed", "duplicate")}
    assert not is_stopped(world.account.pk)
    assert Lane.objects.filter(account_id=world.account.pk, is_open=True).count() == 6
    assert lists.totals(world.account.pk).messages == 4


def test_forty_chosen_of_three_hundred_are_exactly_those_that_stay_in_the_queue(world: World) -> None:
    recall = job(world, "Recall")
    ids = texts(world, 300, of=recall)
    other = texts(world, 5, of=job(world, "Other"))
    chosen = ids[7:47]
    stop_account(world.admin, "", world.now)
    plan = Plan({group_of(world, "Recall"): DROP}, dict.fromkeys(chosen, SEND))
    made = start_as_planned(world.leader, plan, now=world.now, expected=Expected(45, 0, 260))
    assert (made.total, made.done) == (260, 260)
    assert waiting(world) == {*chosen, *other}
    assert reasons(list(set(ids) - set(chosen))) == {("removed", "dropped_at_start")}
    row = lists.job(world.account.pk, recall.pk, world.now)
    assert row is not None
    assert (row.waiting, row.counts[Status.REMOVED]) == (40, 260)


def test_what_is_re_dated_is_due_at_the_new_time_in_every_table(world: World) -> None:
    ids = texts(world, 3, of=job(world, "Recall"), due_at=world.now - 3 * DAY)
    QueueEntry.objects.filter(id=ids[0]).update(held="zone_unknown")
    stop_account(world.admin, "", world.now)
    at = world.now + 2 * DAY
    made = start_as_planned(world.leader, Plan({group_of(world, "Recall"): Choice(Fate.LATER, at)}), now=world.now)
    assert (made.counts.later, made.counts.send) == (3, 0)
    assert set(QueueEntry.objects.filter(id__in=ids).values_list("due_at", "held")) == {(at, None)}
    assert set(Message.objects.filter(id__in=ids).values_list("due_at", "status")) == {(at, "waiting")}
    assert lists.backlog(world.account.pk, world.now).groups[0].first_due_at == at


def test_the_ledger_has_the_plan_in_the_entry_of_the_start(world: World) -> None:
    texts(world, 3, of=job(world, "Recall"))
    stop_account(world.member, "wrong file", world.now)
    group = group_of(world, "Recall")
    actor = replace(world.leader, via="api")
    made = start_as_planned(actor, Plan({group: DROP}), reason="all old", now=world.now)
    entry = LedgerEntry.objects.get(account=world.account, act="start")
    assert (entry.by, entry.reason) == ("Ben Weber", "all old")
    assert entry.before is not None
    assert entry.after is not None
    assert (entry.before["waiting"], entry.after["waiting"]) == (3, 0)
    assert (entry.after["number"], entry.after["via"]) == (made.number, "api")
    assert entry.after["plan"]["groups"] == {group.key: {"fate": "drop"}}
    assert (entry.after["plan"]["drop"], entry.after["plan"]["dropped"]) == (3, 3)
    assert isinstance(ledger.verify(world.account.pk), int)


def test_what_came_since_the_person_looked_is_said_and_nothing_changes(world: World) -> None:
    texts(world, 3)
    stop_account(world.admin, "", world.now)
    texts(world, 2)
    with pytest.raises(Changed, match="5 would be sent") as told:
        start_as_planned(world.leader, now=world.now, expected=Expected(3, 0, 0))
    assert told.value.counts.send == 5
    assert is_stopped(world.account.pk)
    assert not StartPlan.objects.exists()
    start_as_planned(world.leader, now=world.now, expected=Expected(5, 0, 0))
    assert not is_stopped(world.account.pk)


def test_who_may_not_start_may_not_plan_and_a_running_account_has_no_plan(world: World) -> None:
    with pytest.raises(Conflict, match="RUNNING already"):
        start_as_planned(world.leader, now=world.now)
    stop_account(world.admin, "", world.now)
    for somebody in (world.member, world.viewer):
        with pytest.raises(Forbidden, match="admin or leader"):
            start_as_planned(somebody, now=world.now)
    assert is_stopped(world.account.pk)


def test_what_cannot_be_planned_changes_nothing(world: World) -> None:
    (mine,) = texts(world, 1, of=job(world, "Recall"))
    stop_account(world.admin, "", world.now)
    stop_account(world.stranger, "", world.now)
    group = group_of(world, "Recall")
    with pytest.raises(Invalid, match="in the future"):
        start_as_planned(world.leader, Plan({group: Choice(Fate.LATER, world.now)}), now=world.now)
    for plan in (Plan({group: DROP}), Plan(messages={mine: DROP})):
        with pytest.raises(NotThere):
            start_as_planned(world.stranger, plan, now=world.now)
    assert waiting(world) == {mine}
    assert is_stopped(world.rival.pk)
    assert is_stopped(world.account.pk)


def half_done(world: World, monkeypatch: pytest.MonkeyPatch, count: int = 30) -> Started:
    """A plan that drops everything, left by its starter with ten messages dropped."""
    texts(world, count, of=job(world, "Recall"))
    stop_account(world.admin, "", world.now)
    monkeypatch.setattr(plans, "AT_ONCE", 10)
    plan = Plan({group_of(world, "Recall"): DROP})
    return start_as_planned(world.leader, plan, now=world.now, patience=timedelta(0))


def test_until_the_plan_is_whole_the_account_stays_stopped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = half_done(world, monkeypatch)
    assert (made.state, made.total, made.done) == (PlanState.APPLYING, 30, 10)
    assert is_stopped(world.account.pk)
    assert len(waiting(world)) == 20
    with pytest.raises(Conflict, match="START with a plan is under way"):
        start_account(world.admin, "", world.now)
    with pytest.raises(Conflict, match="START by Ben Weber is under way"):
        start_as_planned(world.admin, Plan({group_of(world, "Recall"): DROP}), now=world.now)
    assert is_stopped(world.account.pk)


def test_a_worker_finishes_what_its_starter_left(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = half_done(world, monkeypatch)
    finish_left(world.now)
    assert started(made.plan_id).state is PlanState.STARTED
    assert waiting(world) == set()
    assert not is_stopped(world.account.pk)


def test_a_plan_that_is_being_worked_on_is_left_to_whoever_does(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = half_done(world, monkeypatch)
    StartPlan.objects.update(touched_at=world.now)
    finish_left(world.now + timedelta(seconds=4))
    assert started(made.plan_id).done == 10
    finish_left(world.now + timedelta(seconds=6))
    assert started(made.plan_id).state is PlanState.STARTED


def test_the_next_start_goes_on_with_the_plan_and_not_with_its_own(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = half_done(world, monkeypatch)
    again = start_as_planned(world.admin, now=world.now)
    assert (again.plan_id, again.state, again.by) == (first.plan_id, PlanState.STARTED, "Ben Weber")
    assert waiting(world) == set()


def test_a_cancelled_plan_leaves_the_rest_and_the_account_stopped(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    half_done(world, monkeypatch)
    with pytest.raises(Forbidden):
        cancel_plan(world.member, world.now)
    cancelled = cancel_plan(world.admin, world.now)
    assert (cancelled.state, cancelled.done) == (PlanState.CANCELLED, 10)
    assert not StartPlanItem.objects.exists()
    assert is_stopped(world.account.pk)
    finish_left(world.now + DAY)
    assert is_stopped(world.account.pk)
    assert len(waiting(world)) == 20
    with pytest.raises(Conflict, match="No START is under way"):
        cancel_plan(world.admin, world.now)
    start_as_planned(world.admin, now=world.now)
    assert len(waiting(world)) == 20


def test_a_stop_while_a_start_is_being_applied_cancels_it(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = half_done(world, monkeypatch)
    receipt = stop_account(world.member, "wait", world.now)
    assert StartPlanItem.objects.exists()
    assert receipt.number == Stop.objects.get(is_lift=False).number
    finish_left(world.now + timedelta(hours=1))
    assert started(made.plan_id).state is PlanState.CANCELLED
    assert is_stopped(world.account.pk)
    assert (len(waiting(world)), StartPlanItem.objects.count()) == (20, 0)
    assert not StartPlanItem.objects.exists()
    entry = LedgerEntry.objects.get(account=world.account, act="cancel_start")
    assert (entry.by, entry.after) == ("Cem Tanaka", {"via": "console", "because": "stop"})


def test_what_came_after_the_plan_was_drawn_is_sent(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    half_done(world, monkeypatch)
    late = texts(world, 2)
    finish_left(world.now)
    assert waiting(world) == set(late)


def test_what_a_removed_job_took_away_meanwhile_does_not_hold_the_plan_up(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = half_done(world, monkeypatch)
    group = group_of(world, "Recall")
    remove_jobs(world.admin, [group.job_id], world.now)
    finish_left(world.now)
    after = started(made.plan_id)
    assert (after.state, after.done) == (PlanState.STARTED, 10)


def test_a_plan_lifts_only_the_stop_that_it_was_drawn_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    made = half_done(world, monkeypatch)
    Hold.objects.update(lifted_at=world.now, lifted_by="somebody")
    stop_account(world.admin, "another", world.now)
    finish_left(world.now)
    assert started(made.plan_id).state is PlanState.CANCELLED
    assert len(waiting(world)) == 20
    assert is_stopped(world.account.pk)
    assert Stop.objects.filter(is_lift=True, account_id=world.account.pk).count() == 0


def test_two_presses_of_start_make_one_start(world: World) -> None:
    stop_account(world.admin, "", world.now)
    start_as_planned(world.admin, now=world.now)
    with pytest.raises(Conflict, match="RUNNING already"):
        start_as_planned(world.admin, now=world.now)
    assert LedgerEntry.objects.filter(act="start").count() == 1


def test_another_standing_hold_stays(world: World, now: datetime) -> None:
    Hold.objects.create(
        name="suspended", scope="account", account=world.account, blocks=["sending"], by="x", reason="", at=now,
        lifted_by="",
    )  # fmt: skip
    stop_account(world.admin, "", now)
    start_as_planned(world.admin, now=now)
    assert not Lane.objects.filter(account_id=world.account.pk, is_open=True).exists()


def test_stale_messages_can_be_sent_by_choice(world: World) -> None:
    older, newer = queue.enqueue([message(world, contact_id=contact(world).pk)] * 2, world.now)
    stop_account(world.admin, "", world.now)
    groups = [one.group for one in lists.backlog(world.account.pk, world.now).groups]
    plan = Plan({group: SEND for group in groups if group.staleness is Staleness.DUPLICATE})
    start_as_planned(world.admin, plan, now=world.now)
    assert waiting(world) == {older, newer}
