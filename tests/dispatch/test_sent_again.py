"""What a killed worker held is sent again by a person, and arrives once under its key."""

from datetime import UTC, datetime

from allstop.actions.unknown import Choice, settle
from allstop.store.models import Attempt, Message, OutboxItem, Status
from tests.dispatch.processes import kill_with_full_hands, wait_until, workers
from tests.world import World, texts


def unknown() -> list[int]:
    return list(Message.objects.filter(status=Status.UNKNOWN).values_list("id", flat=True))


def test_after_a_kill_what_is_sent_again_arrives_and_nothing_arrives_twice(
    committed_world: World, database_url: str
) -> None:
    ids = texts(committed_world, 3000)
    with workers(database_url, 2) as (first, _):
        wait_until(lambda: OutboxItem.objects.count() > 500, "some texts to leave")
        kill_with_full_hands(first)
        wait_until(lambda: bool(unknown()), "the killed worker to be buried")
        lost = unknown()  # all at once, and before their provider is asked
        assert lost, "the killed worker held some"
        assert settle(committed_world.member, lost, Choice.SEND_AGAIN, "the machine died", datetime.now(UTC)).count == (
            len(lost)
        )
        wait_until(lambda: Message.objects.filter(status=Status.SENT).count() == 3000, "all to be sent")
    assert sorted(OutboxItem.objects.values_list("message_id", flat=True)) == ids, "each once"
    tried = Attempt.objects.filter(message_id__in=lost).order_by("message_id", "number")
    assert list(tried.values_list("number", "outcome")) == [(1, "unknown"), (2, "accepted")] * len(lost)
