"""A password is nowhere to be read, whichever way it came in; and its key can be changed, lost and found."""

import logging
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from django.db import connection, connections
from django.utils import timezone
from pytest_django.fixtures import Settings as DjangoSettings

from allstop.actions.actor import Conflict, Invalid, Operator
from allstop.actions.calls import Trunk, set_trunk
from allstop.actions.sealed_setups import prepare, rotate, seal_plain
from allstop.actions.setup import ChannelChoice, set_channel
from allstop.channels.registry import Surroundings
from allstop.channels.text_api.adapter import TextApiAdapter
from allstop.cli.printing import Exit
from allstop.dispatch.setups import Setups, mend
from allstop.dispatch.threads import in_store
from allstop.rules.facts import Channel
from allstop.store import sealing
from allstop.store.claims import LaneKey
from allstop.store.facts import lane_setup
from allstop.store.models import ChannelSetup, LedgerEntry
from tests.cli.runner import allstop
from tests.console.desk import logged_in
from tests.console.test_calls import TRUNK
from tests.doors.caller import caller
from tests.world import World

SECRET = "Tr0ub4dor-and-3"
TEXT_API = ChannelChoice(
    provider="text_api",
    config={"account_sid": "AC17", "password": SECRET, "base_url": "https://texts.example.com"},
    sender="+12125550100",
    sender_name="",
)


@pytest.fixture
def key_file(tmp_path: Path, settings: DjangoSettings) -> Path:
    settings.SEALING_KEY, settings.SEALING_KEY_FILE = "", tmp_path / "sealing_key"
    return cast(Path, settings.SEALING_KEY_FILE)


def tables_with(words: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            cursor.execute(f"SELECT EXISTS (SELECT FROM {table} AS t WHERE strpos(t::text, %s) > 0)", [words])
            found += [table] if cursor.fetchone()[0] else []
    return found


def config_of(world: World, channel: Channel) -> dict[str, Any]:
    return cast(dict[str, Any], ChannelSetup.objects.get(account=world.account, channel=channel).config)


def test_a_password_is_nowhere_to_be_read_whichever_way_it_came_in(
    committed_world: World, key_file: Path, caplog: pytest.LogCaptureFixture
) -> None:
    world, account = committed_world, ("--account", committed_world.account.pk)
    caplog.set_level(logging.DEBUG)
    ada, api = logged_in(world.ada), caller(world, world.ada)
    said = [ada.post("/setup/calls/trunk", TRUNK | {"password": SECRET}, follow=True).content.decode()]
    said += [ada.post("/setup/calls/trunk", TRUNK | {"password": SECRET, "port": "0"}).content.decode()]
    assert sealing.opened(config_of(world, Channel.CALL))["password"] == SECRET
    settings = {"host": "sip.test", "user": "desk", "password": SECRET}
    answer = api("PUT", "/calls/setup/trunk", {"caller": "+12125550100", "settings": settings})
    assert answer.status == 200
    said += [str(answer.body), str(api("GET", "/calls/setup").body)]
    smtp = (
        "--provider",
        "smtp",
        "--setting",
        "host=127.0.0.1",
        "--setting",
        "user=desk",
        "--sender",
        "d@north.example",
    )
    ran = [allstop("channels", "set", "email", *smtp, *account, ALLSTOP_PROVIDER_PASSWORD=SECRET)]
    ran += [allstop("channels", "list", *account, "--json"), allstop("secrets", "status", "--json"), allstop("doctor")]
    said += [one.out + one.err for one in ran]
    for channel in (Channel.CALL, Channel.EMAIL):
        assert sealing.opened(config_of(world, channel))["password"] == SECRET
    assert tables_with("sip.test"), "the search does find what is there"
    assert tables_with(SECRET) == []
    assert SECRET not in caplog.text
    assert [words for words in said if SECRET in words] == []
    assert ran[2].json["sealed"] == 2

    key = key_file.read_text().strip()
    assert tables_with(key) == []
    assert [words for words in [caplog.text, *said] if key in words] == []


def test_the_key_is_changed_while_everything_stays_readable(committed_world: World, key_file: Path) -> None:
    world = committed_world
    set_channel(world.admin, Channel.TEXT, TEXT_API, timezone.now())
    with connection.cursor() as cursor:  # as a version wrote it that did not seal
        cursor.execute("UPDATE channel_setup SET config = %s WHERE channel = 'email'", ['{"password": "plain one"}'])
    assert allstop("secrets", "status", "--json").json["plain"] == ChannelSetup.objects.filter(channel="email").count()
    seal_plain()
    assert sealing.opened(config_of(world, Channel.EMAIL)) == {"password": "plain one"}
    assert tables_with("plain one") == []
    first = key_file.read_text().strip()
    before = config_of(world, Channel.TEXT)

    assert "Copy this file to every machine" in allstop("secrets", "prepare").out
    assert allstop("secrets", "prepare").code == Exit.REFUSED
    prepared = key_file.read_text().split("next ")[1].strip()
    assert config_of(world, Channel.TEXT) == before
    done = allstop("secrets", "rotate", "--json").json
    assert key_file.read_text().split() == [prepared, first]
    assert (done["sealed"], done["unreadable"], done["plain"]) == (3, 0, 0)
    assert config_of(world, Channel.TEXT) != before
    assert sealing.opened(config_of(world, Channel.TEXT))["password"] == SECRET

    assert "1 old key is gone" not in allstop("secrets", "rotate").out
    ran = allstop("secrets", "rotate", "--forget-old")
    assert "3 old keys are gone." in ran.out
    assert len(key_file.read_text().split()) == 1
    assert sealing.opened(config_of(world, Channel.TEXT))["password"] == SECRET
    acts = list(LedgerEntry.objects.filter(account=None).order_by("number").values_list("act", flat=True))
    assert acts == ["prepare_key", "rotate_key", "rotate_key", "rotate_key", "forget_keys"]


def test_a_key_of_the_environment_is_changed_there(world: World, settings: DjangoSettings) -> None:
    set_channel(world.admin, Channel.TEXT, TEXT_API, world.now)
    operator = Operator("ada", "command")
    for act in (prepare, rotate):
        with pytest.raises(Conflict, match="ALLSTOP_SEALING_KEY"):
            act(operator, world.now)
    old, new = settings.SEALING_KEY, sealing.new_key()
    settings.SEALING_KEY = f"{new},{old}"
    assert rotate(operator, world.now) == 1
    settings.SEALING_KEY = new
    assert sealing.opened(config_of(world, Channel.TEXT))["password"] == SECRET


def test_a_kept_password_goes_to_no_other_host(world: World) -> None:
    set_trunk(world.admin, Trunk(settings=TRUNK_SETTINGS, caller="+12125550100"), world.now)
    without = {name: value for name, value in TRUNK_SETTINGS.items() if name != "password"}
    set_trunk(world.admin, Trunk(settings=without | {"lines": 3}, caller="+12125550100"), world.now)
    assert sealing.opened(config_of(world, Channel.CALL)) == TRUNK_SETTINGS | {"lines": 3}
    with pytest.raises(Invalid, match="A user name needs a password"):
        set_trunk(world.admin, Trunk(settings=without | {"host": "mine.example"}, caller="+12125550100"), world.now)


TRUNK_SETTINGS = {"host": "sip.example.com", "user": "desk", "password": SECRET}


async def test_without_the_key_a_channel_is_broken_in_words_and_opens_again_with_it(
    committed_world: World, key_file: Path
) -> None:
    """Through the worker's own reading of setups: the password is opened once, not for each message."""
    world, key = committed_world, LaneKey(committed_world.account.pk, Channel.TEXT, False)
    await in_store(set_channel, world.admin, Channel.TEXT, TEXT_API, timezone.now())
    await in_store(set_channel, world.stranger, Channel.TEXT, TEXT_API, timezone.now())
    setup = await in_store(lane_setup, world.account.pk, Channel.TEXT)
    theirs = await in_store(lane_setup, world.rival.pk, Channel.TEXT)
    assert setup.config != theirs.config
    house = cast(Surroundings, SimpleNamespace(now=timezone.now))
    kept = key_file.read_text()
    key_file.unlink()

    lost = Setups(cast(Any, None), house)
    assert await lost.adapter(key, setup) is None
    broken = await in_store(lane_setup, world.account.pk, Channel.TEXT)
    assert "Bring back the key file" in broken.facts.provider.broken
    assert SECRET not in broken.facts.provider.broken
    with pytest.raises(Conflict, match="Is it gone for good: allstop secrets rotate --lost"):
        await in_store(set_channel, world.admin, Channel.TEXT, TEXT_API, timezone.now())
    assert not key_file.exists(), "no new key takes the place of a lost one in silence"

    key_file.write_text(kept)
    await in_store(mend, (Channel.TEXT,), timezone.now())
    assert (await in_store(lane_setup, world.account.pk, Channel.TEXT)).facts.provider.broken == ""
    found = Setups(cast(Any, None), house)
    adapter = await found.adapter(key, setup)
    assert isinstance(adapter, TextApiAdapter)
    key_file.unlink()
    assert await found.adapter(key, setup) is adapter, "no message needs the key"
    key_file.write_text(kept)
    assert await found.adapter(key, theirs) is adapter, "one log-in is one adapter, however it was sealed"
    await adapter.close()
    await in_store(connections.close_all)


def test_a_key_that_is_gone_for_good_is_replaced_and_passwords_are_entered_again(
    committed_world: World, key_file: Path
) -> None:
    world = committed_world
    set_channel(world.admin, Channel.TEXT, TEXT_API, timezone.now())
    assert allstop("secrets", "rotate", "--lost").code == Exit.REFUSED
    key_file.unlink()
    assert allstop("secrets", "rotate").code == Exit.REFUSED
    assert "1 channel waits for a password again." in allstop("secrets", "rotate", "--lost").out
    assert allstop("secrets", "status").code == Exit.ERROR
    set_channel(world.admin, Channel.TEXT, TEXT_API, timezone.now())
    assert allstop("secrets", "status").code == Exit.DONE
