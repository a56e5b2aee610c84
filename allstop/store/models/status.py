"""What operators call the states of accounts, and when an account changed or will change.

Types and reasons are the installation's. A change stands here from when somebody planned it, and stays for good: bills
and the view of an account on any date are read off it.

coming ──► done        at its time, also when no worker ran then; `at` is its own time all the same
   ├─────► cancelled   taken back before
   └─────► refused     it was not allowed any more; `words` say why
"""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from allstop.rules.lifecycle import AccountStatus
from allstop.rules.proration import Charge
from allstop.store.models.closed_sets import one_of


class StatusType(models.Model):
    name = models.CharField(max_length=60)
    status = models.CharField(max_length=9)  # the back-end status: it alone decides what is held and billed
    image_url = models.CharField(max_length=500, default="", db_default="")  # "" = the picture of the back-end status
    is_counted = models.BooleanField(default=True, db_default=True)  # in Account Statistics

    class Meta:
        db_table = "status_type"
        constraints = [
            models.UniqueConstraint(Lower("name"), name="status_type_name_once"),
            one_of("status", AccountStatus, "status_type_status"),
        ]

    def __str__(self) -> str:
        return self.name


class StatusReason(models.Model):
    text = models.CharField(max_length=120)

    class Meta:
        db_table = "status_reason"
        constraints = [models.UniqueConstraint(Lower("text"), name="status_reason_text_once")]

    def __str__(self) -> str:
        return self.text


class ChangeOf(StrEnum):
    COMING = "coming"
    DONE = "done"
    CANCELLED = "cancelled"
    REFUSED = "refused"


class StatusChange(models.Model):
    account = models.ForeignKey("Account", on_delete=models.CASCADE, related_name="status_changes", db_index=False)
    type = models.ForeignKey(StatusType, on_delete=models.SET_NULL, null=True, db_index=False)  # NULL: deleted since
    name = models.CharField(max_length=60)  # of the type, as it was
    status = models.CharField(max_length=9)
    old_name = models.CharField(max_length=60, default="", db_default="")  # once it is done
    old_status = models.CharField(max_length=9, null=True)
    at = models.DateTimeField()  # when it counts: for bills the day, in the account's zone
    charge = models.CharField(max_length=8)
    reason = models.CharField(max_length=120)
    by = models.CharField(max_length=120)
    via = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    state = models.CharField(max_length=9)
    ended_at = models.DateTimeField(null=True)
    words = models.CharField(max_length=300, default="", db_default="")
    bills_usage = models.BooleanField(default=True, db_default=True)  # while suspended: the setting of then
    is_lifting = models.BooleanField(default=False, db_default=False)  # the old status's hold still stands

    class Meta:
        db_table = "status_change"
        constraints = [
            one_of("status", AccountStatus, "status_change_status"),
            one_of("old_status", AccountStatus, "status_change_old_status"),
            one_of("charge", Charge, "status_change_charge"),
            one_of("state", ChangeOf, "status_change_state"),
        ]
        indexes = [
            models.Index(fields=["at", "id"], condition=Q(state="coming"), name="status_change_coming"),
            models.Index(fields=["account"], condition=Q(is_lifting=True), name="status_change_lifting"),
            models.Index(fields=["account", "at", "id"], name="status_change_of_account"),
            models.Index(fields=["type"], condition=Q(state="coming"), name="status_change_of_type"),
        ]
