"""Emails through real workers to a server with STARTTLS and a log-in: signed, with their links, within the limits."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from pathlib import Path

import dkim
import pytest
from django.conf import settings

from allstop.actions.attachments import upload
from allstop.actions.mail_server import Server, make_signing_key, set_limits, set_server, sign_mails
from allstop.actions.mail_tags import read_answer_tag
from allstop.actions.messenger import Letter, One, To, send
from allstop.actions.unsubscribing import unsubscribe
from allstop.rules.answer_link import TOKEN
from allstop.rules.facts import Channel, Purpose
from allstop.rules.limits import Limits
from allstop.store.lists.why import why
from allstop.store.models import Attachment, Message, OptOut, QueueEntry, Status
from tests.dispatch.mail_run import queue_mails
from tests.dispatch.processes import wait_until, workers
from tests.peers.certificates import make_certificate
from tests.peers.smtp_secure import PASSWORD, USER, secure_peer
from tests.world import World

SENDER = "desk@northgate.example"


def test_signed_mails_with_their_links_keep_to_the_limits_over_two_workers(
    committed_world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """004-10, RFC 6376, RFC 8058: exactly as many as the provider takes, whichever worker sends them."""
    world = committed_world
    monkeypatch.setenv("ALLSTOP_SECRET_KEY", settings.SECRET_KEY)
    monkeypatch.setenv("ALLSTOP_URL", "https://desk.example")
    certificate = make_certificate(tmp_path)
    with secure_peer(tmp_path, certificate) as peer:
        said = {
            "host": "127.0.0.1",
            "port": peer.port,
            "user": USER,
            "password": PASSWORD,
            "ca_file": str(certificate.certificate),
            "return_path": f"bounces@{SENDER.partition('@')[2]}",
        }
        now = datetime.now(UTC)
        set_server(world.admin, Server(settings=said, sender=SENDER, sender_name="Northgate"), now)
        record = make_signing_key(world.admin, now).signing
        assert record is not None
        sign_mails(world.admin, True, now)
        set_limits(world.admin, Channel.EMAIL, Limits(hour=7), now)
        ids = queue_mails(world, 12)
        asks = f"Do you come?\n{TOKEN}\nThank you."
        Message.objects.filter(id__in=ids).update(recipients=2, purpose=Purpose.REMINDER, body=asks)
        QueueEntry.objects.filter(id__in=ids).update(recipients=2, purpose=Purpose.REMINDER)
        with workers(database_url, 2):
            wait_until(lambda: len(peer.arrivals()) >= 7, "as many as may leave")
            wait_until(lambda: not QueueEntry.objects.filter(worker_id__isnull=False).exists(), "empty hands")
            assert len(peer.arrivals()) == 7
            waiting = Message.objects.filter(status=Status.WAITING).values_list("id", flat=True)
            found = why(world.account.pk, waiting[0], datetime.now(UTC))
            assert found is not None
            assert (len(waiting), found.reason) == (5, "limit_hour")
            assert found.earliest is not None
            assert found.earliest > now
            set_limits(world.admin, Channel.EMAIL, Limits(), datetime.now(UTC))
            wait_until(lambda: not QueueEntry.objects.exists(), "the rest")
        arrivals = peer.arrivals()
    assert len({recipient for recipient, _, _ in arrivals}) == len(arrivals) == 12
    for _, content, over_tls in arrivals:
        assert over_tls
        assert dkim.verify(content, dnsfunc=lambda name, timeout=5: record.record.encode())
    mail = message_from_bytes(arrivals[0][1])
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = mail["List-Unsubscribe"].strip("<>")
    assert link.startswith("https://desk.example/unsubscribe/")
    assert unsubscribe(link.rpartition("/")[2], datetime.now(UTC)) is not None
    words = mail.get_payload(decode=True)
    assert isinstance(words, bytes)
    before, to_answer, after = words.decode().splitlines()
    assert (before, after) == ("Do you come?", "Thank you.")
    address, _, tag = to_answer.rpartition("/")
    assert address == "https://desk.example/answer"
    [mine] = Message.objects.filter(address=arrivals[0][0])
    assert read_answer_tag(tag) == (world.account.pk, mine.id)
    assert mine.body == asks
    assert OptOut.objects.filter(account=world.account, channel="email", lifted_at=None).exists()


def test_a_send_with_files_arrives_whole_and_signed_and_is_kept_once(
    committed_world: World, database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From an upload to the mailbox: names by RFC 2231, one stored file for all, three megabytes over TLS."""
    world = committed_world
    monkeypatch.setenv("ALLSTOP_SECRET_KEY", settings.SECRET_KEY)
    certificate = make_certificate(tmp_path)
    content = bytes(range(256)) * 12_000
    with secure_peer(tmp_path, certificate) as peer:
        said = {
            "host": "127.0.0.1",
            "port": peer.port,
            "user": USER,
            "password": PASSWORD,
            "ca_file": str(certificate.certificate),
        }
        now = datetime.now(UTC)
        set_server(world.admin, Server(settings=said, sender=SENDER, sender_name="Northgate"), now)
        record = make_signing_key(world.admin, now).signing
        assert record is not None
        sign_mails(world.admin, True, now)
        files = tuple(
            upload(world.member, name, body, now).id
            for name, body in (("Merkblatt für Gäste.pdf", content), ("notes.txt", b"Bring both.\n.\n"))
        )
        everybody = tuple(One(address=f"pat{number}@example.org") for number in range(8))
        letter = Letter(
            channel=Channel.EMAIL, purpose=Purpose.PERSONAL, subject="Forms", body=".\nHello", attachments=files
        )
        made = send(world.member, To(ones=everybody), letter, now).send
        assert made.accepted == 8
        with workers(database_url, 1):
            wait_until(lambda: not QueueEntry.objects.exists(), "all to leave")
        arrivals = peer.arrivals()
    assert {recipient for recipient, _, _ in arrivals} == {one.address for one in everybody}
    assert Attachment.objects.count() == 2
    for _, arrived, _ in arrivals:
        assert dkim.verify(arrived, dnsfunc=lambda name, timeout=5: record.record.encode())
        mail = message_from_bytes(arrived, policy=policy.default)
        body, first, second = mail.iter_parts()
        assert body.get_content() == ".\r\nHello\r\n"
        assert (first.get_filename(), first.get_payload(decode=True)) == ("Merkblatt für Gäste.pdf", content)
        assert (second.get_filename(), second.get_payload(decode=True)) == ("notes.txt", b"Bring both.\n.\n")
