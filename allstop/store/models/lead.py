"""Leads: one interest of one contact each, what happened to it, and what the account wants of its intake.

Whose a lead is: whoever the contact is assigned to (contact_assignment). There is no second owner.
"""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from allstop.rules.leads import LeadSource, LeadStatus, Reason, Title
from allstop.store.models.account import Account, Location
from allstop.store.models.closed_sets import one_of
from allstop.store.models.contact import Contact


class Lead(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="leads", db_index=False)
    public_id = models.UUIDField(unique=True)  # as programs and addresses have it
    status = models.CharField(max_length=11)
    reason = models.CharField(max_length=20)  # of an unqualified one; "" otherwise
    note = models.CharField(max_length=1024)  # what whoever decided it wrote; "" = nothing
    source = models.CharField(max_length=6)
    kind = models.CharField(max_length=40)  # the account's own word, such as buyer; "" = not said
    comment = models.CharField(max_length=1024)  # what they wrote, or somebody about them
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, db_index=False)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # when it was decided
    ended_by = models.CharField(max_length=120)
    version = models.BigIntegerField()  # from a sequence, at every change: what open pages watch

    class Meta:
        db_table = "lead"
        constraints = [
            models.UniqueConstraint(fields=["contact"], condition=Q(status="new"), name="lead_new_once"),
            one_of("status", LeadStatus, "lead_status"),
            one_of("source", LeadSource, "lead_source"),
            models.CheckConstraint(
                condition=Q(reason="") | Q(status="unqualified", reason__in=[one.value for one in Reason]),
                name="lead_reason",
            ),
            models.CheckConstraint(
                condition=Q(status="new", ended_at=None) | ~Q(status="new") & Q(ended_at__isnull=False),
                name="lead_ended",
            ),
        ]
        indexes = [
            # the list and the board, newest first
            models.Index(fields=["account", "-created_at", "-id"], name="lead_list"),
            models.Index(fields=["account", "status", "-created_at", "-id"], name="lead_by_status"),
            models.Index(fields=["account", "id"], condition=Q(status="new"), name="lead_new"),  # a mass end goes by it
            models.Index(fields=["contact", "-created_at"], name="lead_of_contact"),  # duplicates; the contact's page
            models.Index(fields=["account", "-version"], name="lead_changes"),  # is an open page out of date?
            models.Index(fields=["location"], condition=Q(location__isnull=False), name="lead_location"),
        ]


class LeadEvent(models.Model):
    """What happened to a lead. Rows are added, never changed."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    lead = models.ForeignKey(Lead, on_delete=models.CASCADE, related_name="events", db_index=False)
    at = models.DateTimeField()
    title = models.CharField(max_length=24)
    by = models.CharField(max_length=120)  # as screens show it, also after the member has left
    detail = models.CharField(max_length=1024)  # words for the history; "" = the title says it all
    message_id = models.BigIntegerField(null=True)
    inbound_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "lead_event"
        constraints = [one_of("title", Title, "lead_event_title")]
        indexes = [models.Index(fields=["lead", "at", "id"], name="lead_event_history")]


class RefusedLead(models.Model):
    """How many leads a hold on intake has refused, path by path. What they said is not kept."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    hold_id = models.BigIntegerField()  # the hold may go with its account; the count goes with it then too
    source = models.CharField(max_length=6)
    count = models.BigIntegerField()
    last_at = models.DateTimeField()

    class Meta:
        db_table = "refused_lead"
        constraints = [
            models.UniqueConstraint(fields=["account", "hold_id", "source"], name="refused_lead_once"),
            one_of("source", LeadSource, "refused_lead_source"),
        ]


class StrangersBecome(StrEnum):
    """What becomes of somebody who writes first, and whom nobody knows."""

    NOTHING = "nothing"  # a conversation in the Inbox, as ever
    LEADS = "leads"


class LeadSetup(models.Model):
    """An account without a row has the defaults."""

    account = models.OneToOneField(Account, on_delete=models.CASCADE)
    address = models.CharField(max_length=254)  # mails to it are leads; "" = none
    repeat_days = models.SmallIntegerField()  # the same person in so many days is the same lead; 0 = only while new
    strangers = models.CharField(max_length=7)

    class Meta:
        db_table = "lead_setup"
        constraints = [
            one_of("strangers", StrangersBecome, "lead_setup_strangers"),
            models.CheckConstraint(condition=Q(repeat_days__gte=0) & Q(repeat_days__lte=365), name="lead_setup_days"),
        ]
