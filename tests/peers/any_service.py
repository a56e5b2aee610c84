"""A service as Apprise's json:// speaks to it, by aiohttp on loopback. What becomes of a message follows from the
digits of its recipient, as in text_api.py:

+1200... taken          +1201... refused for good          +1202... refused for now, once     +1203... 503, once
+1204... taken, and the line is cut                        +1207... too fast                  +1208... 500
+1211... redirected     +1212... never answered            +1213... log-in refused
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web


class AnyService:
    def __init__(self) -> None:
        self.port = 0
        self.arrivals: list[dict[str, Any]] = []
        self.strays: list[str] = []  # requests to other paths
        self._seen: set[str] = set()

    def _is_first(self, to: str) -> bool:
        is_first = to not in self._seen
        self._seen.add(to)
        return is_first

    async def take(self, request: web.Request) -> web.StreamResponse:
        to = request.match_info["to"]
        kind = to[2:5]
        if refusal := self._refusal(to, kind):
            return refusal
        self.arrivals.append({"to": to, **await request.json()})
        if kind == "204" and request.transport is not None:
            request.transport.abort()
        if kind == "212":
            await asyncio.sleep(60)
        return web.Response(status=204)

    def _refusal(self, to: str, kind: str) -> web.StreamResponse | None:
        answers: dict[str, tuple[int, str, dict[str, str]]] = {
            "201": (400, "no such number", {}),
            "207": (429, "slower", {"Retry-After": "7"}),
            "208": (500, "<html>Oops</html>", {}),
            "211": (301, "", {"Location": "/elsewhere"}),
            "213": (401, "who are you?", {}),
        }
        if kind == "202" and self._is_first(to):
            return web.Response(status=503, text="later", headers={"Retry-After": "30"})
        if kind == "203" and self._is_first(to):
            return web.Response(status=503, text="nobody is here")
        if kind not in answers:
            return None
        status, text, headers = answers[kind]
        return web.Response(status=status, text=text, headers=headers)

    async def stray(self, request: web.Request) -> web.StreamResponse:
        self.strays.append(request.path)
        return web.Response(status=204)


@asynccontextmanager
async def any_service() -> AsyncIterator[AnyService]:
    peer = AnyService()
    app = web.Application()
    app.router.add_post("/send/{to}", peer.take)
    app.router.add_route("*", "/{tail:.*}", peer.stray)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    peer.port = runner.addresses[0][1]
    try:
        yield peer
    finally:
        await runner.cleanup()
