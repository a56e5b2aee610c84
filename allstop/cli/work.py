"""`allstop work`: one worker process. Any number of them may run, on any number of machines."""

import asyncio
import os
import signal
import socket
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.ready import ready

if TYPE_CHECKING:
    from allstop.dispatch.worker import Worker

commands = typer.Typer()

FENCED = 3  # exit code: others had declared this worker dead


@commands.command()
def work(
    slots: Annotated[int, typer.Option(min=1, max=10_000, help="Messages under way at once.")] = 50,
) -> None:
    """Send what is due, until SIGTERM or Ctrl-C: then finish what is under way and hand back the rest."""
    with ready():
        from allstop.store.claims import Fenced

        try:
            _run(slots)
        except Fenced as fenced:
            raise typer.Exit(FENCED) from fenced


def _run(slots: int) -> None:
    import uvloop
    from django.conf import settings

    from allstop.dispatch.chores import do_chores
    from allstop.dispatch.worker import Terms, work

    def end_on_signal(worker: "Worker") -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, worker.end)

    terms = Terms(host=socket.gethostname(), pid=os.getpid(), slots=slots, home=settings.HOME)
    uvloop.run(work(terms, end_on_signal, lambda: [do_chores()]))
