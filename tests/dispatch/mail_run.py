"""Many emails under way to a real mail server that writes down when each of them began."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from allstop.bench.smtp_catcher import Catcher, start_catcher
from allstop.rules.facts import Channel, Purpose
from allstop.store import queue
from allstop.store.models import ChannelSetup
from tests.world import World, contact


@contextmanager
def mails_under_way(world: World, folder: Path, count: int) -> Iterator[Catcher]:
    """`count` emails are due; workers that are started now send them."""
    catcher = start_catcher(folder / "arrivals")
    try:
        ChannelSetup.objects.filter(account=world.account, channel=Channel.EMAIL).update(
            provider="smtp",
            config={"host": "127.0.0.1", "port": catcher.port, "encryption": "none"},
            sender="desk@northgate.example",
        )
        queue.setup_changed(world.account.pk, Channel.EMAIL, 0, datetime.now(UTC))
        queue_mails(world, count)
        yield catcher
    finally:
        catcher.stop()


def queue_mails(world: World, count: int) -> list[int]:
    person = contact(world)
    now = datetime.now(UTC)
    return queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.EMAIL,
                purpose=Purpose.SERVICE,
                address=f"pat{number}@example.org",
                subject="Tomorrow",
                body="See you tomorrow.",
                due_at=now,
                contact_id=person.pk,
            )
            for number in range(count)
        ],
        now,
    )


def arrived(catcher: Catcher) -> int:
    with catcher.log.open("rb") as log:
        return sum(1 for _ in log)


def began_after(catcher: Catcher, moment: float) -> list[float]:
    """Seconds by which each mail that began after the moment (Unix time) was late, the latest last."""
    return sorted(one["began_at"] - moment for one in catcher.arrivals() if one["began_at"] > moment)
