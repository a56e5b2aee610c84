"""The ceiling of webhooks: one ready-made event, posted again and again by the same client with the same signing to the
same program, with no database, no log and no leases.

python -m allstop.bench.posts PORT CONNECTIONS SECONDS     prints how many a second were taken
"""

import asyncio
import sys
import time
from datetime import UTC, datetime
from uuid import uuid4

from allstop.channels.webhook import Caller, body_of
from allstop.rules.webhooks import secret_of

DATA = {"account_id": 1, "title": "Note", "by": "the benchmark", "detail": "", "lead": {"status": "new", "reason": ""}}


async def post(port: int, connections: int, seconds: float) -> None:
    caller, secrets = Caller(private=True), [secret_of(b"x" * 32)]
    until, taken = time.monotonic() + seconds, 0

    async def one_after_the_other() -> None:
        nonlocal taken
        while time.monotonic() < until:
            now = datetime.now(UTC)
            body = body_of("lead_activity", now, DATA)
            answer = await caller.deliver(f"http://127.0.0.1:{port}/", secrets, uuid4(), body, now)
            taken += answer.is_taken

    began = time.monotonic()
    await asyncio.gather(*(one_after_the_other() for _ in range(connections)))
    print(taken / (time.monotonic() - began))
    await caller.close()


if __name__ == "__main__":
    asyncio.run(post(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3])))
