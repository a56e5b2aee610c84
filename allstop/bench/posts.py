"""The ceiling of webhooks: one ready-made event, posted again and again by the same client with the same signing to the
same program, with no database, no log and no leases.

python -m allstop.bench.posts PORT CONNECTIONS SECONDS     as fast as it can; prints how many a second were taken
python -m allstop.bench.posts PORT CONNECTIONS 0 RATE      so many a second, until its input is closed
"""

import asyncio
import os
import sys
import time
from datetime import UTC, datetime
from uuid import uuid4

import uvloop

from allstop.channels.webhook import Caller, body_of
from allstop.dispatch.webhook_process import POLITENESS
from allstop.rules.webhooks import secret_of

STEP = 0.05  # seconds between two batches
DATA = {"account_id": 1, "title": "Note", "by": "the benchmark", "detail": "", "lead": {"status": "new", "reason": ""}}


class Poster:
    def __init__(self, port: int) -> None:
        self._url = f"http://127.0.0.1:{port}/"
        self._caller, self._secrets = Caller(private=True), [secret_of(b"x" * 32)]
        self.taken = 0

    async def post(self) -> None:
        now = datetime.now(UTC)
        body = body_of("lead_activity", now, DATA)
        answer = await self._caller.deliver(self._url, self._secrets, uuid4(), body, now)
        self.taken += answer.is_taken

    async def as_many_as_it_can(self, connections: int, seconds: float) -> float:
        """How many a second."""
        until = time.monotonic() + seconds

        async def one_after_the_other() -> None:
            while time.monotonic() < until:
                await self.post()

        began = time.monotonic()
        await asyncio.gather(*(one_after_the_other() for _ in range(connections)))
        return self.taken / (time.monotonic() - began)

    async def at_a_rate(self, connections: int, rate: float) -> None:
        """In batches, as events become due."""
        over = asyncio.Event()
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), over.set)
        began, begun = time.monotonic(), 0
        while not over.is_set():
            due = min(int((time.monotonic() - began) * rate) - begun, connections)
            begun += due
            await asyncio.gather(*(self.post() for _ in range(due)), asyncio.sleep(STEP))

    async def close(self) -> None:
        await self._caller.close()


async def main(port: int, connections: int, seconds: float, rate: float) -> None:
    poster = Poster(port)
    if rate:
        os.nice(POLITENESS)  # as the webhook process
        await poster.at_a_rate(connections, rate)
    else:
        print(await poster.as_many_as_it_can(connections, seconds))
    await poster.close()


if __name__ == "__main__":
    port, connections, seconds, *rate = sys.argv[1:]
    uvloop.run(main(int(port), int(connections), float(seconds), float(rate[0]) if rate else 0))
