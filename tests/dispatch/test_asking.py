"""A killed worker's messages, asked for at the sandbox by another worker: each arrives once, and nobody decides."""

from datetime import UTC, datetime

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.switch import stop_account
from allstop.rules.facts import Channel
from allstop.store import ledger
from allstop.store.models import ChannelSetup, Inquiry, LedgerEntry, Message, OutboxItem, QueueEntry, Status
from tests.dispatch.processes import kill_with_full_hands, wait_until, workers
from tests.world import World, texts


def count(status: Status) -> int:
    return Message.objects.filter(status=status).count()


def test_after_a_kill_the_provider_is_asked_and_every_message_arrives_once(
    committed_world: World, database_url: str
) -> None:
    ids = texts(committed_world, 3000)
    with workers(database_url, 2) as (first, _):
        wait_until(lambda: OutboxItem.objects.count() > 500, "some texts to leave")
        kill_with_full_hands(first)
        wait_until(lambda: count(Status.UNKNOWN) > 0, "the killed worker to be buried")
        wait_until(lambda: count(Status.SENT) == 3000, "all to be known as sent")
    assert sorted(OutboxItem.objects.values_list("message_id", flat=True)) == ids, "each once"
    settled = LedgerEntry.objects.filter(by="the provider")
    assert settled.count() > 0
    assert set(settled.values_list("act", flat=True)) <= {"provider_has_it", "provider_lacks_it"}
    assert isinstance(ledger.verify(committed_world.account.pk), int)


def test_while_the_account_is_stopped_it_is_asked_and_nothing_leaves(committed_world: World, database_url: str) -> None:
    """Asking sends nothing; what the provider does not have waits like the rest."""
    ids = texts(committed_world, 2000)
    with workers(database_url, 2) as (first, _):
        wait_until(lambda: OutboxItem.objects.count() > 300, "some texts to leave")
        kill_with_full_hands(first)
        wait_until_confirmed(stop_account(committed_world.member, "", datetime.now(UTC)).number)
        left = OutboxItem.objects.count()
        wait_until(lambda: LedgerEntry.objects.filter(by="the provider").exists(), "the provider to be asked")
        wait_until(lambda: count(Status.UNKNOWN) == 0, "every unknown outcome to be known")
        assert OutboxItem.objects.count() == left
    assert count(Status.SENT) == left == len(ids) - QueueEntry.objects.count()


def test_a_provider_that_cannot_tell_leaves_it_to_a_person(committed_world: World, database_url: str) -> None:
    ids = texts(committed_world, 1)
    QueueEntry.objects.all().delete()
    Message.objects.filter(id__in=ids).update(
        status=Status.UNKNOWN, channel="email", reason="worker_lost", finished_at=committed_world.now
    )
    ChannelSetup.objects.filter(account=committed_world.account, channel=Channel.EMAIL).update(
        provider="smtp", config={"host": "127.0.0.1", "encryption": "none"}, sender="desk@example.org"
    )
    with workers(database_url, 1):
        wait_until(lambda: Inquiry.objects.filter(answer="cannot_tell", next_at=None).exists(), "the answer")
    assert count(Status.UNKNOWN) == 1
