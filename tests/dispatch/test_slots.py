"""The send slots: as many at once as there are, none lost, none started after the end."""

import asyncio
from collections.abc import Awaitable, Callable

from allstop.dispatch.slots import Slots


class Sends:
    """Sends that wait for `answer`, or not at all."""

    def __init__(self, at_once: bool = False) -> None:
        self.answer = asyncio.Event()
        if at_once:
            self.answer.set()
        self.began: list[int] = []
        self.ended: list[int] = []
        self.cut: list[int] = []
        self.tasks: set[object] = set()
        self.slots = Slots[int](3, self.send, self.cut.append, asyncio.Event())

    async def send(self, one: int) -> None:
        self.began.append(one)
        self.tasks.add(asyncio.current_task())
        if not self.answer.is_set():
            await self.answer.wait()
        self.ended.append(one)


def run(do: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(asyncio.wait_for(do(), 10))


async def breathe() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_slow_sends_are_under_way_together_up_to_the_number_of_slots() -> None:
    async def do() -> None:
        sends = Sends()
        for one in range(5):
            sends.slots.put(one)
        await breathe()
        assert sends.began == [0, 1, 2]
        assert sends.slots.free == -2
        sends.answer.set()
        await breathe()
        assert sorted(sends.ended) == [0, 1, 2, 3, 4]
        assert sends.slots.is_empty
        assert sends.slots.free == 3

    run(do)


def test_what_is_answered_at_once_needs_two_tasks_and_is_over_in_one_breath() -> None:
    async def do() -> None:
        sends = Sends(at_once=True)
        for start in (0, 50):
            for one in range(start, start + 50):
                sends.slots.put(one)
            await asyncio.sleep(0)
            assert sends.ended == list(range(start + 50))
        await breathe()
        assert len(sends.tasks) <= 2, "the one that sends, and the one that it wakes to find nothing"

    run(do)


def test_at_the_end_what_is_under_way_is_cut_off_and_what_waits_was_never_started() -> None:
    async def do() -> None:
        sends = Sends()
        for one in range(5):
            sends.slots.put(one)
        await breathe()
        assert await sends.slots.end() == [3, 4]
        assert sorted(sends.cut) == [0, 1, 2]
        assert sends.began == [0, 1, 2]
        assert sends.ended == []

    run(do)


def test_a_send_that_cancels_itself_does_not_end_its_slot() -> None:
    async def do() -> None:
        told: list[int] = []

        async def send(one: int) -> None:
            if one == 0:
                raise asyncio.CancelledError

        slots = Slots[int](1, send, told.append, asyncio.Event())
        slots.put(0)
        slots.put(1)
        await breathe()
        assert told == [0]
        assert slots.is_empty

    run(do)
