"""Tells that the way to a provider works again, or does not: once for each change, not for each message."""

from allstop.channels.adapter import Clock, EventSink, LinkDown, LinkUp


class LinkNews:
    def __init__(self, adapter: str, now: Clock) -> None:
        self._adapter = adapter
        self._now = now
        self._sink: EventSink | None = None
        self._is_up: bool | None = None  # None: never tried

    def tell(self, sink: EventSink) -> None:
        self._sink = sink

    async def say(self, is_up: bool, why_not: str = "") -> bool:
        """Whether it is news."""
        if is_up == self._is_up:
            return False
        if self._sink is None:
            raise RuntimeError(f"The {self._adapter} adapter was not started: there is nobody to tell of its link.")
        self._is_up = is_up
        at = self._now()
        await self._sink.emit(
            LinkUp(adapter=self._adapter, at=at) if is_up else LinkDown(adapter=self._adapter, reason=why_not, at=at)
        )
        return True
