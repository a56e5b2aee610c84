"""Debian's baresip as a callee with ears: answers, plays what it is given, and records what it hears."""

import shutil
import subprocess
import time
import wave
from array import array
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.peers.ports import free_ports
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
"""


class Callee:
    def __init__(self, port: int, folder: Path) -> None:
        self.port = port
        self._folder = folder

    def heard(self) -> "array[int]":
        """The samples of its one call."""
        [file] = self._folder.glob("dump-*-dec.wav")
        return samples_of(file)


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
    with wave.open(str(folder / "says.wav"), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(says + bytes(2 * RATE * 60))
    config = CONFIG.format(port=port, folder=folder, media=media, last=media + 100, modules=MODULES)
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
        yield Callee(port, folder)
    finally:
        process.kill()
        process.communicate()
