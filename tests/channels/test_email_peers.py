"""Email against servers that we did not write: Postfix's smtp-sink, and aiosmtpd with STARTTLS, TLS and a log-in."""

import asyncio
from collections import Counter
from dataclasses import replace
from email import message_from_bytes, policy
from pathlib import Path

import pytest

from allstop.bench.smtp_catcher import start_catcher
from allstop.bench.smtp_conversation import SmtpPeer
from allstop.channels.adapter import LinkDown, LinkUp, SendResult, SendState
from allstop.channels.email.adapter import SmtpAdapter
from allstop.channels.email.config import Encryption, SmtpConfig
from tests.channels.rigs import EventLog, an_email, wall_clock
from tests.peers.certificates import Certificate, make_certificate
from tests.peers.smtp_secure import PASSWORD, USER, SecurePeer, secure_peer
from tests.peers.smtp_sink import smtp_sink


async def send_all(adapter: SmtpAdapter, count: int, log: EventLog | None = None) -> list[SendResult]:
    await adapter.start(log or EventLog())
    sends = (adapter.send(an_email(f"p{number}@patients.example", number)) for number in range(count))
    results = await asyncio.gather(*sends)
    await adapter.close()
    return results


def plain(port: int) -> SmtpAdapter:
    config = SmtpConfig(host="127.0.0.1", port=port, encryption=Encryption.NONE, timeout_seconds=2, answer_seconds=2)
    return SmtpAdapter(config, wall_clock)


async def test_postfix_sink_takes_200_mails() -> None:
    with smtp_sink() as port:
        results = await send_all(plain(port), 200)
    assert Counter(result.state for result in results) == {SendState.ACCEPTED: 200}


@pytest.mark.parametrize(
    ("options", "state", "permanent"),
    [
        (["-f", "RCPT"], SendState.REJECTED, True),
        (["-r", "RCPT"], SendState.REJECTED, False),
        (["-r", "MAIL"], SendState.REJECTED, False),
        (["-f", "."], SendState.REJECTED, True),
        (["-r", "."], SendState.REJECTED, False),
        (["-q", "CONNECT"], SendState.THROTTLED, False),
        (["-q", "EHLO"], SendState.THROTTLED, False),
        (["-q", "MAIL"], SendState.REJECTED, False),
        (["-q", "RCPT"], SendState.REJECTED, False),
        (["-q", "DATA"], SendState.REJECTED, False),
        (["-q", "."], SendState.UNKNOWN, False),
        (["-Q", "RCPT"], SendState.THROTTLED, False),
        (["-Q", "."], SendState.THROTTLED, False),
    ],
)
async def test_postfix_sink_refuses_and_hangs_up_where_it_is_told(
    options: list[str], state: SendState, permanent: bool
) -> None:
    with smtp_sink(*options) as port:
        results = await send_all(plain(port), 5)
    assert {(result.state, result.permanent) for result in results} == {(state, permanent)}


@pytest.fixture
def certificate(tmp_path: Path) -> Certificate:
    return make_certificate(tmp_path)


def secured(peer: SecurePeer, certificate: Certificate, **changes: object) -> SmtpAdapter:
    config = SmtpConfig(
        host="127.0.0.1",
        port=peer.port,
        encryption=Encryption.STARTTLS,
        user=USER,
        password=PASSWORD,
        ca_file=str(certificate.certificate),
        timeout_seconds=5,
        answer_seconds=5,
    )
    return SmtpAdapter(replace(config, **changes), wall_clock)  # type: ignore[arg-type]


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")  # it means STARTTLS by that
@pytest.mark.parametrize("encryption", [Encryption.STARTTLS, Encryption.TLS])
async def test_mails_go_encrypted_and_logged_in(
    tmp_path: Path, certificate: Certificate, encryption: Encryption
) -> None:
    with secure_peer(tmp_path, certificate, starttls=encryption is Encryption.STARTTLS) as peer:
        results = await send_all(secured(peer, certificate, encryption=encryption), 20)
        arrivals = peer.arrivals()
    assert {result.state for result in results} == {SendState.ACCEPTED}
    assert len({recipient for recipient, _, _ in arrivals}) == len(arrivals) == 20
    mail = message_from_bytes(arrivals[0][1], policy=policy.default)
    assert mail["Subject"] == "Your appointment"
    assert encryption is Encryption.TLS or all(over_tls for _, _, over_tls in arrivals)


async def test_each_recipient_has_an_outcome_of_its_own(tmp_path: Path, certificate: Certificate) -> None:
    with secure_peer(tmp_path, certificate) as peer:
        adapter = secured(peer, certificate)
        await adapter.start(EventLog())
        recipients = ["bounce@patients.example", "later@patients.example", "ada@patients.example"]
        results = [await adapter.send(an_email(to, number)) for number, to in enumerate(recipients)]
        await adapter.close()
        assert [recipient for recipient, _, _ in peer.arrivals()] == ["ada@patients.example"]
    assert [(result.state, result.permanent, result.code) for result in results] == [
        (SendState.REJECTED, True, "smtp:550 5.1.1"),
        (SendState.REJECTED, False, "smtp:451 4.2.1"),
        (SendState.ACCEPTED, False, "smtp:250 2.0.0"),
    ]


@pytest.mark.parametrize(
    ("changes", "code", "words"),
    [
        ({"password": "wrong"}, "smtp:535 5.7.8", "Authentication credentials invalid"),
        ({"ca_file": ""}, "allstop:no_tls", "certificate verify failed"),
        ({"host": "localhost"}, "allstop:no_tls", "Hostname mismatch"),
        ({"encryption": Encryption.NONE}, "allstop:no_link", "AUTH extension is not supported"),
    ],
)
async def test_wrong_settings_fail_no_mail_but_hold_the_lane_and_say_why(
    tmp_path: Path, certificate: Certificate, changes: dict[str, object], code: str, words: str
) -> None:
    log = EventLog()
    with secure_peer(tmp_path, certificate) as peer:
        results = await send_all(secured(peer, certificate, **changes), 3, log)
        assert peer.arrivals() == []
    assert {(result.state, result.permanent, result.code) for result in results} == {(SendState.THROTTLED, False, code)}
    [event] = log.came
    assert isinstance(event, LinkDown)
    assert words in event.reason


async def test_a_server_without_starttls_gets_nothing_in_the_clear(certificate: Certificate, tmp_path: Path) -> None:
    async with SmtpPeer() as peer:
        adapter = secured(SecurePeer(peer.port, tmp_path), certificate)
        results = await send_all(adapter, 1)
        assert peer.arrivals == []
    assert (results[0].state, results[0].text) == (
        SendState.THROTTLED,
        "SMTP STARTTLS extension not supported by server.",
    )


async def test_the_catcher_logs_each_mail_with_its_times_before_it_acknowledges_it(tmp_path: Path) -> None:
    catcher = start_catcher(tmp_path / "arrivals.jsonl")
    log = EventLog()
    try:
        adapter = plain(catcher.port)
        await adapter.start(log)
        result = await adapter.send(an_email("ada@patients.example"))
        [arrival] = catcher.arrivals()
        await adapter.close()
    finally:
        catcher.stop()
    assert result.state is SendState.ACCEPTED
    assert (arrival["to"], arrival["message_id"]) == ("ada@patients.example", "<1.1@northgate.example>")
    [up] = log.came
    assert isinstance(up, LinkUp)
    assert up.at.timestamp() <= arrival["began_at"] <= arrival["ended_at"]
    assert arrival["began_monotonic"] <= arrival["ended_monotonic"]
