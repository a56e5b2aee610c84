"""A mail server with STARTTLS (or TLS from the first byte) and a log-in, by aiosmtpd, on a thread of its own.

Arrivals go into an SQLite file, so that other processes can count them too.
"""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

from tests.peers.certificates import Certificate
from tests.peers.ports import free_port

USER, PASSWORD = "desk", "correct horse"


class Keeper:
    """bounce@ is refused for good, later@ for now; everything else is kept."""

    def __init__(self, arrivals: Path) -> None:
        self._arrivals = arrivals
        with closing(sqlite3.connect(arrivals)) as db, db:
            db.execute("CREATE TABLE IF NOT EXISTS arrival (at REAL, recipient TEXT, content BLOB, over_tls INTEGER)")

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        if address.startswith("bounce@"):
            return "550 5.1.1 no such mailbox"
        if address.startswith("later@"):
            return "451 4.2.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        with closing(sqlite3.connect(self._arrivals)) as db, db:
            for recipient in envelope.rcpt_tos:
                row = (time.time(), recipient, envelope.content, session.ssl is not None)
                db.execute("INSERT INTO arrival VALUES (?, ?, ?, ?)", row)
        return "250 2.0.0 kept"


@dataclass(frozen=True, slots=True)
class SecurePeer:
    port: int
    arrivals_file: Path

    def arrivals(self) -> list[tuple[str, bytes, bool]]:
        """(recipient, content, whether it came encrypted), in order."""
        with closing(sqlite3.connect(self.arrivals_file)) as db:
            rows = db.execute("SELECT recipient, content, over_tls FROM arrival ORDER BY rowid").fetchall()
        return [(recipient, content, bool(over_tls)) for recipient, content, over_tls in rows]


def _check(server: Any, session: Any, envelope: Any, mechanism: str, credentials: Any) -> AuthResult:
    known = LoginPassword(USER.encode(), PASSWORD.encode())
    return AuthResult(success=credentials == known, handled=False)


@contextmanager
def secure_peer(folder: Path, certificate: Certificate, starttls: bool = True) -> Iterator[SecurePeer]:
    context = certificate.server_context()
    arrivals = folder / "arrivals.sqlite"
    port = free_port()  # Controller tries itself out on the port that it was given, so 0 would not do
    controller = Controller(
        Keeper(arrivals),
        hostname="127.0.0.1",
        port=port,
        ssl_context=None if starttls else context,
        server_hostname="peer.test",
        tls_context=context if starttls else None,
        require_starttls=starttls,
        auth_required=True,
        auth_require_tls=starttls,  # aiosmtpd does not see TLS that was there from the first byte
        authenticator=_check,
        enable_SMTPUTF8=True,
    )
    controller.start()
    try:
        yield SecurePeer(port, arrivals)
    finally:
        controller.stop()
