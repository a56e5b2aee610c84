"""One worker process, as `allstop work` runs it, with a lease of its own length:

    python -m allstop.bench.chaos.worker LEASE SLOTS

It begins when it gets a line on its standard input, so that spare ones can wait with everything loaded. It ends in
order when that is closed: so none outlives the director, even when that is killed.
"""

import asyncio
import os
import signal
import socket
import sys
from datetime import timedelta

import django
import uvloop

FENCED = 3  # exit code: others had declared this worker dead


def run(lease: timedelta, slots: int) -> None:
    from allstop.dispatch.chores import do_chores
    from allstop.dispatch.shift import work
    from allstop.dispatch.worker import Terms, Worker
    from allstop.store.claims import Fenced

    def appoint(worker: Worker) -> None:
        asyncio.get_running_loop().add_reader(sys.stdin.fileno(), worker.end)

    if not sys.stdin.readline():
        return
    terms = Terms(host=socket.gethostname(), pid=os.getpid(), lease=lease, slots=slots)
    try:
        uvloop.run(work(terms, appoint, lambda: [do_chores()]))
    except Fenced:
        sys.exit(FENCED)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the command, which then closes our input
    django.setup()
    run(timedelta(seconds=float(sys.argv[1])), int(sys.argv[2]))
