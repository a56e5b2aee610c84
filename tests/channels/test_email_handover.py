"""The line between "not taken" and "may have been taken", with a server that fails at each stage of a mail.

Everything up to the answer to DATA is safe to try again. Once the mail and its final dot are written, only the
server's answer tells; without one, the outcome is unknown. Proved on asyncio's own loop and on uvloop.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass

import pytest
import uvloop

from allstop.bench.smtp_conversation import Arrival, Say, SmtpPeer, Stage
from allstop.channels.adapter import SendResult, SendState
from allstop.channels.email.adapter import SmtpAdapter
from allstop.channels.email.config import Encryption, SmtpConfig
from allstop.channels.email.handover import dot_stuffed
from tests.channels.rigs import EventLog, an_email, wall_clock

LOOPS = {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
Story = Coroutine[object, object, None]
Play = Callable[[Story], None]
CUT, SILENT = Say(cut=True), Say(silent=True)
THROTTLED, REJECTED, UNKNOWN = SendState.THROTTLED, SendState.REJECTED, SendState.UNKNOWN


@pytest.fixture(params=LOOPS)
def play(request: pytest.FixtureRequest) -> Play:
    def run(story: Story) -> None:
        with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
            runner.run(story)

    return run


@dataclass(frozen=True, slots=True)
class Told:
    result: SendResult
    second: SendResult  # of another mail, after the trouble is over
    arrivals: list[Arrival]  # when the first was answered
    asked: int  # how often the first mail's last look was taken


async def send_through(stage: Stage, say: Say, answer_seconds: float = 0.3) -> Told:
    trouble_over = False
    asked = 0

    def advise(at: Stage, argument: str) -> Say | None:
        return say if at is stage and not trouble_over else None

    def may_leave() -> bool:
        nonlocal asked
        asked += 1
        return True

    async with SmtpPeer(advise) as peer:
        adapter = adapter_for(peer, answer_seconds=answer_seconds)
        await adapter.start(EventLog())
        result = await adapter.send(an_email("ada@patients.example"), may_leave)
        arrivals = list(peer.arrivals)
        trouble_over = True
        second = await adapter.send(an_email("ben@patients.example", 2))
        await adapter.close()
    return Told(result, second, arrivals, asked)


def adapter_for(peer: SmtpPeer, answer_seconds: float = 5, max_connections: int = 2) -> SmtpAdapter:
    config = SmtpConfig(
        host="127.0.0.1",
        port=peer.port,
        encryption=Encryption.NONE,
        max_connections=max_connections,
        timeout_seconds=0.3,
        answer_seconds=answer_seconds,
    )
    return SmtpAdapter(config, wall_clock)


@pytest.mark.parametrize(
    ("stage", "say", "state", "code"),
    [
        (Stage.GREETING, CUT, THROTTLED, "allstop:no_link"),
        (Stage.GREETING, SILENT, THROTTLED, "allstop:no_link"),
        (Stage.GREETING, Say("554 5.3.2 not for you"), THROTTLED, "smtp:554 5.3.2"),
        (Stage.GREETING, Say("nonsense"), THROTTLED, "allstop:no_link"),
        (Stage.EHLO, CUT, THROTTLED, "allstop:no_link"),
        (Stage.EHLO, SILENT, THROTTLED, "allstop:no_link"),
        (Stage.MAIL, CUT, REJECTED, "allstop:lost_before"),
        (Stage.MAIL, SILENT, REJECTED, "allstop:lost_before"),
        (Stage.MAIL, Say("nonsense"), REJECTED, "allstop:lost_before"),
        (Stage.MAIL, Say("452 4.3.1 no room"), REJECTED, "smtp:452 4.3.1"),
        (Stage.MAIL, Say("421 4.7.0 too many"), THROTTLED, "smtp:421 4.7.0"),
        (Stage.MAIL, Say("530 5.7.0 log in first"), THROTTLED, "smtp:530 5.7.0"),
        (Stage.RCPT, CUT, REJECTED, "allstop:lost_before"),
        (Stage.RCPT, SILENT, REJECTED, "allstop:lost_before"),
        (Stage.RCPT, Say("450 4.2.1 mailbox busy"), REJECTED, "smtp:450 4.2.1"),
        (Stage.RCPT, Say("421 4.4.5 closing"), THROTTLED, "smtp:421 4.4.5"),
        (Stage.DATA, CUT, REJECTED, "allstop:lost_before"),
        (Stage.DATA, SILENT, REJECTED, "allstop:lost_before"),
        (Stage.DATA, Say("451 4.3.0 try later"), REJECTED, "smtp:451 4.3.0"),
        (Stage.DATA, Say("421 closing"), THROTTLED, "smtp:421"),
        (Stage.DOT, Say("452 4.3.1 no room"), REJECTED, "smtp:452 4.3.1"),
        (Stage.DOT, Say("421 4.3.2 going down"), THROTTLED, "smtp:421 4.3.2"),
    ],
)
def test_up_to_the_answer_to_data_a_mail_is_known_not_to_be_taken(
    play: Play, stage: Stage, say: Say, state: SendState, code: str
) -> None:
    async def story() -> None:
        told = await send_through(stage, say)
        assert (told.result.state, told.result.permanent, told.result.refs) == (state, False, ())
        assert told.result.code == code
        assert told.arrivals == []
        assert told.second.state is SendState.ACCEPTED

    play(story())


@pytest.mark.parametrize(
    ("stage", "say"),
    [
        (Stage.MAIL, Say("550 5.7.1 sender not allowed")),
        (Stage.RCPT, Say("550 5.1.1 no such mailbox")),
        (Stage.DATA, Say("554 5.5.1 no valid recipients")),
        (Stage.DOT, Say("554 5.7.1 spam")),
    ],
)
def test_a_5xx_to_the_mail_itself_is_for_good_and_the_next_mail_goes_on(play: Play, stage: Stage, say: Say) -> None:
    async def story() -> None:
        told = await send_through(stage, say)
        assert (told.result.state, told.result.permanent) == (SendState.REJECTED, True)
        assert told.result.code == f"smtp:{say.reply[:9]}"
        assert told.result.text == say.reply[4:]
        assert told.arrivals == []
        assert told.second.state is SendState.ACCEPTED

    play(story())


@pytest.mark.parametrize(
    ("stage", "say", "arrivals"),
    [
        (Stage.CONTENT, CUT, 0),  # it had not read all of it; from here that looks the same
        (Stage.DOT, CUT, 1),
        (Stage.DOT, SILENT, 1),
        (Stage.DOT, Say("nonsense"), 0),
        (Stage.DOT, Say("354 go ahead"), 0),
    ],
)
def test_once_the_mail_is_written_no_answer_means_unknown(play: Play, stage: Stage, say: Say, arrivals: int) -> None:
    async def story() -> None:
        told = await send_through(stage, say)
        assert told.result.state is SendState.UNKNOWN
        assert told.result.refs == ("<1.1@northgate.example>",)  # a bounce or a reply may still name it
        assert len(told.arrivals) == arrivals
        assert told.second.state is SendState.ACCEPTED

    play(story())


def test_the_last_look_is_taken_again_after_the_server_asked_for_the_mail(play: Play) -> None:
    """TN1: a stop that comes while the server takes its time with 354 still holds the mail back."""

    async def story() -> None:
        is_open = True

        def advise(stage: Stage, argument: str) -> Say | None:
            nonlocal is_open
            if stage is Stage.DATA:
                is_open = False
            return None

        async with SmtpPeer(advise) as peer:
            adapter = adapter_for(peer)
            await adapter.start(EventLog())
            result = await adapter.send(an_email("ada@patients.example"), lambda: is_open)
            await adapter.close()
            assert result.state is SendState.WITHDRAWN
            assert peer.arrivals == []

    play(story())


@pytest.mark.parametrize("no_from", [1, 2, 3])
def test_every_last_look_holds_the_mail_back_and_the_connection_is_fit_for_the_next(play: Play, no_from: int) -> None:
    async def story() -> None:
        looks = 0

        def may_leave() -> bool:
            nonlocal looks
            looks += 1
            return looks < no_from

        async with SmtpPeer() as peer:
            adapter = adapter_for(peer, max_connections=1)
            await adapter.start(EventLog())
            assert (await adapter.send(an_email("ada@patients.example"), may_leave)).state is SendState.WITHDRAWN
            assert looks == no_from
            assert peer.arrivals == []
            assert (await adapter.send(an_email("ben@patients.example", 2))).state is SendState.ACCEPTED
            await adapter.close()

    play(story())


@pytest.mark.parametrize("stage", [Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
def test_a_send_cancelled_at_any_stage_does_not_spoil_the_next_mail(play: Play, stage: Stage) -> None:
    async def story() -> None:
        reached = asyncio.Event()

        def advise(at: Stage, argument: str) -> Say | None:
            if at is stage and not reached.is_set():
                reached.set()
                return SILENT
            return None

        async with SmtpPeer(advise) as peer:
            adapter = adapter_for(peer, max_connections=1)
            await adapter.start(EventLog())
            first = asyncio.create_task(adapter.send(an_email("ada@patients.example")))
            await reached.wait()
            first.cancel()
            await asyncio.gather(first, return_exceptions=True)
            assert first.cancelled()
            second = await adapter.send(an_email("ben@patients.example", 2))
            await adapter.close()
            assert second.state is SendState.ACCEPTED
            assert [arrival.recipient for arrival in peer.arrivals][-1] == "ben@patients.example"

    play(story())


def test_an_answer_that_came_too_late_is_not_taken_for_the_next_mails_answer(play: Play) -> None:
    async def story() -> None:
        told = await send_through(Stage.RCPT, SILENT)
        assert told.result.code == "allstop:lost_before"
        assert told.second.text == "2.0.0 kept"

    play(story())


def test_a_server_that_answers_in_strange_bytes_leaves_words_that_can_be_stored(play: Play) -> None:
    async def story() -> None:
        told = await send_through(Stage.RCPT, Say("550-5.1.1 Bo\x00îte\r\n550 5.1.1 inconnue\x1b[31m"))
        assert told.result.text == "5.1.1 Bo îte 5.1.1 inconnue [31m"
        told.result.text.encode()

    play(story())


async def test_a_server_without_smtputf8_is_given_no_letters_that_it_cannot_carry() -> None:
    def advise(stage: Stage, argument: str) -> Say | None:
        return Say("250 peer.test") if stage is Stage.EHLO else None

    async with SmtpPeer(advise) as peer:
        adapter = adapter_for(peer)
        await adapter.start(EventLog())
        refused = await adapter.send(an_email("jürgen@patients.example"))
        domain_only = await adapter.send(an_email("jurgen@müller.example", 2))
        await adapter.close()
    assert (refused.state, refused.permanent, refused.code) == (REJECTED, True, "allstop:no_smtputf8")
    assert domain_only.state is SendState.ACCEPTED
    assert [arrival.recipient for arrival in peer.arrivals] == ["jurgen@xn--mller-kva.example"]


def test_dots_are_stuffed_and_the_mail_ends_with_one() -> None:
    assert dot_stuffed(b"A: b\r\n\r\n.\r\n..\r\nx.") == b"A: b\r\n\r\n..\r\n...\r\nx.\r\n.\r\n"
