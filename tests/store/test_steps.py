"""One step of a worker: what was sent is finished and several lanes are claimed from, in one commit."""

from datetime import timedelta

import pytest
from django.db import connection

from allstop.rules.facts import Channel, Purpose
from allstop.rules.retry import Outcome
from allstop.store import queue
from allstop.store.callees import Callee
from allstop.store.claims import Claimed, Claims, Finished, Tried
from allstop.store.models import Attempt, Contact, Message, MessagePlan, PlanStep, QueueEntry, Status
from tests.store.test_queue import lane, on_claims, tallies, tried
from tests.world import World, contact, texts


def emails(world: World, count: int, ago: timedelta = timedelta()) -> list[int]:
    one = queue.NewMessage(
        account_id=world.account.pk,
        channel=Channel.EMAIL,
        purpose=Purpose.REMINDER,
        address="pat@example.org",
        subject="Tomorrow",
        body="Your appointment",
        due_at=world.now - ago,
    )
    return queue.enqueue([one] * count, world.now)


async def claim_both(c: Claims, world: World, burst: int, finished: list[Finished] | None = None) -> list[Claimed]:
    await c.fold()
    both = [lane(world), lane(world, Channel.EMAIL)]
    return await c.step_lanes(world.now, both, burst, finished or [])


def test_lanes_are_claimed_from_in_turn_until_it_is_enough(committed_world: World) -> None:
    of_text, of_email = texts(committed_world, 3), emails(committed_world, 5)
    got = on_claims(committed_world, lambda c: claim_both(c, committed_world, 6))
    assert [(one.lane, one.id) for one in got] == [(0, i) for i in of_text] + [(1, i) for i in of_email[:3]]


def test_the_first_due_comes_first_whatever_its_id(committed_world: World) -> None:
    later, soonest, soon = (emails(committed_world, 1, timedelta(minutes=ago))[0] for ago in (1, 3, 2))
    got = on_claims(committed_world, lambda c: claim_both(c, committed_world, 50))
    assert [one.id for one in got] == [soonest, soon, later]


def test_a_lane_that_is_not_reached_is_not_touched(committed_world: World) -> None:
    texts(committed_world, 3)
    emails(committed_world, 5)
    got = on_claims(committed_world, lambda c: claim_both(c, committed_world, 3))
    assert {one.lane for one in got} == {0}
    assert QueueEntry.objects.filter(worker_id=None, channel=Channel.EMAIL).count() == 5


def test_what_was_sent_and_what_was_refused_end_in_one_step(committed_world: World) -> None:
    texts(committed_world, 2)
    emails(committed_world, 1)

    async def do(c: Claims) -> list[Claimed]:
        first, second, third = await claim_both(c, committed_world, 50)
        account_id = committed_world.account.pk
        done = [
            Finished(account_id, first.id, Status.SENT, "", tried(committed_world, Outcome.ACCEPTED)),
            Finished(account_id, second.id, Status.REFUSED, "stop_all"),
            Finished(account_id, third.id, Status.SENT, "", tried(committed_world, Outcome.ACCEPTED)),
        ]
        return await claim_both(c, committed_world, 50, done)

    assert on_claims(committed_world, do) == []
    assert tallies() == {"sent": 2, "refused": 1}
    assert Attempt.objects.count() == 2


@pytest.mark.parametrize("said", ['a "quoted" word', "back\\slash", 'x","y', "{a,b}", "NULL", "", "Ende gut 🎉\n"])
def test_whatever_a_provider_says_is_written_down_as_it_said_it(committed_world: World, said: str) -> None:
    texts(committed_world, 2)
    at = committed_world.now

    async def do(c: Claims) -> None:
        both = await claim_both(c, committed_world, 50)
        account_id = committed_world.account.pk
        words = [
            Tried(Outcome.ACCEPTED, at, at, "sandbox", said, said, said),
            Tried(Outcome.ACCEPTED, at, at, "sandbox", "ref", "code", "detail"),
        ]
        done = [Finished(account_id, m.id, Status.SENT, "", t) for m, t in zip(both, words, strict=True)]
        await claim_both(c, committed_world, 50, done)

    on_claims(committed_world, do)
    first, second = Attempt.objects.order_by("message_id")
    assert (first.ref, first.code, first.detail) == (said, said, said)
    assert (second.ref, second.code, second.detail) == ("ref", "code", "detail")
    assert (first.adapter, first.outcome, first.started_at, first.number) == ("sandbox", "accepted", at, 1)
    assert not Message.objects.exclude(status=Status.SENT, finished_at=at).exists()


def test_no_index_of_message_mentions_what_a_finish_changes(db: None) -> None:
    """Else each finish adds an entry to every index, which costs more than all the rest of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE tablename = 'message'")
        indexes = [row[0] for row in cursor.fetchall()]
    assert indexes
    for changed in ("status", "reason", "finished_at"):
        assert not [index for index in indexes if changed in index]


def test_whoever_is_called_hears_what_the_message_plan_says_to_a_yes_in_their_language(committed_world: World) -> None:
    world = committed_world
    account_id = world.account.pk
    pat = contact(world)
    Contact.objects.filter(pk=pat.pk).update(language="de-AT")
    ids = texts(world, 2, to=pat)
    thanks = [
        {"language": "", "confirmed": "{account}: Thank you.", "cancelled": ""},
        {"language": "de", "confirmed": "{account}: Danke.", "cancelled": ""},
    ]
    plan = MessagePlan.objects.create(
        account=world.account, name="P", purpose="reminder", steps=[], thanks=thanks, created_at=world.now
    )
    for visit in ids:  # the first tells of a family: two appointments
        PlanStep.objects.create(
            account=world.account, visit=visit, number=1, message_id=ids[0], condition="always", plan_id=plan.pk
        )

    async def do(c: Claims) -> dict[int, Callee]:
        return await c.callees([(account_id, one) for one in ids])

    found = on_claims(world, do)
    assert found[ids[0]] == Callee("de-AT", 0, {"1": "Northgate Dental: Danke."}), "no words for a no: the usual thanks"
    assert found[ids[1]] == Callee("de-AT", 0)
