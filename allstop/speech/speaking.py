"""Asks the speaking process, keeps what it has said, and starts it again when it has died.

Rendering takes some 15 ms for a second of speech, so the same words are rendered once. For use from threads.
"""

import json
import os
import subprocess
import sys
import threading
import wave
from collections import OrderedDict
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import Any

from allstop.speech.languages import voice_of
from allstop.speech.resampling import TO

KEPT = 32_000_000  # bytes of sound: more than half an hour
PATIENCE = 30.0  # seconds for one text
LONGEST = 4_000  # characters; about five minutes
BYTES_A_SECOND = 2 * TO


class Unspeakable(Exception):
    """These words cannot be spoken. Its words are for people."""


class Speaking:
    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._one_at_a_time = threading.Lock()
        self._said: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self._kept = 0

    def say(self, words: str, language: str) -> bytes:
        """16-bit mono samples in this machine's byte order, TO a second. `language`: one of LANGUAGES."""
        words = " ".join(words.split())
        if not any(sign.isalnum() for sign in words):
            raise Unspeakable("There are no words that could be spoken.")
        if len(words) > LONGEST:
            raise Unspeakable(f"It is longer than {LONGEST:,} characters: nobody listens that long.")
        key = (words, language)
        with self._one_at_a_time:
            if key in self._said:
                self._said.move_to_end(key)
                return self._said[key]
            sound = self._render(words, voice_of(language))
            self._keep(key, sound)
            return sound

    def close(self) -> None:
        with self._one_at_a_time:
            self._end()

    def _render(self, words: str, voice: str) -> bytes:
        try:
            return self._ask(words, voice)
        except OSError:
            self._end()
            try:
                return self._ask(words, voice)  # by a new process
            except OSError as fault:
                self._end()
                raise Unspeakable(f"The program that speaks does not work here: {fault}.") from fault

    def _ask(self, words: str, voice: str) -> bytes:
        process = self._process = self._process or _start()
        assert process.stdin is not None
        assert process.stdout is not None
        too_late = threading.Timer(PATIENCE, process.kill)
        too_late.start()
        try:
            process.stdin.write(json.dumps({"words": words, "voice": voice}).encode() + b"\n")
            process.stdin.flush()
            line = process.stdout.readline()
            header = _header(line)
            sound = process.stdout.read(header.get("bytes", 0))
        finally:
            too_late.cancel()
        if "fault" in header:
            raise Unspeakable(header["fault"])
        if not header or len(sound) < header["bytes"]:
            raise OSError("it has ended")
        return sound

    def _keep(self, key: tuple[str, str], sound: bytes) -> None:
        self._said[key] = sound
        self._kept += len(sound)
        while self._kept > KEPT and len(self._said) > 1:
            self._kept -= len(self._said.popitem(last=False)[1])

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    with suppress(BrokenPipeError):  # what it did not read any more goes with it
                        pipe.close()
            self._process = None


def _header(line: bytes) -> dict[str, Any]:
    """{}: it has ended, or something else than our program wrote this."""
    try:
        found = json.loads(line)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _start() -> subprocess.Popen[bytes]:
    package = str(Path(__file__).parent.parent.parent)
    return subprocess.Popen(
        [sys.executable, "-m", "allstop.speech.speaker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH"))))},
    )


def wav(sound: bytes) -> bytes:
    """For browsers."""
    file = BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(TO)
        written.writeframes(sound)
    return file.getvalue()


here = Speaking()  # of this process
