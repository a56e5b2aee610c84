"""What Allstop says to leads by itself: the account's playbook, how far each lead has come, and the end of them all."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of
from allstop.store.models.lead import Lead


class Playbook(models.Model):
    """An account without a row has none: people work its leads."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE)
    text = models.TextField()  # as people wrote it; checked before it is kept (rules/playbook_text.py)
    is_on = models.BooleanField()  # off: nobody new begins, and whoever is due goes to a person
    changed_by = models.CharField(max_length=120)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "playbook"


class Answers(StrEnum):
    """Who answers a lead."""

    AUTOMATIC = "automatic"  # the playbook
    PERSON = "person"  # somebody has taken over, or it was handed over
    NOBODY = "nobody"  # the lead is over, or the playbook has ended


class Talk(models.Model):
    """How far the playbook has come with one lead. A row for each lead, from its first moment on; narrow.

    automatic ──taken over, handed over──► person ──handed back──► automatic;  either ──the lead is decided──► nobody
    """

    lead = models.OneToOneField(Lead, on_delete=models.CASCADE, primary_key=True, related_name="talk")
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    answers = models.CharField(max_length=9)
    why = models.CharField(max_length=20)  # of a hand-over: a code of rules/talk_words.py; "" otherwise
    step = models.CharField(max_length=40)  # of the playbook; "" = not begun
    since = models.DateTimeField()  # of the step's message: its delays count from here
    afters = models.SmallIntegerField(default=0)  # of the step, how many have happened
    messages = models.SmallIntegerField(default=0)  # that the playbook has sent
    due_at = models.DateTimeField(null=True)  # when a worker looks at it; NULL = not before something happens
    heard_at = models.DateTimeField(null=True)  # the first of what they wrote that is not answered yet
    queued = ArrayField(models.BigIntegerField(), default=list)  # messages to them that may wait in the queue still
    unwanted = ArrayField(models.BigIntegerField(), default=list)  # a worker held them when they were withdrawn

    class Meta:
        db_table = "talk"
        constraints = [one_of("answers", Answers, "talk_answers")]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="talk_due"),  # the worker's chore
        ]


class EndState(StrEnum):
    QUEUED = "queued"  # waits for a process
    RUNNING = "running"
    CONFIRMING = "confirming"  # all ended; workers that hold messages of these leads are being waited for
    DONE = "done"
    FAILED = "failed"  # `failure` says why; what its slices did stands


class MassEnd(models.Model):
    """One press of End Conversations, for everybody or for one member's leads. It goes through new leads by id."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="mass_ends", db_index=False)
    member_id = models.BigIntegerField(null=True)  # whose leads; NULL = everybody's
    member_name = models.CharField(max_length=120)  # as it was when it was asked for; "" = everybody's
    by = models.CharField(max_length=120)
    via = models.CharField(max_length=10)
    state = models.CharField(max_length=10)
    total = models.IntegerField()  # as counted when it was asked for
    until_id = models.BigIntegerField()  # a lead that comes later was not meant
    position = models.BigIntegerField(default=0)  # the last lead that it has done
    ended = models.IntegerField(default=0)
    withdrawn = models.IntegerField(default=0)  # messages that were waiting and now never leave
    last_stop = models.BigIntegerField(null=True)  # the number of the last stop that its slices took
    failure = models.TextField(default="")
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    replayed_at = models.DateTimeField(null=True)  # when somebody had integrators told after all
    replayed_by = models.CharField(max_length=120, default="")
    replayed = models.IntegerField(default=0)  # leads that webhooks were told of

    class Meta:
        db_table = "mass_end"
        constraints = [
            one_of("state", EndState, "mass_end_state"),
            models.UniqueConstraint(  # of the same account one at a time
                fields=["account"],
                condition=Q(state__in=["queued", "running", "confirming"]),
                name="mass_end_one_open",
            ),
        ]
        indexes = [models.Index(fields=["account", "-id"], name="mass_end_list")]
