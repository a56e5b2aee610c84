"""What: messages, the attempts to send them, the providers' later word, replies, and the sandbox's outbox.

    waiting ──► sent            a provider accepted it
       │   ├──► failed          a provider refused it for good, or the attempts are used up
       │   ├──► refused         the gate said never: a marker, an opt-out, too late
       │   ├──► unknown         handed over, or may have been, and nobody knows: a person decides
       │   │      unknown ──► waiting, when sent again; failed, when left
       │   ├──► removed         its job was removed before it left, or a START dropped it
       │   └──► canceled        canceled by rules: another location's row, an appointment that is off
       └ only a waiting message has a row in the queue

A message's key leads with its account, so that accounts can be spread over several servers.
"""

from enum import StrEnum

from django.contrib.postgres.indexes import BrinIndex
from django.db import models

from allstop.rules.asking import Answer
from allstop.rules.calling import CallEventKind
from allstop.rules.facts import Channel, Purpose
from allstop.rules.retry import Outcome
from allstop.store.models.account import Account, Location
from allstop.store.models.attachment import AttachmentSet
from allstop.store.models.closed_sets import one_of
from allstop.store.models.contact import Contact
from allstop.store.models.job import Job


class Status(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    FAILED = "failed"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    REMOVED = "removed"
    CANCELED = "canceled"


class Message(models.Model):
    """No index mentions status, reason or finished_at: a finish then changes the row within its page (HOT)."""

    pk = models.CompositePrimaryKey("account_id", "id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    id = models.BigIntegerField()  # from the sequence message_id: queue.reserve_ids
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True, db_index=False)
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, db_index=False)
    channel = models.CharField(max_length=5)
    purpose = models.CharField(max_length=10)
    address = models.CharField(max_length=254)  # E.164 or email
    subject = models.CharField(max_length=300)  # emails only; "" otherwise
    body = models.TextField()
    # NULL: none, as nearly always. No constraint: its check would cost each message that is made. What is chosen is
    # locked when it is used, and only what no message names is swept (store/attachments.py).
    attachment_set = models.ForeignKey(
        AttachmentSet, on_delete=models.RESTRICT, null=True, db_index=False, db_constraint=False
    )
    recipients = models.IntegerField()  # contacts in TO: of its send, counted before any was skipped
    due_at = models.DateTimeField()  # when it should leave
    use_by = models.DateTimeField(null=True)  # it must not leave after this
    appointment_at = models.DateTimeField(null=True)  # what it reminds of; the end of the day where that is all we know
    created_at = models.DateTimeField()
    status = models.CharField(max_length=8)
    reason = models.CharField(max_length=60)  # the verdict's or the provider's code; "" while nothing is wrong
    receipt = models.CharField(max_length=13)  # the provider's latest word; "" = none yet
    finished_at = models.DateTimeField(null=True)
    # The status again, but NULL while it waits and after it was sent. An index on the status itself would take part in
    # every finish, and cost more than the rest of it.
    exception = models.GeneratedField(
        expression=models.Case(
            models.When(status__in=[Status.WAITING.value, Status.SENT.value], then=None), default=models.F("status")
        ),
        output_field=models.CharField(max_length=8, null=True),
        db_persist=True,
    )

    class Meta:
        db_table = "message"
        constraints = [
            one_of("channel", Channel, "message_channel"),
            one_of("purpose", Purpose, "message_purpose"),
            one_of("status", Status, "message_status"),
            models.CheckConstraint(
                condition=models.Q(status=Status.WAITING.value, finished_at=None)
                | (~models.Q(status=Status.WAITING.value) & models.Q(finished_at__isnull=False)),
                name="message_finished_has_time",
            ),
        ]
        indexes = [
            # a job's page in the order of leaving; its first and last due time; removing a job
            models.Index(fields=["account", "job", "due_at", "id"], name="message_by_job"),
            models.Index(fields=["account", "contact", "id"], name="message_by_contact"),  # a contact's history
            models.Index(  # whether a set is still used
                fields=["attachment_set"],
                condition=models.Q(attachment_set__isnull=False),
                name="message_by_attachments",
            ),
            # the list of one rare status: few rows among millions
            models.Index(
                fields=["account", "exception", "id"],
                condition=models.Q(exception__isnull=False),
                name="message_exceptions",
            ),
            # whose provider shall be asked: a handful, of all accounts
            models.Index(fields=["id"], condition=models.Q(exception=Status.UNKNOWN.value), name="message_unknown"),
        ]


class Override(models.Model):
    """A person let this message pass one check, and said why. It is a fact that the gate reads, never a flag on it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    message_id = models.BigIntegerField()
    check_name = models.CharField(max_length=30)
    by = models.CharField(max_length=120)
    reason = models.CharField(max_length=300)
    at = models.DateTimeField()

    class Meta:
        db_table = "override"
        constraints = [models.UniqueConstraint(fields=["account", "message_id", "check_name"], name="override_once")]


class Attempt(models.Model):
    """One try at a provider. Times are the worker's clock just before the hand-over and just after the answer."""

    pk = models.CompositePrimaryKey("account_id", "message_id", "number")
    # No constraint: its check would lock the account's row once for each message that leaves.
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    message_id = models.BigIntegerField()
    number = models.SmallIntegerField()  # from 1
    worker_id = models.BigIntegerField()
    adapter = models.CharField(max_length=30)
    started_at = models.DateTimeField(null=True)  # NULL: the worker died holding it; it may never have started
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=9)
    ref = models.CharField(max_length=300)  # the provider's id; "" = none
    code = models.CharField(max_length=60)  # raw, such as "smtp:550 5.1.1"
    detail = models.CharField(max_length=500)  # the provider's words
    before_reset = models.BooleanField(default=False, db_default=False)  # a person reset it since: it no longer counts

    class Meta:
        db_table = "attempt"
        constraints = [one_of("outcome", Outcome, "attempt_outcome")]
        indexes = [
            # receipts; the ref first, which alone tells nearly all apart
            models.Index(fields=["ref", "adapter"], condition=~models.Q(ref=""), name="attempt_by_ref"),
            # verifying a stop: attempts are added in the order of time, nearly, so the ranges are narrow and an insert
            # costs next to nothing
            BrinIndex(fields=["started_at"], autosummarize=True, pages_per_range=32, name="attempt_by_time"),
        ]


class Inquiry(models.Model):
    """A message whose outcome is unknown, and what its provider answered when it was asked."""

    pk = models.CompositePrimaryKey("account_id", "message_id")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    message_id = models.BigIntegerField()
    since = models.DateTimeField()  # when it became unknown; another time is another story
    times = models.IntegerField()  # it was asked
    asked_at = models.DateTimeField()
    next_at = models.DateTimeField(null=True)  # NULL: it is not asked again
    answer = models.CharField(max_length=12)  # "" = none came

    class Meta:
        db_table = "inquiry"
        constraints = [one_of("answer", Answer, "inquiry_answer")]


class Receipt(models.Model):
    """A provider's later word. The same word twice is one row."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)  # NULL until its attempt is known
    message_id = models.BigIntegerField(null=True)
    adapter = models.CharField(max_length=30)
    ref = models.CharField(max_length=300)
    state = models.CharField(max_length=13)
    code = models.CharField(max_length=60)
    at = models.DateTimeField()

    class Meta:
        db_table = "receipt"
        constraints = [models.UniqueConstraint(fields=["adapter", "ref", "state"], name="receipt_once")]
        indexes = [
            models.Index(fields=["account", "message_id"], name="receipt_by_message"),
            models.Index(fields=["adapter", "ref"], condition=models.Q(account=None), name="receipt_unmatched"),
        ]


class CallStep(models.Model):
    """What happened in a call, from right before it was dialled. It tells what a process that died had begun."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    message_id = models.BigIntegerField()
    attempt = models.SmallIntegerField()  # from 1
    adapter = models.CharField(max_length=30)
    ref = models.CharField(max_length=300)
    kind = models.CharField(max_length=11)
    data = models.CharField(max_length=300)  # the key, SIP's own name for the call, how it ended; "" = nothing to say
    at = models.DateTimeField()

    class Meta:
        db_table = "call_step"
        constraints = [
            models.UniqueConstraint(fields=["adapter", "ref", "attempt", "kind", "data"], name="call_step_once"),
            one_of("kind", CallEventKind, "call_step_kind"),
        ]
        indexes = [models.Index(fields=["account", "message_id"], name="call_step_by_message")]


class Inbound(models.Model):
    """What somebody wrote or said to us."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    contact = models.ForeignKey(Contact, on_delete=models.SET_NULL, null=True)
    channel = models.CharField(max_length=5)
    adapter = models.CharField(max_length=30)
    provider_id = models.CharField(max_length=300)  # the same one twice is one row
    sender = models.CharField(max_length=254)
    recipient = models.CharField(max_length=254)
    subject = models.CharField(max_length=300, default="", db_default="")  # emails only
    text = models.TextField()
    is_automatic = models.BooleanField(default=False, db_default=False)  # a machine wrote it (RFC 3834)
    in_reply_to = models.BigIntegerField(null=True)  # a message's id
    meaning = models.CharField(max_length=8, default="")  # rules/optout.py's reading; "" = none was made
    answered_by = models.BigIntegerField(null=True)  # the message that Allstop answered it with by itself
    at = models.DateTimeField()

    class Meta:
        db_table = "inbound"
        constraints = [
            models.UniqueConstraint(fields=["adapter", "provider_id"], name="inbound_once"),
            one_of("channel", Channel, "inbound_channel"),
        ]
        indexes = [
            models.Index(fields=["account", "contact", "-at"], name="inbound_by_contact"),
            models.Index(  # what a sender wrote whom nobody knows
                fields=["account", "sender", "-at"], condition=models.Q(contact=None), name="inbound_of_unknown"
            ),
        ]


class OutboxItem(models.Model):
    """What the sandbox delivered: the far end of the wire, for eyes and tests. The key makes a repeat harmless."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    message_id = models.BigIntegerField()
    key = models.CharField(max_length=60, unique=True)
    channel = models.CharField(max_length=5)
    to = models.CharField(max_length=254)
    sender = models.CharField(max_length=254)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "outbox"
        indexes = [models.Index(fields=["account", "-id"], name="outbox_list")]
