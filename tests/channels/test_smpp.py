"""Texts by SMPP against the npm SMSC: what goes over the wire, what comes back, and links that break."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from allstop.channels.adapter import (
    Inbound,
    LinkDown,
    LinkUp,
    Outbound,
    Receipt,
    ReceiptState,
    SendState,
    Unsupported,
)
from allstop.channels.smpp.adapter import SmppAdapter
from allstop.channels.smpp.config import Encryption, LongTexts, ReceiptIds
from allstop.rules.words import Channel
from tests.channels.rigs import EventLog, a_phone_message, wall_clock
from tests.channels.smpp_rig import a_config, sleepless
from tests.peers.certificates import make_certificate
from tests.peers.ports import free_port
from tests.peers.smsc import Smsc, smsc

LONG = "0123456789" * 40  # three parts of GSM


@pytest.fixture(scope="module")
def shared() -> Iterator[Smsc]:
    with smsc() as peer:
        yield peer


class Rig:
    def __init__(self, peer: Smsc, adapter: SmppAdapter, sink: EventLog) -> None:
        self.peer, self.adapter, self.sink = peer, adapter, sink
        self._before = len(peer.arrivals)

    @property
    def arrivals(self) -> list[dict[str, Any]]:
        return self.peer.arrivals[self._before :]


Start = Callable[..., Any]


@pytest.fixture
async def start(shared: Smsc) -> AsyncIterator[Start]:
    adapters: list[SmppAdapter] = []

    async def start(peer: Smsc = shared, port: int = 0, **changes: Any) -> Rig:
        sink = EventLog()
        adapter = SmppAdapter(a_config(port or peer.port, **changes), wall_clock, sleepless)
        rig = Rig(peer, adapter, sink)
        await adapter.start(sink)
        adapters.append(adapter)
        return rig

    yield start
    await asyncio.gather(*(adapter.close() for adapter in adapters))


def text(body: str, kind: int = 210, number: int = 1, **changes: Any) -> Outbound:
    return replace(a_phone_message(Channel.TEXT, f"+1{kind}{number:07d}", number), body=body, **changes)


# --- what goes over the wire


@pytest.mark.parametrize(
    ("body", "coding"),
    [
        ("Réponse à tous: ñ ü ß Ø Δ", 0),
        ("5 € [now] {x} ~ ^ | \\", 0),
        ("It’s at “noon” — Žofie", 8),  # noqa: RUF001 - curly on purpose
        ("Stop \U0001f6d1 now", 8),
        ("@£$¥ _ΦΓΛΩΠΨΣΘΞ ÆæßÉ ¤ ¡ÄÖÑÜ§¿äöñüà", 0),
    ],
)
async def test_the_peer_reads_what_was_written(start: Start, body: str, coding: int) -> None:
    rig = await start()
    assert (await rig.adapter.send(text(body))).state is SendState.ACCEPTED
    assert [(one["text"], one["coding"]) for one in rig.arrivals] == [(body, coding)]


@pytest.mark.parametrize("way", [LongTexts.UDH, LongTexts.SAR])
@pytest.mark.parametrize(
    ("body", "parts"),
    [
        ("x" * 160, 1),
        ("x" * 161, 2),  # TX12
        ("x" * 306, 2),
        ("x" * 307, 3),
        ("x" * 152 + "€" + "y" * 10, 2),  # the pair would lie across the edge
        ("5€" * 90, 2),
        ("\U0001f6d1" * 35, 1),
        ("\U0001f6d1" * 36, 2),
        ("ж" * 66 + "\U0001f6d1" + "ж" * 9, 2),
    ],
)
async def test_a_long_text_is_put_together_again(start: Start, way: LongTexts, body: str, parts: int) -> None:
    """TX12, and the traps of segmentation: nothing is cut inside of a pair."""
    rig = await start(long_texts=way)
    result = await rig.adapter.send(text(body))
    assert (result.state, len(result.refs), len(set(result.refs))) == (SendState.ACCEPTED, parts, parts)
    arrived = sorted(rig.arrivals, key=lambda one: one["part"] or [0, 0, 0])
    assert "".join(one["text"] for one in arrived) == body
    if parts > 1:
        assert [one["part"][1:] for one in arrived] == [[parts, number] for number in range(1, parts + 1)]
        assert len({one["part"][0] for one in arrived}) == 1


async def test_a_second_attempt_has_another_reference_than_the_first(start: Start) -> None:
    rig = await start()
    await rig.adapter.send(text(LONG, attempt=1))
    await rig.adapter.send(text(LONG, attempt=2))
    assert len({one["part"][0] for one in rig.arrivals}) == 2


async def test_the_smsc_may_do_the_cutting(start: Start) -> None:
    rig = await start(long_texts=LongTexts.PAYLOAD)
    assert len((await rig.adapter.send(text(LONG))).refs) == 1
    assert [one["text"] for one in rig.arrivals] == [LONG]


async def test_sender_time_limit_and_wish_for_a_receipt_are_told(start: Start) -> None:
    rig = await start()
    use_by = datetime(2099, 1, 2, 3, 4, 5, tzinfo=UTC)
    await rig.adapter.send(text("a", sender="Northgate", use_by=use_by))
    await rig.adapter.send(text("b", sender="+12125550100"))
    assert [(one["from"], one["ton"]) for one in rig.arrivals] == [("Northgate", 5), ("12125550100", 1)]
    assert rig.arrivals[0]["receipt"] == 1
    assert rig.arrivals[0]["validity"].startswith("2099-01-02T03:04:05")
    silent = await start(receipts=False)
    await silent.adapter.send(text("c"))
    assert silent.arrivals[0]["receipt"] == 0


@pytest.mark.parametrize("changes", [{"sender": "Northgate Dental"}, {"sender": "Zahnärzte"}, {"to": "desk"}])
async def test_an_address_that_cannot_be_is_refused_at_once(start: Start, changes: dict[str, Any]) -> None:
    rig = await start()
    with pytest.raises(Unsupported):
        await rig.adapter.send(replace(text("a"), **changes))
    assert not rig.arrivals


async def test_the_pace_of_the_settings_is_kept(start: Start) -> None:
    rig = await start(max_per_second=100)
    began = asyncio.get_running_loop().time()
    await asyncio.gather(*(rig.adapter.send(text("a", number=number)) for number in range(130)))
    took = asyncio.get_running_loop().time() - began
    assert 0.25 < took < 2.0, "a second's worth may go at once, the rest at the pace"


# --- answers


async def test_too_fast_is_not_this_texts_fault(start: Start) -> None:
    rig = await start()
    result = await rig.adapter.send(text("a", 207))
    assert (result.state, result.code) == (SendState.THROTTLED, "smpp:0x58")
    assert result.retry_after == timedelta(seconds=5)


async def test_a_part_that_was_refused_for_now_follows_the_others(start: Start) -> None:
    rig = await start()
    result = await rig.adapter.send(text(LONG, 211))
    assert (result.state, len(result.refs)) == (SendState.ACCEPTED, 3)
    assert sorted(one["part"][2] for one in rig.arrivals) == [1, 2, 3], "and none of them went twice"


async def test_a_text_of_which_only_a_part_was_taken_is_unknown(start: Start) -> None:
    rig = await start()
    result = await rig.adapter.send(text(LONG, 212))
    assert (result.state, result.code, len(result.refs)) == (SendState.UNKNOWN, "allstop:in_part", 2)
    assert result.text == "2 of 3 parts were taken; of the rest it says: the text is too long"


# --- receipts and replies


@pytest.mark.parametrize(
    ("kind", "state", "code"),
    [
        (200, ReceiptState.DELIVERED, "smpp:DELIVRD 000"),
        (206, ReceiptState.DELIVERED, "smpp:DELIVRD 000"),
        (208, ReceiptState.UNDELIVERABLE, "smpp:UNDELIV 000"),
        (209, ReceiptState.DELIVERED, "smpp:DELIVRD 000"),
    ],
)
async def test_a_receipt_has_the_ref_of_its_text(start: Start, kind: int, state: ReceiptState, code: str) -> None:
    rig = await start()
    result = await rig.adapter.send(text("a", kind))
    await rig.sink.until(lambda: bool(rig.sink.receipts(result.refs[0])))
    [receipt] = rig.sink.receipts(result.refs[0])
    assert (receipt.state, receipt.code) == (state, code)


async def test_each_part_has_its_receipt(start: Start) -> None:
    rig = await start()
    result = await rig.adapter.send(text(LONG, 200))
    await rig.sink.until(lambda: all(rig.sink.receipts(ref) for ref in result.refs))


@pytest.mark.parametrize(
    ("ids", "said"), [(ReceiptIds.DECIMAL, str(0xABCDEF)), (ReceiptIds.DECIMAL, f"{0xABCDEF:010d}")]
)
async def test_ids_of_receipts_may_be_in_another_base(start: Start, ids: ReceiptIds, said: str) -> None:
    with smsc() as peer:
        rig = await start(peer, receipt_ids=ids)
        await rig.sink.until(lambda: bool(rig.sink.came))
        fields = {"source_addr": "1", "esm_class": 4, "short_message": f"id:{said} stat:DELIVRD err:000"}
        peer.tell(deliver=fields)
        await rig.sink.until(lambda: any(isinstance(event, Receipt) for event in rig.sink.came))
        [receipt] = [event for event in rig.sink.came if isinstance(event, Receipt)]
        assert receipt.ref.endswith(":abcdef")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"short_message": "STOP"}, "STOP"),
        ({"short_message": "id:1 stat:DELIVRD err:000"}, "id:1 stat:DELIVRD err:000"),  # a person wrote it
        ({"data_coding": 8, "hex": "041d0435 0442".replace(" ", "")}, "Нет"),
        ({"data_coding": 0, "hex": "1b6535"}, "€5"),
        ({"data_coding": 3, "hex": "e9"}, "é"),
        ({"short_message": "", "message_payload": "x" * 300}, "x" * 300),
    ],
)
async def test_a_reply_is_heard_and_answered_once_it_is_stored(
    start: Start, shared: Smsc, fields: dict[str, Any], words: str
) -> None:
    rig = await start()
    await rig.sink.until(lambda: bool(rig.sink.came))
    before = len(shared.answers)
    shared.tell(deliver={"source_addr": "447700900123", "destination_addr": "12125550100", **fields})
    await rig.sink.until(lambda: any(isinstance(event, Inbound) for event in rig.sink.came))
    [reply] = [event for event in rig.sink.came if isinstance(event, Inbound)]
    assert (reply.text, reply.sender, reply.to) == (words, "+447700900123", "+12125550100")
    assert await asyncio.to_thread(shared.until, lambda: shared.answers[before:]) == [0]


async def test_a_reply_in_parts_is_one_reply(start: Start, shared: Smsc) -> None:
    rig = await start()
    await rig.sink.until(lambda: bool(rig.sink.came))
    for number, words in ((2, " texting me"), (1, "Please stop")):
        header = bytes((5, 0, 3, 77, 2, number)).hex()
        shared.tell(deliver={"source_addr": "447700900123", "esm_class": 64, "hex": header + words.encode().hex()})
    await rig.sink.until(lambda: any(isinstance(event, Inbound) for event in rig.sink.came))
    [reply] = [event for event in rig.sink.came if isinstance(event, Inbound)]
    assert reply.text == "Please stop texting me"


async def test_what_could_not_be_stored_is_to_come_again(start: Start, shared: Smsc) -> None:
    rig = await start()
    await rig.sink.until(lambda: bool(rig.sink.came))

    async def fails(event: object) -> None:
        raise OSError("the database is away")

    rig.sink.emit = fails
    before = len(shared.answers)
    shared.tell(deliver={"source_addr": "447700900123", "short_message": "STOP"})
    assert await asyncio.to_thread(shared.until, lambda: shared.answers[before:]) == [0x64]


# --- questions


async def test_the_smsc_is_asked_by_its_own_id(start: Start) -> None:
    rig = await start()
    result = await rig.adapter.send(text("a", 210))
    status = await rig.adapter.query(result.refs[0])
    assert status is not None
    assert (status.ref, status.state, status.code) == (result.refs[0], ReceiptState.SENT, "smpp:ENROUTE")
    assert await rig.adapter.query(result.refs[0] + "0") is None
    with pytest.raises(Unsupported, match="by its own id"):
        await rig.adapter.query("1.17")


async def test_a_text_can_be_taken_back_until_it_is_delivered(start: Start) -> None:
    rig = await start()
    waiting = await rig.adapter.send(text("a", 210))
    delivered = await rig.adapter.send(text("b", 200))
    assert await rig.adapter.cancel(waiting.refs[0])
    assert not await rig.adapter.cancel(delivered.refs[0])


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "Logged in as desk at 127.0.0.1. An SMSC does not tell how many texts are left."),
        ({"password": "wrong"}, "the log-in was refused: wrong password (smpp:0x0e)."),
        ({"system_id": "nobody"}, "the log-in was refused: unknown system_id (smpp:0x0f)."),
        ({"port": -1}, "Could not log in as desk at 127.0.0.1:"),
        ({"encryption": Encryption.TLS}, "Could not log in as desk at 127.0.0.1:"),
    ],
)
async def test_a_test_says_in_words_what_is_wrong(start: Start, changes: dict[str, Any], words: str) -> None:
    """TX2, 004-14."""
    rig = await start(timeout_seconds=0.5, **{**changes, "port": free_port() if changes.get("port") else 0})
    checked = await rig.adapter.check()
    assert words in checked.words
    assert checked.is_good is (not changes)


# --- links


async def test_the_link_may_be_encrypted_and_then_trusts_nobody_else(start: Start, tmp_path: Path) -> None:
    certificate = make_certificate(tmp_path)
    with smsc(certificate) as peer:
        rig = await start(peer, encryption=Encryption.TLS, ca_file=str(certificate.certificate))
        assert (await rig.adapter.send(text("a"))).state is SendState.ACCEPTED
        suspicious = await start(peer, encryption=Encryption.TLS)
        result = await suspicious.adapter.send(text("b"))
        assert (result.state, result.code) == (SendState.THROTTLED, "allstop:no_tls")


async def test_a_wrong_password_stops_texts_and_says_why(start: Start) -> None:
    rig = await start(password="wrong")
    result = await rig.adapter.send(text("a"))
    assert (result.state, result.code) == (SendState.THROTTLED, "smpp:0x0e")
    assert result.text == "the log-in was refused: wrong password"
    [down] = rig.sink.came
    assert isinstance(down, LinkDown)
    assert "wrong password" in down.reason


async def test_a_link_that_breaks_loses_the_answers_and_comes_back(start: Start) -> None:
    with smsc() as peer:
        rig = await start(peer, window=5)
        sends = [asyncio.create_task(rig.adapter.send(text("a", 204, number))) for number in range(8)]
        await asyncio.to_thread(peer.until, lambda: len(peer.arrivals) == 5)
        peer.tell(cut=True)
        results = await asyncio.gather(*sends)
        states = [result.state for result in results]
        assert states == [SendState.UNKNOWN] * 5 + [SendState.REJECTED] * 3
        assert {result.code for result in results[5:]} == {"allstop:lost_before"}
        await rig.sink.until(lambda: [type(event) for event in rig.sink.came] == [LinkUp, LinkDown, LinkUp])
        assert (await rig.adapter.send(text("b"))).state is SendState.ACCEPTED


async def test_half_a_text_on_a_link_that_breaks_is_unknown(start: Start) -> None:
    with smsc() as peer:
        rig = await start(peer, window=1)
        send = asyncio.create_task(rig.adapter.send(text(LONG, 204)))
        await asyncio.to_thread(peer.until, lambda: len(peer.arrivals) == 1)
        peer.tell(cut=True)
        assert (await send).state is SendState.UNKNOWN


async def test_a_log_in_that_the_smsc_ends_is_begun_again(start: Start) -> None:
    with smsc() as peer:
        rig = await start(peer)
        await rig.sink.until(lambda: bool(rig.sink.came))
        peer.tell(unbind=True)
        await rig.sink.until(lambda: [type(event) for event in rig.sink.came] == [LinkUp, LinkDown, LinkUp])
        assert "has ended the log-in" in next(one.reason for one in rig.sink.came if isinstance(one, LinkDown))


async def test_a_peer_that_falls_silent_is_given_up(start: Start) -> None:
    with smsc() as peer:
        rig = await start(peer, enquire_seconds=0.2, timeout_seconds=0.2)
        await rig.sink.until(lambda: bool(rig.sink.came))
        await asyncio.sleep(0.5)
        assert len(rig.sink.came) == 1, "it answers enquiries, so it is there"
        peer.tell(deaf=True)
        await rig.sink.until(lambda: any(isinstance(event, LinkDown) for event in rig.sink.came))


async def test_texts_are_spread_over_several_links(start: Start) -> None:
    with smsc() as peer:
        rig = await start(peer, connections=2, window=5, answer_seconds=0.4)
        await asyncio.to_thread(peer.until, lambda: peer.bound == 2)
        sends = [asyncio.create_task(rig.adapter.send(text("a", 204, number))) for number in range(10)]
        await asyncio.to_thread(peer.until, lambda: len(peer.arrivals) == 10)
        assert {(await send).state for send in sends} == {SendState.UNKNOWN}
