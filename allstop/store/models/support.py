"""When an operator was inside an account as support: who, why, since when, and until when."""

from django.db import models
from django.db.models import Q

from allstop.store.models.account import Account, User


class SupportVisit(models.Model):
    """It ends when somebody ends it, and at `until` by itself. It stays for good: it is the account's to read."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False)
    operator = models.CharField(max_length=120)  # the name, as it was
    reason = models.CharField(max_length=300)
    began_at = models.DateTimeField()
    until = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # NULL: nobody ended it; it is over all the same once `until` has passed

    class Meta:
        db_table = "support_visit"
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(ended_at=None), name="support_visit_one_of_each"),
            models.CheckConstraint(condition=Q(until__gt=models.F("began_at")), name="support_visit_span"),
        ]
        indexes = [models.Index(fields=["account", "-began_at"], name="support_visit_of_account")]
