"""`allstop leads ...`"""

from allstop.store.models import Hold
from tests.cli.runner import allstop
from tests.world import World


def test_the_pause_asks_for_the_word_and_says_what_it_does(committed_world: World) -> None:
    account = ("--account", committed_world.account.pk)
    refused = allstop("leads", "pause", *account, typed="confirm\n")
    assert refused.code == 2
    assert "possibly destructive" in refused.err
    assert not Hold.objects.filter(name="paused").exists()
    done = allstop("leads", "pause", "--reason", "doubles", *account, typed="CONFIRM\n")
    assert (done.code, "The account is paused." in done.out, "doubles" in done.out) == (0, True, True)
    again = allstop("leads", "unpause", "--confirm", "CONFIRM", "--json", *account)
    assert (again.code, again.json["paused"]) == (0, False)
    assert allstop("leads", "unpause", "--confirm", "CONFIRM", *account).code == 3
