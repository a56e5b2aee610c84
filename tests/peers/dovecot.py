"""Dovecot, a real IMAP server, on loopback with one mailbox and a password. Mails are put into its Maildir.

It must begin as root, because it changes into the users of its parts; its mailbox belongs to an ordinary one.
"""

import os
import pwd
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.peers.certificates import Certificate
from tests.peers.ports import free_port
from tests.peers.smtp_sink import PeerMissing

USER, PASSWORD = "desk", "correct-horse"  # its settings are split at spaces
INSTALL = "DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends dovecot-imapd"
CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = yes
ssl_cert = <{certificate}
ssl_key = <{key}
disable_plaintext_auth = yes
auth_failure_delay = 0
mail_location = maildir:{folder}/mail
first_valid_uid = 1
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service anvil {{
  chroot =
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    folder: Path
    port: int  # STARTTLS
    tls_port: int
    owner: tuple[int, int]

    def deliver(self, mail: bytes) -> None:
        """As a delivery agent does: written beside, then moved, so that nobody sees half a mail."""
        name = f"{time.time_ns()}.M{os.getpid()}.peer"
        draft = self.folder / "mail" / "tmp" / name
        draft.write_bytes(mail)
        os.chown(draft, *self.owner)
        draft.rename(self.folder / "mail" / "new" / name)

    def count_anew(self) -> None:
        """As after a restore: the same mails under other numbers, with another UIDVALIDITY, which is the second in
        which the server counts."""
        began = int(time.time())
        while int(time.time()) == began:
            time.sleep(0.02)
        for file in (self.folder / "mail").glob("dovecot*"):
            file.unlink()


@contextmanager
def dovecot(certificate: Certificate) -> Iterator[Dovecot]:
    # the paths of its sockets must stay short
    with TemporaryDirectory(prefix="mail-", dir="/tmp") as short, _serving(Path(short), certificate) as running:
        yield running


@contextmanager
def _serving(folder: Path, certificate: Certificate) -> Iterator[Dovecot]:
    program = shutil.which("dovecot") or shutil.which("dovecot", path="/usr/sbin:/usr/local/sbin")
    if program is None:
        raise PeerMissing(f"Dovecot is not installed. On Debian, as root: {INSTALL}")
    owner = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    for name in ("run", "state", "mail/tmp", "mail/new", "mail/cur"):
        (folder / name).mkdir(parents=True)
    for place in (folder / "mail", *(folder / "mail").iterdir()):
        os.chown(place, owner.pw_uid, owner.pw_gid)
    for place in (folder, *folder.parents):  # pytest keeps its folders to their owner
        if place.stat().st_uid == os.geteuid() and place.stat().st_mode & 0o077 == 0:
            place.chmod(0o711)
    port, tls_port = free_port(), free_port()
    config = folder / "dovecot.conf"
    config.write_text(
        CONFIG.format(
            folder=folder,
            certificate=certificate.certificate,
            key=certificate.key,
            password=PASSWORD,
            uid=owner.pw_uid,
            gid=owner.pw_gid,
            port=port,
            tls_port=tls_port,
        )
    )
    process = subprocess.Popen(
        [program, "-F", "-c", str(config)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    )
    try:
        _await_port(tls_port, process, folder / "log")
        yield Dovecot(folder, port, tls_port, (owner.pw_uid, owner.pw_gid))
    finally:
        process.terminate()
        try:
            process.communicate(timeout=5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _await_port(port: int, process: "subprocess.Popen[str]", log: Path) -> None:
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            said = log.read_text() if log.exists() else ""
            raise RuntimeError(f"Dovecot ended at once: {process.communicate()[1]} {said}")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError:
            time.sleep(0.02)
        else:
            return
    raise RuntimeError("Dovecot did not listen within 10 seconds.")
