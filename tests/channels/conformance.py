"""What every adapter must do, written once: a test module subclasses Conformance and gives it a rig.

Guards the words of adapter.py: an outcome is told as it is known, nothing is handed over that may not leave,
and nothing that was handed over is forgotten.
"""

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from allstop.channels.adapter import Checkable, LinkUp, SendResult, SendState, Unsupported
from tests.channels.rigs import PATIENCE, Rig, Trouble, wall_clock


class StoppedMeanwhile(Exception):
    pass


class Conformance:
    async def test_a_message_is_accepted_with_a_ref_and_arrives_once(self, rig: Rig) -> None:
        outbound = rig.outbound(Trouble.NONE, 1)
        result = await rig.adapter.send(outbound)
        assert result.state is SendState.ACCEPTED
        assert result.refs
        assert all(result.refs)
        assert rig.arrived() == {outbound.message_ref: 1}
        assert any(isinstance(event, LinkUp) for event in rig.sink.came)
        assert {event.adapter for event in rig.sink.came} == {rig.adapter.name}

    async def test_a_message_refused_for_good_says_why_and_did_not_arrive(self, rig: Rig) -> None:
        result = await rig.adapter.send(rig.outbound(Trouble.REFUSED_FOR_GOOD, 1))
        assert (result.state, result.permanent, result.refs) == (SendState.REJECTED, True, ())
        assert result.code
        assert result.text
        assert not rig.arrived()

    async def test_a_message_refused_for_now_is_accepted_later(self, rig: Rig) -> None:
        result = await rig.adapter.send(rig.outbound(Trouble.REFUSED_FOR_NOW, 1))
        assert (result.state, result.permanent, result.refs) == (SendState.REJECTED, False, ())
        assert result.retry_after is not None
        assert result.retry_after > timedelta(0)
        assert not rig.arrived()
        second = await rig.adapter.send(rig.outbound(Trouble.REFUSED_FOR_NOW, 1, attempt=2))
        assert second.state is SendState.ACCEPTED
        assert rig.arrived().total() == 1

    async def test_a_line_lost_before_the_hand_over_is_safe_to_try_again(self, rig: Rig) -> None:
        result = await rig.adapter.send(rig.outbound(Trouble.LOST_BEFORE, 1))
        assert (result.state, result.permanent, result.refs) == (SendState.REJECTED, False, ())
        assert not rig.arrived()
        second = await rig.adapter.send(rig.outbound(Trouble.LOST_BEFORE, 1, attempt=2))
        assert second.state is SendState.ACCEPTED
        assert rig.arrived().total() == 1

    async def test_a_line_lost_after_the_hand_over_is_unknown(self, rig: Rig) -> None:
        outbound = rig.outbound(Trouble.LOST_AFTER, 1)
        result = await rig.adapter.send(outbound)
        assert (result.state, result.permanent) == (SendState.UNKNOWN, False)
        assert rig.arrived() == {outbound.message_ref: 1}

    async def test_an_unknown_message_can_be_asked_for_where_the_provider_can_tell(self, rig: Rig) -> None:
        outbound = rig.outbound(Trouble.LOST_AFTER, 1)
        await rig.adapter.send(outbound)
        if not rig.adapter.capabilities.can_query:
            with pytest.raises(Unsupported):
                await rig.adapter.query(outbound.idempotency_key)
            return
        assert await rig.adapter.query(outbound.idempotency_key) is not None
        assert await rig.adapter.query("never sent") is None

    async def test_a_key_that_is_sent_twice_arrives_once_where_the_provider_honours_keys(self, rig: Rig) -> None:
        outbound = rig.outbound(Trouble.NONE, 1)
        first = await rig.adapter.send(outbound)
        second = await rig.adapter.send(replace(outbound, attempt=2))
        if rig.adapter.capabilities.idempotent:
            assert first.refs == second.refs
        assert rig.arrived() == {outbound.message_ref: 1 if rig.adapter.capabilities.idempotent else 2}

    async def test_receipts_that_come_late_and_twice_are_one_and_carry_the_ref(self, rig: Rig) -> None:
        result = await rig.adapter.send(rig.outbound(Trouble.RECEIPT_TWICE, 1))
        assert result.state is SendState.ACCEPTED
        ref = result.refs[0]
        if not rig.adapter.capabilities.receipts:
            await rig.adapter.close()
            assert not rig.sink.receipts(ref)
            return
        await rig.sink.until(lambda: len(rig.sink.receipts(ref)) == 2)
        assert len({(receipt.adapter, receipt.ref, receipt.state) for receipt in rig.sink.receipts(ref)}) == 1
        assert len([key for key in rig.sink.kept if key[0] == "receipt"]) == 1

    async def test_cancelling_does_what_the_capabilities_say(self, rig: Rig) -> None:
        result = await rig.adapter.send(rig.outbound(Trouble.NONE, 1))
        if rig.adapter.capabilities.can_cancel:
            assert isinstance(await rig.adapter.cancel(result.refs[0]), bool)
            return
        with pytest.raises(Unsupported):
            await rig.adapter.cancel(result.refs[0])

    async def test_what_it_cannot_carry_is_refused_loudly_and_does_not_arrive(self, rig: Rig) -> None:
        with pytest.raises(Unsupported) as refusal:
            await rig.adapter.send(rig.unsupported())
        assert str(refusal.value).endswith(".")
        assert not rig.arrived()

    async def test_a_message_that_may_not_leave_any_more_is_withdrawn(self, rig: Rig) -> None:
        result = await rig.adapter.send(rig.outbound(Trouble.NONE, 1), lambda: False)
        assert result.state is SendState.WITHDRAWN
        assert not rig.arrived()
        assert (await rig.adapter.send(rig.outbound(Trouble.NONE, 2))).state is SendState.ACCEPTED

    async def test_a_message_past_its_use_by_is_withdrawn(self, rig: Rig) -> None:
        late = replace(rig.outbound(Trouble.NONE, 1), use_by=wall_clock() - timedelta(seconds=1))
        in_time = replace(rig.outbound(Trouble.NONE, 2), use_by=wall_clock() + timedelta(hours=1))
        assert (await rig.adapter.send(late)).code == "allstop:too_late"
        assert (await rig.adapter.send(in_time)).state is SendState.ACCEPTED
        assert rig.arrived() == {in_time.message_ref: 1}

    async def test_a_last_look_that_fails_hands_nothing_over_and_harms_no_other_message(self, rig: Rig) -> None:
        def fails() -> bool:
            raise StoppedMeanwhile

        for number in range(rig.adapter.capabilities.max_connections + 1):
            with pytest.raises(StoppedMeanwhile):
                await rig.adapter.send(rig.outbound(Trouble.NONE, number), fails)
        assert not rig.arrived()
        assert (await rig.adapter.send(rig.outbound(Trouble.NONE, 999))).state is SendState.ACCEPTED

    async def test_when_a_stop_comes_half_way_exactly_what_looked_in_time_arrives(self, rig: Rig) -> None:
        """TN1, TN2: the switch is asked immediately before each start; what has started is not touched."""
        is_open = True
        last_look: dict[str, bool] = {}

        async def send(number: int) -> SendResult:
            outbound = rig.outbound(Trouble.NONE, number)

            def may_leave() -> bool:
                last_look[outbound.message_ref] = is_open
                return is_open

            return await rig.adapter.send(outbound, may_leave)

        sends = [asyncio.create_task(send(number)) for number in range(200)]
        async with asyncio.timeout(PATIENCE):
            while rig.arrived().total() < 20:
                await asyncio.sleep(0.001)
        is_open = False
        results = Counter(result.state for result in await asyncio.gather(*sends))
        assert rig.arrived() == {ref: 1 for ref, said_yes in last_look.items() if said_yes}
        assert results[SendState.ACCEPTED] == rig.arrived().total()
        assert results[SendState.WITHDRAWN] == 200 - rig.arrived().total()
        assert results[SendState.WITHDRAWN] > 0

    async def test_200_sends_at_once_are_all_accounted_for(self, rig: Rig) -> None:
        kinds = [
            Trouble.NONE,
            Trouble.REFUSED_FOR_GOOD,
            Trouble.NONE,
            Trouble.LOST_AFTER,
            Trouble.LOST_BEFORE,
        ]
        outbounds = [rig.outbound(kinds[number % 5], number) for number in range(200)]
        results = await asyncio.gather(*(rig.adapter.send(outbound) for outbound in outbounds))
        assert Counter(result.state for result in results) == {
            SendState.ACCEPTED: 80,
            SendState.REJECTED: 80,
            SendState.UNKNOWN: 40,
        }
        left = {SendState.ACCEPTED, SendState.UNKNOWN}
        assert rig.arrived() == {
            outbound.message_ref: 1 for outbound, result in zip(outbounds, results, strict=True) if result.state in left
        }

    async def test_a_cancelled_send_leaves_the_adapter_working(self, rig: Rig) -> None:
        for number in range(rig.adapter.capabilities.max_connections + 1):
            task = asyncio.create_task(rig.adapter.send(rig.outbound(Trouble.NONE, number)))
            await asyncio.sleep(0.001 * (number % 4))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        assert (await rig.adapter.send(rig.outbound(Trouble.NONE, 999))).state is SendState.ACCEPTED

    async def test_closing_waits_for_what_is_under_way_and_lets_nothing_follow(self, rig: Rig) -> None:
        sends = [asyncio.create_task(rig.adapter.send(rig.outbound(Trouble.NONE, number))) for number in range(50)]
        await asyncio.sleep(0.005)
        await rig.adapter.close()
        assert all(task.done() for task in sends)
        results = [task.result() for task in sends]
        accepted = sum(result.state is SendState.ACCEPTED for result in results)
        withdrawn = sum(result.state is SendState.WITHDRAWN for result in results)
        assert accepted + withdrawn == 50
        assert rig.arrived().total() == accepted
        assert (await rig.adapter.send(rig.outbound(Trouble.NONE, 99))).state is SendState.WITHDRAWN

    async def test_it_says_in_words_whether_messages_could_leave(self, rig: Rig) -> None:
        if not isinstance(rig.adapter, Checkable):
            pytest.skip("It cannot be tried out without a message.")
        checked = await rig.adapter.check()
        assert checked.is_good
        assert checked.words.endswith(".")
        assert not rig.arrived()

    async def test_draining_says_whether_it_ended_in_time(self, rig: Rig) -> None:
        assert await rig.adapter.drain(timedelta(seconds=PATIENCE))
        assert (await rig.adapter.send(rig.outbound(Trouble.NONE, 1))).state is SendState.WITHDRAWN
