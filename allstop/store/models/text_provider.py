"""What comes with providers of texts: the parts that a long text left in, credits, and tests of a provider."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from allstop.rules.facts import Channel
from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of
from allstop.store.sealing import SettingsField


class Part(models.Model):
    """One part of a text that left in several: each has its own receipt, and all must arrive."""

    pk = models.CompositePrimaryKey("account_id", "message_id", "attempt", "number")
    # No constraint, as with attempts: its check would lock the account's row for each message that leaves.
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False, db_constraint=False)
    message_id = models.BigIntegerField()
    attempt = models.SmallIntegerField()
    number = models.SmallIntegerField()  # from 1
    adapter = models.CharField(max_length=30)
    ref = models.CharField(max_length=300)  # the provider's id

    class Meta:
        db_table = "part"
        indexes = [models.Index(fields=["adapter", "ref"], name="part_by_ref")]  # receipts


class CreditKind(StrEnum):
    TOP_UP = "top_up"
    SPENT = "spent"  # in one hour, together
    UNCOUNTED = "uncounted"  # from here on nobody counts


class CreditEntry(models.Model):
    """The history of an account's credits. What was spent is one row for each hour."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="credit_entries", db_index=False)
    channel = models.CharField(max_length=5)
    at = models.DateTimeField()
    kind = models.CharField(max_length=9)
    credits = models.IntegerField()  # how many were added or spent
    balance = models.IntegerField()  # after it
    by = models.CharField(max_length=120, default="", db_default="")
    note = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        db_table = "credit_entry"
        constraints = [
            one_of("channel", Channel, "credit_entry_channel"),
            one_of("kind", CreditKind, "credit_entry_kind"),
            models.UniqueConstraint(
                fields=["account", "channel", "at"], condition=Q(kind=CreditKind.SPENT.value), name="credit_spent_hour"
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="credit_entry_list")]  # the page


class ProviderTest(models.Model):
    """Somebody has pressed Test. A worker tries the provider and writes what came of it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="provider_tests", db_index=False)
    channel = models.CharField(max_length=5)
    provider = models.CharField(max_length=30, default="", db_default="")
    # the name at the provider, which a success fixes
    user = models.CharField(max_length=100, default="", db_default="")
    config = SettingsField(null=True)  # of a setup that is not finished; gone with the result. NULL = the one in force
    asked_by = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)
    is_good = models.BooleanField(null=True)
    words = models.CharField(max_length=500, default="")
    balance = models.CharField(max_length=80, default="")  # at the provider, as it says it; "" = it does not tell

    class Meta:
        db_table = "provider_test"
        constraints = [one_of("channel", Channel, "provider_test_channel")]
        indexes = [
            models.Index(fields=["account", "channel", "-id"], name="provider_test_newest"),  # the page
            models.Index(fields=["id"], condition=Q(done_at=None), name="provider_test_open"),  # the worker
        ]
