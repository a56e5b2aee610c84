"""Keeps connections to one SMTP server open: opening one for each mail costs more than half of the speed.

They are opened when needed, never more than the bound, and used for one mail at a time; one that is in doubt
is dropped, not repaired. Guards: a connection that comes out of here is encrypted and logged in as the
settings say.
"""

import asyncio
import socket
import ssl

from aiosmtplib import SMTP, SMTPException, SMTPResponseException

from allstop.channels.adapter import SendResult
from allstop.channels.email.config import Encryption, SmtpConfig
from allstop.channels.email.outcomes import code_of, no_way
from allstop.channels.email.wire import NotOpen, Wire, take_over

LONGEST_IDLE = 60.0  # seconds; firewalls forget quiet connections without a word, and servers hang up after minutes
GOODBYE = 2.0  # seconds for the server to answer QUIT


class NoWay(Exception):
    """There is no usable connection to be had; nothing was handed over."""

    def __init__(self, result: SendResult) -> None:
        self.result = result
        super().__init__(result.text)


class Connection:
    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.mails = 0
        self.idle_since = 0.0

    @property
    def is_fresh(self) -> bool:
        return self.mails == 0


class Pool:
    def __init__(self, config: SmtpConfig) -> None:
        self._config = config
        self._slots = asyncio.Semaphore(config.max_connections)
        self._idle: list[Connection] = []
        self._tls: ssl.SSLContext | None = None

    async def take(self) -> Connection:
        """Waits for its turn. Every connection taken is given back or dropped. Raises NoWay."""
        await self._slots.acquire()
        try:
            return self._reuse() or Connection(await self._open())
        except BaseException:
            self._slots.release()
            raise

    def give_back(self, connection: Connection) -> None:
        connection.mails += 1
        if connection.mails >= self._config.mails_per_connection:
            self.drop(connection)
            return
        connection.idle_since = asyncio.get_running_loop().time()
        self._idle.append(connection)
        self._slots.release()

    def drop(self, connection: Connection) -> None:
        connection.wire.close()
        self._slots.release()

    async def close(self) -> None:
        """Says goodbye on the idle connections; none may be taken any more."""
        idle, self._idle = self._idle, []
        await asyncio.gather(*(_say_goodbye(connection.wire) for connection in idle))

    def _reuse(self) -> Connection | None:
        while self._idle:
            connection = self._idle.pop()  # the one used last, so that surplus ones grow old
            idle_for = asyncio.get_running_loop().time() - connection.idle_since
            if connection.wire.is_open and idle_for < LONGEST_IDLE:
                return connection
            connection.wire.close()
        return None

    async def _open(self) -> Wire:
        config = self._config
        if self._tls is None and config.encryption is not Encryption.NONE:
            self._tls = await asyncio.to_thread(_tls_context, config.ca_file)
        client = SMTP(
            hostname=config.host,
            port=config.port,
            username=config.user or None,
            password=config.password or None,
            local_hostname=config.hello_name or socket.gethostname(),  # the library's own default asks DNS
            timeout=config.timeout_seconds,
            use_tls=config.encryption is Encryption.TLS,
            start_tls=config.encryption is Encryption.STARTTLS,
            tls_context=self._tls,
        )
        try:
            await client.connect()
            if client.is_ehlo_or_helo_needed:
                await client.ehlo()  # now, not as part of the first mail: its refusal is about us, not about the mail
        except SMTPResponseException as refusal:
            client.close()
            spoke_smtp = refusal.code >= 100  # the library marks other answers with -1
            code = code_of(refusal.code, refusal.message) if spoke_smtp else "allstop:no_link"
            raise NoWay(no_way(code, refusal.message)) from refusal
        except ssl.SSLError as fault:  # the library lets it through as it is
            client.close()
            raise NoWay(no_way("allstop:no_tls", f"no trusted TLS with {config.host}: {fault}")) from fault
        except (SMTPException, OSError) as fault:
            client.close()
            raise NoWay(no_way("allstop:no_link", str(fault))) from fault
        if client.protocol is None or client.protocol.transport is None:
            raise NoWay(no_way("allstop:no_link", "the server hung up after the log-in"))
        return take_over(client.protocol.transport, frozenset(client.esmtp_extensions))


def _tls_context(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file or None)


async def _say_goodbye(wire: Wire) -> None:
    """It is being closed either way, and no mail is under way on it."""
    try:
        await wire.ask(b"QUIT\r\n", 1, GOODBYE)
    except NotOpen:
        return
    wire.close()
