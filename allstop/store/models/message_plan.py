"""Message plans, the messages that were made by them, and what contacts said of their appointments."""

from enum import StrEnum

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from allstop.rules.facts import Channel, Purpose
from allstop.rules.message_plan import Condition
from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of
from allstop.store.models.contact import Contact


class MessagePlan(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="message_plans", db_index=False)
    name = models.CharField(max_length=100)
    purpose = models.CharField(max_length=10)
    steps = models.JSONField()  # rules/message_plan_data.py
    thanks = models.JSONField(default=list, db_default=[])  # rules/visit_thanks.py; [] = answers are not acknowledged
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "message_plan"
        constraints = [
            models.UniqueConstraint("account", Lower("name"), name="message_plan_name_once"),
            one_of("purpose", Purpose, "message_plan_purpose"),
        ]


class PlanStep(models.Model):
    """A message that a plan made for an appointment.

    A step that goes only if the one before fails stands by: its message is recorded as canceled, and waits once that
    has happened. No foreign keys to messages: a file may make a hundred thousand.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    visit = models.BigIntegerField()  # stands for the appointment: its first message
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


class FamilyVisit(models.Model):
    """An appointment that one message tells of together with others of the family: rules/family.py.

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
