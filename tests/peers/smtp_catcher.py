"""A mail server that keeps a log and nothing else, as a process of its own.

    python -m tests.peers.smtp_catcher --port 0 --log FILE

It prints its port. Each mail that arrived whole is one line of JSON in the log, written before it is
acknowledged, so that another process can count what had arrived at any moment: after a stop, nothing new may
begin.

| key | value |
|---|---|
| to, message_id | of the mail |
| began_at, began_monotonic | when DATA came: Unix time, and this machine's monotonic clock |
| ended_at, ended_monotonic | when its final dot came |
"""

import argparse
import asyncio
import json
import os
import select
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from tests.peers.smtp_conversation import LONGEST_MAIL, Arrival, Conversation

REPOSITORY = Path(__file__).parents[2]


async def serve(port: int, log: Path) -> None:
    log_file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def keep(arrival: Arrival) -> None:
        line = {
            "to": arrival.recipient,
            "message_id": arrival.message_id,
            "began_at": arrival.began_at,
            "ended_at": arrival.ended_at,
            "began_monotonic": arrival.began_monotonic,
            "ended_monotonic": arrival.ended_monotonic,
        }
        os.write(log_file, json.dumps(line).encode() + b"\n")  # one write: a reader never sees half a line

    async def meet(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Conversation(reader, writer, lambda stage, argument: None, keep).hold()

    server = await asyncio.start_server(meet, "127.0.0.1", port, limit=LONGEST_MAIL, backlog=1000)
    print(server.sockets[0].getsockname()[1], flush=True)
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, ended.set)
    await ended.wait()
    server.close()


@dataclass(frozen=True, slots=True)
class Catcher:
    process: subprocess.Popen[str]
    port: int
    log: Path

    def arrivals(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=5)


def start_catcher(log: Path) -> Catcher:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.peers.smtp_catcher", "--port", "0", "--log", str(log)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=REPOSITORY,
    )
    assert process.stdout is not None
    if not select.select([process.stdout], [], [], 20)[0]:
        process.kill()
        raise RuntimeError("The mail catcher did not print its port within 20 seconds.")
    log.touch()
    return Catcher(process, int(process.stdout.readline()), log)


def main() -> None:
    parser = argparse.ArgumentParser(description="A mail server that logs what arrives.")
    parser.add_argument("--port", type=int, default=0, help="0 chooses a free one")
    parser.add_argument("--log", type=Path, required=True)
    arguments = parser.parse_args()
    uvloop.run(serve(arguments.port, arguments.log))


if __name__ == "__main__":
    main()
