"""An account that sends mails through the catcher, and always something for it to send."""

from datetime import datetime
from itertools import count

from django.db import connection, transaction

from allstop.actions.accounts import create_account
from allstop.actions.actor import Actor
from allstop.bench.chaos.judge import Message
from allstop.rules.facts import Channel, Purpose
from allstop.rules.roles import Role
from allstop.store import queue
from allstop.store.models import ChannelSetup, Contact, Job, JobSource, LedgerEntry, Location, QueueEntry
from allstop.store.models import Message as MessageRow

PEOPLE = 100
LOCATIONS = 2
BATCH = 100  # mails of one job
ENOUGH = 600  # waiting at any time
CONNECTIONS = 8  # of each worker; fewer than its slots

_numbers = count(1)


def open_account(port: int, now: datetime) -> Actor:
    account = create_account("Chaos", "UTC", "GB", now)
    ChannelSetup.objects.filter(account=account, channel=Channel.EMAIL).update(
        provider="smtp",
        config={"host": "127.0.0.1", "port": port, "encryption": "none", "max_connections": CONNECTIONS},
        sender="desk@chaos.example",
    )
    queue.setup_changed(account.pk, Channel.EMAIL, 0, now)
    for number in range(LOCATIONS):
        Location.objects.create(account=account, code=f"L{number}", name=f"Location {number}")
    Contact.objects.bulk_create(
        Contact(
            account=account,
            given_name="Pat",
            family_name=str(i),
            external_id="",
            language="",
            country="",
            zone="",
            zones=["UTC"],
            created_at=now,
        )
        for i in range(PEOPLE)
    )
    return Actor(account.pk, "chaos", Role.ADMIN, "command")


def top_up(actor: Actor, now: datetime) -> None:
    """Another job, unless enough still waits."""
    if QueueEntry.objects.filter(worker_id=None).count() >= ENOUGH:
        return
    contacts = list(Contact.objects.filter(account_id=actor.account_id).order_by("pk").values_list("pk", flat=True))
    locations = list(Location.objects.filter(account_id=actor.account_id).order_by("pk").values_list("pk", flat=True))
    with transaction.atomic():
        job = Job.objects.create(
            account_id=actor.account_id,
            name=f"Job {next(_numbers)}",
            source=JobSource.UPLOAD,
            purpose=Purpose.REMINDER,
            created_by=actor.name,
            created_at=now,
            removed_by="",
        )
        queue.enqueue(
            [
                _mail(actor, job.pk, locations[i % len(locations)], contacts[i % len(contacts)], now)
                for i in range(BATCH)
            ],
            now,
        )


def _mail(actor: Actor, job: int, location: int, contact: int, now: datetime) -> queue.NewMessage:
    return queue.NewMessage(
        account_id=actor.account_id,
        channel=Channel.EMAIL,
        purpose=Purpose.REMINDER,
        address=f"pat.{contact}@chaos.example",
        subject="Your appointment",
        body="Hello, this is a reminder of your appointment tomorrow at ten o'clock.",
        due_at=now,
        contact_id=contact,
        job_id=job,
        location_id=location,
    )


def bring_forward(actor: Actor, now: datetime) -> None:
    """What waits for another try is due now: nobody wants to sit the pauses out."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE queue SET due_at = %s WHERE due_at > %s AND worker_id IS NULL", [now, now])
        cursor.execute(
            "INSERT INTO wake (account_id, channel, by_hand, due_at) VALUES (%s, 'email', false, %s)",
            [actor.account_id, now],
        )
        cursor.execute("SELECT pg_notify('wake', '')")


def all_messages() -> dict[int, Message]:
    again: dict[int, int] = {}
    for subject in LedgerEntry.objects.filter(act="send_again").values_list("subject", flat=True):
        id_ = int(subject.partition(":")[2])
        again[id_] = again.get(id_, 0) + 1
    rows = MessageRow.objects.values_list("id", "job_id", "contact_id", "status", "location_id")
    return {
        id_: Message(job or 0, contact or 0, status, location or 0, again.get(id_, 0))
        for id_, job, contact, status, location in rows
    }
