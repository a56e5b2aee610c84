"""The SIP stack of this process: one for all trunks, started with the first of them.

A call's events may come before the command that dialled it returns, even its end: they are kept until somebody asks for
them. When the stack's thread dies, this process can make no more calls ever: it ends, and is started again.
"""

import asyncio
import logging
import os
import signal
from collections import defaultdict, deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from allstop.channels.sip.slack import slack_for_threads

if TYPE_CHECKING:
    from baresip import Account, Call, Runtime, UserAgent
    from baresip.events import StackEvent

log = logging.getLogger(__name__)

GRACE = 0.5  # seconds before the stack is closed: a last BYE is still being acknowledged
MOST_EARLY = 1_000  # calls whose events nobody has asked for
SILENT_FOR = 30  # seconds without any sound from the other side, after which the line counts as broken

CALLED_AS = "To"  # of somebody who calls us: the number that they dialled, with most trunks

Listener = Callable[["StackEvent"], None]


def end_this_process() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


class Stack:
    def __init__(
        self,
        address: str = "",
        *,
        silent_for: int = SILENT_FOR,
        grace: float = GRACE,
        died: Callable[[], None] = end_this_process,
    ) -> None:
        """`address`: of this machine, from which calls go out; "": the stack finds out, and overlooks loopback."""
        self._address = address
        self._silent_for = silent_for
        self._grace = grace
        self._died = died
        self._runtime: Runtime | None = None
        self._users = 0
        self._turn = asyncio.Lock()
        self._hanging_up = asyncio.Lock()
        self._listeners: dict[int, Listener] = {}
        self._early: defaultdict[int, deque[StackEvent]] = defaultdict(deque)
        self._of_agents: dict[int, Listener] = {}
        self.is_dead = False

    async def open(self) -> None:
        async with self._turn:
            self._users += 1
            if self._runtime is None:
                await self._start()

    async def _start(self) -> None:
        from baresip import Config, Runtime

        runtime = Runtime()
        runtime.on_dead = self._on_dead
        config = Config(
            net_interface=self._address or None,
            max_concurrent_calls=None,
            rtp_timeout=self._silent_for,
            expose_headers=(CALLED_AS,),
            native_log_level="error",  # it warns of each packet that came late
        )
        with slack_for_threads():
            await runtime.start(config)
        runtime.subscribe(self._on_event)
        self._runtime = runtime

    async def close(self) -> None:
        """By everybody who has opened it; the last one closes it."""
        async with self._turn:
            self._users -= 1
            if self._users or self._runtime is None:
                return
            runtime, self._runtime = self._runtime, None
            if not self.is_dead:
                await asyncio.sleep(self._grace)
                await runtime.close()

    async def agent(self, account: "Account", listen: Listener) -> "UserAgent":
        """Somebody to call as. `listen` hears of its registration, and of whoever calls it."""
        from baresip import UserAgent

        assert self._runtime is not None, "the stack is not open"
        agent = await UserAgent.create(self._runtime, account, transfer_policy="reject")
        agent.on_incoming(_refuse)
        self._of_agents[agent.handle] = listen
        return agent

    async def hang_up(self, call: "Call") -> None:
        """One after the other: the stack waits for each call's threads to end, and until then hears nobody. A hundred
        that end in one moment would have it deaf for seconds, and the last ones told that it does not answer."""
        async with self._hanging_up:
            await call.hangup()

    def follow(self, call: int, listen: Listener) -> None:
        """Its events from the first on, those that have come already at once."""
        self._listeners[call] = listen
        for event in self._early.pop(call, ()):
            listen(event)

    def forget(self, call: int) -> None:
        self._listeners.pop(call, None)

    def _on_event(self, event: "StackEvent") -> None:
        from baresip.events import Event

        if not event.call or event.event is Event.CALL_INCOMING:
            if listen := self._of_agents.get(event.ua):
                listen(event)
        elif listen := self._listeners.get(event.call):
            listen(event)
        else:
            self._early[event.call].append(event)
            if len(self._early) > MOST_EARLY:
                del self._early[next(iter(self._early))]

    def _on_dead(self) -> None:
        log.critical("The SIP stack has died: this process ends, and another one takes its place.")
        self.is_dead = True
        self._died()


_refusing: set[asyncio.Task[None]] = set()


def _refuse(call: "Call") -> None:
    """Somebody calls us. Nobody is here to answer."""

    async def refuse() -> None:
        from baresip import BaresipError

        try:
            await call.reject()
        except BaresipError as gone:
            log.info("a caller had hung up: %s", gone)

    task = asyncio.create_task(refuse())
    _refusing.add(task)
    task.add_done_callback(_refusing.discard)
