"""`allstop feeds`: what came, and a file handed in by hand."""

from pathlib import Path

from tests.actions.test_feeds import a_feed, file_of
from tests.cli.runner import allstop
from tests.reminder_files import LATER, a_row
from tests.world import World


def test_a_file_is_handed_in_once_and_listed(committed_world: World, tmp_path: Path) -> None:
    world = committed_world
    of = ("--account", world.account.pk)
    assert "There are no feeds yet." in allstop("feeds", "list", *of).out
    feed = a_feed(world, rhythm={}, expected_at=None)
    file = tmp_path / "monday.csv"
    file.write_bytes(file_of(a_row(1, at=LATER)))
    assert "will be imported" in allstop("feeds", "push", feed.pk, file, *of).out
    assert "nothing is done" in allstop("feeds", "push", feed.pk, file, *of).out
    file.write_bytes(b"%PDF-1.7")
    assert allstop("feeds", "push", feed.pk, file, *of).code == 1
    assert [one["state"] for one in allstop("feeds", "files", feed.pk, "--json", *of).json] == [
        "failed",
        "repeat",
        "taken",
    ]
    assert "Practice system" in allstop("feeds", "list", *of).out
    assert allstop("feeds", "look", feed.pk, *of).code == 3
    assert allstop("feeds", "files", feed.pk + 1, *of).code == 4
