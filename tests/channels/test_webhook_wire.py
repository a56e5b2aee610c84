"""The HTTP of webhooks against servers that answer as servers do, and as they should not."""

import asyncio
import ssl
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from aiohttp import ThreadedResolver

from allstop.channels.guard import PrivateAddress, PublicResolver
from allstop.channels.webhook_wire import NoAnswer, Wire, place_of
from tests.peers.certificates import make_certificate

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nheard"
Scene = Callable[["Server", Wire], Awaitable[None]]


class Server:
    """Says for each request the next of its answers, part by part; None: it hangs up."""

    def __init__(self, *answers: list[bytes | None]) -> None:
        self.answers = list(answers)
        self.connections = 0
        self.requests: list[bytes] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        try:
            while self.answers:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                for part in self.answers.pop(0):
                    if part is None:
                        return
                    writer.write(part)
                    await writer.drain()
                    await asyncio.sleep(0)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.transport.abort()


def play(server: Server, scene: Scene, *, secure: ssl.SSLContext | None = None, public_only: bool = False) -> None:
    async def stage() -> None:
        listening = await asyncio.start_server(server.serve, "127.0.0.1", 0, ssl=secure)
        port = listening.sockets[0].getsockname()[1]
        server.url = f"{'https' if secure else 'http'}://127.0.0.1:{port}/crm?q=1"
        wire = Wire(ThreadedResolver(), public_only=public_only, longest=500)
        try:
            await scene(server, wire)
        finally:
            await wire.close()
            listening.close()

    asyncio.run(stage())


async def post(server: Server, wire: Wire, seconds: float = 30) -> tuple[int, bytes]:
    return await wire.post(place_of(server.url), b"webhook-id: evt_1\r\n", b'{"type": "ping"}', seconds)


WELL: list[tuple[list[bytes | None], tuple[int, bytes], bool]] = [
    ([OK], (200, b"heard"), True),
    ([OK[:9], OK[9:30], OK[30:]], (200, b"heard"), True),
    ([b"HTTP/1.1 204 No Content\r\n\r\n"], (204, b""), True),
    (
        [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhea\r\n", b"2;x=y\r\nrd\r\n0\r\n", b"\r\n"],
        (200, b"heard"),
        True,
    ),
    ([b"HTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\n", OK], (200, b"heard"), True),
    ([b"HTTP/1.1 200 OK\r\ncontent-length: 900\r\n\r\n" + b"x" * 900], (200, b"x" * 500), True),
    ([b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-length: 5\r\n\r\nheard"], (200, b"heard"), False),
    ([b"HTTP/1.0 500 Oh\r\n\r\nno", b" idea", None], (500, b"no idea"), False),
    ([b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhea", None], (200, b"hea"), False),
    (
        [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n", *[b"64\r\n" + b"x" * 100 + b"\r\n"] * 9],
        (200, b"x" * 500),
        False,
    ),
    ([b"HTTP/1.1 101 Switching Protocols\r\nupgrade: h2\r\nconnection: upgrade\r\n\r\n"], (101, b""), False),
]


def test_answers_of_every_shape_are_read_and_connections_kept_where_they_may_be() -> None:
    for parts, wanted, is_kept in WELL:
        server = Server(parts, [OK])

        async def scene(
            server: Server, wire: Wire, parts: object = parts, wanted: object = wanted, is_kept: bool = is_kept
        ) -> None:
            assert await post(server, wire) == wanted, parts
            assert await post(server, wire) == (200, b"heard"), parts
            assert server.connections == (1 if is_kept else 2), parts

        play(server, scene)
        head, _, body = server.requests[0].partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        assert lines[0] == b"POST /crm?q=1 HTTP/1.1"
        assert lines[1] == b"host: " + server.url.split("/")[2].encode()
        assert lines[2:] == [b"webhook-id: evt_1", b"content-length: 16"]
        assert body == b'{"type": "ping"}'


def test_what_is_no_answer_says_so_and_leaves_nothing_for_the_next() -> None:
    for parts in ([b"SSH-2.0-OpenSSH\r\n"], [None], [b"HTTP/1.1 200 OK\r\nx: " + b"y" * 70_000, b"z"]):

        async def scene(server: Server, wire: Wire) -> None:
            with pytest.raises(NoAnswer):
                await post(server, wire)
            assert await post(server, wire) == (200, b"heard")

        play(Server(list(parts), [OK]), scene)


def test_a_kept_connection_that_was_hung_up_is_tried_once_more_and_a_new_one_is_not() -> None:
    async def scene(server: Server, wire: Wire) -> None:
        assert await post(server, wire) == (200, b"heard")
        assert await post(server, wire) == (200, b"heard"), "the first try of it met a closed door"
        assert (server.connections, len(server.requests)) == (2, 3)
        assert server.requests[1] == server.requests[2], "under the same webhook-id"

    play(Server([OK], [None], [OK]), scene)


OKS: list[list[bytes | None]] = [[OK]] * 8


def test_whoever_does_not_answer_in_time_is_left_and_many_go_at_once() -> None:
    async def scene(server: Server, wire: Wire) -> None:
        with pytest.raises(TimeoutError):
            await post(server, wire, seconds=0.05)
        answers = await asyncio.gather(*(post(server, wire) for _ in range(8)))
        assert answers == [(200, b"heard")] * 8
        assert server.connections == 9

    play(Server([b"HTTP/1.1 200 OK\r\n"], *OKS, []), scene)


def test_https_is_checked_and_names_that_lead_to_this_machine_are_not_reached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = make_certificate(tmp_path)

    async def unknown(server: Server, wire: Wire) -> None:
        with pytest.raises(ssl.SSLCertVerificationError):
            await post(server, wire)
        assert server.requests == []

    play(Server([OK]), unknown, secure=certificate.server_context())
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.certificate))

    async def known(server: Server, wire: Wire) -> None:
        assert await post(server, wire) == (200, b"heard")

    play(Server([OK]), known, secure=certificate.server_context())

    async def private(server: Server, wire: Wire) -> None:
        with pytest.raises(PrivateAddress):
            await post(server, wire)
        for resolver in (PublicResolver(), ThreadedResolver()):  # the second lies: what was reached is looked at too
            guarded = Wire(resolver, public_only=True, longest=500)
            place = place_of(server.url.replace("127.0.0.1", "localhost"))
            with pytest.raises(PrivateAddress):
                await guarded.post(place, b"", b"{}", 30)
            await guarded.close()
        assert server.requests == []

    play(Server([OK]), private, public_only=True)


@pytest.mark.parametrize("url", ["", "crm.example", "ftp://crm.example/", "http://", "http://crm.example:99999/"])
def test_what_is_no_address_of_a_web_page_is_none(url: str) -> None:
    with pytest.raises(ValueError):
        place_of(url)


def test_addresses_are_written_as_servers_read_them() -> None:
    assert place_of("https://crm.example").begin == b"POST / HTTP/1.1\r\nhost: crm.example\r\n"
    assert place_of("http://[::1]:81/a b?c=\u00e9").begin == b"POST /a%20b?c=%C3%A9 HTTP/1.1\r\nhost: [::1]:81\r\n"
    assert place_of("https://b\u00fccher.example/\r\nx: y").begin == (
        b"POST /x:%20y HTTP/1.1\r\nhost: xn--bcher-kva.example\r\n"
    )
