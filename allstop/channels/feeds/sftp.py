"""A folder of another machine, over SFTP. The server is known by the fingerprint of its key, never trusted on sight.

The library runs on an event loop of its own for as long as the place is open: the process that looks at feeds does one
thing after the other.
"""

import asyncio
import posixpath
import socket
from collections.abc import Awaitable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from typing import Any, TypeVar

import asyncssh

from allstop.channels.feeds.config import SftpConfig
from allstop.channels.feeds.place import Entry, PlaceFault, plain
from allstop.channels.guard import PrivateAddress, is_public, refuse

TO_CONNECT = 15.0  # seconds
FOR_ONE_STEP = 120.0  # seconds: a file of the largest size over a slow line
MOST_FILES = 10_000
_NO_ROOM = (asyncssh.SFTPFailure, asyncssh.SFTPNoSpaceOnFilesystem, asyncssh.SFTPQuotaExceeded)  # OpenSSH: the first
T = TypeVar("T")


@contextmanager
def open_sftp(config: SftpConfig, *, private: bool) -> Iterator["Sftp"]:
    """`private`: also addresses of this machine and of its own network. Raises PlaceFault."""
    with asyncio.Runner() as runner:
        connection = _in_words(runner, _connected(config, private=private), TO_CONNECT)
        try:
            client = _in_words(runner, connection.start_sftp_client(), TO_CONNECT)
            yield Sftp(runner, client, config.path)
        finally:
            connection.abort()
            runner.run(_ended(connection))


class Sftp:
    grows = True

    def __init__(self, runner: asyncio.Runner, client: asyncssh.SFTPClient, where: str) -> None:
        self._runner = runner
        self._client = client
        self._where = where

    def test(self) -> None:
        self._do(self._tried())

    def files(self) -> list[Entry]:
        return self._do(self._files())

    def read(self, name: str, most: int) -> bytes | None:
        return self._do(self._read(self._path(name), most))

    def move(self, name: str, folder: str, as_name: str) -> bool:
        self._do(self._move(self._path(name), self._path(folder), plain(as_name)))
        return True

    def write(self, folder: str, name: str, content: bytes) -> None:
        """Whole or not at all: it is written under another name first."""
        self._do(self._write(self._path(folder), plain(name), content))

    def _path(self, name: str) -> str:
        return posixpath.join(self._where, plain(name))

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return _in_words(self._runner, work, FOR_ONE_STEP)

    async def _files(self) -> list[Entry]:
        found: list[Entry] = []
        async for one in self._client.scandir(self._where):
            if one.attrs.type == asyncssh.FILEXFER_TYPE_REGULAR:
                found.append(Entry(_name(one.filename), one.attrs.size or 0, float(one.attrs.mtime or 0)))
            if len(found) > MOST_FILES:
                raise PlaceFault(f"There are more than {MOST_FILES:,} files in the folder. Clear it up.")
        return found

    async def _tried(self) -> None:
        """A folder that may be read and not written would be found out only when a file is done with."""
        await self._files()
        probe = posixpath.join(self._where, ".allstop.writing")
        async with self._client.open(probe, "wb"):
            pass
        await self._client.remove(probe)

    async def _read(self, path: str, most: int) -> bytes | None:
        try:
            async with self._client.open(path, "rb") as file:
                content: Any = await file.read(most + 1)
        except asyncssh.SFTPNoSuchFile:
            return None
        assert isinstance(content, bytes)
        return content

    async def _move(self, path: str, folder: str, name: str) -> None:
        await self._client.makedirs(folder, exist_ok=True)
        await self._renamed(path, posixpath.join(folder, name))

    async def _write(self, folder: str, name: str, content: bytes) -> None:
        await self._client.makedirs(folder, exist_ok=True)
        draft = posixpath.join(folder, f".{name}.writing")
        try:
            async with self._client.open(draft, "wb") as file:
                await file.write(content)
        except _NO_ROOM as full:
            with suppress(asyncssh.Error):
                await self._client.remove(draft)
            raise PlaceFault("The server could not write the file. Its disk may be full.") from full
        await self._renamed(draft, posixpath.join(folder, name))

    async def _renamed(self, path: str, to: str) -> None:
        """In the place of one that is there, at once where the server can do that."""
        try:
            await self._client.posix_rename(path, to)
        except asyncssh.SFTPOpUnsupported:
            if await self._client.exists(to):
                await self._client.remove(to)
            await self._client.rename(path, to)


def _name(said: str | bytes) -> str:
    return said if isinstance(said, str) else said.decode("utf-8", "surrogateescape")


class _Server(asyncssh.SSHClient):
    """Says whether a server is the one that was meant."""

    def __init__(self, wanted: str) -> None:
        self._wanted = wanted
        self.shown = ""

    def validate_host_public_key(self, host: str, addr: str, port: int, key: asyncssh.SSHKey) -> bool:
        self.shown = key.get_fingerprint()
        return self.shown == self._wanted


async def _connected(config: SftpConfig, *, private: bool) -> asyncssh.SSHClientConnection:
    server = _Server(config.host_key)
    try:
        keys = [asyncssh.import_private_key(config.private_key)] if config.private_key else None
    except asyncssh.KeyImportError as wrong:  # no message of the library's: it might quote the key
        words = "The private key cannot be read. Enter the whole text of a key without a passphrase."
        raise PlaceFault(words) from wrong
    found = await asyncio.to_thread(_reached, config.host, config.port, private=private)
    try:
        connection, _ = await asyncssh.create_connection(
            lambda: server,
            sock=found,
            host=config.host,
            port=config.port,
            config=None,  # nothing of the machine's own user: no files, no agent
            known_hosts=([], [], []),
            username=config.user,
            password=config.password or None,
            client_keys=keys,
            agent_path=None,
            gss_host=None,
            login_timeout=TO_CONNECT,
        )
    except asyncssh.HostKeyNotVerifiable as unknown:
        if config.host_key:
            words = f"The server shows another key than {config.host_key}: {server.shown}. Ask whoever runs it why."
        else:
            words = f"The server shows the key {server.shown}. Compare it with what its owner says, and enter it here."
        raise PlaceFault(words if server.shown else "The server shows no key that can be checked.") from unknown
    except asyncssh.PermissionDenied as refused:
        raise PlaceFault("The server does not accept this user name with this password or key.") from refused
    return connection


def _reached(host: str, port: int, *, private: bool) -> socket.socket:
    """Looked up once, and connected to exactly what was looked at."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [(family, at) for family, _, _, _, at in found if private or is_public(str(at[0]))]
    if not addresses:
        refuse(host)
    fault: OSError | None = None
    for family, at in addresses:
        reached = socket.socket(family, socket.SOCK_STREAM)
        try:
            reached.settimeout(TO_CONNECT)
            reached.connect(at)
            reached.setblocking(False)
            return reached
        except OSError as wrong:
            reached.close()
            fault = wrong
    assert fault is not None
    raise fault


def _in_words(runner: asyncio.Runner, work: Awaitable[T], seconds: float) -> T:
    """No message of the server's: it names the file."""

    async def in_time() -> T:
        async with asyncio.timeout(seconds):
            return await work

    try:
        return runner.run(in_time())
    except TimeoutError as late:
        raise PlaceFault(f"The server did not answer within {seconds:g} seconds.") from late
    except PrivateAddress as refused:
        raise PlaceFault(f"{refused}.") from refused
    except (asyncssh.SFTPNoSuchFile, asyncssh.SFTPNoSuchPath) as gone:
        raise PlaceFault("There is no such folder on the server.") from gone
    except asyncssh.SFTPPermissionDenied as refused:
        raise PlaceFault("The server does not let this user read and write in the folder.") from refused
    except asyncssh.SFTPError as fault:
        raise PlaceFault(f"The server could not do it (SFTP error {fault.code}).") from fault
    except (asyncssh.Error, OSError) as fault:
        raise PlaceFault(f"The server cannot be reached: {_reason(fault)}.") from fault


def _reason(fault: Exception) -> str:
    words = (fault.strerror if isinstance(fault, OSError) else str(fault)) or type(fault).__name__
    return words.rstrip(".")[:150]


async def _ended(connection: asyncssh.SSHClientConnection) -> None:
    await connection.wait_closed()
