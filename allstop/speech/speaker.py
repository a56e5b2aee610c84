"""The process that speaks: python -m allstop.speech.speaker. A request a line in, its sound out.

espeak-ng is a C library with one state for all of its process, and under the GPL: so it has a process of its own, which
knows nothing of Allstop. It ends when its input is closed.
"""

import ctypes
import json
import sys
from array import array

import espeakng_loader

from allstop.speech.resampling import FROM, to_telephone

SYNCHRONOUS = 2  # AUDIO_OUTPUT_SYNCHRONOUS: no sound device; the samples come to us
DONT_EXIT = 0x8000
UTF8 = 1
RATE = 1  # espeakRATE
WORDS_A_MINUTE = 150
AT_CHARACTER = 1

_Heard = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p)


class Voice(ctypes.Structure):
    """espeak_VOICE; all but the language stays empty."""

    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_char_p),
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("xx1", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


class Espeak:
    def __init__(self) -> None:
        self._library = ctypes.CDLL(espeakng_loader.get_library_path())
        self._sound = bytearray()
        self._heard = _Heard(self._take)  # kept: C holds no reference
        rate = self._library.espeak_Initialize(SYNCHRONOUS, 0, espeakng_loader.get_data_path().encode(), DONT_EXIT)
        if rate != FROM:
            raise RuntimeError(f"espeak-ng speaks at {rate} samples a second, and not at {FROM}.")
        self._library.espeak_SetSynthCallback(self._heard)

    def say(self, words: str, voice: str) -> "array[int]":
        self._sound.clear()
        wanted = Voice(languages=voice.encode())
        if self._library.espeak_SetVoiceByProperties(ctypes.byref(wanted)):
            raise LookupError(f"There is no voice for {voice}.")
        self._library.espeak_SetParameter(RATE, WORDS_A_MINUTE, 0)
        said = words.encode()
        if self._library.espeak_Synth(said, ctypes.c_size_t(len(said) + 1), 0, AT_CHARACTER, 0, UTF8, None, None):
            raise RuntimeError("espeak-ng could not speak this.")
        self._library.espeak_Synchronize()
        samples = array("h")
        samples.frombytes(bytes(self._sound))
        return samples

    def _take(self, samples: int | None, count: int, _events: object) -> int:
        if samples and count:
            self._sound += ctypes.string_at(samples, 2 * count)
        return 0


def main() -> None:
    espeak = Espeak()
    for line in sys.stdin.buffer:
        request = json.loads(line)
        try:
            sound = to_telephone(espeak.say(request["words"], request["voice"])).tobytes()
            header: dict[str, object] = {"bytes": len(sound)}
        except Exception as fault:  # the boundary around one request: whoever asked is told, the next one is served
            sound, header = b"", {"fault": str(fault)}
        sys.stdout.buffer.write(json.dumps(header).encode() + b"\n" + sound)
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
