"""A mail server that keeps a log and nothing else, as a process of its own: for benchmarks, and for tests.

    python -m allstop.bench.smtp_catcher --port 0 --log FILE

It prints its port. SIGUSR1 makes it cut every line that is open. Each mail that arrived whole is one line of JSON in
the log, written before it is acknowledged, so that another process can count what had arrived at any moment: after a
stop, nothing new may begin.

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
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvloop

from allstop.bench.smtp_conversation import Arrival, SmtpPeer

PACKAGE = Path(__file__).parents[2]


async def serve(port: int, log: Path, pause: float) -> None:
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

    ended, cut = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    loop.add_signal_handler(signal.SIGUSR1, cut.set)
    if stat.S_ISFIFO(os.fstat(sys.stdin.fileno()).st_mode):  # whoever started us is gone
        loop.add_reader(sys.stdin.fileno(), ended.set)
    async with SmtpPeer(arrived=keep, port=port, pause=pause) as peer:
        print(peer.port, flush=True)
        cutting = asyncio.create_task(_hang_up_when(cut, peer))
        await ended.wait()
        cutting.cancel()


async def _hang_up_when(cut: asyncio.Event, peer: SmtpPeer) -> None:
    while True:
        await cut.wait()
        cut.clear()
        await peer.hang_up()


@dataclass(frozen=True, slots=True)
class Catcher:
    process: subprocess.Popen[str]
    port: int
    log: Path

    def arrivals(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def cut_lines(self) -> None:
        self.process.send_signal(signal.SIGUSR1)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=5)


def start_catcher(log: Path, pause: float = 0.0) -> Catcher:
    """`pause`: seconds that it takes to answer for a mail."""
    process = subprocess.Popen(
        [sys.executable, "-m", "allstop.bench.smtp_catcher", "--port", "0", "--log", str(log), "--pause", str(pause)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, (str(PACKAGE), os.environ.get("PYTHONPATH"))))},
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
    parser.add_argument("--pause", type=float, default=0.0, help="seconds that it takes to answer for a mail")
    arguments = parser.parse_args()
    uvloop.run(serve(arguments.port, arguments.log, arguments.pause))


if __name__ == "__main__":
    main()
