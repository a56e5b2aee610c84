"""A web server on loopback, Python's own: it says what a test tells it to, and remembers who asked."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit


@dataclass
class WebServer:
    port: int = 0
    pages: dict[str, tuple[int, dict[str, str], bytes]] = field(default_factory=dict)  # path -> status, headers, body
    posted: list[tuple[str, dict[str, str], bytes]] = field(default_factory=list)  # path, headers, body
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)  # path with query, headers

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def takes(self, path: str, status: int = 201, **headers: str) -> None:
        """What is posted there."""
        self.pages[f"POST {path}"] = status, headers, b""

    def says(self, path: str, body: bytes, status: int = 200, **headers: str) -> None:
        self.pages[path] = status, headers, body


@contextmanager
def web_server() -> Iterator[WebServer]:
    server = WebServer()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.asked.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            status, headers, body = server.pages.get(self.path) or server.pages.get(
                urlsplit(self.path).path, (404, {}, b"")
            )
            self._answer(status, headers, body)

        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            server.posted.append((self.path, {name.lower(): value for name, value in self.headers.items()}, content))
            self._answer(*server.pages.get(f"POST {self.path}", (404, {}, b"")))

        def _answer(self, status: int, headers: dict[str, str], body: bytes) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name.replace("_", "-"), value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *said: object) -> None:
            """Nothing on the terminal."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
