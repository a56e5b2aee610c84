"""Jobs (one upload, feed or send that makes many messages), the files they came from, and the wording they use."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Lower

from allstop.rules.facts import Channel, Purpose
from allstop.store.models.account import Account, Location
from allstop.store.models.attachment import AttachmentSet
from allstop.store.models.closed_sets import one_of


class JobSource(StrEnum):
    UPLOAD = "upload"  # a file a person handed in
    COMMAND = "command"  # a file by the command line
    API = "api"  # a program
    SEND = "send"  # a person's send to a list
    FEED = "feed"  # a file that came by itself


class Job(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="jobs")
    name = models.CharField(max_length=200)
    source = models.CharField(max_length=8)
    purpose = models.CharField(max_length=10)
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    removed_by = models.CharField(max_length=120)  # "" = not removed
    removed_at = models.DateTimeField(null=True)  # removed jobs leave the list, are kept, and never send

    class Meta:
        db_table = "job"
        constraints = [one_of("source", JobSource, "job_source"), one_of("purpose", Purpose, "job_purpose")]
        indexes = [models.Index(fields=["account", "-created_at"], name="job_list")]  # newest first on Home

    def __str__(self) -> str:
        return self.name


class JobWindow(models.Model):
    """The window and the pace that a job has of its own on a channel, for this sending only.

    Its messages are queued with their slots as due times, in the lane of what is sent by hand: rules/own_window.py.
    """

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="windows", db_index=False)
    channel = models.CharField(max_length=5)
    sessions = ArrayField(models.CharField(max_length=30), null=True)  # "Monday 09:00-12:00"; NULL = always open
    zone = models.CharField(max_length=60)  # on whose clock
    pace_ms = models.BigIntegerField()  # time between two messages; 0 = none
    slot_at = models.DateTimeField()  # the list's clock: when its next free slot begins

    class Meta:
        db_table = "job_window"
        constraints = [
            models.UniqueConstraint(fields=["account", "job", "channel"], name="job_window_once"),
            one_of("channel", Channel, "job_window_channel"),
            models.CheckConstraint(condition=models.Q(pace_ms__gte=0), name="job_window_pace"),
        ]


class Template(models.Model):
    """Wording with placeholders for one channel and purpose of an account."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="templates")
    name = models.CharField(max_length=120)
    channel = models.CharField(max_length=5)
    purpose = models.CharField(max_length=10)
    subject = models.CharField(max_length=300)  # emails only; "" otherwise
    body = models.TextField()
    attachment_set = models.ForeignKey(AttachmentSet, on_delete=models.RESTRICT, null=True)  # emails only

    class Meta:
        db_table = "template"
        constraints = [
            models.UniqueConstraint("account", "channel", Lower("name"), name="template_name_once"),
            one_of("channel", Channel, "template_channel"),
            one_of("purpose", Purpose, "template_purpose"),
        ]


class ImportState(StrEnum):
    UPLOADED = "uploaded"  # read and guessed; waits for a person to look at the mapping
    QUEUED = "queued"  # confirmed; waits for a worker
    RUNNING = "running"  # a worker reads it
    DONE = "done"  # its job stands
    FAILED = "failed"  # nothing was imported; `failure` says why


class Import(models.Model):
    """A file on its way to becoming a job. It becomes one in a single transaction, or not at all."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="imports")
    job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, related_name="imports")
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True)  # for rows that name none
    file_name = models.CharField(max_length=200)
    format = models.CharField(max_length=10)
    content = models.BinaryField()  # empty once somebody of it was erased
    digest = models.CharField(
        max_length=64, default="", db_default=""
    )  # SHA-256 of what `content` was, when it is empty
    source = models.CharField(max_length=8)
    state = models.CharField(max_length=8)
    options = models.JSONField()  # mapping, purpose, channels, templates, when: actions/imports.ImportOptions
    rows_total = models.IntegerField(null=True)  # NULL until counted
    rows_done = models.IntegerField(default=0)
    rows_refused = models.IntegerField(default=0)  # rows that could not be used; each has an ImportProblem
    messages_made = models.IntegerField(default=0)
    failure = models.TextField(default="")
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)  # last sign of life of the process that runs it
    finished_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "import"
        constraints = [
            one_of("state", ImportState, "import_state"),
            one_of("source", JobSource, "import_source"),
        ]
        indexes = [
            models.Index(fields=["account", "-created_at"], name="import_list"),
            models.Index(  # what a worker looks for
                fields=["created_at"],
                condition=models.Q(state__in=[ImportState.QUEUED.value, ImportState.RUNNING.value]),
                name="import_to_run",
            ),
        ]


class ImportProblem(models.Model):
    """A row that could not be used, with words that say what to do."""

    source = models.ForeignKey(Import, on_delete=models.CASCADE, related_name="problems", db_column="import_id")
    row = models.IntegerField()  # as the person sees it in the file, from 1
    column = models.CharField(max_length=120)
    value = models.CharField(max_length=300)
    problem = models.CharField(max_length=300)

    class Meta:
        db_table = "import_problem"
        indexes = [models.Index(fields=["source", "row", "id"], name="import_problem_list")]
