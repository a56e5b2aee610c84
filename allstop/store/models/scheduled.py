"""Stops that somebody has planned, with a start and an end: for maintenance. actions/scheduled.py carries them out.

coming ──► standing ──► over       its end lifted it
   │           └──────► lifted     a person pressed START before the end
   ├──► cancelled                  before it began
   └──► skipped                    no worker ran from its start to its end
"""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from allstop.rules.holds import Scope
from allstop.store.models.account import Account, Location
from allstop.store.models.closed_sets import one_of
from allstop.store.models.queue import Hold


class Plan(StrEnum):
    COMING = "coming"
    STANDING = "standing"
    OVER = "over"
    LIFTED = "lifted"
    CANCELLED = "cancelled"
    SKIPPED = "skipped"


class ScheduledStop(models.Model):
    scope = models.CharField(max_length=12)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)  # NULL: the whole installation
    channel = models.CharField(max_length=5, null=True)
    location = models.ForeignKey(Location, on_delete=models.CASCADE, null=True, db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    by = models.CharField(max_length=100)
    created_at = models.DateTimeField()
    state = models.CharField(max_length=9)
    hold = models.OneToOneField(Hold, on_delete=models.SET_NULL, null=True, related_name="plan")

    class Meta:
        db_table = "scheduled_stop"
        constraints = [
            one_of("scope", Scope, "scheduled_stop_scope"),
            one_of("state", Plan, "scheduled_stop_state"),
            models.CheckConstraint(condition=Q(starts_at__lt=F("ends_at")), name="scheduled_stop_ends_later"),
        ]
        indexes = [
            models.Index(fields=["starts_at"], condition=Q(state=Plan.COMING.value), name="scheduled_stop_coming"),
        ]
