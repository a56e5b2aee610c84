"""The cast: Northgate Dental with two locations and a member of every role, and its neighbour Rival Motors."""

from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from allstop.actions.accounts import add_location, add_member, create_account
from allstop.actions.actor import Actor
from allstop.rules.facts import Channel, Purpose
from allstop.rules.roles import Role
from allstop.store import queue
from allstop.store.models import (
    Account,
    Address,
    AddressKind,
    Contact,
    Job,
    JobSource,
    Location,
    Member,
    Message,
    QueueEntry,
    Status,
    Worker,
)

PASSWORD = "northgate demo"


@dataclass(frozen=True)
class World:
    now: datetime
    account: Account
    north: Location
    south: Location
    ada: Member  # admin
    ben: Member  # leader
    cem: Member  # member
    dot: Member  # viewer
    rival: Account
    rae: Member  # admin of the rival

    @property
    def admin(self) -> Actor:
        return actor(self.ada)

    @property
    def leader(self) -> Actor:
        return actor(self.ben)

    @property
    def member(self) -> Actor:
        return actor(self.cem)

    @property
    def viewer(self) -> Actor:
        return actor(self.dot)

    @property
    def stranger(self) -> Actor:
        """An admin, but of another account."""
        return actor(self.rae)


def actor(member: Member) -> Actor:
    return Actor(member.account_id, member.user.name, Role(member.role), "console", member_id=member.pk)


def northgate(now: datetime) -> World:
    account = create_account("Northgate Dental", "America/New_York", "US", now)
    founder = Actor(account.pk, "the tests", Role.ADMIN, "command")
    rival = create_account("Rival Motors", "Europe/London", "GB", now)
    rivals_founder = Actor(rival.pk, "the tests", Role.ADMIN, "command")
    return World(
        now=now,
        account=account,
        north=add_location(founder, "Northgate", "NG", now),
        south=add_location(founder, "Southgate", "SG", now),
        ada=add_member(founder, "ada@northgate.example", "Ada Okafor", Role.ADMIN, PASSWORD, now),
        ben=add_member(founder, "ben@northgate.example", "Ben Weber", Role.LEADER, PASSWORD, now),
        cem=add_member(founder, "cem@northgate.example", "Cem Tanaka", Role.MEMBER, PASSWORD, now),
        dot=add_member(founder, "dot@northgate.example", "Dot Fontaine", Role.VIEWER, PASSWORD, now),
        rival=rival,
        rae=add_member(rivals_founder, "rae@rival.example", "Rae Rival", Role.ADMIN, PASSWORD, now),
    )


def where_it_is_noon(now: datetime) -> str:
    """The zone whose clock shows twelve and some minutes; the names of these count westwards."""
    return f"Etc/GMT{now.hour - 12:+d}"


def contact(
    world: World,
    name: str = "Pat Moreau",
    *,
    phone: str = "+12125550123",
    email: str = "pat@example.org",
    zones: tuple[str, ...] | None = None,
    account: Account | None = None,
) -> Contact:
    """Somebody who may be disturbed now, unless `zones` says where they are."""
    given, _, family = name.partition(" ")
    owner = account or world.account
    made = Contact.objects.create(
        account=owner,
        given_name=given,
        family_name=family,
        external_id="",
        language="",
        country="",
        zone="",
        zones=list(zones or [where_it_is_noon(world.now)]),
        created_at=world.now,
    )
    for kind, value in ((AddressKind.PHONE, phone), (AddressKind.EMAIL, email)):
        if value:
            Address.objects.create(account=owner, contact=made, kind=kind, value=value, label="", position=0)
    return made


def job(world: World, name: str = "Tomorrow's reminders", purpose: Purpose = Purpose.REMINDER) -> Job:
    return Job.objects.create(
        account=world.account,
        name=name,
        source=JobSource.UPLOAD,
        purpose=purpose,
        created_by="Cem Tanaka",
        created_at=world.now,
        removed_by="",
    )


def texts(
    world: World,
    count: int,
    *,
    of: Job | None = None,
    to: Contact | None = None,
    at: Location | None = None,
    due_at: datetime | None = None,
) -> list[int]:
    """Waiting texts, due now unless said otherwise."""
    person = to or contact(world)
    return queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.TEXT,
                purpose=Purpose.REMINDER,
                address="+12125550123",
                body=f"Reminder {i}",
                due_at=due_at or world.now,
                contact_id=person.pk,
                job_id=of.pk if of else None,
                location_id=(at or world.north).pk,
            )
            for i in range(count)
        ],
        world.now,
    )


def finish(world: World, ids: list[int], status: Status, at: datetime | None = None) -> None:
    """As a worker finishes them, the queue and the tallies included."""
    at = at or world.now
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM queue WHERE account_id = %s AND id = ANY (%s)", [world.account.pk, ids])
        cursor.execute(
            "INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)"
            " SELECT account_id, job_id, location_id, channel, s, n, %s FROM message,"
            " (VALUES ('waiting', -1), (%s, 1)) AS change(s, n) WHERE account_id = %s AND id = ANY (%s)",
            [at, status.value, world.account.pk, ids],
        )
    Message.objects.filter(account=world.account, id__in=ids).update(status=status, finished_at=at)


def lose(world: World, ids: list[int]) -> list[int]:
    """A worker took these messages up and died: their outcome is unknown."""
    worker = Worker.objects.create(host="h", pid=1, started_at=world.now, lease_until=world.now, acked=0, fenced=True)
    QueueEntry.objects.filter(id__in=ids).update(worker_id=worker.pk)
    assert queue.bury([worker.pk], world.now) == len(ids)
    return ids
