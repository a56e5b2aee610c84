"""Requests that carried a key, so that a program which asks again after a broken connection sends nothing twice."""

from django.db import models

from allstop.store.models.account import Account


class RequestKey(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=200)  # as the program chose it (Idempotency-Key)
    digest = models.CharField(max_length=64)  # SHA-256 in hex of what was asked: the same key is for the same request
    # One of the two; both NULL only inside the transaction that accepts it.
    message_id = models.BigIntegerField(null=True)
    lead_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "request_key"
        constraints = [models.UniqueConstraint(fields=["account", "key"], name="request_key_once")]
        indexes = [models.Index(fields=["account", "at"], name="request_key_by_age")]  # forgetting the old ones
