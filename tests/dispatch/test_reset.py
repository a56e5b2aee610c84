"""Reset failed gives a message a fresh set of attempts: the worker's own judgement, with the queue behind it (TX14)."""

from datetime import timedelta

from allstop.actions.failed import FailedChoice, decide_failed
from allstop.actions.unknown import Choice, settle
from allstop.channels.adapter import Outbound, SendResult, SendState
from allstop.dispatch.sending import Ringing, judge
from allstop.rules.facts import Channel, Purpose
from allstop.rules.retry import MOST_ATTEMPTS, MOST_RINGS
from allstop.store import queue
from allstop.store.claims import Claims, Finished, PutBack
from allstop.store.models import Attempt, LedgerEntry, Message, Status
from tests.store.test_queue import aside, lane, on_claims
from tests.world import World, contact

NOT_NOW = SendResult(state=SendState.REJECTED, code="busy")
LOST = SendResult(state=SendState.UNKNOWN)


def one_message(world: World, channel: Channel) -> int:
    new = queue.NewMessage(
        account_id=world.account.pk,
        channel=channel,
        purpose=Purpose.REMINDER,
        address="+12125550123",
        body="Tomorrow at ten",
        due_at=world.now,
        contact_id=contact(world).pk,
    )
    return queue.enqueue([new], world.now)[0]


async def tried_until_it_ends(c: Claims, world: World, channel: Channel, answer: SendResult = NOT_NOW) -> list[int]:
    """The numbers of its attempts, as the provider hears them."""
    numbers: list[int] = []
    at = world.now
    while True:
        at += timedelta(days=1)
        await c.fold()
        claimed = await c.step(at, lane(world, channel), 1)
        if not claimed:
            return numbers
        [one] = claimed
        numbers.append(one.attempt + 1)
        ringing = None
        if channel is Channel.CALL:
            ringing = Ringing(rung=(await c.callees([(world.account.pk, one.id)]))[one.id].rung)
        outbound = Outbound(
            account_id=world.account.pk,
            message_id=one.id,
            attempt=one.attempt + 1,
            channel=channel,
            to="+12125550123",
            sender="",
            body="",
            idempotency_key="k",
            message_ref="r",
        )
        match judge("sandbox", outbound, one, answer, ringing, (at, at)):
            case PutBack() as back:
                await c.put_back(at, [back])
            case Finished() as done:
                await c.finish(at, [done])
                return numbers
            case other:
                raise AssertionError(other)


def test_a_text_and_a_call_have_all_their_attempts_again_and_keep_their_numbers(committed_world: World) -> None:
    world = committed_world
    most = {Channel.TEXT: MOST_ATTEMPTS, Channel.CALL: MOST_RINGS}
    ids = {channel: one_message(world, channel) for channel in most}

    def reset(id_: int) -> int:
        return decide_failed(world.member, [id_], FailedChoice.RESET, "", world.now)

    def send_again(id_: int) -> int:
        return settle(world.member, [id_], Choice.SEND_AGAIN, "", world.now).count

    async def do(c: Claims) -> None:
        for channel, times in most.items():
            assert await tried_until_it_ends(c, world, channel) == [*range(1, times + 1)]
            assert await aside(reset, ids[channel]) == 1
            assert await aside(reset, ids[channel]) == 0, "it waits now"
            first = times + 1
            assert await tried_until_it_ends(c, world, channel, LOST) == [first], "nobody knows what came of it"
            assert await aside(send_again, ids[channel]) == 1
            left = times if channel is Channel.CALL else times - 1  # whether it rang is not known
            assert await tried_until_it_ends(c, world, channel) == [*range(first + 1, first + left + 1)]

    on_claims(world, do)
    for channel, times in most.items():
        of_it = Attempt.objects.filter(account=world.account, message_id=ids[channel])
        assert list(of_it.filter(before_reset=True).order_by("number").values_list("number", flat=True)) == [
            *range(1, times + 1)
        ]
        assert Message.objects.get(account=world.account, id=ids[channel]).status == Status.FAILED
        [entry] = LedgerEntry.objects.filter(subject=f"message:{ids[channel]}", act="reset_failed")
        assert entry.before == {"status": "failed", "attempts": times}
