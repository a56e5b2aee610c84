"""Files of leads: how far each is, and what became of every row."""

from enum import StrEnum

from django.db import models
from django.db.models import Q

from allstop.store.models.account import Account, Member
from allstop.store.models.closed_sets import one_of
from allstop.store.models.lead import Lead


class LeadImportState(StrEnum):
    QUEUED = "queued"  # taken in; waits for a process
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  # `failure` says why; the rows that were done stand


class RowOutcome(StrEnum):
    """The refusals have the words of rules.leads.Refusal."""

    CREATED = "created"
    DUPLICATE = "duplicate"
    REPEATED = "repeated"
    CLOSED = "closed"
    PAUSED = "paused"
    UNUSABLE = "unusable"  # nothing in the row says whose lead it would be, or it says that nothing may go to them


class LeadImport(models.Model):
    """One file. Each row is committed with its lead and with the place in the file that is reached."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="lead_imports", db_index=False)
    file_name = models.CharField(max_length=200)
    content = models.BinaryField()  # of the file; empty when it is over
    kind = models.CharField(max_length=40)  # of all its leads
    state = models.CharField(max_length=7)
    total = models.IntegerField()  # rows; about, until it is over: lines are counted, and a cell may have several
    position = models.IntegerField(default=0)  # rows of the file that are done
    created = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)  # all others; lead_import_row says why
    failure = models.TextField(default="")
    by = models.CharField(max_length=120)
    via = models.CharField(max_length=10)
    member = models.ForeignKey(Member, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)  # last sign of life of the process that runs it
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "lead_import"
        constraints = [one_of("state", LeadImportState, "lead_import_state")]
        indexes = [
            models.Index(fields=["account", "-id"], name="lead_import_list"),
            models.Index(  # what a worker looks for
                fields=["id"], condition=Q(state__in=["queued", "running"]), name="lead_import_to_run"
            ),
        ]


class LeadImportRow(models.Model):
    """What became of one row. Whom it is about says the lead alone: nothing else of the file is kept."""

    source = models.ForeignKey(
        LeadImport, on_delete=models.CASCADE, related_name="rows", db_column="lead_import_id", db_index=False
    )
    row = models.IntegerField()  # as the person sees it in the file, from 1
    outcome = models.CharField(max_length=9)
    words = models.CharField(max_length=300)  # why not; "" = created
    lead = models.ForeignKey(Lead, on_delete=models.SET_NULL, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "lead_import_row"
        constraints = [one_of("outcome", RowOutcome, "lead_import_row_outcome")]
        indexes = [
            models.Index(fields=["source", "id"], name="lead_import_row_list"),
            models.Index(fields=["lead"], condition=Q(lead__isnull=False), name="lead_import_row_lead"),  # erasing
        ]
