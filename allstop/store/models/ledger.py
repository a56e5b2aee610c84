"""Who changed what may leave, and every verdict that was not Send. Append-only and chained by hash, in the database.

Each account has a chain of its own (account NULL: the installation's). A trigger numbers a row, links it to the one
before and hashes it; another refuses every change and every deletion. ledger.py writes and verifies.

What is personal of a contact (a number, a name, what they wrote, a reason that somebody typed) lies beside its entry,
in `ledger_personal`, and the entry holds a salted digest of it. So it can be erased and the chain stays what it was:
docs/notes/0010-erasing.md. Whoever reads takes LedgerEntry, which shows both as one.
"""

from django.db import models

from allstop.store.models.account import Account


class LedgerRow(models.Model):
    """An entry as the chain has it. Only ledger.append makes one."""

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
    personal = models.CharField(max_length=64, default="", db_default="")  # digest of what lies beside it; "" = nothing

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


class LedgerPersonal(models.Model):
    """What is personal in an entry. It may be deleted, when an `erase` entry says so, and is never changed.

    No foreign key to the contact: what is deleted from the Phonebook or merged away leaves its ledger as it is.
    """

    entry = models.OneToOneField(LedgerRow, on_delete=models.PROTECT, primary_key=True, related_name="beside")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, db_index=False)
    contact_id = models.BigIntegerField(null=True)  # whose it is; NULL: of many, or of nobody in particular
    salt = models.CharField(max_length=64)  # random: without it a digest of a phone number tells the number
    data = models.JSONField()  # {"reason": ..., "before": {...}, "after": {...}}: laid over those of the entry

    class Meta:
        db_table = "ledger_personal"
        indexes = [models.Index(fields=["account", "contact_id"], name="ledger_personal_of_contact")]


class LedgerEntry(models.Model):
    """An entry as people read it: with what lies beside it, if that was not erased. A view; ledger.sql makes it."""

    account = models.ForeignKey(Account, on_delete=models.DO_NOTHING, null=True, related_name="+")
    number = models.BigIntegerField()
    at = models.DateTimeField()
    by = models.CharField(max_length=120)
    act = models.CharField(max_length=40)
    subject = models.CharField(max_length=80)
    reason = models.CharField(max_length=300)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)
    previous = models.CharField(max_length=64)
    hash = models.CharField(max_length=64)
    is_erased = models.BooleanField()  # it had something personal, which is gone

    class Meta:
        managed = False
        db_table = "ledger_entry"


class LedgerHead(models.Model):
    """The last entry of each chain; its row lock puts writers of one account in order."""

    chain = models.BigIntegerField(primary_key=True)  # the account's id; 0 = the installation
    number = models.BigIntegerField()
    hash = models.CharField(max_length=64)

    class Meta:
        db_table = "ledger_head"
