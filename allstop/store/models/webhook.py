"""What other programs hear: events as they happen, the addresses that want them, and what became of each delivery.

An event is written in the transaction of what happened, and only where a webhook wants it. It is narrow: of a message
or of what somebody wrote it has the id, and what it says is read when it is delivered. The webhook process
(dispatch/webhook_process.py) turns it into one delivery for each webhook and takes it away.
"""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.functions import RandomUUID
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of
from allstop.store.sealing import SettingsField


class DeliveryState(StrEnum):
    WAITING = "waiting"  # not tried yet, or to be tried again
    DELIVERED = "delivered"
    FAILED = "failed"  # given up; a person can send it again


class What(models.Model):
    """What happened, as an event and each delivery of it tell. No constraint to the account: its check would lock the
    account's row once for each message that leaves."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    key = models.UUIDField(db_default=RandomUUID())  # the webhook-id, the same at every try
    kind = models.CharField(max_length=30)  # rules/webhooks.py knows them; "ping" is one that was asked for
    at = models.DateTimeField()  # when it happened
    message_id = models.BigIntegerField(null=True)
    inbound_id = models.BigIntegerField(null=True)
    contact_id = models.BigIntegerField(null=True)
    lead_id = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=60, db_default="", default="")  # a code of ours or of a provider
    payload = models.JSONField(null=True)  # what to say beside the ids

    class Meta:
        abstract = True


class Event(What):
    """It has happened and no webhook has it yet: the queue of the webhook process, deleted when it is passed on."""

    class Meta:
        db_table = "event"


class Webhook(models.Model):
    """An address of another program that wants to hear of some kinds of events."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="webhooks", db_index=False)
    name = models.CharField(max_length=120)
    url = models.CharField(max_length=500)
    kinds = ArrayField(models.CharField(max_length=30))
    secrets = SettingsField()  # webhook_secret; webhook_secret_before while both sign. Sealed.
    both_until = models.DateTimeField(null=True)  # after a new secret the old one signs as well, for a day
    is_on = models.BooleanField(default=True)
    off_why = models.CharField(
        max_length=300, default="", db_default=""
    )  # why Allstop has turned it off; "" = a person
    failing_since = models.DateTimeField(null=True)  # nothing has arrived since; NULL = the last one did
    failures = models.IntegerField(default=0, db_default=0)  # one after the other
    rest_until = models.DateTimeField(null=True)  # one that fails is left alone for a while
    created_at = models.DateTimeField()

    class Meta:
        db_table = "webhook"
        indexes = [
            models.Index(fields=["account", "id"], name="webhook_list"),
            # whether anybody wants to hear of a message that is finished: asked in every such transaction
            models.Index(fields=["account"], condition=Q(is_on=True), name="webhook_on"),
        ]

    def __str__(self) -> str:
        return self.name


class WebhookDelivery(What):
    """One event for one webhook, and how the last try ended."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    state = models.CharField(max_length=9, default=DeliveryState.WAITING.value)
    tries = models.SmallIntegerField(default=0, db_default=0)  # of the back-off; from 0 again when it is sent again
    next_at = models.DateTimeField(null=True)  # when it is due; whoever tries it moves this on first, as a lease
    tried_at = models.DateTimeField(null=True)
    took_ms = models.IntegerField(null=True)
    code = models.SmallIntegerField(null=True)  # of HTTP; NULL: no answer came
    answer = models.CharField(max_length=500, default="", db_default="")  # its first bytes, or why there was none

    class Meta:
        db_table = "webhook_delivery"
        constraints = [
            one_of("state", DeliveryState, "webhook_delivery_state"),
            models.UniqueConstraint(fields=["webhook", "key"], name="webhook_delivery_once"),
            models.CheckConstraint(
                condition=Q(state=DeliveryState.WAITING.value, next_at__isnull=False)
                | (~Q(state=DeliveryState.WAITING.value) & Q(next_at=None)),
                name="webhook_delivery_waiting_has_time",
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="webhook_delivery_list"),  # the log
            models.Index(  # the process: what is due
                fields=["webhook", "next_at"],
                condition=Q(state=DeliveryState.WAITING.value),
                name="webhook_delivery_due",
            ),
            models.Index(  # resending what failed in a span
                fields=["webhook", "at"], condition=Q(state=DeliveryState.FAILED.value), name="webhook_delivery_failed"
            ),
            models.Index(  # erasing a person
                fields=["account", "contact_id"], condition=Q(contact_id__isnull=False), name="webhook_delivery_contact"
            ),
            BrinIndex(
                fields=["at"], autosummarize=True, pages_per_range=32, name="webhook_delivery_by_time"
            ),  # sweeping
        ]
