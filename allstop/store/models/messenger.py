"""The Messenger: what a member is writing, and each send with whom it left behind."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from allstop.rules.words import Channel, Purpose
from allstop.store.models.account import Account, Member
from allstop.store.models.attachment import AttachmentSet
from allstop.store.models.closed_sets import one_of
from allstop.store.models.contact import Contact
from allstop.store.models.job import Job


class SendState(StrEnum):
    QUEUED = "queued"  # waits for a process
    RUNNING = "running"  # messages are being made; those that are made may leave
    DONE = "done"
    FAILED = "failed"  # `failure` says why; the messages that were made stand


class MessengerSend(models.Model):
    """One press of Send: it goes through the contacts in TO: by id, and makes one message for each."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="messenger_sends", db_index=False)
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True)  # of a group send, and of one for later
    key = models.CharField(max_length=200)  # of the press: the same one again sends nothing more; "" = none
    digest = models.CharField(max_length=64)  # SHA-256 in hex of what was asked
    recipients = models.JSONField()  # {"contacts": [[id, channel, address]], "groups": [], "filters": []}
    until_id = models.BigIntegerField()  # a contact that is made later was not meant
    channel = models.CharField(max_length=5)  # of those in TO: for whom no other is chosen
    purpose = models.CharField(max_length=10)
    subject = models.CharField(max_length=300)  # emails only; "" otherwise
    body = models.TextField()
    attachment_set = models.ForeignKey(AttachmentSet, on_delete=models.RESTRICT, null=True)  # emails only
    due_at = models.DateTimeField(null=True)  # NULL = now
    despite_stop_promotions = models.BooleanField()
    reason = models.CharField(max_length=300)  # why despite
    owner = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True)  # becomes that of those who get it
    by = models.CharField(max_length=120)
    via = models.CharField(max_length=10)
    state = models.CharField(max_length=7)
    total = models.IntegerField()  # contacts in TO: when it was pressed, before anybody was left behind
    position = models.BigIntegerField(default=0)  # the last contact that it has come to
    done = models.IntegerField(default=0)
    accepted = models.IntegerField(default=0)  # messages made
    message_ids = ArrayField(models.BigIntegerField(), default=list)  # of a send of one slice; others have a job
    stayed = models.IntegerField(default=0)  # contacts left behind
    failure = models.TextField(default="")
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messenger_send"
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], condition=~Q(key=""), name="messenger_send_once"),
            one_of("state", SendState, "messenger_send_state"),
            one_of("channel", Channel, "messenger_send_channel"),
            one_of("purpose", Purpose, "messenger_send_purpose"),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="messenger_send_list"),
            models.Index(  # what a worker looks for
                fields=["id"], condition=Q(state__in=["queued", "running"]), name="messenger_send_to_run"
            ),
        ]


class LeftBehind(models.Model):
    """A contact who was in TO: and got nothing, and why. No message was made."""

    send = models.ForeignKey(MessengerSend, on_delete=models.CASCADE, related_name="left_behind", db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    reason = models.CharField(max_length=60)  # a code of rules/reasons.py

    class Meta:
        db_table = "left_behind"
        constraints = [models.UniqueConstraint(fields=["send", "contact"], name="left_behind_once")]


class MessengerDraft(models.Model):
    """What a member has in the Messenger: it survives a reload, and tabs of the same member share it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="messenger_drafts")
    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="messenger_draft")
    key = models.CharField(max_length=40)  # of its next send
    recipients = models.JSONField()  # tokens as TO: shows them: [kind, value, channel]
    channel = models.CharField(max_length=5)
    purpose = models.CharField(max_length=10)
    subject = models.CharField(max_length=300)
    body = models.TextField()
    attachment_set = models.ForeignKey(AttachmentSet, on_delete=models.RESTRICT, null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "messenger_draft"
        constraints = [
            one_of("channel", Channel, "messenger_draft_channel"),
            one_of("purpose", Purpose, "messenger_draft_purpose"),
        ]
