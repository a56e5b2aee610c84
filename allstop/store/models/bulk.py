"""Changes of many contacts at once: what was asked for, how far it is, and what each slice changed."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of


class ChangeKind(StrEnum):
    FLAG = "flag"
    UNFLAG = "unflag"
    STOP_ALL = "stop_all"
    OK_TO_SEND = "ok_to_send"
    STOP_PROMOTIONS = "stop_promotions"
    OK_FOR_SALES = "ok_for_sales"
    ASSIGN = "assign"
    ADD_TO_GROUP = "add_to_group"
    REMOVE_FROM_GROUP = "remove_from_group"
    DELETE = "delete"
    RESTORE = "restore"
    UNDO = "undo"


class ChangeState(StrEnum):
    QUEUED = "queued"  # waits for a process
    RUNNING = "running"
    CONFIRMING = "confirming"  # written; workers that hold messages of these contacts are being waited for
    DONE = "done"
    FAILED = "failed"  # `failure` says why; what its slices did stands


class BulkChange(models.Model):
    """One press of a button for one contact or a million. It goes through the account's contacts by id."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="bulk_changes", db_index=False)
    kind = models.CharField(max_length=18)
    member_id = models.BigIntegerField(null=True)  # whom they are assigned to; NULL = nobody
    group_id = models.BigIntegerField(null=True)
    undoes = models.OneToOneField("self", on_delete=models.CASCADE, null=True, related_name="undone")
    selection = models.JSONField()  # {"ids": [...]} or {"filter": {...}, "except": [...]}
    until_id = models.BigIntegerField()  # a contact that is made later was not meant
    ledger_number = models.BigIntegerField()  # the newest entry when it was asked for; later ones are "since then"
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=120)
    via = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    total = models.IntegerField()  # as counted when it was asked for
    position = models.BigIntegerField(default=0)  # the last contact (of an undo: slice) that it has done
    done = models.IntegerField(default=0)
    changed = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    first_stop = models.BigIntegerField(null=True)  # the numbers of the stops that its slices took
    last_stop = models.BigIntegerField(null=True)
    failure = models.TextField(default="")
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "bulk_change"
        constraints = [
            one_of("kind", ChangeKind, "bulk_change_kind"),
            one_of("state", ChangeState, "bulk_change_state"),
        ]
        indexes = [
            models.Index(fields=["account", "-id"], name="bulk_change_list"),
            models.Index(  # what a worker looks for
                fields=["id"],
                condition=Q(state__in=["queued", "running", "confirming"]),
                name="bulk_change_to_run",
            ),
        ]


class BulkSlice(models.Model):
    """Some thousand contacts of a change, done in one transaction: who was changed, and what stood before."""

    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="slices", db_index=False)
    number = models.IntegerField()
    changed = ArrayField(models.BigIntegerField())  # contacts
    refused = ArrayField(models.BigIntegerField())
    before = models.JSONField()  # what an undo needs; in the order of `changed`

    class Meta:
        db_table = "bulk_slice"
        constraints = [models.UniqueConstraint(fields=["change", "number"], name="bulk_slice_once")]
