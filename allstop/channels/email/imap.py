"""Fetches new mails from a mailbox by IMAP. It changes nothing in it, since people may read the same mailbox, unless it
was opened to move mails out of it.

The library is Python's own, which was measured twice as fast as the friendlier ones; what is needed of the protocol is
four commands. UIDs mean something only together with the mailbox's UIDVALIDITY: whoever keeps them keeps both.
"""

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date
from typing import Self

from allstop.channels.adapter import Checked
from allstop.channels.email.config import Encryption, ImapConfig
from allstop.channels.email.outcomes import plain
from allstop.channels.email.time_limit import Limit

AT_ONCE = 50  # mails whose sizes are asked for together
LARGEST = 26_214_400  # bytes: what mail providers take at most, with its encoding
_UID = re.compile(rb"UID (\d+)")
_SIZE = re.compile(rb"RFC822\.SIZE (\d+)")
_NUMBER = re.compile(rb"\d+")
_PREFIX = re.compile(rb'^\(\("([^"\\]*)"')  # of the first of one's own namespaces


class MailboxFault(Exception):
    """It cannot be read now; the words say why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    uid: int
    raw: bytes  # of one that is too large: only its headers
    is_whole: bool


class Imap:
    """An open mailbox. Raises MailboxFault from every method."""

    def __init__(self, connection: imaplib.IMAP4, folder: str, *, readonly: bool = True) -> None:
        self._connection = connection
        self._asked("select", _quoted(folder), readonly=readonly)
        self.validity = self._number("UIDVALIDITY")
        self.next_uid = self._number("UIDNEXT")

    def new_since(self, last_uid: int, since: date | None = None) -> list[int]:
        """UIDs above the last one, in order. `since`: only what arrived on that day or later."""
        wanted = f"UID {last_uid + 1}:*"
        if since is not None:
            wanted += f" SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}"
        found = b" ".join(line for line in self._asked("uid", "SEARCH", wanted) if isinstance(line, bytes))
        numbers = sorted(int(number) for number in found.split())
        return [number for number in numbers if number > last_uid]  # "N:*" names the last mail always

    def mails(self, uids: list[int]) -> Iterator[Fetched]:
        """In order; those that are gone meanwhile are left out."""
        for start in range(0, len(uids), AT_ONCE):
            some = uids[start : start + AT_ONCE]
            sizes = self._sizes(some)
            for uid in some:
                if uid in sizes:
                    is_whole = sizes[uid] <= LARGEST
                    raw = self._body(uid, "BODY.PEEK[]" if is_whole else "BODY.PEEK[HEADER]")
                    if raw is not None:
                        yield Fetched(uid, raw, is_whole)

    def waiting(self) -> list[int]:
        """UIDs of all that is not marked as deleted, in order."""
        found = b" ".join(line for line in self._asked("uid", "SEARCH", "UNDELETED") if isinstance(line, bytes))
        return sorted(int(number) for number in found.split())

    def move(self, uid: int, folder: str) -> None:
        """Into a folder of one's own, which is made when it is not there."""
        name = _quoted(self._prefix() + folder)
        if not any(isinstance(line, bytes) for line in self._asked("list", '""', name)):
            self._asked("create", name)
        able = self._connection.capabilities
        if "MOVE" in able:
            self._asked("uid", "MOVE", str(uid), name)
            return
        self._asked("uid", "COPY", str(uid), name)
        self._asked("uid", "STORE", str(uid), "+FLAGS.SILENT", r"(\Deleted)")
        if "UIDPLUS" in able:  # else it stays marked: a plain EXPUNGE would take what somebody else has marked
            self._asked("uid", "EXPUNGE", str(uid))

    def _prefix(self) -> str:
        """What the names of one's own folders begin with: "INBOX." with some servers."""
        if "NAMESPACE" not in self._connection.capabilities:
            return ""
        found = self._asked("namespace")
        first = _PREFIX.search(found[0]) if found and isinstance(found[0], bytes) else None
        return first[1].decode("ascii", "replace") if first else ""

    def _sizes(self, uids: list[int]) -> dict[int, int]:
        sizes: dict[int, int] = {}
        for answer in self._asked("uid", "FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE)"):
            line = answer if isinstance(answer, bytes) else answer[0] if isinstance(answer, tuple) else b""
            uid, size = _UID.search(line), _SIZE.search(line)
            if uid and size:
                sizes[int(uid[1])] = int(size[1])
        return sizes

    def _body(self, uid: int, what: str) -> bytes | None:
        for answer in self._asked("uid", "FETCH", str(uid), f"({what})"):
            if isinstance(answer, tuple):
                return bytes(answer[1])
        return None

    def _number(self, name: str) -> int:
        _, found = self._connection.response(name)
        number = _NUMBER.search(found[0] or b"") if found and isinstance(found[0], bytes) else None
        if number is None:
            raise MailboxFault(f"the mail server does not tell its {name}")
        return int(number[0])

    def _asked(self, command: str, *arguments: str, **options: bool) -> list[bytes | tuple[bytes, bytes] | None]:
        with _faults():
            state, found = getattr(self._connection, command)(*arguments, **options)
            if state != "OK":
                raise MailboxFault(_words(found))
            return list(found)

    def close(self) -> None:
        with suppress(OSError, imaplib.IMAP4.error):  # nothing depends on the goodbye
            self._connection.logout()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (OSError, imaplib.IMAP4.error) as fault:
        said = fault.args[0] if fault.args and isinstance(fault.args[0], bytes) else str(fault)
        raise MailboxFault(_words([said])) from fault


def _words(found: list[object]) -> str:
    first = found[0] if found else b""
    return plain(first.decode("utf-8", "replace") if isinstance(first, bytes) else str(first))[:300]


def _quoted(folder: str) -> str:
    return '"' + folder.replace("\\", "\\\\").replace('"', '\\"') + '"'


class _Plain(imaplib.IMAP4):
    """Its limit counts from the first byte: the library reads the greeting before it is done with being made."""

    def __init__(self, config: ImapConfig, limit: Limit | None) -> None:
        self._limit = limit
        super().__init__(config.host, config.port, timeout=config.timeout_seconds)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        made: socket.socket = super()._create_socket(timeout)  # type: ignore[misc]
        if self._limit is not None:
            self._limit.watch(made)
        return made


class _Encrypted(_Plain):
    def __init__(self, config: ImapConfig, limit: Limit | None, trusted: ssl.SSLContext) -> None:
        self._trusted = trusted
        super().__init__(config, limit)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._trusted.wrap_socket(super()._create_socket(timeout), server_hostname=self.host)


def open_mailbox(config: ImapConfig, limit: Limit | None = None, *, readonly: bool = True) -> Imap:
    """`limit`: for all that is said from now on, until whoever uses the mailbox begins it anew."""
    with _faults():
        connection = _connected(config, limit)
    try:
        with _faults():
            connection.login(config.user, config.password)
        return Imap(connection, config.folder, readonly=readonly)
    except BaseException:
        with suppress(OSError, imaplib.IMAP4.error):
            connection.shutdown()
        raise


def _connected(config: ImapConfig, limit: Limit | None) -> imaplib.IMAP4:
    if config.encryption is Encryption.NONE:
        return _Plain(config, limit)
    trusted = ssl.create_default_context(cafile=config.ca_file or None)
    if config.encryption is Encryption.TLS:
        return _Encrypted(config, limit, trusted)
    connection = _Plain(config, limit)
    connection.starttls(trusted)
    return connection


def check_mailbox(config: ImapConfig) -> Checked:
    try:
        with open_mailbox(config) as mailbox:
            return Checked(
                is_good=True,
                words=f"The mailbox {config.user} is open; its newest mail has the number {mailbox.next_uid - 1}.",
            )
    except MailboxFault as fault:
        return Checked(is_good=False, words=f"The mailbox {config.user} at {config.host} cannot be read: {fault}.")
