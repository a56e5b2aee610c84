"""Replies and bounces are fetched from a real Dovecot: everything once, whatever happens in between."""

import signal
import subprocess
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from allstop.actions.mailbox import mailbox_setup, set_mailbox, take_due
from allstop.channels.configuration import NO_HOST
from allstop.channels.email.config import Encryption, ImapConfig
from allstop.channels.email.imap import check_mailbox
from allstop.dispatch import child
from allstop.dispatch.mailbox_process import look_into, look_into_all_due
from allstop.rules.facts import Channel
from allstop.store.models import ChannelSetup, Inbound, Mailbox, Message
from tests.actions.test_mail_in import an_email_to
from tests.channels.test_email_incoming import FAILED, a_bounce, a_reply
from tests.dispatch.processes import PATIENCE, wait_until
from tests.peers.certificates import Certificate, make_certificate
from tests.peers.dovecot import PASSWORD, USER, Dovecot, dovecot
from tests.peers.mute import mute
from tests.world import World, contact


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Certificate:
    return make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def peer(certificate: Certificate) -> Iterator[Dovecot]:
    with dovecot(certificate) as running:
        yield running


def settings_of(peer: Dovecot, certificate: Certificate, **changes: object) -> dict[str, object]:
    return {
        "host": "127.0.0.1",
        "port": peer.tls_port,
        "encryption": "tls",
        "user": USER,
        "password": PASSWORD,
        "ca_file": str(certificate.certificate),
        "timeout_seconds": 5.0,
    } | changes


def look(world: World) -> int:
    """As the process does when the mailbox is due."""
    Mailbox.objects.update(next_look_at=datetime.now(UTC))
    mailbox = take_due(datetime.now(UTC))
    assert mailbox is not None
    assert take_due(datetime.now(UTC)) is None, "nobody else looks meanwhile"
    return look_into(mailbox)


def numbered(number: int) -> bytes:
    return a_reply(f"Reply {number}", From=f"p{number}@example.net", Message_ID=f"<{number}@example.net>")


def inbounds(world: World) -> list[str]:
    return list(Inbound.objects.filter(account=world.account).order_by("pk").values_list("text", flat=True))


def test_what_is_new_is_taken_once_also_when_the_server_counts_anew(
    committed_world: World, peer: Dovecot, certificate: Certificate
) -> None:
    world = committed_world
    ChannelSetup.objects.filter(account=world.account, channel=Channel.EMAIL).update(sender="desk@northgate.example")
    message, ref = an_email_to(world, contact(world))
    peer.deliver(numbered(0))  # before the mailbox was set up: nobody's business
    set_mailbox(world.admin, settings_of(peer, certificate), world.now)
    assert look(world) == 0
    peer.deliver(numbered(1))
    peer.deliver(a_bounce(FAILED.format(status="5.1.1", said="550 5.1.1 User unknown"), returned=ref))
    assert look(world) == 2
    assert look(world) == 0
    assert inbounds(world) == ["Reply 1"]
    assert Message.objects.get(account=world.account, id=message).receipt == "undeliverable"
    known = Mailbox.objects.get(account=world.account)
    peer.count_anew()
    peer.deliver(numbered(2))
    look(world)
    after = Mailbox.objects.get(account=world.account)
    assert after.uid_validity != known.uid_validity
    assert [text for text in inbounds(world) if text != "Reply 0"] == ["Reply 1", "Reply 2"]
    shown = mailbox_setup(world.account.pk)
    assert shown is not None
    assert (shown.failure, "password" in shown.settings) == ("", False)


def test_a_process_killed_in_the_middle_loses_nothing_and_repeats_nothing(
    committed_world: World, database_url: str, peer: Dovecot, certificate: Certificate
) -> None:
    world = committed_world
    set_mailbox(world.admin, settings_of(peer, certificate), world.now)
    look(world)
    for number in range(60):
        peer.deliver(numbered(number))

    def started() -> "subprocess.Popen[bytes]":
        Mailbox.objects.update(next_look_at=datetime.now(UTC))
        return child.start("allstop.dispatch.mailbox_process")

    first = started()
    wait_until(lambda: len(inbounds(world)) >= 3, "some to be taken")
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert len(inbounds(world)) < 60, "it was killed in the middle"
    assert started().wait(PATIENCE) == 0
    assert sorted(inbounds(world)) == sorted(f"Reply {number}" for number in range(60))
    assert Mailbox.objects.get(account=world.account).failure == ""


def test_what_keeps_a_mailbox_from_being_read_is_said_in_words(
    committed_world: World, peer: Dovecot, certificate: Certificate
) -> None:
    world = committed_world
    set_mailbox(world.admin, settings_of(peer, certificate, password="wrong"), world.now)
    assert look(world) == 0
    shown = mailbox_setup(world.account.pk)
    assert shown is not None
    assert "Authentication failed" in shown.failure
    assert Mailbox.objects.get(account=world.account).next_look_at > datetime.now(UTC)

    def config(**changes: object) -> ImapConfig:
        said = settings_of(peer, certificate, **changes)
        return ImapConfig(**said | {"encryption": Encryption(str(said["encryption"]))})  # type: ignore[arg-type]

    assert check_mailbox(config()).is_good
    assert check_mailbox(config(port=peer.port, encryption="starttls")).is_good
    assert "certificate verify failed" in check_mailbox(config(ca_file="")).words
    assert "cannot be read" in check_mailbox(config(folder="Nowhere")).words
    assert not check_mailbox(config(port=1)).is_good


def test_a_server_that_says_nothing_delays_neither_others_nor_the_end(
    committed_world: World, database_url: str, peer: Dovecot, certificate: Certificate
) -> None:
    world = committed_world
    set_mailbox(world.admin, settings_of(peer, certificate), world.now)
    look(world)
    peer.deliver(numbered(1))
    mine = Mailbox.objects.filter(account=world.account)
    with mute() as silent:
        set_mailbox(world.stranger, settings_of(peer, certificate, port=silent.port, timeout_seconds=600.0), world.now)
        mine.update(next_look_at=datetime.now(UTC))
        Mailbox.objects.exclude(account=world.account).update(next_look_at=datetime.now(UTC) - timedelta(minutes=1))
        process = child.start("allstop.dispatch.mailbox_process")
        wait_until(lambda: len(silent.taken) == 1, "the one that is silent, whose turn it is first")
        wait_until(lambda: inbounds(world) == ["Reply 1"], "the one that answers")
        peer.deliver(numbered(2))
        mine.update(next_look_at=datetime.now(UTC))
        wait_until(lambda: inbounds(world) == ["Reply 1", "Reply 2"], "the one that answers, once more")
        assert process.poll() is None, "the silent one is still waited for"
        child.end([process])
        assert process.returncode == -signal.SIGTERM, "at once, not when somebody ran out of patience"


def test_settings_that_nobody_would_take_today_are_one_accounts_trouble(committed_world: World) -> None:
    """The process reads the mail of every account: it must not end for one."""
    config = {"host": "imap..example.com", "user": USER, "password": PASSWORD}
    now = datetime.now(UTC)
    Mailbox.objects.create(account=committed_world.account, config=config, since=now, next_look_at=now)
    look_into_all_due()
    shown = mailbox_setup(committed_world.account.pk)
    assert shown is not None and shown.failure == NO_HOST
