"""`allstop forecast`: in words, as JSON, and with a change that is only tried."""

from datetime import timedelta

from allstop.store.models import ChannelSetup
from tests.cli.runner import allstop
from tests.world import World, texts


def test_it_says_when_what_waits_leaves_and_what_a_change_would_move(committed_world: World) -> None:
    world = committed_world
    ChannelSetup.objects.filter(account=world.account, channel="text").update(provider="sandbox")
    texts(world, 5, due_at=world.now - timedelta(minutes=1))
    of = ("--account", world.account.pk)
    said = allstop("forecast", "--json", *of).json
    assert (said["is_running"], [one["channel"] for one in said["channels"]]) == (True, ["text", "call", "email"])
    shown = allstop("forecast", *of)
    assert shown.code == 0
    assert "Channel\tLeave\tFirst\tLast slot ends" in shown.out
    tried = allstop("forecast", "--rehearse", "text", "--every", "3", "--session", "Monday 09:00-12:00", "--json", *of)
    assert tried.json["a_week"] == {"text": 60}
    words = allstop("forecast", "--rehearse", "text", "--always", "--per-minute", "0", *of)
    assert "Nothing is changed by this." in words.out
    for wrong in (("--every", "3"), ("--rehearse", "fax"), ("--rehearse", "text", "--session", "never")):
        assert allstop("forecast", *wrong, *of).code == 2
    assert not ChannelSetup.objects.filter(account=world.account).exclude(pace_ms=0).exists()
