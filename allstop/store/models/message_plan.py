"""Message plans, the messages that were made by them, and what contacts said of their appointments."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from allstop.rules.facts import Channel, Purpose
from allstop.rules.message_plan import Condition, CountsFrom
from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of
from allstop.store.models.contact import Contact


class MessagePlan(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="message_plans", db_index=False)
    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=10)
    counts_from = models.CharField(  # counted back from the appointment, or forward from the sending to a list
        max_length=11, default=CountsFrom.APPOINTMENT, db_default=CountsFrom.APPOINTMENT.value
    )
    steps = models.JSONField()  # rules/message_plan_data.py
    thanks = models.JSONField(default=list, db_default=[])  # rules/visit_thanks.py; [] = answers are not acknowledged
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "message_plan"
        constraints = [
            models.UniqueConstraint("account", Lower("name"), name="message_plan_name_once"),
            one_of("purpose", Purpose, "message_plan_purpose"),
            one_of("counts_from", CountsFrom, "message_plan_counts_from"),
        ]


class PlanStep(models.Model):
    """A message that a plan made for an appointment, or for somebody on a list.

    A step that goes only if the one before fails stands by: its message is recorded as canceled, and waits once that
    has happened. No foreign keys to messages: a file may make a hundred thousand.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    visit = models.BigIntegerField()  # stands for the appointment, or the sending to one person: its first message
    number = models.SmallIntegerField()  # of the step in its plan
    message_id = models.BigIntegerField()
    condition = models.CharField(max_length=11)
    after = models.BigIntegerField(null=True)  # the message that must have failed
    look_at = models.DateTimeField(null=True)  # it stands by: when somebody looks; NULL = it does not
    plan_id = models.BigIntegerField(null=True)  # the MessagePlan, which may be gone; whose answers are acknowledged

    class Meta:
        db_table = "plan_step"
        constraints = [
            one_of("condition", Condition, "plan_step_condition"),
            models.UniqueConstraint(fields=["account", "visit", "message_id"], name="plan_step_once"),
        ]
        indexes = [
            models.Index(fields=["account", "message_id"], name="plan_step_by_message"),
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="plan_step_standing_by"),
        ]


class FollowUp(models.Model):
    """Somebody on a list to whom a plan was sent: its later steps leave until they answer, or need not be asked.

    Once it has ended, what still waits of its steps (PlanStep) is withdrawn: actions/follow_ups.py.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, db_index=False)
    visit = models.BigIntegerField()  # as in PlanStep
    list_id = models.BigIntegerField(null=True)  # the ContactList, which may be gone
    purpose = models.CharField(max_length=10)
    until = models.DateTimeField()  # no step leaves after it
    ended = models.CharField(
        max_length=30, default="", db_default=""
    )  # why: a code of rules/reasons.py; "" = it goes on
    look_at = models.DateTimeField(null=True)  # it has ended: when somebody withdraws its steps; NULL = it is done

    class Meta:
        db_table = "follow_up"
        constraints = [
            one_of("purpose", Purpose, "follow_up_purpose"),
            models.UniqueConstraint(fields=["account", "visit"], name="follow_up_once"),
        ]
        indexes = [
            models.Index(fields=["contact"], name="follow_up_of_contact"),
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="follow_up_to_withdraw"),
        ]


class FamilyVisit(models.Model):
    """An appointment (or one person on a list) that one message tells of together with others: rules/family.py.

    Its own message is recorded as canceled with the reason with_family, unless it is the one that tells of all: the
    carrier. `says` and the wording are kept to word it anew when somebody of the family has another appointment.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    message_id = models.BigIntegerField()  # its own
    carrier_id = models.BigIntegerField()
    at = models.DateTimeField()  # the appointment: the first one's message carries
    says = models.JSONField()  # who, when and where: rules/family.py; {} = erased
    subject = models.TextField()  # the plan's wording for a family, not yet filled
    body = models.TextField()
    alone_subject = models.TextField()  # what its own message says where it tells of nobody else
    alone_body = models.TextField()
    has_left = models.BooleanField(default=False, db_default=False)  # it is not told of in this message any more
    look_at = models.DateTimeField(null=True)  # the carrier was withdrawn: when somebody words it anew; NULL = never

    class Meta:
        db_table = "family_visit"
        constraints = [models.UniqueConstraint(fields=["account", "message_id"], name="family_visit_once")]
        indexes = [
            models.Index(fields=["account", "carrier_id"], name="family_visit_by_carrier"),
            models.Index(fields=["look_at"], condition=Q(look_at__isnull=False), name="family_visit_to_word"),
        ]


class Thanks(models.Model):
    """An answer to an appointment was acknowledged: once for each, whatever they say later."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    visit = models.BigIntegerField()  # as in PlanStep
    message_id = models.BigIntegerField()  # that says it
    at = models.DateTimeField()

    class Meta:
        db_table = "thanks"
        constraints = [models.UniqueConstraint(fields=["account", "visit"], name="thanks_once")]


class AnswerKind(StrEnum):
    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"  # they do not come
    WRONG = "wrong"  # it is not their number or address
    OTHER = "other"  # they said something that a person has to read


class AppointmentAnswer(models.Model):
    """What the contact said of the appointment that a message reminds of. The latest word counts."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE)
    message_id = models.BigIntegerField()
    kind = models.CharField(max_length=9)
    channel = models.CharField(max_length=5)  # of the answer; "" = a member wrote it down
    inbound_id = models.BigIntegerField(null=True)  # their words
    by = models.CharField(max_length=120)  # who wrote it down; "the contact"
    at = models.DateTimeField()

    class Meta:
        db_table = "appointment_answer"
        constraints = [
            one_of("kind", AnswerKind, "appointment_answer_kind"),
            models.CheckConstraint(
                condition=Q(channel__in=["", *(one.value for one in Channel)]), name="appointment_answer_channel"
            ),
            models.UniqueConstraint(fields=["account", "message_id"], name="appointment_answer_once"),
        ]
