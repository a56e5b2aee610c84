"""Who: accounts, their locations, the people who log in, their place in an account, and the tokens of programs.

Everything below belongs to exactly one account; a row of another account is never reachable.
"""

from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from allstop.rules.member_news import Wish
from allstop.rules.roles import Role
from allstop.store.models.closed_sets import one_of
from allstop.store.models.status import StatusType


class Account(models.Model):
    name = models.CharField(max_length=120)
    zone = models.CharField(max_length=60)  # IANA name; windows and files are read in this wall clock
    country = models.CharField(max_length=2)  # ISO 3166; how a number without its country code is read
    quiet_from = models.TimeField()  # the contacts' protected hours begin ...
    quiet_until = models.TimeField()  # ... and end, in every zone that a contact may be in
    created_at = models.DateTimeField()
    remind_after_hours = models.SmallIntegerField(default=24, db_default=24)  # that a stop stands; 0 = never
    takes_ownership = models.BooleanField(default=True, db_default=True)  # who writes to five or fewer owns them
    status_type = models.ForeignKey(StatusType, on_delete=models.PROTECT, related_name="accounts")

    class Meta:
        db_table = "account"
        constraints = [
            models.CheckConstraint(condition=~models.Q(quiet_from=models.F("quiet_until")), name="account_quiet_hours")
        ]

    def __str__(self) -> str:
        return self.name


class Location(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="locations")
    name = models.CharField(max_length=120)
    code = models.CharField(max_length=60)  # what uploaded files call it (ClinicID)

    class Meta:
        db_table = "location"
        constraints = [models.UniqueConstraint("account", Lower("code"), name="location_code_once")]

    def __str__(self) -> str:
        return self.name


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email__iexact=username)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """A person who logs in. What they may do is said by their membership, not here."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=120)
    is_operator = models.BooleanField(default=False)  # runs the installation
    is_active = models.BooleanField(default=True)
    notices_by_mail = models.BooleanField(
        default=True, db_default=True
    )  # Allstop's own notices, of every account of theirs

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        db_table = "login"

    def __str__(self) -> str:
        return self.name


class Member(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=10, choices=[(role.value, role.value) for role in Role])
    takes_unassigned = models.BooleanField(  # unread conversations that are nobody's count for them too
        default=True, db_default=True
    )
    # What they want to be told by email, and at which hour of the account's clock a digest leaves.
    mail_written = models.CharField(max_length=7, default=Wish.AT_ONCE.value, db_default=Wish.AT_ONCE.value)
    mail_assigned = models.CharField(max_length=7, default=Wish.AT_ONCE.value, db_default=Wish.AT_ONCE.value)
    digest_hour = models.SmallIntegerField(default=8, db_default=8)

    class Meta:
        db_table = "member"
        constraints = [
            models.UniqueConstraint(fields=["account", "user"], name="member_once"),
            one_of("role", Role, "member_role"),
            one_of("mail_written", Wish, "member_mail_written"),
            one_of("mail_assigned", Wish, "member_mail_assigned"),
            models.CheckConstraint(
                condition=models.Q(digest_hour__gte=0, digest_hour__lte=23), name="member_digest_hour"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user.name} ({self.role})"


class Token(models.Model):
    """A program's key. Only the digest is kept; it acts with the role of the member who made it, and never more."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="tokens")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64, unique=True)  # SHA-256 in hex of a 256-bit random key
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "token"
