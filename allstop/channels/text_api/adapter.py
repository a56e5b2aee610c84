"""The HTTP text adapter: one POST for each text, over connections that stay open. Guards the line between "not taken"
and "may have been taken".

    connect, TLS ─► may it leave? ═╪═ the request with its body ─► answer
    ◄── a loss here: not taken ───►│◄── a loss here: unknown ──►

The last look is taken where the body is written, which is after any wait for a connection: a request without its body
is nothing that a provider could act on. Status callbacks and replies come through doors/text_hooks.py.
"""

import asyncio
from datetime import timedelta
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from allstop.channels.adapter import (
    Capabilities,
    Checked,
    Clock,
    EventSink,
    LastLook,
    MayLeave,
    Outbound,
    SendResult,
    Status,
    Unsupported,
    nobody_objects,
    refuse_unsupported,
)
from allstop.channels.guard import PrivateAddress, PublicResolver, check_literal
from allstop.channels.http_outcomes import lost_before, no_link, unknown
from allstop.channels.link_news import LinkNews
from allstop.channels.text_api.config import TextApiConfig
from allstop.channels.text_api.outcomes import STATES, fields_of, settled
from allstop.channels.under_way import UnderWay
from allstop.rules.words import Channel

KEEP_ALIVE = 15.0  # seconds; a connection that the provider closes meanwhile would make an unknown
LONGEST_ANSWER = 65_536  # octets


class _NotNow(Exception):
    """The last look said no: nothing of the body was written."""


class _Handover(aiohttp.BytesPayload):
    """The body. What happens before it is written has handed nothing over."""

    def __init__(self, body: bytes, look: LastLook) -> None:
        super().__init__(body, content_type="application/x-www-form-urlencoded")
        self._look = look
        self.withdrawn: SendResult | None = None
        self.fault: Exception | None = None  # of the last look itself
        self.has_begun = False

    async def write_with_length(self, writer: AbstractStreamWriter, content_length: int | None) -> None:
        try:
            self.withdrawn = self._look()
        except Exception as fault:
            self.fault = fault
            raise
        if self.withdrawn is not None:
            raise _NotNow
        self.has_begun = True  # no pause between the look and this line, nor until the write
        await super().write_with_length(writer, content_length)


class TextApiAdapter:
    name = "text_api"

    def __init__(self, config: TextApiConfig, now: Clock) -> None:
        self.capabilities = Capabilities(
            channels=frozenset({Channel.TEXT}),
            max_connections=config.max_connections,
            receipts=bool(config.callback_url),
            inbound=True,
            can_cancel=True,
            idempotent=config.honours_keys,
        )
        self._config = config
        self._now = now
        self._prefix = f"{config.account_sid}:"  # refs of two accounts at one provider must not be mixed up
        self._account = f"{config.base_url.rstrip('/')}/2010-04-01/Accounts/{config.account_sid}"
        self._session: aiohttp.ClientSession | None = None
        self._news = LinkNews(self.name, now)
        self._slots = asyncio.Semaphore(config.max_connections)
        self._under_way = UnderWay()

    async def start(self, sink: EventSink) -> None:
        """Connects to nothing yet: the first text opens the first connection."""
        self._news.tell(sink)
        config = self._config
        connector = aiohttp.TCPConnector(
            limit=config.max_connections,
            keepalive_timeout=KEEP_ALIVE,
            resolver=None if config.allow_private else PublicResolver(),
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,  # a proxy would connect for us, past the guard
            timeout=aiohttp.ClientTimeout(
                total=None, sock_connect=config.timeout_seconds, sock_read=config.answer_seconds
            ),
            headers={"Authorization": aiohttp.encode_basic_auth(config.account_sid, config.password)},
        )

    async def send(self, outbound: Outbound, may_leave: MayLeave = nobody_objects) -> SendResult:
        refuse_unsupported(self.name, self.capabilities, outbound)

        last_look = self._under_way.last_look(outbound, may_leave, self._now)
        with self._under_way.one():
            async with self._slots:  # before the look, which may then say no without a connection
                return last_look() or await self._post(outbound, last_look)

    async def _post(self, outbound: Outbound, look: LastLook) -> SendResult:
        body = _Handover(urlencode(self._form(outbound)).encode(), look)
        headers = {"Idempotency-Key": outbound.idempotency_key}
        try:
            status, answer_headers, answer = await self._ask("POST", "/Messages.json", data=body, headers=headers)
        except (aiohttp.ClientError, OSError, TimeoutError) as loss:
            if body.fault is not None:
                raise body.fault from loss
            if body.withdrawn is not None:
                return body.withdrawn
            if body.has_begun:
                return unknown("allstop:no_answer", f"no answer to the text: {str(loss) or type(loss).__name__}")
            words = _words(loss) or "no connection in time"
            if isinstance(loss, aiohttp.ClientConnectorError | aiohttp.ClientSSLError | TimeoutError) or (
                isinstance(loss, OSError) and not isinstance(loss, aiohttp.ClientError)
            ):
                await self._news.say(False, words)
                return no_link(words)
            return lost_before(words)
        await self._news.say(True)
        return settled(status, answer_headers, answer, self._now(), self._prefix)

    def _form(self, outbound: Outbound) -> dict[str, str]:
        form = {"To": outbound.to, "From": outbound.sender, "Body": outbound.body}
        if self._config.callback_url:
            address = self._config.callback_url.rstrip("/")
            form["StatusCallback"] = f"{address}/hooks/texts/{outbound.account_id}/status"
        if outbound.use_by is not None:
            left = int((outbound.use_by - self._now()).total_seconds())
            form["ValidityPeriod"] = str(min(max(left, 1), 14_400))  # the range that Twilio takes
        return form

    async def _ask(self, method: str, path: str, **what: Any) -> tuple[int, Any, bytes]:
        if self._session is None:
            raise RuntimeError("The text adapter was not started: it has no connections.")
        url = self._account + path
        if not self._config.allow_private:
            check_literal(urlsplit(url).hostname)
        async with self._session.request(method, url, allow_redirects=False, **what) as answer:
            return answer.status, answer.headers, await answer.content.read(LONGEST_ANSWER)

    async def query(self, ref: str) -> Status | None:
        """By a ref. After a lost answer there is none, and the API does not find a text by our key."""
        status, _, body = await self._ask("GET", f"/Messages/{self._sid(ref)}.json")
        if status == 404:
            return None
        said = fields_of(body)
        if status != 200 or said.get("status") not in STATES:
            raise OSError(f"The provider did not say what became of it: HTTP {status}.")
        return Status(ref=ref, state=STATES[said["status"]], code=f"text_api:{said['status']}")

    async def cancel(self, ref: str) -> bool:
        status, _, _ = await self._ask("POST", f"/Messages/{self._sid(ref)}.json", data={"Status": "canceled"})
        return status == 200

    def _sid(self, ref: str) -> str:
        if not ref.startswith(self._prefix):
            raise Unsupported(f"The provider is asked by its own sid for a text; {ref!r} is none of this account's.")
        return quote(ref.removeprefix(self._prefix), safe="")

    async def check(self) -> Checked:
        """Whether texts could leave now, and the balance, in words."""
        host = urlsplit(self._config.base_url).hostname
        try:
            status, _, body = await self._ask("GET", "/Balance.json")
        except (aiohttp.ClientError, OSError, TimeoutError) as loss:
            words = _words(loss) or f"no answer within {self._config.timeout_seconds:g} seconds"
            return Checked(is_good=False, words=f"Could not reach {host}: {words}.")
        if status in (401, 403):
            return Checked(is_good=False, words=f"{host} refused the log-in: check the account_sid and the auth token.")
        if not 200 <= status <= 299 and status != 404:
            return Checked(is_good=False, words=f"{host} answered HTTP {status}, which is no yes.")
        said = fields_of(body)
        balance = f"{said['balance']} {said.get('currency', '')}".strip() if "balance" in said else ""
        words = f"Logged in to {host}."
        if not balance:
            return Checked(is_good=True, words=f"{words} It does not tell what is left.")
        return Checked(is_good=True, words=words, balance=f"Left at the provider: {balance}.")

    async def drain(self, timeout: timedelta) -> bool:
        return await self._under_way.drain(timeout)

    async def close(self) -> None:
        await self._under_way.drain(None)
        if self._session is not None:
            await self._session.close()


def _words(loss: BaseException) -> str:
    """aiohttp wraps what the guard said into words of its own."""
    return str(loss.__cause__ if isinstance(loss.__cause__, PrivateAddress) else loss)
