"""`allstop send-now`: what waits leaves by hand."""

from datetime import UTC, datetime

from allstop.store.models import LedgerEntry, QueueEntry
from tests.cli.runner import allstop
from tests.world import World, texts


def test_what_waits_is_sent_now_and_written_down(committed_world: World) -> None:
    texts(committed_world, 3, due_at=datetime.now(UTC))
    account = ("--account", committed_world.account.pk)
    assert allstop("send-now", "--channel", "text", *account).out == "3 texts by hand now.\n"
    assert QueueEntry.objects.filter(by_hand=True).count() == 3
    assert LedgerEntry.objects.filter(act="send_now", subject="channel:text").count() == 1
    assert allstop("send-now", "--json", *account).json == {"messages": 0, "fetches": False}
