"""A server that takes connections and says nothing, or a letter now and then and never a line."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress


class Mute:
    def __init__(self, server: socket.socket, letter: bytes) -> None:
        self.port: int = server.getsockname()[1]
        self.taken: list[socket.socket] = []
        self._letter = letter
        self._server = server
        self._ended = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):  # it was ended
            while True:
                line, _ = self._server.accept()
                self.taken.append(line)
                if self._letter:
                    threading.Thread(target=self._murmur, args=(line,), daemon=True).start()

    def _murmur(self, line: socket.socket) -> None:
        with suppress(OSError):  # the other side has had enough
            while not self._ended.wait(0.02):
                line.sendall(self._letter)

    def end(self) -> None:
        self._ended.set()
        for one in (self._server, *self.taken):
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()


@contextmanager
def mute(letter: bytes = b"") -> Iterator[Mute]:
    running = Mute(socket.create_server(("127.0.0.1", 0)), letter)
    try:
        yield running
    finally:
        running.end()
