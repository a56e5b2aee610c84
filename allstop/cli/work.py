"""`allstop work`: one worker process. Any number of them may run, on any number of machines."""

import asyncio
import os
import signal
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from allstop.cli.desk import answering
from allstop.rules.words import Channel

if TYPE_CHECKING:
    from allstop.dispatch.worker import Worker

commands = typer.Typer()

FENCED = 3  # exit code: others had declared this worker dead


@commands.command()
def work(
    slots: Annotated[int, typer.Option(min=1, max=10_000, help="Messages under way at once.")] = 50,
    channels: Annotated[str, typer.Option("--channels", help="Only these, with commas: call, or text,email.")] = "",
    patience: Annotated[
        float, typer.Option(min=0, max=600, help="Seconds for what is under way, when it is told to end.")
    ] = 1.5,
) -> None:
    """Send what is due, until SIGTERM or Ctrl-C: then finish what is under way and hand back the rest.

    A process for calls alone keeps trouble with them away from texts and emails: --channels call.
    """
    chosen = _channels(channels)
    with answering(as_json=False):
        from allstop.store.claims import Fenced

        try:
            _run(slots, chosen, patience)
        except Fenced as fenced:
            raise typer.Exit(FENCED) from fenced


def _channels(said: str) -> tuple[Channel, ...]:
    words = [word for word in said.replace(",", " ").split() if word]
    if unknown := [word for word in words if word not in list(Channel)]:
        raise typer.BadParameter(f"There is no channel {unknown[0]}. There are text, call and email.")
    return tuple(Channel(word) for word in dict.fromkeys(words)) or tuple(Channel)


def _run(slots: int, channels: tuple[Channel, ...], patience: float) -> None:
    import uvloop
    from django.conf import settings

    from allstop.dispatch.chores import do_chores
    from allstop.dispatch.shift import work
    from allstop.dispatch.worker import Terms

    def end_on_signal(worker: "Worker") -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, worker.end)

    terms = Terms(
        host=socket.gethostname(),
        pid=os.getpid(),
        slots=slots,
        home=settings.HOME,
        channels=channels,
        patience=timedelta(seconds=patience),
        calls_from=settings.CALLS_FROM,
    )
    # A process for calls alone has no other duties: whoever sends the texts has them.
    duties = [] if channels == (Channel.CALL,) else [do_chores]
    uvloop.run(work(terms, end_on_signal, lambda: [duty() for duty in duties]))
