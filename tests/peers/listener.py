"""A program that listens for webhooks, by aiohttp on loopback. What it answers follows from the path that is called."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass
class Listener:
    port: int = 0
    arrivals: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)  # path, headers, body
    answers: dict[str, int] = field(default_factory=dict)  # path -> status; 200 where it is not said
    release: asyncio.Event = field(default_factory=asyncio.Event)  # until then /slow waits

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ids(self, path: str) -> list[str]:
        return [headers["webhook-id"] for where, headers, _ in self.arrivals if where == path]

    async def hear(self, request: web.Request) -> web.StreamResponse:
        self.arrivals.append((request.path, dict(request.headers), await request.read()))
        if request.path == "/slow":
            await self.release.wait()
        status = self.answers.get(request.path, 200)
        if status in (301, 302):
            return web.Response(status=status, headers={"Location": "/elsewhere"})
        return web.Response(status=status, text="heard\x00 you" if status == 200 else f"no: {status}" + "!" * 2000)


@asynccontextmanager
async def listening() -> AsyncIterator[Listener]:
    listener = Listener()
    app = web.Application()
    app.router.add_post("/{path:.*}", listener.hear)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    listener.port = site._server.sockets[0].getsockname()[1]  # type: ignore[union-attr]
    try:
        yield listener
    finally:
        listener.release.set()
        await runner.cleanup()


@contextmanager
def listening_beside() -> Iterator[Listener]:
    """In a thread of its own, for tests that have a loop already."""
    heard: list[Listener] = []
    ready, loop = threading.Event(), asyncio.new_event_loop()
    over = asyncio.Event()

    async def listen() -> None:
        async with listening() as listener:
            heard.append(listener)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(listen(),), daemon=True)
    thread.start()
    assert ready.wait(30), "it listens"
    try:
        yield heard[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join(30)
        loop.close()
