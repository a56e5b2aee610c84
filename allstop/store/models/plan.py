"""START as a plan, on its way: what it will change message by message, and the ramp that may follow it.

A plan is frozen into items in one statement, so that it says exactly which messages it drops and re-dates, whatever
happens meanwhile (one of the installation: in one statement for each account). The items are worked off in short
transactions while what it starts is STOPPED; what is left of them is the progress. When none is left, the stop is
lifted.
"""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of


class PlanState(StrEnum):
    APPLYING = "applying"
    STARTED = "started"  # whole, and the stop is lifted
    CANCELLED = "cancelled"  # the account stayed STOPPED; what was dropped by then stays dropped


class StartPlan(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)  # NULL = every account
    stop_number = models.BigIntegerField()  # its reach is started, without what was stopped later; 0 = see hold_id
    hold_id = models.BigIntegerField(null=True)  # this one is lifted; NULL = every stop of the reach
    by = models.CharField(max_length=120)
    via = models.CharField(max_length=10)
    by_itself = models.BooleanField(default=False)  # its time was over, nobody pressed START
    reason = models.CharField(max_length=300)
    state = models.CharField(max_length=9)
    choices = models.JSONField()  # key of a group -> fate, and single messages: for the record
    counts = models.JSONField()  # send, later, drop, and drop by reason, when it was frozen
    total = models.BigIntegerField()  # items
    dropped = models.BigIntegerField(default=0)  # so far
    redated = models.BigIntegerField(default=0)
    ramp = models.JSONField(null=True)  # per_minute and minutes; NULL = all at once
    drawn_at = models.DateTimeField()
    drawn_to = models.BigIntegerField(null=True)  # of every account: the last whose items are written; NULL = all are
    touched_at = models.DateTimeField()  # by whoever works on it; a worker takes over what nobody touches
    ended_at = models.DateTimeField(null=True)
    start_number = models.BigIntegerField(null=True)  # of the lift

    class Meta:
        db_table = "start_plan"
        constraints = [
            one_of("state", PlanState, "start_plan_state"),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(state=PlanState.APPLYING.value),
                name="start_plan_one_at_a_time",
                nulls_distinct=False,
            ),
        ]


class StartPlanItem(models.Model):
    """A message that the plan changes. No foreign keys: there may be a million."""

    pk = models.CompositePrimaryKey("plan_id", "message_id")
    plan_id = models.BigIntegerField()
    account_id = models.BigIntegerField()  # the message's
    message_id = models.BigIntegerField()
    due_at = models.DateTimeField(null=True)  # its new time; NULL = it is dropped
    reason = models.CharField(max_length=60)  # why it is dropped; "" for a new time

    class Meta:
        db_table = "start_plan_item"


class RampState(StrEnum):
    RUNNING = "running"
    DONE = "done"  # its time is over: everything may leave
    ENDED = "ended"  # a person said "Send all now"
    TRIPPED = "tripped"  # it stopped the account by itself
    STOPPED = "stopped"  # somebody stopped the account


class Ramp(models.Model):
    """A slow beginning after START: on each channel so many a minute. queue_setup_changed holds lanes to it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE)
    start_number = models.BigIntegerField()  # of the START that it belongs to
    by = models.CharField(max_length=120)
    per_minute = models.IntegerField()
    pace_ms = models.BigIntegerField()  # the same, as lanes have it
    minutes = models.IntegerField()  # from the first message that leaves
    failures = models.SmallIntegerField(db_default=20)  # per cent: more than this stops the account
    opt_outs = models.SmallIntegerField(db_default=5)
    begun_at = models.DateTimeField()
    state = models.CharField(max_length=7)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120)
    figures = models.JSONField(null=True)  # when it ended

    class Meta:
        db_table = "ramp"
        constraints = [
            one_of("state", RampState, "ramp_state"),
            models.UniqueConstraint(fields=["account"], condition=Q(ended_at=None), name="ramp_one_at_a_time"),
            models.CheckConstraint(
                condition=Q(per_minute__gt=0, pace_ms__gt=0, minutes__gt=0, failures__gt=0, opt_outs__gt=0),
                name="ramp_positive",
            ),
        ]
