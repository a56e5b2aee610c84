"""Credits of texts: paid before they are handed over, given back when they were not taken.

The rule that it guards: nothing leaves that was not paid for, by however many workers. What may have left stays paid;
so does what a worker held that died, whose messages are unknown.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from allstop.dispatch.sending import Result, may_have_left
from allstop.rules.segments import segments
from allstop.store.claims import Claimed, Claims, Content, LaneKey, PutBack
from allstop.store.facts import LaneSetup

LOOK_AGAIN = timedelta(seconds=5)  # at a text that costs more than is left


class Paying:
    def __init__(self, queue: Claims, now: Callable[[], datetime]) -> None:
        self._queue = queue
        self._now = now
        self._paid: dict[int, int] = {}  # by message, while it is under way
        self._back: defaultdict[tuple[int, str], int] = defaultdict(int)

    async def pay(
        self, lane: LaneKey, setup: LaneSetup, its: Sequence[Claimed], contents: Mapping[int, Content]
    ) -> tuple[list[Claimed], list[PutBack]]:
        """Those that are paid for, and those that wait for credits."""
        if setup.facts.provider.credits is None or not its:
            return list(its), []
        parts = [len(segments(contents[one.id].body).parts) for one in its]
        granted = await self._queue.spend(lane, parts, self._now())
        paid: list[Claimed] = []
        waiting: list[PutBack] = []
        for one, cost, is_paid in zip(its, parts, granted, strict=True):
            if is_paid:
                self._paid[one.id] = cost
                paid.append(one)
            else:
                again = self._now() + LOOK_AGAIN
                waiting.append(PutBack(lane.account_id, one.id, one.number, again, None, "no_credits"))
        return paid, waiting

    def settle(self, lane: LaneKey, message_id: int, result: Result) -> None:
        cost = self._paid.pop(message_id, 0)
        if cost and not may_have_left(result):
            self._back[lane.account_id, lane.channel] += cost

    async def flush(self) -> None:
        while self._back:
            (account_id, channel), count = self._back.popitem()
            await self._queue.give_credits_back(account_id, channel, count, self._now())
