"""A worker process of Allstop with an adapter that sends nothing: python -m allstop.bench.worker NUMBER SLOTS."""

import asyncio
import os
import signal
import socket
import sys

import django
import uvloop


def run(slots: int) -> None:
    from allstop.bench.noop import NoOpAdapter
    from allstop.dispatch.chores import do_chores
    from allstop.dispatch.shift import work
    from allstop.dispatch.worker import Terms, Worker, utc_now
    from allstop.store.claims import Fenced

    def appoint(worker: Worker) -> None:
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), worker.end)
        print("ready", flush=True)

    adapters = {"sandbox": NoOpAdapter(utc_now)}
    terms = Terms(host=socket.gethostname(), pid=os.getpid(), slots=slots, adapters=adapters)
    try:
        uvloop.run(work(terms, appoint, lambda: [do_chores()]))
    except Fenced:
        sys.exit("A worker was declared dead, and ended.")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the benchmark, which then closes our input
    django.setup()
    run(int(sys.argv[2]))
