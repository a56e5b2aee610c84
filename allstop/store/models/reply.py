"""Replies: what an account has set for them, and those that a person has to read because they may be a no."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models

from allstop.rules.calls_instead import USUAL
from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of
from allstop.store.models.contact import Contact
from allstop.store.models.message import Inbound

CONFIRMATION = "{account}: you will get no more {what} from us. Reply START to get them again."
HELP_ANSWER = "{account}: this number sends reminders and messages. Reply STOP to get no more of them."


class ReplySetup(models.Model):
    """An account without a row has the defaults."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE)
    words = ArrayField(models.CharField(max_length=60), default=list)  # opt out as STOP does, as whole replies
    stops_all = models.BooleanField(default=False)  # a STOP counts on every channel, not only where it came
    confirms = models.BooleanField(default=True)
    confirmation = models.CharField(max_length=320, default=CONFIRMATION)
    answers_help = models.BooleanField(default=True)
    help_answer = models.CharField(max_length=320, default=HELP_ANSWER)
    auto_reply = models.CharField(max_length=320, default="", db_default="")  # when nobody reads; "" = none
    auto_reply_minutes = models.SmallIntegerField(default=15, db_default=15)
    # a reminder by text is refused, since the contact has said no to texts: it goes out as a call
    calls_instead = models.BooleanField(default=False, db_default=False)
    call_words = models.CharField(max_length=600, default=USUAL, db_default=USUAL)  # "" = those of the text

    class Meta:
        db_table = "reply_setup"


class CallInstead(models.Model):
    """A reminder by text that was refused, of an account that calls instead. No foreign key to messages (PlanStep)."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    message_id = models.BigIntegerField()  # the text
    look_at = models.DateTimeField(null=True)  # when somebody decides; NULL = it is decided
    call_id = models.BigIntegerField(null=True)  # the message that calls; NULL = none does

    class Meta:
        db_table = "call_instead"
        constraints = [models.UniqueConstraint(fields=["account", "message_id"], name="call_instead_once")]
        indexes = [
            models.Index(fields=["look_at"], condition=models.Q(look_at__isnull=False), name="call_instead_to_decide"),
            models.Index(
                fields=["account", "call_id"], condition=models.Q(call_id__isnull=False), name="call_instead_by_call"
            ),
        ]


class Settlement(StrEnum):
    """What an unclear reply turned out to mean."""

    THIS_CHANNEL = "this_channel"  # no more on the channel that it came on
    EVERY_CHANNEL = "every_channel"
    MEANT_NOTHING = "meant_nothing"
    OWN_WORD = "own_word"  # the contact has said it clearly since


class UnclearReply(models.Model):
    """May be a no. Until it is settled, a hold keeps what would go to whoever has that address."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    inbound = models.OneToOneField(Inbound, on_delete=models.CASCADE)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    held = ArrayField(models.BigIntegerField())  # contacts
    at = models.DateTimeField()
    settlement = models.CharField(max_length=13, null=True)
    settled_by = models.CharField(max_length=120)  # "" = not settled
    settled_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "unclear_reply"
        constraints = [one_of("settlement", Settlement, "unclear_reply_settlement")]
        indexes = [  # the list of those to read, and their count on Home
            models.Index(fields=["account", "id"], condition=models.Q(settled_at=None), name="unclear_reply_open")
        ]
