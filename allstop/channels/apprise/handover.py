"""One message on its way through somebody else's code: what was really said to the network, and when.

Apprise answers yes or no. That is too little: after a "no" nobody could say whether the message was handed over. So its
HTTP requests pass through our own adapter of the library requests, which writes down what happened:

    connect, TLS ─► may it leave? ═╪═ the request ─► answer
    ◄── a loss here: not taken ───►│◄── a loss here: unknown ──►

Apprise works in a thread of its own. The last look is taken on the event loop, which stands still until the request is
written: a STOP that is acknowledged there can come before the look or after the request, never between.
"""

import asyncio
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import requests
import requests.adapters
import requests.sessions
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

from allstop.channels.adapter import LastLook, SendResult
from allstop.channels.guard import PrivateAddress, is_public, refuse

STANDS_STILL = 0.2  # seconds at most that the event loop waits for a request to be written

_current: ContextVar["Handover | None"] = ContextVar("handover", default=None)


class _NotNow(OSError):
    """The last look said no: nothing of the request was written."""


class Handover:
    def __init__(self, look: LastLook, *, allow_private: bool, timeout: tuple[float, float]) -> None:
        self.allow_private = allow_private
        self.timeout = timeout  # for connecting, for the answer
        self.withdrawn: SendResult | None = None
        self.fault: Exception | None = None  # of the last look itself
        self.loss = ""  # what the network said when there was no answer
        self.status = 0  # of the newest answer
        self.headers: Mapping[str, str] = {}
        self.body = b""
        self.unanswered = 0  # requests that were written
        self._look = look
        self._loop = asyncio.get_running_loop()

    @property
    def was_asked(self) -> bool:
        """Whether anything at all was tried over the network."""
        return bool(self.unanswered or self.status or self.loss or self.withdrawn)

    @contextmanager
    def current(self) -> Iterator[None]:
        token = _current.set(self)
        try:
            yield
        finally:
            _current.reset(token)

    @contextmanager
    def leaving(self) -> Iterator[None]:
        """In Apprise's thread, around the writing of a request. Raises _NotNow."""
        looked, written = threading.Event(), threading.Event()
        self._loop.call_soon_threadsafe(self._last_look, looked, written)
        looked.wait()
        if self.withdrawn is not None or self.fault is not None:
            raise _NotNow("withdrawn")
        self.unanswered += 1
        try:
            yield
        finally:
            written.set()

    def _last_look(self, looked: threading.Event, written: threading.Event) -> None:
        try:
            self.withdrawn = self._look()
        except Exception as fault:  # told to whoever sends, in its own thread
            self.fault = fault
        looked.set()
        if self.withdrawn is None and self.fault is None:
            written.wait(STANDS_STILL)

    def answered(self, answer: requests.Response) -> None:
        self.unanswered -= 1
        self.status, self.headers = answer.status_code, answer.headers
        self.body = answer.content


class _Watched(HTTPConnection):
    """Of a connection: guarded where it leads to, asked before each request."""

    def _new_conn(self) -> socket.socket:
        handover = _current.get()
        if handover is None or handover.allow_private:
            return super()._new_conn()
        name: str = self._dns_host
        refused: Exception | None = None
        try:
            for address in _public_addresses(name, self.port):
                self._dns_host = address
                try:
                    return super()._new_conn()
                except NewConnectionError as nobody:
                    refused = nobody
        finally:
            self._dns_host = name  # certificates are checked against the name
        assert refused is not None
        raise refused

    def request(self, *args: Any, **kwargs: Any) -> None:
        handover = _current.get()
        if handover is None:
            super().request(*args, **kwargs)
            return
        if self.sock is None:
            self.connect()
        with handover.leaving():
            super().request(*args, **kwargs)


class _TlsConnection(_Watched, HTTPSConnection):
    pass


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Watched


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


def _public_addresses(host: str, port: int) -> list[str]:
    """Looked up once; the connection goes to exactly one of these. Raises PrivateAddress."""
    found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
    public = [str(address) for *_, (address, *_) in found if is_public(str(address))]
    if not public:
        refuse(host)
    return public


class _Adapter(requests.adapters.HTTPAdapter):
    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        handover = _current.get()
        if handover is None:
            return super().send(request, *args, **kwargs)
        # A proxy would connect for us, past the guard; an address must not turn off the check of certificates.
        kwargs |= {"proxies": {}, "timeout": handover.timeout, "verify": True}
        try:
            answer = super().send(request, *args, **kwargs)
            handover.answered(answer)
        except (requests.RequestException, OSError) as loss:
            handover.loss = words_of(loss)
            raise
        if answer.is_redirect:  # not followed: the answer to a message is not elsewhere
            del answer.headers["location"]
        return answer


def words_of(loss: BaseException) -> str:
    """What is at the bottom: requests and urllib3 wrap it into their own words, with addresses in them."""
    seen = loss
    while (inner := seen.__cause__ or seen.__context__) is not None:
        if isinstance(seen, PrivateAddress):
            break
        seen = inner
    return str(seen) if isinstance(seen, OSError) else type(seen).__name__


def watch() -> None:
    """From now on each session of requests in this process has our adapter. It does nothing outside of a hand-over."""
    setattr(requests.sessions, "HTTPAdapter", _Adapter)  # noqa: B010 - it is not meant to be replaced, says its type
