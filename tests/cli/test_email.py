"""`allstop email`: a key is made, its record told, mails signed; the mailbox and the limits."""

import pytest

from allstop.actions.setup import ChannelChoice, set_channel
from allstop.cli.printing import Exit
from allstop.rules.facts import Channel
from allstop.store.models import Mailbox
from allstop.store.sealing import opened
from tests.cli.runner import allstop
from tests.world import World


def test_email_is_set_up_from_the_command_line(committed_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world = committed_world
    at = ("--account", "Northgate Dental")
    choice = ChannelChoice(
        provider="smtp", config={"host": "mail.test"}, sender="desk@northgate.example", sender_name=""
    )
    assert allstop("email", "key", *at).code == Exit.REFUSED, "there is no mail server yet"
    set_channel(world.admin, Channel.EMAIL, choice, world.now)
    told = allstop("email", "key", *at).out
    assert "allstop1._domainkey.northgate.example\nv=DKIM1; k=rsa; p=" in told
    assert "PRIVATE" not in told
    assert "signed from now on" in allstop("email", "sign", "--on", *at).out
    monkeypatch.setenv("ALLSTOP_PROVIDER_PASSWORD", "s3cret")
    allstop("email", "mailbox", "--host", "imap.test", "--user", "desk", *at)
    assert opened(Mailbox.objects.get(account=world.account).config)["password"] == "s3cret"
    said = allstop("email", "limits", "--preset", "microsoft365", "--json", *at).json
    assert said["limits"] == {"minute": 30, "hour": None, "day": 10000}
    assert (said["signing"]["is_on"], said["mailbox"]["host"]) == (True, "imap.test")
    assert allstop("email", "limits", "--preset", "gmail", "--day", "5", *at).code == Exit.USAGE
    shown = allstop("email", "show", *at).out
    assert "s3cret" not in shown
    assert "30 a minute, 10,000 in 24 hours" in shown
    allstop("email", "mailbox", "--off", *at)
    assert not Mailbox.objects.exists()
