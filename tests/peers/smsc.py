"""The npm package smpp as an SMSC: somebody else's reading of SMPP 3.4. smsc/smsc.js has what becomes of whom."""

import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.peers.certificates import Certificate
from tests.peers.smtp_sink import PeerMissing

FOLDER = Path(__file__).parent / "smsc"
USER, PASSWORD = "desk", "secret"
PATIENCE = 10.0


class Smsc:
    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self._process = process
        assert process.stdout is not None
        assert process.stdin is not None
        self._out, self._in = process.stdout, process.stdin
        self._rest = b""
        self._said: list[dict[str, Any]] = []
        os.set_blocking(self._out.fileno(), False)
        self.port = int(self.until(lambda: [one for one in self._said if "port" in one])[0]["port"])

    @property
    def arrivals(self) -> list[dict[str, Any]]:
        """Every submit that it took, in order. It tells of one before it answers."""
        self._read()
        return [one for one in self._said if "to" in one]

    @property
    def bound(self) -> int:
        """How many log-ins there were at most."""
        self._read()
        return max((one["bound"] for one in self._said if "bound" in one), default=0)

    @property
    def answers(self) -> list[int]:
        """The command_status with which each delivery was answered."""
        self._read()
        return [one["answered"] for one in self._said if "answered" in one]

    def tell(self, **command: Any) -> None:
        self._in.write(json.dumps(command).encode() + b"\n")
        self._in.flush()

    def until(self, found: Any) -> Any:
        give_up_at = time.monotonic() + PATIENCE
        while time.monotonic() < give_up_at:
            self._read()
            if it := found():
                return it
            if self._process.poll() is not None:
                raise RuntimeError(f"The SMSC ended with {self._process.returncode}; run it by hand: node smsc.js")
            time.sleep(0.005)
        raise TimeoutError("The SMSC did not do what it should.")

    def _read(self) -> None:
        while data := self._out.read(65_536):
            *lines, self._rest = (self._rest + data).split(b"\n")
            self._said += [json.loads(line) for line in lines]


@contextmanager
def smsc(certificate: Certificate | None = None) -> Iterator[Smsc]:
    node = shutil.which("node") or shutil.which("nodejs")
    if node is None:
        raise PeerMissing("node is not installed. On Debian, as root: apt-get install nodejs npm")
    if not (FOLDER / "node_modules" / "smpp").is_dir():
        raise PeerMissing(f"Its package is not installed. Run ./run test, or: npm ci --prefix {FOLDER}")
    keys = [] if certificate is None else [str(certificate.key), str(certificate.certificate)]
    process = subprocess.Popen(
        [node, "smsc.js", *keys], cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    try:
        yield Smsc(process)
    finally:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
