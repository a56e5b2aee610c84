"""Debian's baresip as a callee with ears: answers, plays what it is given, records what it hears, and presses keys."""

import json
import shutil
import socket
import subprocess
import time
import wave
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.ports import free_port, free_ports
from tests.peers.sipp import PeerMissing, await_bound

INSTALL = "apt-get install -y --no-install-recommends baresip-core"
MODULES = Path("/usr/lib/baresip/modules")
RATE = 8_000

CONFIG = """\
poll_method epoll
sip_listen 127.0.0.1:{port}
net_interface 127.0.0.1
audio_source aufile,{folder}/says.wav
audio_player aufile,{folder}/unused.wav
audio_alert aufile,{folder}/says.wav
ausrc_srate 8000
auplay_srate 8000
ausrc_channels 1
auplay_channels 1
rtp_ports {media}-{last}
snd_path {folder}
module_path {modules}
module g711.so
module aufile.so
module sndfile.so
module_app account.so
module_app menu.so
module_app ctrl_tcp.so
ctrl_tcp_listen 127.0.0.1:{control}
"""


class Callee:
    def __init__(self, port: int, folder: Path, control: int) -> None:
        self.port = port
        self._folder = folder
        self._control = control

    def press(self, key: str) -> None:
        """In the call that is up (RFC 4733)."""
        said = json.dumps({"command": "sndcode", "params": key})
        with socket.create_connection(("127.0.0.1", self._control)) as line:
            line.sendall(f"{len(said)}:{said},".encode())
            line.recv(1024)

    def heard(self) -> "array[int]":
        """The samples of its one call."""
        [file] = self._folder.glob("dump-*-dec.wav")
        return samples_of(file)

    def has_recorded(self) -> bool:
        """The call has ended, and what was heard is written: until then the file says that it holds nothing."""
        for file in self._folder.glob("dump-*-dec.wav"):
            try:
                with wave.open(str(file)) as recording:
                    return bool(recording.getnframes())
            except (EOFError, wave.Error):
                return False
        return False


def samples_of(file: Path) -> "array[int]":
    samples = array("h")
    with wave.open(str(file)) as recording:
        assert recording.getframerate() == RATE
        samples.frombytes(recording.readframes(recording.getnframes()))
    return samples


@contextmanager
def callee(folder: Path, says: bytes = b"") -> Iterator[Callee]:
    """`says`: what it plays to the caller, from the moment at which it answers; then it is silent."""
    program = shutil.which("baresip")
    if program is None:
        raise PeerMissing(f"baresip is not installed. On Debian, as root: {INSTALL}")
    port, media = free_ports()
    control = free_port()
    with wave.open(str(folder / "says.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(says + bytes(2 * RATE * 60))
    config = CONFIG.format(port=port, folder=folder, media=media, last=media + 100, modules=MODULES, control=control)
    (folder / "config").write_text(config)
    (folder / "accounts").write_text(f"<sip:callee@127.0.0.1:{port}>;regint=0;answermode=auto\n")
    (folder / "contacts").touch()
    process = subprocess.Popen(
        [program, "-f", str(folder)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        await_bound(port, process, "baresip")
        time.sleep(0.2)  # it listens before it has read its accounts
        yield Callee(port, folder, control)
    finally:
        process.kill()
        process.communicate()
