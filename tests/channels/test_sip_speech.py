"""What a callee with ears hears, and how a machine is told from a person: against Debian's baresip, which records."""

import asyncio
import math
from array import array
from dataclasses import replace
from pathlib import Path

import pytest

from allstop.channels.adapter import CallEvent, CallEventKind, SendResult, SendState
from allstop.channels.sip import conversation
from allstop.channels.sip.adapter import SipAdapter
from allstop.channels.sip.config import SipConfig, Voicemail
from allstop.channels.sip.stack import Stack
from allstop.dispatch.calls import speak
from allstop.rules import calling
from allstop.rules.words import Channel
from allstop.speech.speaking import here
from tests.channels.rigs import PATIENCE, EventLog, a_phone_message, wall_clock
from tests.channels.test_sip_conformance import MemoryBook
from tests.peers.baresip_callee import Callee, callee

MESSAGE = "This is a recall. Stop using product Z."
CONTROL = "Good morning everybody, the train to London is running late because of a fault at Reading."
GREETING = "You have reached Pat Moreau. Leave a message."  # about 3 seconds
WINDOW = 160  # samples: 20 ms


def envelope(samples: "array[int]") -> list[float]:
    windows = [samples[at : at + WINDOW] for at in range(0, len(samples) - WINDOW, WINDOW)]
    return [math.sqrt(sum(sample * sample for sample in window) / WINDOW) for window in windows]


def likeness(wanted: bytes, heard: "array[int]") -> tuple[float, float]:
    """The best correlation of the two envelopes, and at which second of what was heard."""
    said = array("h")
    said.frombytes(wanted)
    a, b = envelope(said), envelope(heard)
    b += [0.0] * len(a)
    places = range(len(b) - len(a) + 1)
    best, at = max((correlation(a, b[place : place + len(a)]), place) for place in places)
    return best, at * WINDOW / 8_000


def correlation(a: list[float], b: list[float]) -> float:
    mean_a, mean_b = sum(a) / len(a), sum(b) / len(b)
    spread = math.sqrt(sum((x - mean_a) ** 2 for x in a) * sum((y - mean_b) ** 2 for y in b))
    return sum((x - mean_a) * (y - mean_b) for x, y in zip(a, b, strict=True)) / spread if spread else 0.0


async def call(stack: Stack, peer: Callee, voicemail: Voicemail, number: int) -> SendResult:
    sink = EventLog()
    config = SipConfig(host="127.0.0.1", port=peer.port, voicemail=voicemail, wait_seconds=0, closing="")
    adapter = SipAdapter(config, stack, MemoryBook(sink), speak, wall_clock)
    await adapter.start(sink)
    made = a_phone_message(Channel.CALL, "callee", number)
    result = await adapter.send(replace(made, body=MESSAGE))
    await adapter.close()
    return result


async def test_the_speech_arrives_and_waits_for_a_machine_to_have_spoken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four calls at once, since each takes its time. A machine is one that talks on for more than two seconds."""
    monkeypatch.setattr(conversation, "TALKS_ON", 2.0)
    sounds = {
        "listener": b"",
        "machine": here.say(GREETING, "en-us"),
        "person": here.say("Hello?", "en-us"),
        "left": here.say(GREETING, "en-us"),
    }
    folders = {name: tmp_path / name for name in sounds}
    for folder in folders.values():
        folder.mkdir()
    with (
        callee(folders["listener"]) as listener,
        callee(folders["machine"], sounds["machine"]) as machine,
        callee(folders["person"], sounds["person"]) as person,
        callee(folders["left"], sounds["left"]) as left,
    ):
        stack = Stack("127.0.0.1", grace=0.05)
        results = await asyncio.gather(
            call(stack, listener, Voicemail.TALK, 1),
            call(stack, machine, Voicemail.LEAVE, 2),
            call(stack, person, Voicemail.HANG_UP, 3),
            call(stack, left, Voicemail.HANG_UP, 4),
        )
        await asyncio.sleep(0.3)  # the recordings are written when their calls have ended
        heard = [peer.heard() for peer in (listener, machine, person)]
    sent = here.say(MESSAGE, "en-us")

    assert [result.state for result in results[:3]] == [SendState.ACCEPTED] * 3
    began = []
    for recording in heard:
        like, at = likeness(sent, recording)
        assert like > 0.95
        assert likeness(here.say(CONTROL, "en-us"), recording)[0] < 0.6
        began.append(at)
    assert began[0] < 0.5
    assert began[1] > len(sounds["machine"]) / 16_000, "it waited until the machine had spoken"
    assert 1.0 < began[2] < 4.0, "it waited for a person's hello"
    assert "probably a machine" in results[1].text
    assert "machine" not in results[2].text

    assert (results[3].state, results[3].permanent, results[3].code) == (SendState.REJECTED, True, "allstop:machine")
    assert "probably a machine" in results[3].text


async def test_whoever_presses_a_key_hears_the_words_of_the_message_plan(tmp_path: Path) -> None:
    """In the voice of the call, here a German one, and to its end before it is hung up."""
    own = "Northgate: Danke, wir freuen uns auf Sie."
    with callee(tmp_path) as peer:
        sink = EventLog()
        config = SipConfig(host="127.0.0.1", port=peer.port, wait_seconds=30, closing="", language="de")
        adapter = SipAdapter(config, Stack("127.0.0.1", grace=0.05), MemoryBook(sink), speak, wall_clock)
        await adapter.start(sink)
        made = a_phone_message(Channel.CALL, "callee")
        sending = asyncio.create_task(adapter.send(replace(made, body="Termin.", thanks={"1": own})))
        spoken = CallEventKind.SPEECH_DONE
        await sink.until(lambda: any(isinstance(one, CallEvent) and one.kind is spoken for one in sink.came))
        await asyncio.to_thread(peer.press, "1")
        result = await sending
        await adapter.close()
        async with asyncio.timeout(PATIENCE):
            while not peer.has_recorded():
                await asyncio.sleep(0.02)
        recording = peer.heard()
    assert (result.state, result.text) == (SendState.ACCEPTED, "answered, pressed 1")
    assert likeness(here.say(own, "de"), recording)[0] > 0.95
    assert likeness(here.say(calling.thanks("1", "de"), "de"), recording)[0] < 0.8
