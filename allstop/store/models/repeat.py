"""Requests that carried a key, so that a program which asks again after a broken connection does nothing twice."""

from django.db import models
from django.db.models.lookups import LessThanOrEqual

from allstop.store.models.account import Account

_MADE = ("message_id", "lead_id", "payment_id", "invoice_id", "credit_entry_id")


class RequestKey(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=200)  # as the program chose it (Idempotency-Key)
    digest = models.CharField(max_length=64)  # SHA-256 in hex of what was asked: the same key is for the same request
    # One of them; all NULL only inside the transaction that accepts it.
    message_id = models.BigIntegerField(null=True)
    lead_id = models.BigIntegerField(null=True)
    payment_id = models.BigIntegerField(null=True)
    invoice_id = models.BigIntegerField(null=True)  # a credit to a cancelled account
    credit_entry_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "request_key"
        constraints = [
            models.UniqueConstraint(fields=["account", "key"], name="request_key_once"),
            models.CheckConstraint(
                condition=LessThanOrEqual(
                    models.Func(*_MADE, function="num_nonnulls", output_field=models.IntegerField()), 1
                ),
                name="request_key_made_one",
            ),
        ]
        indexes = [models.Index(fields=["account", "at"], name="request_key_by_age")]  # forgetting the old ones
