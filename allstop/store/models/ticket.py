"""Tickets: what an account and the operators of the installation write to each other. No messages to contacts.

open ──► closed   by either side; whoever writes again opens it again
"""

from enum import StrEnum

from django.db import models
from django.db.models import F, Q

from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of


class Side(StrEnum):
    """Who wrote."""

    OPERATOR = "operator"
    ACCOUNT = "account"


class TicketState(StrEnum):
    OPEN = "open"
    CLOSED = "closed"


class Ticket(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    subject = models.CharField(max_length=200)
    state = models.CharField(max_length=6)
    opened_at = models.DateTimeField()
    last_at = models.DateTimeField()  # of its newest message
    last_side = models.CharField(max_length=8)  # whose turn it is not
    closed_by = models.CharField(max_length=120, default="", db_default="")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ticket"
        constraints = [
            one_of("state", TicketState, "ticket_state"),
            one_of("last_side", Side, "ticket_last_side"),
            models.CheckConstraint(condition=Q(state="open") | Q(closed_at__isnull=False), name="ticket_closed_when"),
        ]
        indexes = [
            models.Index(fields=["account", "-last_at"], name="ticket_of_account"),
            models.Index(F("last_at").desc(), condition=Q(state="open"), name="ticket_open"),  # the operators' list
        ]


class TicketMessage(models.Model):
    """`ticket` is of the same account: one is only made together with a look at its ticket."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="messages", db_index=False)
    side = models.CharField(max_length=8)
    by = models.CharField(max_length=120)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "ticket_message"
        constraints = [one_of("side", Side, "ticket_message_side")]
        indexes = [models.Index(fields=["ticket", "id"], name="ticket_message_of_ticket")]
