"""`allstop channels`: a provider is chosen, checked, written down, and in force for the next message."""

import json

import pytest

from allstop.actions.actor import Forbidden, Invalid
from allstop.actions.setup import ChannelChoice, set_channel
from allstop.cli.printing import Exit
from allstop.rules.facts import Channel
from allstop.store.models import ChannelSetup, Lane, LedgerEntry
from allstop.store.sealing import opened
from tests.cli.runner import allstop
from tests.world import World

SMTP = ChannelChoice(
    provider="smtp",
    config={"host": "127.0.0.1", "password": "s3cret"},
    sender="desk@northgate.example",
    sender_name="Desk",
)


def test_a_choice_is_in_force_and_its_password_is_nowhere_to_be_read(world: World) -> None:
    lane = Lane.objects.get(account_id=world.account.pk, channel=Channel.EMAIL, by_hand=False)
    set_channel(world.leader, Channel.EMAIL, SMTP, world.now)
    setup = ChannelSetup.objects.get(account=world.account, channel=Channel.EMAIL)
    assert (setup.provider, opened(setup.config)["password"]) == ("smtp", "s3cret")
    lane.refresh_from_db()
    assert lane.setup_number == 1, "workers read the setup again"
    entry = LedgerEntry.objects.get(act="set_channel")
    assert "s3cret" not in json.dumps([entry.before, entry.after])


def test_another_accounts_channels_stay_as_they_are(world: World) -> None:
    set_channel(world.stranger, Channel.EMAIL, SMTP, world.now)
    assert ChannelSetup.objects.get(account=world.account, channel=Channel.EMAIL).provider == "sandbox"


def test_a_member_may_not_and_emails_need_a_sender(world: World) -> None:
    with pytest.raises(Forbidden):
        set_channel(world.member, Channel.EMAIL, SMTP, world.now)
    nobody = ChannelChoice(provider="smtp", config={"host": "127.0.0.1"}, sender="", sender_name="")
    with pytest.raises(Invalid, match="Emails need the address"):
        set_channel(world.admin, Channel.EMAIL, nobody, world.now)
    assert ChannelSetup.objects.get(account=world.account, channel=Channel.EMAIL).provider == "sandbox"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--provider", "pigeon"],
            "There is no provider pigeon. Known are: none, sandbox, smtp, sip, smpp, text_api, apprise.",
        ),
        (["--provider", "smtp"], 'The setting "host" is missing.'),
        (["--provider", "smtp", "--setting", "host=x", "--setting", "wings=2"], 'There is no setting "wings".'),
        (["--provider", "smtp", "--setting", "host"], "A setting is written NAME=VALUE"),
    ],
)
def test_a_wrong_choice_is_refused_in_words_and_changes_nothing(
    committed_world: World, arguments: list[str], words: str
) -> None:
    ran = allstop("channels", "set", "email", "--account", committed_world.account.pk, *arguments)
    assert ran.code == Exit.USAGE
    assert words in ran.err
    assert ChannelSetup.objects.get(account=committed_world.account, channel=Channel.EMAIL).provider == "sandbox"


def test_what_was_set_by_command_is_listed_without_its_password(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    smtp = ("--provider", "smtp", "--setting", "host=127.0.0.1", "--setting", "port=2525", "--setting", "user=desk")
    sender = ("--sender", "desk@northgate.example")
    ran = allstop("channels", "set", "email", *smtp, *sender, *account, ALLSTOP_PROVIDER_PASSWORD="s3cret")
    assert (ran.code, ran.out) == (Exit.DONE, "From now on every email leaves by smtp.\n")
    shown = allstop("channels", "list", *account, "--json")
    assert {one["channel"]: one["provider"] for one in shown.json} == {
        "text": "sandbox",
        "call": "sandbox",
        "email": "smtp",
    }
    assert shown.json[1]["config"]["port"] == 2525
    assert "s3cret" not in shown.out
    assert "s3cret" not in allstop("channels", "list", *account).out


def test_the_brake_is_shown_turned_on_and_turned_off(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    assert allstop("channels", "brake", "text", *account).out.startswith("Brake       off")
    on = allstop("channels", "brake", "text", "--on", "--bounce", 7.5, "--minutes", 20, *account)
    assert "Bounces     over 7.5 %" in on.out
    assert "Failures    no limit" in on.out
    shown = allstop("channels", "brake", "text", "--json", *account).json
    assert (shown["is_on"], shown["bounce"], shown["minutes"]) == (True, 7.5, 20)
    allstop("channels", "brake", "text", "--off", *account)
    assert not allstop("channels", "brake", "text", "--json", *account).json["is_on"]


def test_a_limit_without_on_or_off_changes_nothing_and_says_so(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    refused = allstop("channels", "brake", "text", "--bounce", 5, *account)
    assert (refused.code, "Say --on or --off" in refused.err) == (2, True)
    assert allstop("channels", "brake", "text", "--on", "--bounce", 100, *account).code == 2
    assert not allstop("channels", "brake", "text", "--json", *account).json["is_on"]
