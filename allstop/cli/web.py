"""The web process that `allstop serve` starts: uvicorn on a socket that the parent already listens on.

The parent keeps the socket open, so that browsers wait instead of failing while this process is started
anew. It also starts this process early, beside the database, and lets it serve by closing its standard
input: loading the program takes about as long as everything else together.
"""

import socket
import sys
from contextlib import suppress
from types import FrameType

import uvicorn
from django.urls import get_resolver

# The whole of Allstop stops within three seconds.
SECONDS_FOR_OPEN_REQUESTS = 1


class Server(uvicorn.Server):
    """Ends the open event streams as soon as it is told to stop; uvicorn alone would wait for the browsers."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        from allstop.console.live import end_streams

        end_streams()
        super().handle_exit(sig, frame)


def main(file_descriptor: int) -> None:
    config = uvicorn.Config(
        "allstop.asgi:application",
        loop="uvloop",
        http="h11",  # httptools is here for webhooks; with "auto" uvicorn would take it too, which nobody has tried
        lifespan="on",
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=SECONDS_FOR_OPEN_REQUESTS,
    )
    config.load()
    _ = get_resolver().url_patterns  # loads every page now, not when the first is asked for
    sys.stdin.read()
    with suppress(KeyboardInterrupt):  # uvicorn passes Ctrl-C on once it has stopped
        Server(config).run(sockets=[socket.socket(fileno=file_descriptor)])


if __name__ == "__main__":
    main(int(sys.argv[1]))
