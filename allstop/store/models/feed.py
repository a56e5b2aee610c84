"""Feeds: files that come by themselves from one place, and what each of them said of each appointment."""

from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from allstop.store.models.account import Account, Location
from allstop.store.models.closed_sets import one_of
from allstop.store.models.job import Import
from allstop.store.models.message_plan import AnswerKind
from allstop.store.sealing import SettingsField


class FeedKind(StrEnum):
    FOLDER = "folder"  # of this machine
    PUSH = "push"  # a program hands files in by HTTPS
    SFTP = "sftp"  # a folder of another machine
    CALENDAR = "calendar"  # an iCalendar address
    FHIR = "fhir"  # a search for Appointments
    EMAIL = "email"  # attached to a mail


class Feed(models.Model):
    account = models.ForeignKey(Account, on_delete=models.CASCADE, related_name="feeds", db_index=False)
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8)
    settings = SettingsField()  # of its kind: channels/feeds/config.py; what is secret is sealed
    options = models.JSONField()  # how its files are read: actions/import_options.py, from a file that was imported
    columns = ArrayField(models.TextField())  # of that file: the options name them by their position
    only_location = models.ForeignKey(Location, on_delete=models.RESTRICT, null=True)  # rows of others are canceled
    rhythm = models.JSONField()  # rules/rhythm.as_words; {} = files are read as the options say, and none is expected
    expected_at = models.TimeField(null=True)  # on the account's clock
    alarm_minutes = models.SmallIntegerField(default=30)
    is_on = models.BooleanField(default=True)
    created_by = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    next_look_at = models.DateTimeField(null=True)  # whoever looks moves it on first; NULL: nobody looks
    looked_at = models.DateTimeField(null=True)  # without failure
    failure = models.CharField(max_length=300, default="", db_default="")  # why its place cannot be read now
    mark = models.CharField(max_length=64, default="", db_default="")  # of what a source said last
    seen = models.JSONField(default=dict)  # digest of a name -> size, change, since: rules/arrivals.py
    alarm_at = models.DateTimeField(null=True)  # when somebody is told, unless a file has come by then
    expected_from = models.DateTimeField(null=True)  # files since then count for this alarm
    holds_all = models.BooleanField(default=False, db_default=False)  # a file holds everything from today on
    tells_answers = models.BooleanField(default=False, db_default=False)  # to where its files come from
    tell_at = models.DateTimeField(null=True)  # when somebody tells what is not told yet; NULL = there is nothing
    tell_failure = models.CharField(max_length=300, default="", db_default="")  # why it could not be told
    is_late = models.BooleanField(default=False)  # people were told, and nothing has come since

    class Meta:
        db_table = "feed"
        constraints = [
            one_of("kind", FeedKind, "feed_kind"),
            models.UniqueConstraint("account", Lower("name"), name="feed_name_once"),
            models.CheckConstraint(condition=Q(alarm_minutes__gte=1), name="feed_alarm"),
        ]
        indexes = [  # both are asked each second
            models.Index(fields=["next_look_at"], name="feed_due"),
            models.Index(fields=["alarm_at"], name="feed_alarm_due"),
            models.Index(fields=["tell_at"], condition=Q(tell_at__isnull=False), name="feed_to_tell"),
        ]


class FeedFileState(StrEnum):
    TAKEN = "taken"  # its import is queued or runs
    DONE = "done"
    FAILED = "failed"
    REPEAT = "repeat"  # the same content had come before: nothing was done


class FeedFile(models.Model):
    """A file that came. Its name and content are the import's. `id` is the order in which the feed's files came."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="files", db_index=False)
    source = models.OneToOneField(
        Import, on_delete=models.CASCADE, null=True, related_name="feed_file", db_column="import_id"
    )
    repeats = models.ForeignKey("self", on_delete=models.CASCADE, null=True)
    digest = models.CharField(max_length=64)  # SHA-256 of its content, behind the mark that a source had before
    place = models.CharField(max_length=64)  # digest of its name in the folder, until it was moved away; else ""
    state = models.CharField(max_length=6)
    arrived_at = models.DateTimeField()
    # rows = waiting + canceled + refused + errors; each row counts once. NULL until it is done
    rows = models.IntegerField(null=True)
    waiting = models.IntegerField(null=True)  # became messages that wait
    canceled = models.IntegerField(null=True)  # by rules: off, unchanged, of another location ...
    refused = models.IntegerField(null=True)  # by the gate
    errors = models.IntegerField(null=True)  # could not be used; each has a problem in words
    withdrawn = models.IntegerField(default=0)  # messages of earlier files that left the queue

    class Meta:
        db_table = "feed_file"
        constraints = [
            one_of("state", FeedFileState, "feed_file_state"),
            models.UniqueConstraint(  # each file once, however many workers look
                fields=["feed", "digest"], condition=Q(state__in=["taken", "done"]), name="feed_file_once"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "feed", "-id"], name="feed_file_list"),
            models.Index(fields=["feed", "place"], condition=~Q(place=""), name="feed_file_to_move"),
        ]


class FeedAppointment(models.Model):
    """What the newest file that named an appointment said of it, and the messages that were made of it."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, db_index=False)
    key = models.CharField(max_length=64)  # digest of its id, and of whose it is where several come
    core = models.CharField(max_length=64)  # digest of its time, place and provider
    is_cancelled = models.BooleanField()
    file_id = models.BigIntegerField()  # the FeedFile
    ends_at = models.DateTimeField()  # forgotten some time after
    messages = ArrayField(models.BigIntegerField())
    named = models.CharField(max_length=200, default="", db_default="")  # by the source: its own id; "" = it has none

    class Meta:
        db_table = "feed_appointment"
        constraints = [models.UniqueConstraint(fields=["feed", "key"], name="feed_appointment_once")]
        indexes = [models.Index(fields=["feed", "ends_at"], name="feed_appointment_old")]


class FeedAnswer(models.Model):
    """What a contact said of an appointment of a feed, for the program that keeps it. Each word once."""

    account = models.ForeignKey(Account, on_delete=models.CASCADE, db_index=False)
    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="answers", db_index=False)
    key = models.CharField(max_length=64)  # of the FeedAppointment
    named = models.CharField(max_length=200)  # the source's own id of the appointment
    kind = models.CharField(max_length=9)
    channel = models.CharField(max_length=5)  # "" = a member wrote it down
    message_id = models.BigIntegerField()
    at = models.DateTimeField()
    batch = models.BigIntegerField(null=True)  # the file in which it is written: the first answer in it
    told_at = models.DateTimeField(null=True)
    attempts = models.SmallIntegerField(default=0, db_default=0)

    class Meta:
        db_table = "feed_answer"
        constraints = [one_of("kind", AnswerKind, "feed_answer_kind")]
        indexes = [
            models.Index(fields=["account", "feed", "-id"], name="feed_answer_list"),
            models.Index(fields=["feed", "key", "-id"], name="feed_answer_last"),
            models.Index(fields=["feed", "id"], condition=Q(told_at=None), name="feed_answer_to_tell"),
        ]
