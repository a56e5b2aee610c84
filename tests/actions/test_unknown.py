"""Unknown outcomes: a person sends them again or leaves them, and nothing else does."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from django.db import connection

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.contacts import mark
from allstop.actions.jobs import remove_jobs
from allstop.actions.messages import Draft, send_message
from allstop.actions.switch import stop_account
from allstop.actions.unknown import Choice, settle
from allstop.rules.facts import Channel, Purpose
from allstop.rules.gate import decide
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import Refuse
from allstop.store import ledger, lists
from allstop.store.facts import facts_of
from allstop.store.models import Attempt, LedgerEntry, Message, QueueEntry, Status, Tally, TallyChange, Wake
from tests.world import World, contact, job, lose, texts


def tallies() -> dict[str, int]:
    counts: Counter[str] = Counter()
    for model in (Tally, TallyChange):
        for status, count in model.objects.values_list("status", "count"):
            counts[status] += count
    return {status: count for status, count in counts.items() if count}


def test_sent_again_they_wait_once_more_as_the_same_messages(world: World, now: datetime) -> None:
    person, made = contact(world), job(world)
    ids = lose(world, texts(world, 3, of=made, to=person))
    later = now + timedelta(hours=1)
    assert settle(world.member, ids[:2], Choice.SEND_AGAIN, "asked the patient", later).count == 2
    for message in Message.objects.filter(id__in=ids[:2]):
        assert (message.status, message.reason, message.finished_at, message.due_at) == ("waiting", "", None, now)
    for entry in QueueEntry.objects.all():
        assert (entry.id in ids[:2], entry.due_at, entry.attempt, entry.by_hand) == (True, later, 1, False)
        assert (entry.contact_id, entry.job_id, entry.location_id) == (person.pk, made.pk, world.north.pk)
        assert (entry.purpose, entry.recipients, entry.worker_id, entry.held) == ("reminder", 1, None, None)
    assert QueueEntry.objects.count() == 2
    assert Message.objects.get(id=ids[2]).status == Status.UNKNOWN
    wake = Wake.objects.latest("id")
    assert (wake.account_id, wake.channel, wake.by_hand, wake.due_at) == (world.account.pk, "text", False, later)


def test_the_tallies_stay_exact(world: World, now: datetime) -> None:
    ids = lose(world, texts(world, 5, of=job(world)))
    assert tallies() == {"unknown": 5}
    settle(world.member, ids[:2], Choice.SEND_AGAIN, "", now)
    settle(world.member, ids[2:3], Choice.LEAVE, "", now)
    assert tallies() == {"waiting": 2, "failed": 1, "unknown": 2}
    with connection.cursor() as cursor:
        cursor.execute("SELECT queue_fold_tally()")
    assert tallies() == {"waiting": 2, "failed": 1, "unknown": 2}
    assert lists.totals(world.account.pk).messages == 2
    figures = lists.figures(world.account.pk, now)
    assert (figures.unknown, figures.failed, figures.waiting) == (2, 1, 2)


def test_left_they_have_failed_and_nothing_is_queued(world: World, now: datetime) -> None:
    ids = lose(world, texts(world, 2))
    assert settle(world.member, ids, Choice.LEAVE, "too old", now).count == 2
    assert set(Message.objects.values_list("status", "reason", "finished_at")) == {("failed", "left_unknown", now)}
    assert not QueueEntry.objects.exists()


@pytest.mark.parametrize(("choice", "act"), [(Choice.SEND_AGAIN, "send_again"), (Choice.LEAVE, "leave_unknown")])
def test_the_ledger_says_of_each_who_and_why(world: World, now: datetime, choice: Choice, act: str) -> None:
    ids = lose(world, texts(world, 2))
    settle(world.member, ids, choice, "they rang us", now)
    entries = LedgerEntry.objects.filter(act=act).order_by("number")
    assert [(one.subject, one.by, one.reason, one.at) for one in entries] == [
        (f"message:{one}", "Cem Tanaka", "they rang us", now) for one in ids
    ]
    assert isinstance(ledger.verify(world.account.pk), int)


@pytest.mark.parametrize("first", Choice)
@pytest.mark.parametrize("second", Choice)
def test_done_twice_changes_nothing_more(world: World, now: datetime, first: Choice, second: Choice) -> None:
    ids = lose(world, texts(world, 2))
    settle(world.member, ids, first, "", now)
    before = (list(Message.objects.values()), list(QueueEntry.objects.values()), tallies(), LedgerEntry.objects.count())
    assert settle(world.leader, ids, second, "", now + timedelta(minutes=1)).count == 0
    after = (list(Message.objects.values()), list(QueueEntry.objects.values()), tallies(), LedgerEntry.objects.count())
    assert after == before


def test_an_id_that_comes_twice_counts_once(world: World, now: datetime) -> None:
    (lost,) = lose(world, texts(world, 1))
    assert settle(world.member, [lost, lost], Choice.SEND_AGAIN, "", now).count == 1
    assert QueueEntry.objects.count() == 1


def test_messages_that_are_not_unknown_stay_as_they_are(world: World, now: datetime) -> None:
    (waiting,) = texts(world, 1)
    for choice in Choice:
        assert settle(world.member, [waiting], choice, "", now).count == 0
    assert Message.objects.get(id=waiting).status == Status.WAITING
    assert QueueEntry.objects.count() == 1


@pytest.mark.parametrize("choice", Choice)
def test_another_accounts_message_is_not_there_and_nothing_changes(world: World, now: datetime, choice: Choice) -> None:
    ids = lose(world, texts(world, 2))
    with pytest.raises(NotThere):
        settle(world.stranger, ids, choice, "", now)
    with pytest.raises(NotThere):
        settle(world.admin, [ids[0], 99_999_999], choice, "", now)
    assert set(Message.objects.values_list("status", flat=True)) == {"unknown"}
    assert not QueueEntry.objects.exists()


@pytest.mark.parametrize("choice", Choice)
def test_a_viewer_may_not(world: World, now: datetime, choice: Choice) -> None:
    ids = lose(world, texts(world, 1))
    with pytest.raises(Forbidden):
        settle(world.viewer, ids, choice, "", now)
    assert Message.objects.get().status == Status.UNKNOWN


def test_a_reason_that_is_too_long_is_named(world: World, now: datetime) -> None:
    ids = lose(world, texts(world, 1))
    with pytest.raises(Invalid) as refused:
        settle(world.member, ids, Choice.LEAVE, "x" * 301, now)
    assert list(refused.value.problems) == ["reason"]
    assert Message.objects.get().status == Status.UNKNOWN


def test_messages_of_a_removed_job_can_only_be_left(world: World, now: datetime) -> None:
    old, other = job(world, "Monday clinic"), job(world, "Tuesday")
    person = contact(world)
    ids = lose(world, [*texts(world, 2, of=old, to=person), *texts(world, 1, of=other, to=person)])
    remove_jobs(world.member, [old.pk], now)
    with pytest.raises(Conflict, match="Monday clinic was removed"):
        settle(world.member, ids, Choice.SEND_AGAIN, "", now)
    assert set(Message.objects.values_list("status", flat=True)) == {"unknown"}
    assert not QueueEntry.objects.exists()
    assert settle(world.member, ids, Choice.LEAVE, "", now).count == 3


def test_the_gate_judges_it_as_any_other(world: World, now: datetime) -> None:
    person = contact(world)
    (lost,) = lose(world, texts(world, 1, to=person))
    mark(world.admin, [person.pk], MarkerKind.STOP_ALL, "", now)
    stop_account(world.admin, "", now)
    assert settle(world.member, [lost], Choice.SEND_AGAIN, "", now).count == 1, "STOPPED refuses nothing"
    assert decide(facts_of(world.account.pk, lost), now) == Refuse("contact_marker", "stop_all")


def test_what_a_person_had_sent_by_hand_goes_by_hand_again(world: World, now: datetime) -> None:
    draft = Draft(channel=Channel.TEXT, purpose=Purpose.PERSONAL, body="Hi", address="+1 212 555 0123", by_hand=True)
    (lost,) = lose(world, [send_message(world.member, draft, now).id])
    settle(world.member, [lost], Choice.SEND_AGAIN, "", now)
    assert QueueEntry.objects.get().by_hand
    assert Wake.objects.latest("id").by_hand


def test_lost_again_it_has_two_attempts(world: World, now: datetime) -> None:
    ids = lose(world, texts(world, 1))
    settle(world.member, ids, Choice.SEND_AGAIN, "", now)
    lose(world, ids)
    assert list(Attempt.objects.order_by("number").values_list("number", "outcome")) == [(1, "unknown"), (2, "unknown")]
    settle(world.member, ids, Choice.SEND_AGAIN, "", now)
    assert QueueEntry.objects.get().attempt == 2


def test_of_many_who_decide_at_once_one_does(committed_world: World) -> None:
    ids = lose(committed_world, texts(committed_world, 20, of=job(committed_world)))

    def decide_on(choice: Choice) -> int:
        try:
            return settle(committed_world.member, ids, choice, "", committed_world.now).count
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        counts = [done.result() for done in [pool.submit(decide_on, choice) for choice in list(Choice) * 4]]
    assert sorted(counts) == [0] * 7 + [20]
    assert sum(tallies().values()) == 20
    assert LedgerEntry.objects.filter(act__in=("send_again", "leave_unknown")).count() == 20
