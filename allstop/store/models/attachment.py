"""Files that emails take along. Each is kept once, however many messages have it.

    attachment ◄── attachment_in_set ──► attachment_set ◄── message, template, messenger_draft, messenger_send

A set never changes: whoever chooses other files has another set, and the same files in the same order are the same set.
So ten thousand emails of one send have one number each, and a worker reads their files once.
"""

from django.db import models

from allstop.store.models.account import Account


class Attachment(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    name = models.CharField(max_length=120)
    type = models.CharField(max_length=100)  # what the mail calls it: rules/files_out.py
    size = models.IntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 in hex, which the ledger names
    content = models.BinaryField()
    by = models.CharField(max_length=120)
    at = models.DateTimeField()

    class Meta:
        db_table = "attachment"
        indexes = [models.Index(fields=["at"], name="attachment_by_age")]  # those that were never used


class AttachmentSet(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=500)  # the ids of its files, in their order
    used_at = models.DateTimeField()  # when it was chosen last: what nobody uses goes a while after

    class Meta:
        db_table = "attachment_set"
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="attachment_set_once")]
        indexes = [models.Index(fields=["used_at"], name="attachment_set_by_age")]


class AttachmentInSet(models.Model):
    set = models.ForeignKey(AttachmentSet, on_delete=models.CASCADE, db_index=False, related_name="items")
    number = models.SmallIntegerField()  # from 1
    attachment = models.ForeignKey(Attachment, on_delete=models.RESTRICT)

    class Meta:
        db_table = "attachment_in_set"
        constraints = [models.UniqueConstraint(fields=["set", "number"], name="attachment_in_set_once")]
