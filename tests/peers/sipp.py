"""SIPp as the telephone network: somebody else's SIP, with callees that behave as their number says.

| +1212555... | the callee |
|---|---|
| 0... | answers and listens, without a sound, until we hang up |
| 1... | is busy |
| 2... | does not exist |
| 3... | declines |
| 4... | cannot be reached: the network says 500 |
| 5... | rings and rings |
| 6..., 7... | answers and presses 1, or 9, 0.6 seconds later (RFC 4733; SIPp must be root to do that) |
| 8... | the network is overloaded: 503 |
| 9... | nothing at all comes back |
"""

import re
import shutil
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.ports import free_ports

INSTALL = "apt-get install -y --no-install-recommends sip-tester"
SCENARIO = Path(__file__).parent / "sip" / "phones.xml"
CALLER = SCENARIO.with_name("caller.xml")
PCAPS = Path("/usr/share/sip-tester")
_ANSWERS = re.compile(r"called sip:(\+?1212555[067]\d*)")


class PeerMissing(Exception):
    """A test needs a program that is not installed."""


class Phones:
    def __init__(self, port: int, log: Path) -> None:
        self.port = port
        self._log = log

    def answered(self) -> Counter[str]:
        """How often each number was called and has answered."""
        return Counter(_ANSWERS.findall(self._log.read_text())) if self._log.exists() else Counter()


@contextmanager
def phones() -> Iterator[Phones]:
    program = shutil.which("sipp")
    if program is None:
        raise PeerMissing(f"SIPp is not installed. On Debian, as root: {INSTALL}")
    port, media = free_ports()
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "called.log"
        options = [
            "-i",
            "127.0.0.1",
            "-p",
            str(port),
            "-mp",
            str(media),
            "-nostdin",
            "-trace_logs",
            "-log_file",
            str(log),
        ]
        process = subprocess.Popen(
            [program, "-sf", str(SCENARIO), *options, "-skip_rlimit"],
            cwd=PCAPS,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        try:
            await_bound(port, process, "SIPp")
            yield Phones(port, log)
        finally:
            process.kill()
            process.communicate()


def calls_us(contact: str, sender: str, called: str) -> bool:
    """Somebody calls the contact of a registration, user@host:port. Whether they heard that we are busy."""
    program = shutil.which("sipp")
    if program is None:
        raise PeerMissing(f"SIPp is not installed. On Debian, as root: {INSTALL}")
    user, _, at = contact.partition("@")
    port, media = free_ports()
    here = ["-i", "127.0.0.1", "-p", str(port), "-mp", str(media)]
    keys = ["-key", "from", sender, "-key", "called", called]
    done = subprocess.run(
        [program, at, "-sf", str(CALLER), "-s", user, *keys, *here, "-m", "1", "-nostdin", "-timeout", "30"],
        check=False,
        capture_output=True,
    )
    return done.returncode == 0


def await_bound(port: int, process: "subprocess.Popen[str]", name: str) -> None:
    """UDP answers nobody who asks whether it is there: the kernel's list does."""
    wanted = f"0100007F:{port:04X}"
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        if process.poll() is not None:
            raise RuntimeError(f"{name} ended at once, with code {process.returncode}: {process.communicate()[0]}")
        if wanted in Path("/proc/net/udp").read_text():
            return
        time.sleep(0.02)
    raise RuntimeError(f"{name} did not listen on port {port} within 10 seconds.")
