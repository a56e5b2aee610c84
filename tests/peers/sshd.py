"""OpenSSH's server on loopback: it lets one user in by a key, and serves SFTP. It works on this machine's own files."""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.peers.ports import free_port
from tests.peers.smtp_sink import PeerMissing

INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends openssh-server"
CONFIG = """
Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host_key
PidFile {folder}/pid
AuthorizedKeysFile {folder}/authorized_keys
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
StrictModes no
PermitRootLogin yes
Subsystem sftp internal-sftp{options}
"""


@dataclass(frozen=True, slots=True)
class Sshd:
    port: int
    user: str
    private_key: str
    fingerprint: str


def _key(file: Path) -> None:
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)], check=True)


@contextmanager
def sshd(folder: Path, *, read_only: bool = False) -> Iterator[Sshd]:
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None or shutil.which("ssh-keygen") is None:
        raise PeerMissing(f"sshd is not installed. On Debian, as root: {INSTALL}")
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)  # it locks its unprivileged part in there
    folder.mkdir()
    _key(folder / "host_key")
    _key(folder / "login")
    shutil.copy(folder / "login.pub", folder / "authorized_keys")
    port = free_port()
    (folder / "config").write_text(CONFIG.format(port=port, folder=folder, options=" -R" if read_only else ""))
    with (folder / "log").open("w") as log:
        process = subprocess.Popen([program, "-D", "-e", "-f", str(folder / "config")], stderr=log)
    try:
        _await(port, process, folder / "log")
        shown = subprocess.check_output(["ssh-keygen", "-lf", str(folder / "host_key")], text=True)
        yield Sshd(port, getpass.getuser(), (folder / "login").read_text(), shown.split()[1])
    finally:
        process.terminate()
        process.wait(10)


def _await(port: int, process: "subprocess.Popen[bytes]", log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError(f"sshd ended at once: {log.read_text()}")
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            time.sleep(0.02)
    raise RuntimeError("sshd does not answer")
