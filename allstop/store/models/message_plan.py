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
