"""`allstop credits`."""

from tests.cli.runner import allstop
from tests.world import World


def test_a_top_up_with_a_key_is_added_once(committed_world: World) -> None:
    at = ("--account", committed_world.account.pk)
    add = ("credits", "add", "500", "--note", "Invoice 17", "--key", "invoice 17", *at)
    assert (allstop(*add, "--json").json["balance"], allstop(*add, "--json").json["balance"]) == (500, 500)
    assert allstop(*add).out.startswith("Added before: nothing more was added.")
    other = allstop("credits", "add", "501", "--key", "invoice 17", *at)
    assert (other.code, "Use a new key" in other.err) == (3, True)
    assert allstop("credits", "add", "500", *at, "--json").json["balance"] == 1000
    assert allstop("credits", "show", *at, "--json").json["balance"] == 1000
