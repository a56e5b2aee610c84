"""How an account sends: provider, sender, pace, quiet hours and delivery sessions of each channel.

Whoever changes a row calls queue.setup_changed in the same transaction, so that the lanes wake with the new setup.
"""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from allstop.rules.facts import Channel
from allstop.rules.files_out import USUAL_MB
from allstop.rules.retry import MOST_RINGS, RING_MINUTES, RING_MINUTES_AT_MOST, RINGS_AT_MOST
from allstop.rules.sending import WARN_AFTER_DAYS, Rhythm
from allstop.store.models.account import Account, Member
from allstop.store.models.closed_sets import one_of
from allstop.store.sealing import SettingsField


class ChannelSetup(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="channel_setups")
    channel = models.CharField(max_length=5)
    provider = models.CharField(max_length=30)  # an adapter of channels/registry.py; "" = None
    config = SettingsField(default=dict)  # the adapter's own, checked by its Config; its secrets are sealed
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
    pace_ms = models.BigIntegerField(default=0)  # time between two messages, as its lane keeps it; 0 = none
    kept_pace_ms = models.BigIntegerField(default=0, db_default=0)  # the same, while the rhythm at_once ignores it
    rhythm = models.CharField(max_length=7, default=Rhythm.WINDOWS.value, db_default=Rhythm.WINDOWS.value)
    keeps_quiet_hours = models.BooleanField()
    rings = models.SmallIntegerField(default=MOST_RINGS, db_default=MOST_RINGS)  # calls: attempts in all
    ring_minutes = models.SmallIntegerField(default=RING_MINUTES, db_default=RING_MINUTES)  # from one to the next

    class Meta:
        db_table = "channel_setup"
        constraints = [
            models.UniqueConstraint(fields=["account", "channel"], name="channel_setup_once"),
            one_of("channel", Channel, "channel_setup_channel"),
            one_of("rhythm", Rhythm, "channel_setup_rhythm"),
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


class SendingSetup(models.Model):
    """What holds for all channels of an account. No row: as usual."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE, primary_key=True, related_name="sending_setup")
    checks_every = models.SmallIntegerField(default=0)  # minutes between two regular checks; 0 = all the time
    checks_at = ArrayField(models.SmallIntegerField(), default=list)  # or at these minutes after midnight only
    backup_days = ArrayField(models.SmallIntegerField(), default=list)  # on which the network backup begins; {} = none
    backup_starts = models.SmallIntegerField(default=0)  # minutes after midnight
    backup_ends = models.SmallIntegerField(default=0)  # likewise; before the start: on the next day
    warn_after_days = models.SmallIntegerField(default=WARN_AFTER_DAYS)  # when staggered texts take longer
    opens_attachments = models.BooleanField(default=False)
    attachment_mb = models.SmallIntegerField(default=USUAL_MB, db_default=USUAL_MB)  # of one email, all together

    class Meta:
        db_table = "sending_setup"


class SetupDraft(models.Model):
    """What a member has chosen in the setup wizard. Nothing of it is in force before Finish."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="setup_drafts")
    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="setup_draft")
    settings = models.JSONField()  # as rules/sending_data.py writes them
    passwords = SettingsField(default=dict)  # channel: what was typed, sealed; gone with the draft
    version = models.CharField(max_length=16)  # of the settings that it began from
    started_at = models.DateTimeField()
    at = models.DateTimeField()  # of the last change

    class Meta:
        db_table = "setup_draft"


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
