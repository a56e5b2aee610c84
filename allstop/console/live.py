"""The live stream: what any person, program or worker changes reaches every open tab of the account within a second.

An ASGI application of its own, not a Django view: Django keeps a thread, and with it a connection to the database,
for each request that is open. Here an open browser costs one task. For all of them together there is one listener
(LISTEN gate, wake) and one thread that reads, both only while somebody looks.

    listener ──notify──► news ──► one reading for all accounts that are looked at ──► boards ──► streams
    clock ─────1 s──────►

A stream sends a topic when its text has changed; a slow browser misses what was in between and gets the newest.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http.cookies import CookieError, SimpleCookie
from importlib import import_module
from typing import Any, TypeVar, TypeVarTuple

import psycopg
from django.conf import settings
from django.contrib.auth import get_user
from django.db import DatabaseError, connection
from django.http import HttpRequest
from django.http.request import split_domain_port, validate_host

from allstop.console.access import desk_of
from allstop.console.lamp import jobs_topic, lamp_of
from allstop.console.meters import figures_of
from allstop.store import lists, queue
from allstop.store.models import User

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Sending = Callable[[Mapping[str, Any]], Awaitable[None]]
Values = TypeVarTuple("Values")
Answer = TypeVar("Answer")
Topics = dict[str, str]  # topic: its object as JSON

TICK = 1.0  # s: the rate, and whatever happened without a notification
COUNTDOWN = 0.25  # s: while a stop waits for a worker, or something stopped is still on its way
TOGETHER = 0.05  # s: notifications that come this close are read at once
BEAT = 8.0  # s: the browser takes a stream that is silent for longer than 25 s for lost
LOOKED_AGAIN = 30.0  # s: whether a log-in and a membership still stand

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Visitor:
    session_key: str
    user_id: int
    account_id: int


@dataclass
class Board:
    """The newest topics of one account, and those who watch them."""

    topics: Topics = field(default_factory=dict)
    watchers: set[asyncio.Event] = field(default_factory=set)

    def show(self, topics: Topics) -> None:
        if topics != self.topics:
            self.topics = topics
            for watcher in self.watchers:
                watcher.set()


class Hub:
    """All streams of this process. Everything but _read and _visit runs on the event loop."""

    def __init__(self) -> None:
        self.boards: dict[int, Board] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.news = asyncio.Event()
        self.loop: asyncio.AbstractEventLoop | None = None
        # One thread reads for everybody: its connection is the only one that streams use, next to the listener's.
        self.reader = ThreadPoolExecutor(1, thread_name_prefix="live")
        self.is_ending = False
        self.is_counting_down = False

    async def visit(self, cookie: str) -> Visitor | None:
        return await self._in_thread(_visit, cookie)

    async def still_welcome(self, visitor: Visitor) -> bool:
        return await self._in_thread(_still_welcome, visitor)

    async def watch(self, account_id: int, watcher: asyncio.Event) -> Board:
        board = self.boards.setdefault(account_id, Board())
        board.watchers.add(watcher)
        if not self.tasks:
            self.loop = asyncio.get_running_loop()
            self.news = asyncio.Event()
            self.tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._keep_current())]
        if not board.topics:
            await self._refresh([account_id])
        return board

    def leave(self, account_id: int, watcher: asyncio.Event) -> None:
        board = self.boards.get(account_id)
        if board is None:
            return
        board.watchers.discard(watcher)
        if not board.watchers:
            del self.boards[account_id]
        if not self.boards:
            for task in self.tasks:
                task.cancel()
            self.tasks = []
            self.reader.submit(_close)

    def end(self) -> None:
        """Every stream ends: the process is about to stop."""
        self.is_ending = True
        for board in self.boards.values():
            for watcher in board.watchers:
                watcher.set()

    async def _listen(self) -> None:
        """A lost connection costs nothing but speed: the clock goes on, and the listener comes back."""
        while True:
            with suppress(psycopg.Error):
                params = queue.connection_params()
                listener = await psycopg.AsyncConnection.connect(**params, autocommit=True)
                async with listener:
                    await listener.execute("LISTEN gate")
                    await listener.execute("LISTEN wake")
                    async for _ in listener.notifies():
                        self.news.set()
            await asyncio.sleep(TICK)

    async def _keep_current(self) -> None:
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), COUNTDOWN if self.is_counting_down else TICK)
                await asyncio.sleep(TOGETHER)
            self.news.clear()
            try:
                await self._refresh(list(self.boards))
            except DatabaseError:
                # The screens say by themselves that nothing comes any more; the next tick tries again.
                log.exception("The live figures could not be read.")
                await asyncio.sleep(TICK)

    async def _refresh(self, account_ids: list[int]) -> None:
        read, pending = await self._in_thread(_read, account_ids, datetime.now(UTC))
        self.is_counting_down = pending
        for account_id, topics in read.items():
            if board := self.boards.get(account_id):
                board.show(topics)

    async def _in_thread(self, function: Callable[[*Values], Answer], *values: *Values) -> Answer:
        return await asyncio.get_running_loop().run_in_executor(self.reader, function, *values)


def topics_of(switch: lists.SwitchState, now: datetime) -> Topics:
    """What is told about one account: the contract with live.js."""
    figures = figures_of(switch.account_id, now)
    latest = figures.series[-1]
    topics: dict[str, Any] = {
        "lamp": lamp_of(switch, now),
        "figures": {
            "sent": figures.sent,
            "waiting": figures.waiting,
            "in_flight": figures.in_flight,
            "last_minute": figures.last_minute,
            "refused": figures.refused,
            "failed": figures.failed,
            "unknown": figures.unknown,
            "unclear": figures.unclear,
        },
        "jobs": {"version": jobs_topic(switch)},
        "notices": {"version": lists.notices_version(switch.account_id)},
        "contacts": {"version": lists.contacts_version(switch.account_id)},
        "outbox": {"version": lists.outbox_version(switch.account_id)},
        "inbox": {"version": lists.inbox_version(switch.account_id)},
        "leads": {"version": lists.leads_version(switch.account_id)},
        "standing": {"version": lists.standing_version(switch.account_id)},
        "rate": {"t": int(latest.at.timestamp()), "sent": latest.per_minute},
    }
    return {topic: json.dumps(content) for topic, content in topics.items()}


def _read(account_ids: list[int], now: datetime) -> tuple[dict[int, Topics], bool]:
    """The topics of each account, and whether some stop is not at rest yet."""
    try:
        states = lists.switch_states(account_ids)
        pending = any(state.stop_pending for state in states.values())
        return {one: topics_of(state, now) for one, state in states.items()}, pending
    except DatabaseError:
        connection.close()  # the next reading opens a new one
        raise


def _close() -> None:
    connection.close()  # the reading thread's own


def _visit(cookie: str) -> Visitor | None:
    """Who it is, by the session's cookie, and the account in use. None: nobody who is logged in, or no account."""
    try:
        morsel = SimpleCookie(cookie).get(settings.SESSION_COOKIE_NAME)
    except CookieError:
        return None
    if morsel is None:
        return None
    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore(morsel.value)
    user = get_user(request)  # also checks that the password is still the one of the log-in
    if not isinstance(user, User) or not user.is_active:
        return None
    desk = desk_of(user.pk, request.session)
    return Visitor(morsel.value, user.pk, desk.account_id) if desk else None


def _still_welcome(visitor: Visitor) -> bool:
    return _visit(f"{settings.SESSION_COOKIE_NAME}={visitor.session_key}") == visitor


hub = Hub()


def end_streams() -> None:
    """For the web process that was told to stop, by a signal: open streams end at once, so that nobody waits."""
    if hub.loop is not None and not hub.loop.is_closed():
        hub.loop.call_soon_threadsafe(hub.end)


async def application(scope: Scope, receive: Receive, send: Sending) -> None:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    if scope["path"] != "/events" or scope["method"] != "GET" or not _is_our_host(headers.get("host", "")):
        await _answer(send, 404)
        return
    visitor = await hub.visit(headers.get("cookie", ""))
    if visitor is None:
        await _answer(send, 401)
        return
    await _stream(visitor, receive, send)


def _is_our_host(host: str) -> bool:
    domain, _port = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


async def _answer(send: Sending, status: int) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-length", b"0")]})
    await send({"type": "http.response.body", "body": b""})


async def _stream(visitor: Visitor, receive: Receive, send: Sending) -> None:
    watcher = asyncio.Event()
    board = await hub.watch(visitor.account_id, watcher)
    gone = asyncio.create_task(_disconnected(receive))
    gone.add_done_callback(lambda _: watcher.set())
    try:
        await send({"type": "http.response.start", "status": 200, "headers": STREAM_HEADERS})
        await _tell(visitor, board, watcher, gone, send)
        await send({"type": "http.response.body", "body": b""})
    finally:
        gone.cancel()
        hub.leave(visitor.account_id, watcher)


async def _tell(
    visitor: Visitor, board: Board, watcher: asyncio.Event, gone: "asyncio.Task[None]", send: Sending
) -> None:
    clock = asyncio.get_running_loop().time
    told: Topics = {}
    looked_at = clock()
    while not gone.done() and not hub.is_ending:
        if fresh := {topic: text for topic, text in board.topics.items() if told.get(topic) != text}:
            told = board.topics
            await send({"type": "http.response.body", "body": event_of(fresh), "more_body": True})
        if clock() - looked_at > LOOKED_AGAIN:
            if not await hub.still_welcome(visitor):
                return
            looked_at = clock()
        watcher.clear()
        try:
            await asyncio.wait_for(watcher.wait(), BEAT)
        except TimeoutError:
            await send({"type": "http.response.body", "body": b"event: beat\ndata: \n\n", "more_body": True})


def event_of(topics: Topics) -> bytes:
    inside = ", ".join(f'"{topic}": {text}' for topic, text in topics.items())
    return f"data: {{{inside}}}\n\n".encode()


async def _disconnected(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


STREAM_HEADERS: Iterable[tuple[bytes, bytes]] = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy in front must not wait for more
    (b"x-content-type-options", b"nosniff"),
]
