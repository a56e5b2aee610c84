"""What stops without a log-in, and which database this is: emergency links, phones that may stop, the identity."""

from django.db import models
from django.db.models import Q

from allstop.store.models.account import Account, Member


class StopLink(models.Model):
    """Whoever has its key may stop once. Only the digest is kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True)  # NULL: the whole installation
    name = models.CharField(max_length=80)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 in hex of a 256-bit random key
    made_by = models.CharField(max_length=120)
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True)
    used_stop = models.BigIntegerField(null=True)  # the number of its stop, or of the one that stood already
    revoked_by = models.CharField(max_length=120)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "stop_link"


class StopPhone(models.Model):
    """A member's phone. A text from it with the member's code stops the account."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE)
    phone = models.CharField(max_length=16, unique=True)  # E.164; of the installation: a text names no account
    code_hash = models.CharField(max_length=128)
    set_by = models.CharField(max_length=120)
    set_at = models.DateTimeField()
    wrong_codes = models.SmallIntegerField(default=0)  # since wrong_since
    wrong_since = models.DateTimeField(null=True)

    class Meta:
        db_table = "stop_phone"


class DatabaseIdentity(models.Model):
    """One row: which database a person has confirmed, or the first start has adopted."""

    one = models.SmallIntegerField(primary_key=True)
    system = models.CharField(max_length=20)  # of the cluster; "" where we may not ask
    timeline = models.IntegerField()
    database = models.BigIntegerField()  # its oid
    tables = models.BigIntegerField()  # the oid of the table gate: another one after a dump was restored
    number = models.BigIntegerField()  # the highest stop number seen
    confirmed_by = models.CharField(max_length=120)
    confirmed_at = models.DateTimeField()
    replaced = models.JSONField(default=list)  # earlier identities, for the witnesses of other machines

    class Meta:
        db_table = "database_identity"
        constraints = [models.CheckConstraint(condition=Q(one=1), name="database_identity_is_one_row")]
