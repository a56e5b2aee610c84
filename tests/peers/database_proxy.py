"""A way to the test's database that can be frozen or cut, as a network does it: TCP on loopback, in a thread.

with database_proxy(url) as proxy:   # proxy.url leads to the same database
    proxy.freeze()   # nothing passes in either direction; new connections are taken and never answered
    proxy.cut()      # open connections are reset, new ones refused
    proxy.mend()
"""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from psycopg.conninfo import conninfo_to_dict

CHUNK = 65_536


class Proxy:
    def __init__(self, url: str) -> None:
        parts = conninfo_to_dict(url)
        self._target = Path(str(parts["host"])) / f".s.PGSQL.{parts['port']}"
        self._user, self._database = parts["user"], parts["dbname"]
        self._loop = asyncio.new_event_loop()
        self._writers: set[asyncio.StreamWriter] = set()
        self._server: asyncio.Server | None = None
        self._port = 0
        self._passing = asyncio.Event()
        self._passing.set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._do(self._open())

    @property
    def url(self) -> str:
        return f"postgresql://{self._user}@127.0.0.1:{self._port}/{self._database}"

    def freeze(self) -> None:
        self._loop.call_soon_threadsafe(self._passing.clear)

    def cut(self) -> None:
        self._do(self._cut())

    def mend(self) -> None:
        self._do(self._open())
        self._loop.call_soon_threadsafe(self._passing.set)

    def close(self) -> None:
        self._do(self._cut())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, act: Any) -> None:
        asyncio.run_coroutine_threadsafe(act, self._loop).result(10)

    async def _open(self) -> None:
        if self._server is None:
            self._server = await asyncio.start_server(self._meet, "127.0.0.1", self._port)
            self._port = self._server.sockets[0].getsockname()[1]

    async def _cut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None
        for writer in list(self._writers):
            writer.transport.abort()
        self._passing.set()  # so that whoever waits finds its connection gone
        others = asyncio.all_tasks() - {asyncio.current_task()}
        await asyncio.wait(others, timeout=5) if others else None

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            await self._passing.wait()
            there, back = await asyncio.open_unix_connection(str(self._target))
        except OSError:
            writer.transport.abort()
            self._writers.discard(writer)
            return
        self._writers.add(back)
        with suppress(OSError):
            await asyncio.wait(
                [asyncio.create_task(self._pass_on(reader, back)), asyncio.create_task(self._pass_on(there, writer))],
                return_when=asyncio.FIRST_COMPLETED,
            )
        for one in (writer, back):
            one.transport.abort()
            self._writers.discard(one)

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(CHUNK):
                await self._passing.wait()
                writer.write(data)
                await writer.drain()


@contextmanager
def database_proxy(url: str) -> Iterator[Proxy]:
    proxy = Proxy(url)
    try:
        yield proxy
    finally:
        proxy.close()
