"""A real run: numbers that fail trip the brake of their job, and other jobs go on."""

from datetime import UTC, datetime
from decimal import Decimal

from allstop.actions.braking import BrakeChoice, set_brake
from allstop.rules.brake import Limits, Rate
from allstop.rules.facts import Channel, Purpose
from allstop.rules.holds import BRAKE, Scope
from allstop.store import lists, queue
from allstop.store.models import ChannelSetup, Hold, Job, Message, Notice, QueueEntry, Status
from tests.dispatch.processes import wait_until, workers
from tests.world import World, contact, job

NO_SUCH_NUMBER = "+12125550197"  # docs/channels/sandbox.md
FINE = "+12125550123"


def texts_to(world: World, address: str, count: int, of: Job, person: int) -> None:
    queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.TEXT,
                purpose=Purpose.REMINDER,
                address=address,
                body=f"Reminder {number}",
                due_at=world.now,
                contact_id=person,
                job_id=of.pk,
                location_id=world.north.pk,
            )
            for number in range(count)
        ],
        world.now,
    )


def test_a_job_of_wrong_numbers_is_stopped_half_way_and_the_other_job_is_sent(
    committed_world: World, database_url: str
) -> None:
    world = committed_world
    person = contact(world).pk
    wrong, good = job(world, "Wrong numbers"), job(world, "Good numbers")
    ChannelSetup.objects.filter(account=world.account, channel="text").update(pace_ms=10)
    queue.setup_changed(world.account.pk, Channel.TEXT, 10, world.now)
    limits = Limits(minutes=30, at_least=10, percent={Rate.BOUNCE: Decimal(20)})
    set_brake(world.leader, Channel.TEXT, BrakeChoice(is_on=True, limits=limits), datetime.now(UTC))
    texts_to(world, FINE, 100, good, person)
    texts_to(world, NO_SUCH_NUMBER, 2000, wrong, person)
    with workers(database_url, 2):
        wait_until(lambda: Hold.objects.filter(name=BRAKE).exists(), "the brake to trip")
        later = job(world, "A later job")
        texts_to(world, FINE, 50, later, person)
        wait_until(
            lambda: Message.objects.filter(job=later, status=Status.SENT).count() == 50, "the later job to be sent"
        )
        wait_until(lambda: QueueEntry.objects.filter(job_id=wrong.pk, held=None).count() == 0, "the rest to be held")
        failed = Message.objects.filter(job=wrong, status=Status.FAILED).count()
    hold = Hold.objects.get(name=BRAKE)
    assert (hold.scope, hold.job_id) == (Scope.JOB, wrong.pk)
    assert 10 <= failed < 2000
    assert Message.objects.filter(job=wrong, status=Status.WAITING).count() == 2000 - failed
    (row,) = lists.standing(world.account.pk)
    assert (row.kind, row.what, row.waiting) == ("Automatic brake", "The job Wrong numbers", 2000 - failed)
    assert Message.objects.filter(job=good, status=Status.SENT).count() == 100
    assert Notice.objects.get().subject == "The automatic brake has stopped the job Wrong numbers"
