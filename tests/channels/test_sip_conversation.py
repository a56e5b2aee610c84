"""What is noticed of sound that came too late, which no real peer can be made to do on purpose."""

from types import SimpleNamespace
from typing import Any

import pytest
from baresip.events import Event

from allstop.channels.sip.config import Voicemail
from allstop.channels.sip.conversation import AHEAD, FRAME, Conversation, Ending, Manner
from allstop.channels.sip.line import Line


class Buffer:
    """The stack's, whose frames go out whenever somebody looks: `each_time` of them."""

    def __init__(self, each_time: int) -> None:
        self._each_time = each_time
        self.left = self.taken = self.silent = self.short = 0

    def write(self, sound: bytes) -> int:
        taken = min(len(sound), AHEAD - 1 - self.left)  # the stack's keeps one byte free
        self.left += taken
        self.taken += taken
        return taken

    def info(self) -> Any:
        for _ in range(self._each_time):
            went = min(FRAME, self.left)
            self.left -= went
            self.silent += not went
            self.short += 0 < went < FRAME
        return SimpleNamespace(tx_ready=True, tx_buffered=self.left)

    def stats(self) -> Any:
        return SimpleNamespace(tx_silence_frames=self.silent, tx_starved_frames=self.short)


async def stutters(each_time: int, monkeypatch: pytest.MonkeyPatch) -> tuple[int, Buffer]:
    line, buffer = Line(), Buffer(each_time)
    established: Any = SimpleNamespace(event=Event.CALL_ESTABLISHED, call_id="1", text="")
    line.take(established)
    monkeypatch.setattr(line, "key_or_over", _at_once)
    monkeypatch.setattr(line, "over", _at_once)

    async def tell(*_: Any) -> bool:
        return True

    async def speak(*_: Any) -> bytes:
        return b""

    manner = Manner(voicemail=Voicemail.TALK, wait_seconds=0, language="en-us")
    call: Any = SimpleNamespace(audio=buffer)
    heard = await Conversation(call, line, tell, speak, manner).hold(bytes(3 * AHEAD + 7))
    assert heard.ending is Ending.HEARD
    return heard.starved, buffer


async def _at_once(_: float) -> None:
    return


async def test_frames_that_went_out_empty_in_the_middle_are_stutters(monkeypatch: pytest.MonkeyPatch) -> None:
    ran_dry, _ = await stutters(110, monkeypatch)  # ten more than the buffer holds, three times
    assert ran_dry >= 30


async def test_neither_silence_before_and_after_nor_an_odd_end_is_a_stutter(monkeypatch: pytest.MonkeyPatch) -> None:
    punctual, buffer = await stutters(50, monkeypatch)
    assert punctual == 0
    assert not buffer.short
    assert buffer.taken % FRAME == 0
