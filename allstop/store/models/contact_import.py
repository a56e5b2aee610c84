"""Files of contacts on their way into the Phonebook: the file, how far it is, what slices changed and refused."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from allstop.store.models.account import Account
from allstop.store.models.closed_sets import one_of


class ContactImportState(StrEnum):
    UPLOADED = "uploaded"  # guessed; waits for a person to look at it
    QUEUED = "queued"  # confirmed; waits for a process
    RUNNING = "running"
    CONFIRMING = "confirming"  # written; workers that hold messages of contacts that it blocked are being waited for
    DONE = "done"
    FAILED = "failed"  # `failure` says why; what its slices did stands
    UNDOING = "undoing"
    UNDONE = "undone"


class ContactImport(models.Model):
    """One file. Its slices are committed one by one, each with the place in the file that it has come to."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="contact_imports", db_index=False)
    file_name = models.CharField(max_length=200)
    format = models.CharField(max_length=10)
    options = models.JSONField()  # actions/contact_import_options.py
    state = models.CharField(max_length=10)
    rows_total = models.IntegerField()  # about, until it is done: lines are counted, and a cell may have several
    position = models.IntegerField(default=0)  # rows of the file that it has done; of an undo: slices taken back
    added = models.IntegerField(default=0)
    completed = models.IntegerField(default=0)  # contacts that were there and lacked something
    unchanged = models.IntegerField(default=0)
    refused = models.IntegerField(default=0)
    removed = models.IntegerField(default=0)  # by the undo
    restored = models.IntegerField(default=0)
    kept = models.IntegerField(default=0)  # left by the undo: something has happened to them since
    first_stop = models.BigIntegerField(null=True)  # the numbers of the stops that its slices took
    last_stop = models.BigIntegerField(null=True)
    ledger_number = models.BigIntegerField(default=0)  # the newest entry when it began; later ones are "since then"
    failure = models.TextField(default="")
    by = models.CharField(max_length=120)
    via = models.CharField(max_length=10)
    undone_by = models.CharField(max_length=120, default="")
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)  # last sign of life of the process that runs it
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "contact_import"
        constraints = [one_of("state", ContactImportState, "contact_import_state")]
        indexes = [
            models.Index(fields=["account", "-id"], name="contact_import_list"),
            models.Index(  # what a worker looks for
                fields=["id"],
                condition=Q(state__in=["queued", "running", "confirming", "undoing"]),
                name="contact_import_to_run",
            ),
        ]


class ContactImportPiece(models.Model):
    """A part of the file, so that no process must hold the whole. They go when the import is done."""

    source = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="pieces", db_column="contact_import_id", db_index=False
    )
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        db_table = "contact_import_piece"
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="contact_import_piece_once")]


class ContactImportSlice(models.Model):
    """Some thousand rows, done in one transaction: whom it added, and what stood before in those that it completed."""

    source = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="slices", db_column="contact_import_id", db_index=False
    )
    number = models.IntegerField()
    added = ArrayField(models.BigIntegerField())  # contacts
    completed = ArrayField(models.BigIntegerField())
    before = models.JSONField()  # what an undo of the completed ones needs, in their order

    class Meta:
        db_table = "contact_import_slice"
        constraints = [models.UniqueConstraint(fields=["source", "number"], name="contact_import_slice_once")]


class ContactImportProblem(models.Model):
    """A row that was refused, as it stands in the file; or a part of a row that was left out."""

    source = models.ForeignKey(
        ContactImport, on_delete=models.CASCADE, related_name="problems", db_column="contact_import_id", db_index=False
    )
    row = models.IntegerField()  # as the person sees it in the file, from 1
    is_refused = models.BooleanField()  # the whole row; otherwise a part of it
    column = models.CharField(max_length=120)
    value = models.CharField(max_length=300)
    problem = models.CharField(max_length=300)
    cells = ArrayField(models.TextField())

    class Meta:
        db_table = "contact_import_problem"
        indexes = [models.Index(fields=["source", "row", "id"], name="contact_import_problem_list")]
