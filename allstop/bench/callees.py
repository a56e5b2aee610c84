"""The far end of measured calls: SIPp, which is somebody else's SIP, answers them, and our ear takes what is spoken."""

import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from allstop.bench.ear import Heard

SCENARIO = Path(__file__).with_name("callee.xml")
PATIENCE = 30.0  # seconds until SIPp listens


class NoCallee(Exception):
    """Its words are for people."""


class Callees:
    def __init__(self, port: int, ear: "subprocess.Popen[str]") -> None:
        self.port = port
        self._ear = ear

    def heard(self) -> Heard:
        """Since it was last asked."""
        assert self._ear.stdin is not None
        assert self._ear.stdout is not None
        self._ear.stdin.write("\n")
        self._ear.stdin.flush()
        return Heard(**json.loads(self._ear.stdout.readline()))


@contextmanager
def callees(port: int) -> Iterator[Callees]:
    """They answer at this port of loopback."""
    program = shutil.which("sipp")
    if program is None:
        raise NoCallee("SIPp, which takes the calls, is not installed. On Debian, as root: apt-get install sip-tester")
    with ExitStack() as ends:
        ear = ends.enter_context(_process([sys.executable, "-m", "allstop.bench.ear"]))
        assert ear.stdout is not None
        sound = ear.stdout.readline().strip()
        folder = ends.enter_context(tempfile.TemporaryDirectory())  # where it may write
        at = ["-i", "127.0.0.1", "-p", str(port), "-key", "ear", sound]
        sipp = ends.enter_context(_process([program, "-sf", str(SCENARIO), *at, "-nostdin", "-skip_rlimit"], folder))
        _await_bound(port, sipp)
        yield Callees(port, ear)


@contextmanager
def _process(command: list[str], folder: str | None = None) -> Iterator["subprocess.Popen[str]"]:
    """SIPp's screens are thrown away; what it complains of is shown."""
    output = subprocess.PIPE if folder is None else subprocess.DEVNULL
    process = subprocess.Popen(command, cwd=folder, stdin=subprocess.PIPE, stdout=output, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def _await_bound(port: int, sipp: "subprocess.Popen[str]") -> None:
    """UDP answers nobody who asks whether it is there: the kernel's list does."""
    wanted = f"0100007F:{port:04X}"
    give_up_at = time.monotonic() + PATIENCE
    while time.monotonic() < give_up_at:
        if sipp.poll() is not None:
            raise NoCallee(f"SIPp ended at once, with code {sipp.returncode}.")
        if wanted in Path("/proc/net/udp").read_text():
            return
        time.sleep(0.02)
    raise NoCallee(f"SIPp did not listen on port {port} within {PATIENCE:g} seconds.")
