"""A time limit for a conversation, whatever the other side does: a server that says a byte now and then is never silent
for long enough to be given up by the socket's own limit.
"""

import socket
import threading
from contextlib import suppress
from typing import Self


class Limit:
    """When the time is over, the connection ends, and whoever reads from it is told so."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._line: socket.socket | None = None
        self._timer: threading.Timer | None = None
        self._lock = threading.Lock()
        self.is_over = False

    def watch(self, line: socket.socket) -> None:
        """From its first byte on, so that a greeting counts as well. Who wraps it in TLS empties it: this keeps a
        handle of its own."""
        with self._lock:
            self._line = line.dup()
        self.again()

    def again(self) -> None:
        """Something was achieved: the time begins anew."""
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            self._timer = threading.Timer(self._seconds, self._end)
            self._timer.daemon = True
            self._timer.start()

    def _end(self) -> None:
        with self._lock:
            self.is_over = True
            if self._line is not None:
                with suppress(OSError):  # it has ended by itself
                    self._line.shutdown(socket.SHUT_RDWR)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
            if self._line is not None:
                self._line.close()
                self._line = None
