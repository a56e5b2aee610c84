"""Feeds with their newest file, and the files of one feed."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, Subquery

from allstop.store.models import Feed, FeedAnswer, FeedAppointment, FeedFile, FeedFileState, Import, ImportState

SHOWN = 50
CAME = (FeedFileState.TAKEN, FeedFileState.DONE, FeedFileState.FAILED, FeedFileState.REPEAT)


@dataclass(frozen=True, slots=True)
class FeedRow:
    feed: Feed
    last: FeedFile | None  # the newest that came
    open: int  # files that are being imported, or wait for it


def feeds(account_id: int) -> list[FeedRow]:
    """By name (feed_name_once). There are few."""
    newest = FeedFile.objects.filter(feed=OuterRef("pk")).order_by("-pk").values("pk")[:1]  # feed_file_list
    found = list(
        Feed.objects.filter(account_id=account_id)
        .select_related("only_location")
        .annotate(newest=Subquery(newest), open=Count("files", filter=Q(files__state=FeedFileState.TAKEN)))
        .order_by("name", "pk")
    )
    files = FeedFile.objects.select_related("source").defer("source__content", "source__options")
    last = {file.feed_id: file for file in files.filter(pk__in=[one.newest for one in found if one.newest])}
    return [FeedRow(one, last.get(one.pk), one.open) for one in found]


def feed_files(account_id: int, feed_id: int, after: int | None = None, limit: int = SHOWN) -> list[FeedFile]:
    """Newest first (feed_file_list). `after` is the id of the last one that the caller has."""
    found = FeedFile.objects.filter(account_id=account_id, feed_id=feed_id)
    if after is not None:
        found = found.filter(pk__lt=after)
    of = found.select_related("source", "source__job", "repeats")
    return list(of.defer("source__content", "source__options").order_by("-pk")[:limit])


def feed_answers(account_id: int, feed_id: int, after: int | None = None, limit: int = SHOWN) -> list[FeedAnswer]:
    """What contacts said of its appointments, newest first (feed_answer_list)."""
    found = FeedAnswer.objects.filter(account_id=account_id, feed_id=feed_id)
    return list((found if after is None else found.filter(pk__lt=after)).order_by("-pk")[:limit])


def imports_to_read_like(account_id: int) -> list[Import]:
    """Files that were imported by hand lately and are still kept: a new feed reads like one of them."""
    found = Import.objects.filter(account_id=account_id, state=ImportState.DONE, feed_file=None).exclude(content=b"")
    return list(found.defer("content", "options").order_by("-created_at", "-pk")[:SHOWN])


def missing_appointments(feed: Feed, now: datetime) -> int:
    """How many ahead the newest file does not name, where files hold everything (feed_appointment_old)."""
    if not feed.holds_all:
        return 0
    done = FeedFile.objects.filter(feed=feed, state=FeedFileState.DONE)
    newest = done.order_by("-pk").values_list("pk", flat=True).first()
    ahead = FeedAppointment.objects.filter(feed=feed, ends_at__gt=now, is_cancelled=False)
    return ahead.filter(file_id__lt=newest).count() if newest else 0
