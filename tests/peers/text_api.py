"""A server of Twilio's shape, by aiohttp on loopback. What becomes of a text follows from its recipient's digits:

+1200... taken         +1201... refused for good    +1202... refused for now, once     +1203... 503, once
+1204... taken, and the line is cut                 +1207... too fast                  +1208... 500
+1209... taken, and a page of HTML                  +1211... redirected                +1212... never answered
"""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web

SID, TOKEN = "AC" + "0" * 32, "correct horse"


class TextApi:
    def __init__(self) -> None:
        self.port = 0
        self.arrivals: list[dict[str, str]] = []  # the forms that it took
        self.headers: list[dict[str, str]] = []
        self.by_key: dict[str, str] = {}
        self.state: dict[str, str] = {}
        self.has_balance = True
        self.honours_keys = False
        self._seen: set[str] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def _is_first(self, what: str) -> bool:
        is_first = what not in self._seen
        self._seen.add(what)
        return is_first

    def _is_known(self, request: web.Request) -> bool:
        wanted = "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode()
        return request.headers.get("Authorization") == wanted

    async def create(self, request: web.Request) -> web.StreamResponse:
        form = {name: str(value) for name, value in (await request.post()).items()}
        if not self._is_known(request):
            return web.json_response({"code": 20003, "message": "Authenticate", "status": 401}, status=401)
        kind = form["To"][2:5]
        return self._refusal(form, kind) or await self._take(request, form, kind)

    def _refusal(self, form: dict[str, str], kind: str) -> web.StreamResponse | None:  # noqa: PLR0911 - a table
        match kind:
            case "201":
                return web.json_response({"code": 21211, "message": "Invalid 'To' Phone Number"}, status=400)
            case "202" if self._is_first(form["To"]):
                return web.json_response({"message": "later"}, status=503, headers={"Retry-After": "30"})
            case "203" if self._is_first(form["To"]):
                return web.Response(status=503, text="nobody is here")
            case "207":
                answer = {"code": 20429, "message": "Too Many Requests"}
                return web.json_response(answer, status=429, headers={"Retry-After": "7"})
            case "208":
                return web.Response(status=500, text="<html>Oops</html>")
            case "211":
                return web.Response(status=301, headers={"Location": "http://127.0.0.1:1/"})
            case _:
                pass
        return None

    async def _take(self, request: web.Request, form: dict[str, str], kind: str) -> web.StreamResponse:
        key = request.headers.get("Idempotency-Key", "")
        if self.honours_keys and key in self.by_key:
            return web.json_response({"sid": self.by_key[key], "status": "queued"}, status=201)
        self.arrivals.append(form)
        self.headers.append(dict(request.headers))
        sid = f"SM{len(self.arrivals):032d}"
        self.by_key[key] = sid
        self.state[sid] = "queued"
        if kind == "204" and request.transport is not None:
            request.transport.abort()
        if kind == "212":
            await asyncio.sleep(60)
        if kind == "209":
            return web.Response(text="<html>Welcome</html>")
        return web.json_response({"sid": sid, "status": "queued"}, status=201)

    async def fetch(self, request: web.Request) -> web.StreamResponse:
        sid = request.match_info["sid"]
        if sid not in self.state:
            return web.json_response({"code": 20404, "message": "not found"}, status=404)
        if request.method == "POST":
            if self.state[sid] != "queued":
                return web.json_response({"code": 30409, "message": "not cancelable"}, status=409)
            self.state[sid] = (await request.post())["Status"]  # type: ignore[assignment]
        return web.json_response({"sid": sid, "status": self.state[sid]})

    async def balance(self, request: web.Request) -> web.StreamResponse:
        if not self._is_known(request):
            return web.json_response({"code": 20003, "message": "Authenticate"}, status=401)
        if not self.has_balance:
            return web.json_response({"code": 20404}, status=404)
        return web.json_response({"balance": "12.34", "currency": "EUR"})


@asynccontextmanager
async def text_api() -> AsyncIterator[TextApi]:
    peer = TextApi()
    app = web.Application()
    account = f"/2010-04-01/Accounts/{SID}"
    app.router.add_post(f"{account}/Messages.json", peer.create)
    app.router.add_route("*", f"{account}/Messages/{{sid}}.json", peer.fetch)
    app.router.add_get(f"{account}/Balance.json", peer.balance)
    runner = web.AppRunner(app, handler_cancellation=True, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    peer.port = runner.addresses[0][1]
    try:
        yield peer
    finally:
        await runner.cleanup()
