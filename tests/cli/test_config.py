"""`allstop config`: the setup of sending as a file. It shows what it changes, asks, and holds no password."""

from pathlib import Path

from allstop.actions.actor import Actor
from allstop.actions.sending_setup import read
from allstop.cli.printing import Exit
from allstop.rules.facts import Channel
from allstop.rules.roles import Role
from allstop.store.models import ChannelSetup, LedgerEntry
from tests.cli.runner import allstop
from tests.world import World


def test_it_goes_out_and_comes_back_in(committed_world: World, tmp_path: Path) -> None:
    account = ("--account", committed_world.account.pk)
    rows = ChannelSetup.objects.filter(account=committed_world.account, channel=Channel.TEXT)
    rows.update(provider="smpp", config={"host": "smsc.test", "system_id": "practice7", "password": "s3cret"})
    file = tmp_path / "setup.toml"
    assert "Passwords are not in it." in allstop("config", "export", file, *account).out
    words = file.read_text(encoding="utf-8")
    assert "s3cret" not in words
    assert allstop("config", "export", *account).out == words
    assert allstop("config", "import", file, *account).out.endswith("Nothing is different.\n")

    file.write_text(
        words.replace("rings = 4", "rings = 2").replace("every_minutes = 0\nwarn", "every_minutes = 3\nwarn")
    )
    asked = allstop("config", "import", file, *account)
    assert (asked.code, "Add --yes" in asked.err) == (Exit.USAGE, True)
    assert "Calls, times that a phone rings\t4\t2" in asked.out
    viewer = Actor(committed_world.account.pk, "the tests", Role.VIEWER, "command")
    assert read(viewer).settings.rings == 4
    done = allstop("config", "import", "-", "--yes", "--json", *account, typed=file.read_text(encoding="utf-8"))
    assert (done.code, done.json["settings"]["call"]["rings"]) == (Exit.DONE, 2)
    assert read(viewer).has_password[Channel.TEXT], "it stays"
    assert LedgerEntry.objects.filter(account=committed_world.account, act="set_sending").count() == 1

    file.write_text("[checks\n")
    broken = allstop("config", "import", file, "--yes", *account)
    assert (broken.code, "The file cannot be read" in broken.err) == (Exit.USAGE, True)
    file.write_text(words.replace('provider = "smpp"', 'provider = "pigeon"'))
    assert "no longer supported" in allstop("config", "import", file, "--yes", *account).err
    assert "cannot be read" in allstop("config", "import", tmp_path / "none.toml", *account).err
    assert read(viewer).settings.text.way.provider == "smpp"
