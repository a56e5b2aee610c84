"""Keys that are pressed during a call, without a network: nobody's 9 is lost, whatever was pressed before it."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from baresip import AudioNotActive
from baresip.events import Event

from allstop.channels.adapter import CallEventKind, Unsupported
from allstop.channels.sip import conversation
from allstop.channels.sip.config import Voicemail
from allstop.channels.sip.conversation import Conversation, Ending, Heard, Manner
from allstop.channels.sip.line import LINE_BROKE, Line

SOUND = bytes(320)
GONE = "gone"


class Sound:
    """A call's sound that takes everything and is silent at once."""

    tx_ready, tx_buffered, tx_starved_frames, tx_silence_frames = True, 0, 0, 0

    def __init__(self, line: Line, presses: list[str]) -> None:
        self.said: list[bytes] = []
        self._line = line
        self._presses = presses  # one more with each thing that is said

    def write(self, sound: bytes) -> int:
        self.said.append(sound)
        if self._presses == [GONE]:
            raise AudioNotActive("the call has no sound any more")
        for key in self._presses[:1]:
            self._line._keys.put_nowait(key)
        del self._presses[:1]
        return len(sound)

    def info(self) -> "Sound":
        return self

    stats = info

    def flush_tx(self) -> None:
        pass


async def hold(
    presses: str | list[str],
    monkeypatch: pytest.MonkeyPatch,
    *,
    stored: bool = True,
    over: str | None = None,
    thanks: dict[str, str] | None = None,
    said: list[bytes] | None = None,
) -> tuple[Heard, list[str], int]:
    """`over`: why, as the stack says a moment after the sound has gone."""
    monkeypatch.setattr(conversation, "LAST_WORD", 0.0)
    monkeypatch.setattr(conversation, "TOLD_WITHIN", 0.05)
    line = Line()
    line._answered.set()
    sound = Sound(line, list(presses))
    if over is not None:
        closed = cast(Any, SimpleNamespace(event=Event.CALL_CLOSED, text=over, call_id="1"))
        asyncio.get_running_loop().call_later(0.01, line.take, closed)
    told: list[str] = []

    async def tell(kind: CallEventKind, data: str) -> bool:
        told.append(data if kind is CallEventKind.DIGIT else kind.value)
        return stored

    async def speak(words: str, language: str) -> bytes:
        if words == "Unspeakable.":
            raise Unsupported("There is no voice for it.")
        return words.encode()

    call = cast(Any, type("Call", (), {"audio": sound}))
    manner = Manner(voicemail=Voicemail.TALK, wait_seconds=0, language="en-us", thanks=thanks or {})
    heard = await Conversation(call, line, tell, speak, manner).hold(SOUND)
    if said is not None:
        said += sound.said
    return heard, told, len(sound.said)


@pytest.mark.parametrize(
    ("presses", "keys", "ending", "said"),
    [
        ("", "", Ending.HEARD, 1),
        ("1", "1", Ending.KEY, 2),
        ("19", "19", Ending.KEY, 3),  # the thanks for the 1, then the promise for the 9
        ("912", "912", Ending.KEY, 4),
        ("*9", "*9", Ending.KEY, 3),  # said again, then the promise
        ("5", "5", Ending.HEARD, 2),
        ("*****", "****", Ending.HEARD, 4),
    ],
)
async def test_every_key_is_taken_and_the_last_answer_is_answered(
    presses: str, keys: str, ending: Ending, said: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard, told, times = await hold(presses, monkeypatch)
    assert (heard.keys, heard.ending, times) == (keys, ending, said)
    assert "".join(word for word in told if len(word) == 1) == keys


async def test_nothing_is_promised_that_could_not_be_stored(monkeypatch: pytest.MonkeyPatch) -> None:
    heard, told, times = await hold("9", monkeypatch, stored=False)
    assert (heard.keys, times) == ("9", 1)
    assert "9" in told


async def test_the_accounts_own_words_are_said_to_a_key_and_the_usual_ones_where_they_cannot_be_spoken(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own = {"1": "Till Monday.", "2": "Unspeakable."}
    said: list[bytes] = []
    await hold("12", monkeypatch, thanks=own, said=said)
    assert said == [SOUND, b"Till Monday." + bytes(308), b"Thank you, that is noted. Goodbye." + bytes(286)]


@pytest.mark.parametrize(
    ("over", "ending"), [(LINE_BROKE, Ending.BROKEN), ("", Ending.CUT_SHORT), (None, Ending.BROKEN)]
)
async def test_a_line_that_broke_is_never_taken_for_somebody_who_hung_up(
    over: str | None, ending: Ending, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a busy machine the sound is gone before the stack says why. Nobody knows what was heard of a broken call."""
    heard, _, _ = await hold([GONE], monkeypatch, over=over)
    assert heard.ending is ending
