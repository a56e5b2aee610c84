"""A worker for calls, as `allstop work --channels call` is one: python -m allstop.bench.call_worker NUMBER SLOTS"""

import asyncio
import os
import signal
import socket
import sys
from datetime import timedelta

import django
import uvloop


def run(slots: int) -> None:
    from allstop.dispatch.shift import work
    from allstop.dispatch.worker import Terms, Worker
    from allstop.rules.words import Channel

    def appoint(worker: Worker) -> None:
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), worker.end)
        print("ready", flush=True)

    terms = Terms(
        host=socket.gethostname(),
        pid=os.getpid(),
        slots=slots,
        channels=(Channel.CALL,),
        patience=timedelta(seconds=5),
        calls_from="127.0.0.1",
    )
    uvloop.run(work(terms, appoint))


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    django.setup()
    run(int(sys.argv[2]))
