"""The send slots of a worker: tasks that stay, each with one message under way at a time.

A message waits in line until a slot takes it. A slot that takes one wakes the next slot before it hands its own message
over: so an adapter that has to wait gets as many sends at once as there are slots, while one that answers at once is
fed by a single slot, without a task for each message.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class Slots(Generic[T]):
    def __init__(
        self, count: int, send: Callable[[T], Awaitable[None]], cut_off: Callable[[T], None], done: asyncio.Event
    ) -> None:
        """`send` must not raise. `cut_off` is told of a message whose send was cancelled; `done` is set after each."""
        self._count = count
        self._send = send
        self._cut_off = cut_off
        self._done = done
        self._line: deque[T] = deque()
        self._under_way = 0
        self._tasks: list[asyncio.Task[None]] = []
        self._idle: list[asyncio.Future[None]] = []
        self._one_is_coming = False  # a slot was woken and has not run yet
        self._ended = False

    @property
    def free(self) -> int:
        return self._count - self._under_way - len(self._line)

    @property
    def is_empty(self) -> bool:
        return not self._under_way and not self._line

    def put(self, message: T) -> None:
        self._line.append(message)
        self._wake_one()

    async def end(self) -> list[T]:
        """Cancel what is under way; returns what was never started."""
        self._ended = True
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        unstarted = list(self._line)
        self._line.clear()
        return unstarted

    def _wake_one(self) -> None:
        if self._one_is_coming:
            return
        while self._idle:
            slot = self._idle.pop()
            if not slot.done():
                slot.set_result(None)
                self._one_is_coming = True
                return
        if len(self._tasks) < self._count:
            self._tasks.append(asyncio.create_task(self._slot()))
            self._one_is_coming = True

    async def _slot(self) -> None:
        while True:
            self._one_is_coming = False
            while self._line:
                message = self._line.popleft()
                self._under_way += 1
                if self._line and not self._one_is_coming:
                    self._wake_one()
                try:
                    await self._send(message)
                except asyncio.CancelledError:
                    self._cut_off(message)
                    if self._ended:
                        raise
                finally:
                    self._under_way -= 1
                    self._done.set()
            call = asyncio.get_running_loop().create_future()
            self._idle.append(call)
            await call
