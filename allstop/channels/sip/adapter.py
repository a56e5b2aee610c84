"""Calls over a SIP trunk. A send lasts as long as its call, and says what became of it.

The hand-over is the INVITE. Right before it the book is told that this call is begun, which outlives this process: a
call that the book does not know was never dialled. A STOP keeps the next one from being dialled and cuts none.

| the call | so |
|---|---|
| was answered, and anything was heard or pressed, or the callee hung up | accepted |
| was answered, and the line broke before the message was over | unknown |
| was taken for a machine that shall get no message | rejected for good |
| was not taken | as outcomes.py says |
"""

import asyncio
import logging
from collections.abc import Coroutine
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from allstop.channels.adapter import (
    CallEvent,
    CallEventKind,
    Capabilities,
    Clock,
    EventSink,
    LastLook,
    LinkDown,
    LinkUp,
    MayLeave,
    Outbound,
    Receipt,
    ReceiptState,
    SendResult,
    SendState,
    Status,
    Unsupported,
    nobody_objects,
    refuse_unsupported,
)
from allstop.channels.sip.callers import caller_of
from allstop.channels.sip.config import SipConfig
from allstop.channels.sip.conversation import BYTES_A_SECOND, Conversation, Ending, Manner, Speak
from allstop.channels.sip.line import Line
from allstop.channels.sip.outcomes import LATER, no_answer, not_taken
from allstop.channels.sip.stack import CALLED_AS, Stack
from allstop.channels.under_way import UnderWay
from allstop.rules.calling import script
from allstop.rules.words import Channel
from allstop.speech.languages import spoken_language

if TYPE_CHECKING:
    from baresip import Call, UserAgent
    from baresip.events import StackEvent

log = logging.getLogger(__name__)

CODECS = ("pcmu", "pcma")  # what every telephone network speaks
REGISTER_AGAIN = 30.0  # seconds after a trunk has refused our registration
HANGING_UP = 2.0  # seconds for the end of a call to be acknowledged
TELL_AGAIN = 1.0  # seconds between two tries to store what happened
TRIES_TO_TELL = 60


class CallBook(Protocol):
    """What is written of calls by somebody who has a place to keep it."""

    async def begin(self, outbound: Outbound, adapter: str, at: datetime) -> None:
        """It is about to be dialled. Returns when that is stored."""
        ...

    async def steps(self, key: str) -> frozenset[str] | None:
        """What happened in the last attempt at this message: CallEventKinds. None: it was never begun."""
        ...


class SipAdapter:
    name = "sip"

    def __init__(self, config: SipConfig, stack: Stack, book: CallBook, speak: Speak, now: Clock) -> None:
        self.capabilities = Capabilities(
            channels=frozenset({Channel.CALL}),
            max_connections=config.lines,
            receipts=True,
            lasts=True,
            inbound=config.tells_callers,
            can_query=True,
            none_is_final=True,  # the book is written first, and a fenced worker's last look forbids what comes later
        )
        self._config = config
        self._stack = stack
        self._book = book
        self._speak = speak
        self._now = now
        self._lines = asyncio.Semaphore(config.lines)
        self._under_way = UnderWay()
        self._agents: dict[str, UserAgent] = {}
        self._one_agent_at_a_time = asyncio.Lock()
        self._sink: EventSink | None = None
        self._registering: asyncio.Task[None] | None = None
        self._shut_out = ""  # why the trunk does not register us
        self._telling: set[asyncio.Task[object]] = set()

    async def start(self, sink: EventSink) -> None:
        self._sink = sink
        await self._stack.open()
        if self._config.registers:
            self._shut_out = "not registered yet"
            self._registering = asyncio.create_task(self._register_for_ever())
        else:
            await sink.emit(LinkUp(adapter=self.name, at=self._now()))

    async def send(self, outbound: Outbound, may_leave: MayLeave = nobody_objects) -> SendResult:
        refuse_unsupported(self.name, self.capabilities, outbound)
        with self._under_way.one():
            async with self._lines:
                return await self._call(outbound, self._under_way.last_look(outbound, may_leave, self._now))

    async def query(self, ref: str) -> Status | None:
        steps = await self._book.steps(ref)
        if steps is None:
            return None
        heard = steps & {CallEventKind.SPEECH_DONE, CallEventKind.DIGIT}
        # Dialled, and what then: nobody may conclude that it was heard, or that no phone rang.
        return Status(ref=ref, state=ReceiptState.ANSWERED if heard else ReceiptState.FAILED)

    async def cancel(self, ref: str) -> bool:
        raise Unsupported("A call that was dialled runs to its end.")

    async def drain(self, timeout: timedelta) -> bool:
        return await self._under_way.drain(timeout)

    async def close(self) -> None:
        await self._under_way.drain(None)
        if self._registering is not None:
            self._registering.cancel()
            await asyncio.gather(self._registering, return_exceptions=True)
        if self._telling:
            await asyncio.wait(self._telling)
        if self._sink is not None:
            self._sink = None
            await self._stack.close()

    # --- one call

    async def _call(self, outbound: Outbound, last_look: LastLook) -> SendResult:
        if withdrawn := last_look():
            return withdrawn
        if why := self._cannot_dial():
            return SendResult(state=SendState.THROTTLED, code="allstop:no_trunk", text=why, retry_after=LATER)
        language = self._config.language
        if self._config.follows_contact:
            language = spoken_language(outbound.language, language)
        sound = await self._speak(script(outbound.body, self._config.closing), language)
        agent = await self._agent(outbound.sender)
        await self._book.begin(outbound, self.name, self._now())
        dialling = asyncio.create_task(self._dial(agent, outbound, last_look))
        try:
            call = await asyncio.shield(dialling)
        except asyncio.CancelledError:
            await self._hang_up_unheard(dialling)
            raise
        if isinstance(call, SendResult):
            return call
        line = Line()
        self._stack.follow(call.handle, line.take)
        try:
            return await self._follow(outbound, call, line, sound, language)
        finally:
            await asyncio.shield(_hang_up(self._stack, call, line))
            self._stack.forget(call.handle)

    async def _dial(self, agent: "UserAgent", outbound: Outbound, last_look: LastLook) -> "Call | SendResult":
        """A task of its own: a send that is cancelled must know what it has dialled. Nothing comes between the last
        look and the hand-over, which is the first thing that dial() does."""
        from baresip import BaresipError, NoLocalAddressError

        if withdrawn := last_look():
            return withdrawn
        try:
            return await agent.dial(self._uri(outbound.to), self._headers(outbound.sender))  # the hand-over
        except NoLocalAddressError as nowhere:
            return not_taken(str(nowhere), rang=False)
        except BaresipError as fault:
            words = f"the call may have been dialled: {fault}"
            return SendResult(state=SendState.UNKNOWN, code="allstop:stack", text=words)

    async def _hang_up_unheard(self, dialling: "asyncio.Task[Call | SendResult]") -> None:
        """A call whose send was cancelled while it was being dialled."""
        call = await dialling
        if not isinstance(call, SendResult):
            line = Line()
            self._stack.follow(call.handle, line.take)
            await _hang_up(self._stack, call, line)
            self._stack.forget(call.handle)

    async def _follow(self, outbound: Outbound, call: "Call", line: Line, sound: bytes, language: str) -> SendResult:
        ref = outbound.idempotency_key
        began = asyncio.get_running_loop().time()
        await line.ringing_or_over(self._config.ring_seconds)
        if line.rang:
            self._tell_later(ref, CallEventKind.RINGING, line.call_id)
        await line.answered_or_over(max(0.0, self._config.ring_seconds - asyncio.get_running_loop().time() + began))
        if not line.was_answered:
            result = no_answer(rang=line.rang) if line.ended is None else not_taken(line.ended, rang=line.rang)
            self._tell_later(ref, CallEventKind.HANGUP, result.text)
            return result
        self._tell_later(ref, CallEventKind.ANSWERED, line.call_id)
        manner = Manner(
            voicemail=self._config.voicemail,
            wait_seconds=self._config.wait_seconds,
            language=language,
            thanks=outbound.thanks,
        )

        async def tell(kind: CallEventKind, data: str) -> bool:
            return await self._tell_later(ref, kind, data)

        heard = await Conversation(call, line, tell, self._speak, manner).hold(sound)
        words = heard.words(len(sound) / BYTES_A_SECOND)
        self._tell_later(ref, CallEventKind.HANGUP, words)
        match heard.ending:
            case Ending.BROKEN:
                return SendResult(state=SendState.UNKNOWN, code="allstop:line_broke", text=words)
            case Ending.MACHINE:
                return SendResult(state=SendState.REJECTED, permanent=True, code="allstop:machine", text=words)
            case Ending.HEARD | Ending.KEY | Ending.CUT_SHORT:
                await self._emit(Receipt(adapter=self.name, ref=ref, state=ReceiptState.ANSWERED, at=self._now()))
                return SendResult(state=SendState.ACCEPTED, refs=(ref,), code="sip:200", text=words)

    def _cannot_dial(self) -> str:
        return "the SIP stack has died, and is being started again" if self._stack.is_dead else self._shut_out

    def _uri(self, number: str) -> str:
        wanted = number if self._config.dials_plus else number.lstrip("+")
        return f"sip:{wanted}@{self._config.host}:{self._config.port};transport={self._config.transport}"

    def _headers(self, sender: str) -> dict[str, str]:
        """A trunk that knows us by our log-in is told here as whom we call; it decides whether that may be shown."""
        if not sender or not self._config.user:
            return {}
        return {"P-Preferred-Identity": f"<sip:{sender}@{self._config.host}>"}

    # --- what happened

    def _tell_later(self, ref: str, kind: CallEventKind, data: str) -> "asyncio.Task[bool]":
        """Stored beside the call, which does not wait for it. True: it is stored."""
        event = CallEvent(adapter=self.name, ref=ref, kind=kind, data=data, at=self._now())
        task = asyncio.create_task(self._emit(event))
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)
        return task

    async def _emit(self, event: CallEvent | Receipt) -> bool:
        assert self._sink is not None, "the adapter was not started"
        for left in reversed(range(TRIES_TO_TELL)):
            try:
                await self._sink.emit(event)
            except Exception:  # the database is gone for a moment: a key that was pressed must not be lost with it
                if not left:
                    log.exception("what happened in call %s could not be stored", event.ref)
                    return False
                await asyncio.sleep(TELL_AGAIN)
            else:
                return True
        return False

    # --- as whom

    async def _agent(self, sender: str) -> "UserAgent":
        """Trunks without a log-in take the caller's number from the sender's address."""
        user = self._config.user if self._config.registers else sender.strip() or self._config.user or "allstop"
        async with self._one_agent_at_a_time:
            if user not in self._agents:
                from baresip import Account

                account = Account(
                    user=user,
                    domain=f"{self._config.host}:{self._config.port}",
                    password=self._config.password,
                    auth_user=self._config.user or None,
                    reg_interval=600 if self._config.registers else 0,
                    transport=self._config.transport.value,
                    audio_codecs=CODECS,
                )
                self._agents[user] = await self._stack.agent(account, self._on_registration)
        return self._agents[user]

    async def _register_for_ever(self) -> None:
        """Until it is registered for the first time; from then on the stack renews it by itself."""
        from baresip import BaresipError

        agent = await self._agent("")
        while True:
            try:
                await agent.register()
            except BaresipError as refused:
                log.warning("The trunk %s does not register us: %s", self._config.host, refused)
                await self._link(str(refused))
                await asyncio.sleep(REGISTER_AGAIN)
            else:
                await self._link("")
                return

    def _on_registration(self, event: "StackEvent") -> None:
        from baresip.events import Event

        if event.event is Event.REGISTER_OK:
            self._link_later("")
        elif event.event is Event.REGISTER_FAIL:
            self._link_later(event.text or "no reason given")
        elif event.event is Event.CALL_INCOMING and self._config.tells_callers:
            caller = caller_of(event, event.headers.get(CALLED_AS, ""), self.name, self._now())
            if caller is not None and self._sink is not None:
                self._tell(self._sink.emit(caller))

    def _link_later(self, why_not: str) -> None:
        self._tell(self._link(why_not))

    def _tell(self, telling: Coroutine[Any, Any, object]) -> None:
        task = asyncio.create_task(telling)
        self._telling.add(task)
        task.add_done_callback(self._telling.discard)

    async def _link(self, why_not: str) -> bool:
        was, self._shut_out = self._shut_out, f"the trunk does not register us: {why_not}" if why_not else ""
        if bool(was) == bool(why_not) and was != "not registered yet":
            return True
        if self._sink is not None:
            at = self._now()
            event = LinkDown(adapter=self.name, reason=why_not, at=at) if why_not else LinkUp(adapter=self.name, at=at)
            await self._sink.emit(event)
        return True


async def _hang_up(stack: Stack, call: "Call", line: Line) -> None:
    """Also when the send was cancelled: nobody is left with a line on which nobody speaks."""
    from baresip import BaresipError

    if line.ended is not None:
        return
    try:
        await stack.hang_up(call)
    except BaresipError as gone:
        log.info("the other side was quicker to hang up: %s", gone)
    await line.over(HANGING_UP)
