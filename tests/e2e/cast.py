"""Work for the cast, as its queue would hold it."""

from datetime import UTC, datetime, timedelta

from allstop.actions.replies import Written, take_reply
from allstop.rules.facts import Channel, Purpose
from allstop.store import queue
from allstop.store.models import ChannelSetup, Contact, Job, Location, Message, OutboxItem, QueueEntry, Status
from tests.world import World, contact

ADDRESSES = {Channel.TEXT: "+12125550123", Channel.CALL: "+12125550123", Channel.EMAIL: "pat@example.org"}
TOMORROW = timedelta(days=1)


def notifications(
    world: World,
    count: int,
    *,
    of: Job | None = None,
    channel: Channel = Channel.TEXT,
    at: Location | None = None,
    to: Contact | None = None,
    due: timedelta = timedelta(0),
    use_by: timedelta | None = None,
    status: Status = Status.WAITING,
) -> list[int]:
    """`due` and `use_by` are counted from now."""
    now = datetime.now(UTC)
    person = to or contact(world)
    return queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=channel,
                purpose=Purpose.REMINDER,
                address=ADDRESSES[channel],
                subject="Your appointment" if channel is Channel.EMAIL else "",
                body=f"Reminder {number}",
                due_at=now + due,
                use_by=now + use_by if use_by is not None else None,
                contact_id=person.pk,
                job_id=of.pk if of else None,
                location_id=at.pk if at else None,
                status=status,
                reason="" if status is Status.WAITING else "stop_all",
            )
            for number in range(count)
        ],
        now,
    )


def set_up(world: World, channel: Channel, *, pace_ms: int = 0, keeps_quiet_hours: bool = False) -> None:
    ChannelSetup.objects.filter(account=world.account, channel=channel.value).update(
        pace_ms=pace_ms, keeps_quiet_hours=keeps_quiet_hours
    )
    queue.setup_changed(world.account.pk, channel, pace_ms, datetime.now(UTC))


def never_quiet(world: World) -> None:
    """Tests run at any hour, and the people of an uploaded file live where they live."""
    for channel in Channel:
        set_up(world, channel)


def outbox(world: World) -> int:
    return OutboxItem.objects.filter(account=world.account).count()


def with_status(world: World, status: Status, job: Job | None = None) -> int:
    found = Message.objects.filter(account=world.account, status=status)
    return (found.filter(job=job) if job else found).count()


def in_queue(world: World) -> int:
    """What no worker holds, counted one by one."""
    return QueueEntry.objects.filter(account_id=world.account.pk, worker_id=None).count()


def unclear_reply(person: Contact, sender: str, text: str = "Who is this? Stop") -> None:
    """A text from this number, which no other contact of any account may have."""
    assert take_reply(
        Written(
            adapter="sandbox",
            provider_id=f"{person.pk} {text}",
            channel=Channel.TEXT,
            sender=sender,
            recipient="",
            text=text,
            in_reply_to="",
            at=datetime.now(UTC),
        )
    )
