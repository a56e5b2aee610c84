"""Allstop's own words to its own people: a stop that stands for long, a brake that tripped. No message of an account.

docs/notes/0007-own-notices.md says why they do not pass the gate.
"""

from enum import StrEnum

from django.db import models

from allstop.store.models.account import Account, User
from allstop.store.models.closed_sets import one_of


class NoticeKind(StrEnum):
    STANDING = "standing"  # a stop or another hold has stood for a day
    BRAKE = "brake"  # the automatic brake has tripped
    SCHEDULED = "scheduled"  # a scheduled stop was late or was skipped
    CREDITS = "credits"  # they run low
    SENDER = "sender"  # two accounts send from one number
    LEAD = "lead"  # a lead whose conversation was ended has written again
    RAMP = "ramp"  # a start that goes in steps has stopped itself
    FEED = "feed"  # a file did not come, or could not be read
    TICKET = "ticket"  # the operators, or the account, have written
    SUPPORT = "support"  # an operator has entered the account
    PAST_DUE = "past_due"  # invoices of the account are
    WEBHOOK = "webhook"  # one was turned off, since nothing arrived for days


class Notice(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, db_index=False)  # NULL: installation
    kind = models.CharField(max_length=9)
    subject = models.CharField(max_length=200)
    body = models.TextField()
    about = models.CharField(max_length=80)  # as the ledger's subjects: "account", "job:12"
    url = models.CharField(max_length=200)  # the page that says more, from "/" on; "" = none
    created_at = models.DateTimeField()

    class Meta:
        db_table = "notice"
        constraints = [one_of("kind", NoticeKind, "notice_kind")]
        indexes = [models.Index(fields=["account", "-id"], name="notice_of_account")]


class NoticeReader(models.Model):
    """One person whom it is for. `mail_due_at` is taken away before the mail is handed over: so it goes out once."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="readers", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.CASCADE, null=True, db_index=False)  # the notice's
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notices", db_index=False)
    read_at = models.DateTimeField(null=True)
    mail_due_at = models.DateTimeField(null=True)  # NULL: no mail is to go out (any more)
    mail_tries = models.SmallIntegerField(default=0)
    mailed_at = models.DateTimeField(null=True)
    mail_failure = models.CharField(max_length=300, default="")  # why the last try failed

    class Meta:
        db_table = "notice_reader"
        constraints = [models.UniqueConstraint(fields=["notice", "user"], name="notice_reader_once")]
        indexes = [
            models.Index(fields=["user", "-notice"], name="notice_list"),
            models.Index(fields=["user"], condition=models.Q(read_at=None), name="notice_unread"),
            models.Index(fields=["account"], condition=models.Q(read_at=None), name="notice_unread_in"),
            models.Index(fields=["mail_due_at"], condition=models.Q(mail_due_at__isnull=False), name="notice_to_mail"),
        ]
