"""The queue's tables. Only queue.sql and its parts write them, by way of queue.py and claims.py.

docs/notes/0003-queue.md has the argument.

Narrow and hot: a row of `queue` is a message that waits or is held by a worker, and is gone when it is finished.
`account_id` leads every key. Nothing here has a foreign key: a check of one would lock rows that a stop needs.
"""

from datetime import UTC, datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from allstop.rules.facts import Channel
from allstop.rules.holds import Effect, Scope
from allstop.store.models.account import Account, Location
from allstop.store.models.closed_sets import one_of
from allstop.store.models.contact import Contact
from allstop.store.models.job import Job

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Lane(models.Model):
    """(account, channel), twice: what a person sends by hand passes window and pace, so it has a lane of its own."""

    pk = models.CompositePrimaryKey("account_id", "channel", "by_hand")
    account_id = models.BigIntegerField()
    channel = models.CharField(max_length=5)
    by_hand = models.BooleanField()
    is_open = models.BooleanField(default=True)  # no standing hold closes it
    next_due_at = models.DateTimeField(null=True)  # NULL: nothing queued. Ahead of now: window, pace or due time
    number = models.BigIntegerField(default=0)  # of the last stop that closed it
    setup_number = models.IntegerField(default=0)  # grows when windows, pace or provider change
    pace_ms = models.BigIntegerField(default=0)  # 0 = no pace
    slot_at = models.DateTimeField(default=EPOCH)  # pacing clock (GCRA): when the next one may leave
    head_due_at = models.DateTimeField(default=EPOCH)  # nothing to claim lies before (head_due_at, head_id)
    head_id = models.BigIntegerField(default=0)

    class Meta:
        db_table = "lane"
        constraints = [one_of("channel", Channel, "lane_channel")]
        indexes = [
            # what a worker looks for: closed and empty lanes are not in it, so they cost nothing
            models.Index(fields=["next_due_at"], condition=Q(is_open=True, next_due_at__isnull=False), name="lane_due")
        ]


class QueueEntry(models.Model):
    pk = models.CompositePrimaryKey("account_id", "id")
    account_id = models.BigIntegerField()
    id = models.BigIntegerField()  # the message's
    channel = models.CharField(max_length=5)
    by_hand = models.BooleanField()
    due_at = models.DateTimeField()
    use_by = models.DateTimeField(null=True)
    appointment_at = models.DateTimeField(null=True)
    # hash of channel, purpose and words, and of the address where there is no contact: duplicates are found by it
    words = models.BigIntegerField(null=True)
    purpose = models.CharField(max_length=10)
    recipients = models.IntegerField()
    contact_id = models.BigIntegerField(null=True)
    job_id = models.BigIntegerField(null=True)
    location_id = models.BigIntegerField(null=True)
    attempt = models.SmallIntegerField(default=0)  # attempts already made
    before_reset = models.SmallIntegerField(default=0, db_default=0)  # those of them that no longer count
    worker_id = models.BigIntegerField(null=True)  # who holds it: it may be leaving now
    held = models.CharField(max_length=60, null=True)  # why it waits for no time but for a change; NULL = it is due

    class Meta:
        db_table = "queue"
        indexes = [
            models.Index(  # the claim
                F("account_id"),
                F("channel"),
                F("by_hand"),
                F("due_at"),
                F("id"),
                condition=Q(worker_id=None, held=None),
                name="queue_ready",
            ),
            # what workers hold: it has the dead entries of seconds of sending, so whoever asks asks for an account
            models.Index(
                fields=["account_id", "worker_id"], condition=Q(worker_id__isnull=False), name="queue_in_hand"
            ),
            # a lift releases them in this order, some at a time
            models.Index(fields=["account_id", "id"], condition=Q(held__isnull=False), name="queue_by_held"),
            # too late to be true, job by job: the start dialog
            models.Index(
                fields=["account_id", "job_id", "use_by"],
                condition=Q(use_by__isnull=False),
                name="queue_past_use_by",
            ),
        ]


class Wake(models.Model):
    """A lane has something due from this time on. Enqueuing adds one and never locks a lane; fold() takes them in."""

    account_id = models.BigIntegerField()
    channel = models.CharField(max_length=5)
    by_hand = models.BooleanField()
    due_at = models.DateTimeField()

    class Meta:
        db_table = "wake"


class Tally(models.Model):
    """How many messages of a job, location and channel have a status. Exact together with TallyChange, always."""

    account_id = models.BigIntegerField()
    job_id = models.BigIntegerField(null=True)
    location_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=5)
    status = models.CharField(max_length=8)
    count = models.BigIntegerField()

    class Meta:
        db_table = "tally"
        constraints = [
            models.UniqueConstraint(
                fields=["account_id", "job_id", "location_id", "channel", "status"],
                name="tally_once",
                nulls_distinct=False,
            )
        ]
        indexes = [
            # the totals of the stop and start dialogs: jobs that are done cost nothing
            models.Index(fields=["account_id"], condition=Q(status="waiting") & ~Q(count=0), name="tally_waiting")
        ]


class TallyChange(models.Model):
    """Added by whoever changes statuses, so that nobody waits for a counter; fold_tally() adds them up."""

    account_id = models.BigIntegerField()
    job_id = models.BigIntegerField(null=True)
    location_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=5)
    status = models.CharField(max_length=8)
    count = models.BigIntegerField()
    at = models.DateTimeField()  # when it changed

    class Meta:
        db_table = "tally_change"
        indexes = [models.Index(fields=["account_id"], name="tally_change_of_account")]


class Finish(models.Model):
    """How many messages of an account finished in one second. Exact together with TallyChange, which is folded into it.

    Today's figures and the live rate: so `message` needs no index on when it was finished. Days later it is dropped.
    """

    pk = models.CompositePrimaryKey("account_id", "at", "status")
    account_id = models.BigIntegerField()
    at = models.DateTimeField()  # a whole second
    status = models.CharField(max_length=8)
    count = models.BigIntegerField()

    class Meta:
        db_table = "finish"


class Gate(models.Model):
    """One row: the number of the newest stop. Taken last in its transaction, so numbers are in commit order."""

    one = models.SmallIntegerField(primary_key=True)
    number = models.BigIntegerField()

    class Meta:
        db_table = "gate"
        constraints = [models.CheckConstraint(condition=Q(one=1), name="gate_is_one_row")]


class Stop(models.Model):
    """A stop (or lift) that workers must hear of, and its receipt."""

    number = models.BigIntegerField(primary_key=True)
    is_lift = models.BooleanField()
    hold_id = models.BigIntegerField(null=True)
    scope = models.CharField(max_length=12)
    account_id = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=5, null=True)
    location_id = models.BigIntegerField(null=True)
    job_id = models.BigIntegerField(null=True)
    contact_id = models.BigIntegerField(null=True)
    effective_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)  # every worker acknowledged, or was buried
    workers = models.IntegerField()  # how many had to
    in_flight = models.IntegerField()  # held by workers when it took effect
    handed_back = models.IntegerField(default=0)  # of those, never started

    class Meta:
        db_table = "stop"
        constraints = [one_of("scope", Scope, "stop_scope")]
        indexes = [
            models.Index(fields=["number"], condition=Q(confirmed_at=None), name="stop_unconfirmed"),
            models.Index(fields=["account_id", "number"], name="stop_of_account"),  # the list of receipts
            # the receipt of a hold that stands, on every page; when a stop was lifted
            models.Index(fields=["hold_id"], condition=Q(hold_id__isnull=False), name="stop_of_hold"),
        ]


class Worker(models.Model):
    host = models.CharField(max_length=120)
    pid = models.IntegerField()
    started_at = models.DateTimeField()
    lease_until = models.DateTimeField()  # a hint for others; the worker trusts only its own clock
    lease_ms = models.IntegerField(db_default=2000)  # how long it goes on without word: who buries it waits so long
    acked = models.BigIntegerField()  # obeys every stop up to this number
    fenced = models.BooleanField(default=False)  # no renewal will succeed any more

    class Meta:
        db_table = "worker"


class Hold(models.Model):
    """A named block with an owner and a reason. Holds OR together; lifting one never lifts another."""

    name = models.CharField(max_length=30)
    scope = models.CharField(max_length=12)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)  # NULL: the whole installation
    channel = models.CharField(max_length=5, null=True)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, null=True, db_index=False)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, null=True, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, null=True, db_index=False)
    blocks = ArrayField(models.CharField(max_length=20))
    by = models.CharField(max_length=120)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()
    until = models.DateTimeField(null=True)
    lifted_by = models.CharField(max_length=120)
    lifted_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)  # when its people were last told that it still stands

    class Meta:
        db_table = "hold"
        constraints = [
            models.UniqueConstraint(
                fields=["name", "account", "channel", "location", "job", "contact"],
                condition=Q(lifted_at=None),
                name="hold_stands_once",
                nulls_distinct=False,
            ),
            one_of("scope", Scope, "hold_scope"),
            models.CheckConstraint(
                condition=Q(blocks__contained_by=[effect.value for effect in Effect]), name="hold_blocks"
            ),
            models.CheckConstraint(
                condition=Q(scope="installation") | Q(account__isnull=False), name="hold_has_account"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "scope"], condition=Q(lifted_at=None), name="hold_standing"),
            models.Index(fields=["at"], condition=Q(lifted_at=None) & ~Q(name="removed"), name="hold_watched"),
            models.Index(fields=["account", "lifted_at"], condition=Q(name="brake"), name="hold_by_brake"),
            models.Index(fields=["until"], condition=Q(lifted_at=None, until__isnull=False), name="hold_ending"),
            # the claim asks these three of every message
            models.Index(fields=["job"], condition=Q(lifted_at=None, job__isnull=False), name="hold_on_job"),
            models.Index(
                fields=["location"],
                condition=Q(lifted_at=None, location__isnull=False),
                name="hold_on_location",
            ),
            models.Index(
                fields=["contact"], condition=Q(lifted_at=None, contact__isnull=False), name="hold_on_contact"
            ),
        ]
