"""Persons who were erased, and what is left of a no: a keyed digest of the address, so that the no survives.

docs/notes/0010-erasing.md says where the key lies and why.
"""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from allstop.rules.facts import Channel
from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of


class ErasureState(StrEnum):
    STOPPING = "stopping"  # nothing leaves to them any more; what is under way is being waited for
    DONE = "done"


class Erasure(models.Model):
    """One person, by the number that the contact had, and in numbers what went. It says nothing about the person."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    contact_id = models.BigIntegerField()  # nothing has it any more
    by = models.CharField(max_length=120)
    via = models.CharField(max_length=10)
    asked_at = models.DateTimeField()
    stop_number = models.BigIntegerField()  # of the stop that came first
    state = models.CharField(max_length=8)
    withdrawn = models.IntegerField(default=0)  # messages that were waiting
    left_unknown = models.IntegerField(default=0)  # messages whose outcome nobody knew
    counts = models.JSONField(null=True)  # what went: word -> number; NULL until it is done
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "erasure"
        constraints = [
            models.UniqueConstraint(fields=["account", "contact_id"], name="erasure_once"),
            one_of("state", ErasureState, "erasure_state"),
        ]
        indexes = [  # what a worker looks for
            models.Index(fields=["id"], condition=Q(state=ErasureState.STOPPING.value), name="erasure_to_finish")
        ]


class SuppressionKind(StrEnum):
    OPT_OUT = "opt_out"
    STOP_ALL = "stop_all"
    STOP_PROMOTIONS = "stop_promotions"


class Suppression(models.Model):
    """Somebody with this address said no, or was stopped, and was erased. Whoever comes with it gets the same."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    digest = models.CharField(max_length=64)  # HMAC-SHA-256 of account and address, by the installation's key
    key_check = models.CharField(max_length=16)  # tells the key, not the address
    kind = models.CharField(max_length=15)
    channel = models.CharField(max_length=5, null=True)  # of an opt-out; NULL = every channel
    said_at = models.DateTimeField()
    erased_at = models.DateTimeField()

    class Meta:
        db_table = "suppression"
        constraints = [
            models.UniqueConstraint(
                fields=["account", "digest", "kind", "channel"], name="suppression_once", nulls_distinct=False
            ),
            one_of("kind", SuppressionKind, "suppression_kind"),
            one_of("channel", Channel, "suppression_channel"),
        ]
