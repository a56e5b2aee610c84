"""How an account sends: provider, sender, pace, quiet hours and delivery sessions of each channel.

Whoever changes a row calls queue.setup_changed in the same transaction, so that the lanes wake with the new setup.
"""

from django.db import models

from allstop.rules.facts import Channel
from allstop.rules.retry import MOST_RINGS, RING_MINUTES, RING_MINUTES_AT_MOST, RINGS_AT_MOST
from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of


class ChannelSetup(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="channel_setups")
    channel = models.CharField(max_length=5)
    provider = models.CharField(max_length=30)  # an adapter of channels/registry.py; "" = None
    config = models.JSONField(default=dict)  # the adapter's own, checked by its Config
    sender = models.CharField(max_length=254)
    sender_name = models.CharField(max_length=120)
    is_enabled = models.BooleanField(default=True)
    broken = models.CharField(max_length=300)  # why it cannot send now; "" = it can
    credits = models.IntegerField(null=True)  # one for each part of a text; NULL = not counted
    top_up_below = models.IntegerField(default=100, db_default=100)
    top_up_asked_at = models.DateTimeField(null=True)  # once, until somebody tops up
    limit_minute = models.IntegerField(null=True)  # what the provider takes in a minute; NULL = no limit is known
    limit_hour = models.IntegerField(null=True)
    limit_day = models.IntegerField(null=True)
    pace_ms = models.BigIntegerField(default=0)  # time between two messages; 0 = none
    keeps_quiet_hours = models.BooleanField()
    rings = models.SmallIntegerField(default=MOST_RINGS, db_default=MOST_RINGS)  # calls: attempts in all
    ring_minutes = models.SmallIntegerField(default=RING_MINUTES, db_default=RING_MINUTES)  # from one to the next

    class Meta:
        db_table = "channel_setup"
        constraints = [
            models.UniqueConstraint(fields=["account", "channel"], name="channel_setup_once"),
            one_of("channel", Channel, "channel_setup_channel"),
            models.CheckConstraint(
                condition=models.Q(rings__range=(1, RINGS_AT_MOST), ring_minutes__range=(1, RING_MINUTES_AT_MOST)),
                name="channel_setup_rings",
            ),
            models.CheckConstraint(
                condition=~models.Q(limit_minute__lt=1) & ~models.Q(limit_hour__lt=1) & ~models.Q(limit_day__lt=1),
                name="channel_setup_limits",
            ),
            models.CheckConstraint(
                condition=models.Q(credits=None) | models.Q(credits__gte=0), name="credits_not_negative"
            ),
        ]
        indexes = [
            models.Index(fields=["provider"], name="channel_setup_by_provider"),  # whose replies must be listened for
            models.Index(fields=["sender"], name="channel_setup_by_sender"),  # whose reply it is
            models.Index(  # who runs low, asked each second
                fields=["id"],
                condition=models.Q(credits__lt=models.F("top_up_below"), top_up_asked_at=None),
                name="channel_setup_low",
            ),
        ]


class DeliverySession(models.Model):
    """A stretch of the week, in the account's wall clock. No session on a channel = always."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="delivery_sessions")
    channel = models.CharField(max_length=5)
    weekday = models.SmallIntegerField()  # 0 = Monday
    starts = models.SmallIntegerField()  # minutes after midnight
    ends = models.SmallIntegerField()  # minutes after midnight, up to 1440

    class Meta:
        db_table = "delivery_session"
        constraints = [
            one_of("channel", Channel, "delivery_session_channel"),
            models.CheckConstraint(
                condition=models.Q(weekday__range=(0, 6), starts__gte=0, ends__lte=1440, starts__lt=models.F("ends")),
                name="delivery_session_in_week",
            ),
        ]


class Brake(models.Model):
    """The automatic brake of one channel: limits in percent, over the last minutes. NULL = this rate has no limit."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="brakes")
    channel = models.CharField(max_length=5)
    is_on = models.BooleanField(default=False)
    minutes = models.SmallIntegerField()
    at_least = models.IntegerField()  # fewer messages than this say nothing
    bounce = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    failure = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    opt_out = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    duplicate = models.DecimalField(max_digits=4, decimal_places=1, null=True)
    changed_at = models.DateTimeField()  # what happened before is not counted
    looked_at = models.DateTimeField(null=True)  # of the first one that is on, for all: so one worker looks at a time

    class Meta:
        db_table = "brake"
        constraints = [
            models.UniqueConstraint(fields=["account", "channel"], name="brake_once"),
            one_of("channel", Channel, "brake_channel"),
        ]
        indexes = [models.Index(fields=["id"], condition=models.Q(is_on=True), name="brake_on")]
