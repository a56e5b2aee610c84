"""A mailbox whose server never gets anywhere is given up, however often it says a letter."""

import pytest

from allstop.channels.email.config import Encryption, ImapConfig
from allstop.channels.email.imap import MailboxFault, open_mailbox
from allstop.channels.email.time_limit import Limit
from tests.peers.mute import mute


@pytest.mark.parametrize("encryption", list(Encryption))
def test_a_server_that_murmurs_for_ever_is_given_up(encryption: Encryption) -> None:
    with mute(b"\x16" if encryption is Encryption.TLS else b"*") as peer:
        config = ImapConfig(
            host="127.0.0.1", user="desk", password="pass", port=peer.port, encryption=encryption, timeout_seconds=600
        )
        with Limit(0.3) as limit, pytest.raises(MailboxFault):
            open_mailbox(config, limit)
        # what is no TLS at all is refused before the time is over
        assert limit.is_over or encryption is Encryption.TLS


def test_a_server_that_is_silent_in_the_handshake_is_given_up() -> None:
    with mute() as peer:
        config = ImapConfig(host="127.0.0.1", user="desk", password="pass", port=peer.port, timeout_seconds=600)
        with Limit(0.3) as limit, pytest.raises(MailboxFault):
            open_mailbox(config, limit)
        assert limit.is_over
