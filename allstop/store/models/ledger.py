"""Who changed what may leave, and every verdict that was not Send. Append-only and chained by hash, in the database.

Each account has a chain of its own (account NULL: the installation's). A trigger numbers a row, links it to the one
before and hashes it; another refuses every change and every deletion. ledger.py writes and verifies.
"""

from django.db import models

from allstop.store.models.account import Account


class LedgerEntry(models.Model):
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, db_index=False)
    number = models.BigIntegerField(editable=False)  # 1, 2, 3 ... within the chain, by the trigger
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    act = models.CharField(max_length=40)  # "stop", "remove_job", "refused", ...
    subject = models.CharField(max_length=80)  # "job:12", "message:99", "account"
    reason = models.CharField(max_length=300)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    previous = models.CharField(max_length=64, editable=False)  # hash of the entry before; "" for the first
    hash = models.CharField(max_length=64, editable=False)  # SHA-256, hex

    class Meta:
        db_table = "ledger"
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="ledger_number_once", nulls_distinct=False)
        ]
        indexes = [
            models.Index(fields=["account", "subject", "number"], name="ledger_of_subject"),
            # the newest change of any contact: open phonebooks are drawn again when it moves
            models.Index(
                fields=["account", "number"],
                condition=models.Q(subject__startswith="contact"),
                name="ledger_of_contacts",
            ),
        ]


class LedgerHead(models.Model):
    """The last entry of each chain; its row lock puts writers of one account in order."""

    chain = models.BigIntegerField(primary_key=True)  # the account's id; 0 = the installation
    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "ledger_head"
