"""The mailbox of an account, in which replies and bounces arrive, and the files that came with what somebody wrote."""

from django.db import models

from allstop.store.models.account import Account
from allstop.store.models.message import Inbound
from allstop.store.sealing import SettingsField


class Mailbox(models.Model):
    """UIDs mean something only under the same UIDVALIDITY: when the server gives another one, all mails since the
    mailbox was set up are looked at again, and those that are known are known by their Message-ID."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE)
    config = SettingsField()  # as ImapConfig reads it; its password is sealed
    since = models.DateTimeField()  # when it was set up: older mails are nobody's business
    uid_validity = models.BigIntegerField(null=True)  # NULL: it was never opened
    last_uid = models.BigIntegerField(default=0, db_default=0)  # up to here everything was taken
    next_look_at = models.DateTimeField()  # whoever looks moves it on first, so that no other process does
    looked_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, default="", db_default="")  # why it cannot be read now

    class Meta:
        db_table = "mailbox"
        indexes = [models.Index(fields=["next_look_at"], name="mailbox_due")]  # asked each second


class InboundFile(models.Model):
    """What was attached. Its type is the sender's word, which nobody relies on."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    inbound = models.ForeignKey(Inbound, on_delete=models.CASCADE, db_index=False, related_name="files")
    number = models.SmallIntegerField()  # from 1
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=100)
    size = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "inbound_file"
        constraints = [models.UniqueConstraint(fields=["inbound", "number"], name="inbound_file_once")]
        indexes = [models.Index(fields=["account", "inbound"], name="inbound_file_list")]  # the inbox


class LimitCount(models.Model):
    """How many messages left in one second, and in one minute: what the provider's limits are counted by."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    channel = models.CharField(max_length=5)
    seconds = models.SmallIntegerField()  # how long it is: 1 or 60
    at = models.DateTimeField()  # when it begins
    count = models.IntegerField()

    class Meta:
        db_table = "limit_count"
        constraints = [
            models.UniqueConstraint(fields=["account", "channel", "seconds", "at"], name="limit_count_once"),
            models.CheckConstraint(condition=models.Q(seconds__in=(1, 60)), name="limit_count_seconds"),
        ]
