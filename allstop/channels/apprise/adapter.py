"""Other services, by Apprise: it takes a message to the service that an address names, and says yes or no.

No receipts and no replies: accepted is the last word that is heard of a message. Each message has a thread for as long
as it takes, so this is for some messages a second, not for thousands.
"""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from typing import Any

from allstop.channels.adapter import (
    Capabilities,
    Clock,
    EventSink,
    LastLook,
    MayLeave,
    Outbound,
    SendResult,
    SendState,
    Status,
    Unsupported,
    nobody_objects,
    refuse_unsupported,
)
from allstop.channels.apprise.config import SERVICES, AppriseConfig
from allstop.channels.apprise.handover import Handover
from allstop.channels.apprise.outcomes import NO_TARGET, settled
from allstop.channels.apprise.service import service_of
from allstop.channels.link_news import LinkNews
from allstop.channels.under_way import UnderWay


class AppriseAdapter:
    name = "apprise"

    def __init__(self, config: AppriseConfig, now: Clock) -> None:
        self.capabilities = Capabilities(
            channels=SERVICES[config.service], max_connections=config.max_connections, receipts=False
        )
        self._config = config
        self._now = now
        self._news = LinkNews(self.name, now)
        self._under_way = UnderWay()
        self._slots = asyncio.Semaphore(config.max_connections)
        self._threads = ThreadPoolExecutor(config.max_connections, thread_name_prefix="apprise")

    async def start(self, sink: EventSink) -> None:
        """Connects to nothing yet: each message has a connection of its own."""
        self._news.tell(sink)

    async def send(self, outbound: Outbound, may_leave: MayLeave = nobody_objects) -> SendResult:
        refuse_unsupported(self.name, self.capabilities, outbound)
        if outbound.headers:
            raise Unsupported(
                "Other services take no headers, so their emails cannot be unsubscribed from by one click: promotions "
                "need email by SMTP."
            )
        is_wanted = True  # a send that was cancelled must not be handed over later, by its thread

        last_look = self._under_way.last_look(outbound, lambda: is_wanted and may_leave(), self._now)

        with self._under_way.one():
            async with self._slots:
                try:
                    return last_look() or await self._hand_over(outbound, last_look)
                finally:
                    is_wanted = False

    async def _hand_over(self, outbound: Outbound, look: LastLook) -> SendResult:
        config = self._config
        handover = Handover(
            look, allow_private=config.allow_private, timeout=(config.timeout_seconds, config.answer_seconds)
        )
        loop = asyncio.get_running_loop()
        said_yes = await loop.run_in_executor(self._threads, copy_context().run, self._notify, handover, outbound)
        if handover.fault is not None:
            raise handover.fault
        if said_yes is None:
            return NO_TARGET
        result = settled(said_yes, handover, outbound.message_ref, self._now())
        if handover.status:
            await self._news.say(True)
        elif result.state is SendState.THROTTLED:
            await self._news.say(False, result.text)
        return result

    def _notify(self, handover: Handover, outbound: Outbound) -> bool | None:
        """In a thread. None: the service has no place for this number or address."""
        with handover.current():
            service = service_of(self._config.address_for(outbound.to))
            if service is None:
                return None
            return bool(service.notify(body=outbound.body, title=outbound.subject, notify_type=info()))

    async def query(self, ref: str) -> Status | None:
        raise Unsupported("Other services cannot be asked what became of a message.")

    async def cancel(self, ref: str) -> bool:
        raise Unsupported("A message that another service has taken cannot be taken back.")

    async def drain(self, timeout: timedelta) -> bool:
        return await self._under_way.drain(timeout)

    async def close(self) -> None:
        await self._under_way.drain(None)
        self._threads.shutdown(wait=False)


def info() -> Any:
    from apprise import NotifyType

    return NotifyType.INFO
