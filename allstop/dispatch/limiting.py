"""The provider's limits: room is taken before messages are handed over, and given back for those that were not taken.

The rule that it guards: in no minute, hour or day more leaves than the provider takes, by however many workers. What
finds no room is handed back as if it had never been claimed, and its lane rests until the next one fits.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from allstop.dispatch.sending import Result, may_have_left
from allstop.store.claims import Claimed, Claims, LaneKey
from allstop.store.facts import LaneSetup

LOOK_AGAIN = timedelta(seconds=1)  # where the limits were changed in between


class Limiting:
    def __init__(self, queue: Claims, now: Callable[[], datetime]) -> None:
        self._queue = queue
        self._now = now
        self._taken: dict[int, datetime] = {}  # by message, while it is under way
        self._back: defaultdict[tuple[int, str, datetime], int] = defaultdict(int)
        self._full: dict[tuple[int, str], tuple[LaneSetup, datetime]] = {}  # both lanes of a channel share its limits

    def full_until(self, lane: LaneKey, setup: LaneSetup, now: datetime) -> datetime | None:
        """Under another setup it is asked again."""
        known = self._full.get((lane.account_id, lane.channel))
        if known is None:
            return None
        under, until = known
        if until <= now or under is not setup:
            del self._full[lane.account_id, lane.channel]
            return None
        return until

    async def take(
        self, lane: LaneKey, setup: LaneSetup, its: Sequence[Claimed]
    ) -> tuple[Sequence[Claimed], Sequence[Claimed]]:
        """Those for which there is room, and those that wait."""
        if not setup.is_limited or not its:
            return its, ()
        now = self._now()
        granted, until = await self._queue.take_room(lane, len(its), now)
        for one in its[:granted]:
            self._taken[one.id] = now
        if granted < len(its):
            self._full[lane.account_id, lane.channel] = setup, until or now + LOOK_AGAIN
        return its[:granted], its[granted:]

    def settle(self, lane: LaneKey, message_id: int, result: Result) -> None:
        taken_at = self._taken.pop(message_id, None)
        if taken_at is not None and not may_have_left(result):
            self._back[lane.account_id, lane.channel, taken_at] += 1

    async def flush(self) -> None:
        while self._back:
            (account_id, channel, taken_at), count = self._back.popitem()
            await self._queue.give_room_back(account_id, channel, count, taken_at)
