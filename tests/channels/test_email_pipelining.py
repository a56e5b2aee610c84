"""A server that takes MAIL, RCPT and DATA in a row: the same line between "not taken" and "may have been taken"."""

import asyncio

import pytest

from allstop.bench.smtp_conversation import USUAL, Say, SmtpPeer, Stage
from allstop.channels.adapter import SendState
from allstop.channels.email.adapter import SmtpAdapter
from tests.channels.rigs import EventLog, an_email
from tests.channels.test_email_handover import CUT, REJECTED, SILENT, THROTTLED, UNKNOWN, adapter_for

PIPELINING = Say(USUAL[Stage.EHLO].replace("250-SMTPUTF8", "250-PIPELINING\r\n250-SMTPUTF8"))


async def started(peer: SmtpPeer, answer_seconds: float = 5) -> SmtpAdapter:
    adapter = adapter_for(peer, answer_seconds=answer_seconds, max_connections=1)
    await adapter.start(EventLog())
    return adapter


@pytest.mark.parametrize(
    ("stage", "say", "state", "permanent", "code"),
    [
        (Stage.MAIL, CUT, REJECTED, False, "allstop:lost_before"),
        (Stage.MAIL, SILENT, REJECTED, False, "allstop:lost_before"),
        (Stage.MAIL, Say("nonsense"), REJECTED, False, "allstop:lost_before"),
        (Stage.MAIL, Say("452 4.3.1 no room"), REJECTED, False, "smtp:452 4.3.1"),
        (Stage.MAIL, Say("421 4.7.0 too many"), THROTTLED, False, "smtp:421 4.7.0"),
        (Stage.RCPT, Say("550 5.1.1 no such mailbox"), REJECTED, True, "smtp:550 5.1.1"),
        (Stage.RCPT, Say("550-5.1.1 no\r\n550 5.1.1 such mailbox"), REJECTED, True, "smtp:550 5.1.1"),
        (Stage.RCPT, CUT, REJECTED, False, "allstop:lost_before"),
        (Stage.DATA, SILENT, REJECTED, False, "allstop:lost_before"),
        (Stage.DATA, Say("451 4.3.0 try later"), REJECTED, False, "smtp:451 4.3.0"),
        (Stage.DATA, Say("554 5.5.1 no valid recipients"), REJECTED, True, "smtp:554 5.5.1"),
        (Stage.CONTENT, CUT, UNKNOWN, False, "allstop:no_answer"),
        (Stage.DOT, CUT, UNKNOWN, False, "allstop:no_answer"),
        (Stage.DOT, SILENT, UNKNOWN, False, "allstop:no_answer"),
        (Stage.DOT, Say("nonsense"), UNKNOWN, False, "allstop:no_answer"),
        (Stage.DOT, Say("554 5.7.1 spam"), REJECTED, True, "smtp:554 5.7.1"),
    ],
)
async def test_each_stage_has_its_outcome_and_the_next_mail_goes_on(
    stage: Stage, say: Say, state: SendState, permanent: bool, code: str
) -> None:
    is_over = False

    def advise(at: Stage, argument: str) -> Say | None:
        if at is Stage.EHLO:
            return PIPELINING
        return say if at is stage and not is_over else None

    async with SmtpPeer(advise) as peer:
        adapter = await started(peer, answer_seconds=0.3)
        result = await adapter.send(an_email("ada@patients.example"))
        taken = len(peer.arrivals)
        is_over = True
        second = await adapter.send(an_email("ben@patients.example", 2))
        await adapter.close()
        assert (result.state, result.permanent, result.code) == (state, permanent, code)
        assert taken == 0 or state is UNKNOWN
        assert second.state is SendState.ACCEPTED
        assert [one.recipient for one in peer.arrivals][-1] == "ben@patients.example"


async def test_a_stop_that_comes_before_354_holds_the_mail_back() -> None:
    """TN1."""
    is_open = True

    def advise(stage: Stage, argument: str) -> Say | None:
        nonlocal is_open
        if stage is Stage.DATA:
            is_open = False
        return PIPELINING if stage is Stage.EHLO else None

    async with SmtpPeer(advise) as peer:
        adapter = await started(peer)
        assert (await adapter.send(an_email("ada@patients.example"), lambda: is_open)).state is SendState.WITHDRAWN
        assert peer.arrivals == []
        assert (await adapter.send(an_email("ben@patients.example", 2))).state is SendState.ACCEPTED
        await adapter.close()


async def test_many_mails_over_one_connection_arrive_once_each_and_whole() -> None:
    async with SmtpPeer(lambda stage, _: PIPELINING if stage is Stage.EHLO else None) as peer:
        adapter = await started(peer)
        sends = (adapter.send(an_email(f"p{number}@patients.example", number)) for number in range(50))
        results = await asyncio.gather(*sends)
        await adapter.close()
        assert {result.state for result in results} == {SendState.ACCEPTED}
        assert {one.message_id for one in peer.arrivals} == {f"<{number}.1@northgate.example>" for number in range(50)}
        assert (len(peer.arrivals), peer.connections) == (50, 1)


async def test_what_a_server_says_unasked_is_not_taken_for_an_answer() -> None:
    """It announces that it hangs up while the connection lies idle: the next mail takes another one."""

    def advise(stage: Stage, argument: str) -> Say | None:
        if stage is Stage.EHLO:
            return PIPELINING
        if stage is Stage.DOT and argument.startswith("ada"):
            return Say("250 2.0.0 kept\r\n250 2.0.0 and once more")
        return None

    async with SmtpPeer(advise) as peer:
        adapter = await started(peer)
        await adapter.send(an_email("ada@patients.example"))
        await asyncio.sleep(0)
        second = await adapter.send(an_email("ben@patients.example", 2))
        await adapter.close()
        assert (second.state, second.text) == (SendState.ACCEPTED, "2.0.0 kept")
        assert peer.connections == 2
