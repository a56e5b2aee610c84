"""A provider of a benchmark, as a process of its own: it takes what comes and counts it.

It prints its port, and for each line on its standard input how many it has taken; it ends when its input does.
"""

import asyncio
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager


async def serve(session: type[asyncio.Protocol], taken: Callable[[], int]) -> None:
    """In that process."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(session, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()

    def asked() -> None:
        if not sys.stdin.readline():
            ended.set()
            loop.remove_reader(sys.stdin)
        else:
            print(taken(), flush=True)

    loop.add_reader(sys.stdin, asked)
    await ended.wait()
    server.close()


class Peer:
    """That process, seen from the benchmark."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self.pid = process.pid
        self.port = self._line()

    def taken(self) -> int:
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return self._line()

    def _line(self) -> int:
        assert self._process.stdout is not None
        return int(self._process.stdout.readline())


@contextmanager
def started(module: str) -> Iterator[Peer]:
    command = [sys.executable, "-m", module]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        yield Peer(process)
    finally:
        process.kill()
        process.communicate()
