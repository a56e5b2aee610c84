"""One call as the stack tells it: did it ring, was it answered, which keys, how did it end."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from baresip.events import StackEvent

LINE_BROKE = "rtp stream error"  # the stack's words when nothing was heard from the other side for too long


class Line:
    def __init__(self) -> None:
        self.rang = False
        self.call_id = ""  # SIP's own name for it: what a trunk's support asks for
        self.ended: str | None = None  # why; None: it is up, or on its way
        self._answered = asyncio.Event()
        self._keys: asyncio.Queue[str] = asyncio.Queue()
        self._news = asyncio.Event()

    def take(self, event: "StackEvent") -> None:
        from baresip.events import Event

        self.call_id = self.call_id or event.call_id or ""
        match event.event:
            case Event.CALL_RINGING | Event.CALL_PROGRESS:
                self.rang = True
            case Event.CALL_ESTABLISHED:
                self._answered.set()
            case Event.CALL_DTMF_START if event.text:
                self._keys.put_nowait(event.text)
            case Event.CALL_CLOSED:
                self.ended = event.text or ""
            case _:
                return
        self._news.set()

    @property
    def is_up(self) -> bool:
        return self._answered.is_set() and self.ended is None

    @property
    def was_answered(self) -> bool:
        return self._answered.is_set()

    @property
    def broke(self) -> bool:
        return self.ended == LINE_BROKE

    def key(self) -> str | None:
        """The next key that was pressed, if one was."""
        return None if self._keys.empty() else self._keys.get_nowait()

    @property
    def has_key(self) -> bool:
        return not self._keys.empty()

    async def ringing_or_over(self, seconds: float) -> None:
        await self._until(lambda: self.rang or self.was_answered or self.ended is not None, seconds)

    async def answered_or_over(self, seconds: float) -> None:
        await self._until(lambda: self.was_answered or self.ended is not None, seconds)

    async def key_or_over(self, seconds: float) -> None:
        await self._until(lambda: self.has_key or self.ended is not None, seconds)

    async def over(self, seconds: float) -> None:
        await self._until(lambda: self.ended is not None, seconds)

    async def _until(self, is_so: Callable[[], bool], seconds: float) -> None:
        """Or until the time is up."""
        try:
            async with asyncio.timeout(seconds):
                while not is_so():
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            return
