"""A call that was answered: speak, listen for keys, thank, hang up.

Sound is written ahead into the stack's buffer, two seconds of it, and sent by the stack's own clock: a busy event loop
is not heard. A key cuts the speech short at once.
"""

import asyncio
import logging
import math
from array import array
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TYPE_CHECKING

from allstop.channels.adapter import CallEventKind, Unsupported
from allstop.channels.sip.config import Voicemail
from allstop.channels.sip.line import Line
from allstop.rules.calling import CANCEL, CONFIRM, NO_MORE_CALLS, thanks

if TYPE_CHECKING:
    from baresip import Call

log = logging.getLogger(__name__)

Tell = Callable[[CallEventKind, str], Awaitable[bool]]  # True: it is stored, and obeyed

ANSWERS = (CONFIRM, CANCEL, NO_MORE_CALLS)
BYTES_A_SECOND = 16_000  # 16 bits, 8,000 times
FRAME = BYTES_A_SECOND // 50
AHEAD = 2 * BYTES_A_SECOND  # what the stack's buffer holds
STEP = 0.5  # seconds between two looks at the buffer while it is full
LAST_WORD = 0.3  # seconds that the last sound of the buffer takes to the other ear
MEDIA_WITHIN = 3.0  # seconds from the answer to the first sound that can be sent
MOST_TIMES = 4  # that it is said, however often the star is pressed
TOLD_WITHIN = 3.0  # seconds from the end of the sound to the reason for it, on a busy machine
STORED_WITHIN = 5.0  # seconds; no longer does somebody on the phone wait for thanks

LISTEN = 0.1  # seconds of sound that are judged together
LOUD = 250  # root mean square of a sound that is more than noise on the line
SILENT_ENOUGH = 1.2  # seconds without it: whoever talked is done
TALKS_ON = 4.0  # seconds of talking after which it is taken for a machine
GREETING_AT_MOST = 30.0  # seconds; then it is spoken anyway


class Ending(Enum):
    HEARD = auto()  # all of it was spoken
    KEY = auto()  # a key was pressed: somebody listened
    CUT_SHORT = auto()  # whoever it was hung up before the end
    BROKEN = auto()  # the line broke before the end
    MACHINE = auto()  # taken for a machine, and left without a message


@dataclass(slots=True)
class Heard:
    ending: Ending
    keys: str = ""
    spoken: float = 0.0  # seconds of the message
    machine: bool = False  # it talked like one
    starved: int = 0  # frames of 20 ms that went out empty or too short, since nobody had written enough

    def words(self, total: float) -> str:
        parts = {
            Ending.HEARD: "answered, and the message was spoken to its end",
            Ending.KEY: f"answered, pressed {' '.join(self.keys)}",
            Ending.CUT_SHORT: f"answered, and hung up after {self.spoken:.0f} of {total:.0f} seconds",
            Ending.BROKEN: f"answered, then the line broke after {self.spoken:.0f} of {total:.0f} seconds",
            Ending.MACHINE: "probably a machine: it was left without a message, as set up",
        }
        words = parts[self.ending]
        if self.machine and self.ending is Ending.HEARD:
            words += "; probably a machine"
        return words + (f"; the sound stuttered {self.starved} times" if self.starved else "")


@dataclass(frozen=True, slots=True, kw_only=True)
class Manner:
    voicemail: Voicemail
    wait_seconds: float
    language: str
    thanks: Mapping[str, str] = field(default_factory=dict)  # a key -> what is said to it instead of the usual words


Speak = Callable[[str, str], Awaitable[bytes]]


class Conversation:
    def __init__(self, call: "Call", line: Line, tell: Tell, speak: Speak, manner: Manner) -> None:
        self._call = call
        self._line = line
        self._tell = tell
        self._speak = speak
        self._manner = manner
        self._empty = self._short = 0  # frames for which the sound came too late

    async def hold(self, message: bytes) -> Heard:
        heard = Heard(Ending.CUT_SHORT)
        if not await self._has_media():
            heard.ending = Ending.BROKEN if self._line.broke or self._line.is_up else Ending.CUT_SHORT
            return heard
        if self._manner.voicemail is not Voicemail.TALK:
            heard.machine = await self._greeting_is_long()
            if heard.machine and self._manner.voicemail is Voicemail.HANG_UP:
                heard.ending = Ending.MACHINE
                return heard
        await self._talk(message, heard)
        return heard

    async def _talk(self, message: bytes, heard: Heard) -> None:
        was_heard = False
        for _ in range(MOST_TIMES):
            spoken = await self._say(message)
            heard.spoken = max(heard.spoken, spoken / BYTES_A_SECOND)
            heard.starved = self._starved()
            if spoken == len(message) and not was_heard:
                was_heard = True
                await self._tell_soon(CallEventKind.SPEECH_DONE, "")
            if self._line.is_up and not self._line.has_key:
                await self._line.key_or_over(self._manner.wait_seconds)
            if not await self._keys_say_again(heard):
                break
        heard.ending = await self._ending(heard, was_heard)

    async def _ending(self, heard: Heard, was_heard: bool) -> Ending:
        if any(key in ANSWERS for key in heard.keys):
            return Ending.KEY
        if was_heard:
            return Ending.HEARD
        if not heard.keys:
            await self._line.over(TOLD_WITHIN)  # the sound is gone a moment before the stack says why
        return Ending.BROKEN if self._line.broke or (self._line.is_up and not heard.keys) else Ending.CUT_SHORT

    async def _keys_say_again(self, heard: Heard) -> bool:
        """Takes all that was pressed: a 9 after a 1 counts, and cuts the thanks for the 1 short. True: it shall be said
        again, since the star or a key without a meaning was pressed and no answer was given."""
        pressed = answered = False
        while (key := self._line.key()) is not None:
            pressed = True
            heard.keys += key
            stored = await self._tell_soon(CallEventKind.DIGIT, key)
            if key in ANSWERS:
                answered = True
                # What could not be stored in time is not promised. It is stored all the same, a little later.
                if stored and self._line.is_up and (sound := await self._thanks(key)):
                    await self._say(sound)
        return pressed and not answered and self._line.is_up

    async def _thanks(self, key: str) -> bytes:
        """b"": nothing is said. Words that cannot be spoken must not end a call whose answer was taken."""
        language = self._manner.language
        for words in (self._manner.thanks.get(key, ""), thanks(key, language)):
            if words:
                try:
                    return await self._speak(words, language)
                except Unsupported as why:
                    log.warning("The answer to key %s cannot be spoken: %s", key, why)
        return b""

    async def _tell_soon(self, kind: CallEventKind, data: str) -> bool:
        try:
            return await asyncio.wait_for(asyncio.shield(self._tell(kind, data)), STORED_WITHIN)
        except TimeoutError:
            return False

    async def _say(self, sound: bytes) -> int:
        """Until it is said, a key is pressed or the call ends. Returns how many bytes went out."""
        from baresip import AudioNotActive, AudioRestarted

        written = left = 0
        quiet: int | None = None
        try:
            while self._line.is_up and not self._line.has_key:
                if written < len(sound):
                    quiet = self._count_empty(quiet)
                    written = min(len(sound), written + self._write(sound, written))
                    quiet = self._silent() if quiet is None else quiet
                left = self._call.audio.info().tx_buffered
                if written == len(sound) and not left:
                    await self._line.over(LAST_WORD)
                    return written
                pause = min(STEP, left / BYTES_A_SECOND) if written == len(sound) else STEP
                await self._line.key_or_over(max(0.02, pause))
            left = self._call.audio.info().tx_buffered
            self._call.audio.flush_tx()
        except (AudioNotActive, AudioRestarted):
            left = self._call_capacity(written)
        return max(0, written - left)

    def _write(self, sound: bytes, at: int) -> int:
        """As much as there is room for. All of it makes whole frames: so one that is not full came too late."""
        piece = sound[at : at + AHEAD]
        if at + len(piece) == len(sound):
            piece += bytes(-len(sound) % FRAME)
        return int(self._call.audio.write(piece))

    def _count_empty(self, before: int | None) -> int | None:
        """Frames that went out empty while more of the sound was to come. `before`: those that did until it was last
        written; None: it has not begun, and silence is what there is."""
        if before is None:
            return None
        now = self._silent()
        self._empty += now - before
        return now

    def _silent(self) -> int:
        return int(self._call.audio.stats().tx_silence_frames)

    @staticmethod
    def _call_capacity(written: int) -> int:
        """What may have been in the buffer of a call that is gone: the most that fits."""
        return min(written, AHEAD)

    def _starved(self) -> int:
        from baresip import AudioNotActive

        with suppress(AudioNotActive):  # the call is gone: what is known of it stays
            self._short = int(self._call.audio.stats().tx_starved_frames)
        return self._short + self._empty

    async def _has_media(self) -> bool:
        from baresip import AudioNotActive

        for _ in range(math.ceil(MEDIA_WITHIN / 0.02)):
            try:
                if self._call.audio.info().tx_ready:
                    return True
            except AudioNotActive:
                pass
            await self._line.over(0.02)
            if not self._line.is_up:
                return False
        return False

    async def _greeting_is_long(self) -> bool:
        """Listens until the other side has been silent for a moment. True: it had talked on and on."""
        from baresip import AudioNotActive, AudioRestarted

        talked = silent = 0.0
        for _ in range(math.ceil(GREETING_AT_MOST / LISTEN)):
            await self._line.key_or_over(LISTEN)
            if not self._line.is_up or self._line.has_key:
                break
            try:
                sound = self._call.audio.read(int(LISTEN * BYTES_A_SECOND) * 2)
            except (AudioNotActive, AudioRestarted):
                sound = b""
            if _loudness(sound) > LOUD:
                talked += LISTEN + silent  # the pauses between words as well
                silent = 0.0
                if talked > TALKS_ON and self._manner.voicemail is Voicemail.HANG_UP:
                    break
            else:
                silent += LISTEN
                if silent >= SILENT_ENOUGH:
                    break
        return talked > TALKS_ON


def _loudness(sound: bytes) -> float:
    if not sound:
        return 0.0
    samples = array("h")
    samples.frombytes(sound[: len(sound) // 2 * 2])
    return math.sqrt(sum(sample * sample for sample in samples) / len(samples))
