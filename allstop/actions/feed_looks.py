"""Whose turn it is to be looked at, and which files are late.

The rule that it guards: a feed is looked at by one process at a time, and a late file is told of once.
"""

from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.feeds import expect_next
from allstop.actions.notices import notify
from allstop.rules.arrivals import Seen
from allstop.rules.wallclock import zone_clock
from allstop.store.models import Feed, FeedFile, FeedFileState, FeedKind, NoticeKind

EVERY = timedelta(seconds=30)  # from the end of one look to the next, at a folder of this machine
EVERY_AWAY = timedelta(seconds=60)  # of another one
SOON = timedelta(seconds=10)  # while something lies there: it may be complete by then, or imported
AFTER_FAILURE = timedelta(minutes=2)
HELD = timedelta(minutes=5)  # by whoever looks; after a crash somebody else looks then
_CAME = (FeedFileState.TAKEN, FeedFileState.DONE)


@transaction.atomic
def take_due(now: datetime) -> Feed | None:
    """One whose turn it is, for this process alone; None: none is due."""
    due = Feed.objects.select_for_update(skip_locked=True).filter(next_look_at__lte=now)  # feed_due
    feed = due.order_by("next_look_at").first()
    if feed is not None:
        Feed.objects.filter(pk=feed.pk).update(next_look_at=now + HELD)
    return feed


def seen_before(feed: Feed) -> dict[str, Seen]:
    return {
        key: Seen(size, changed, datetime.fromisoformat(since)) for key, (size, changed, since) in feed.seen.items()
    }


def end_look(feed: Feed, seen: dict[str, Seen] | None, failure: str, now: datetime) -> None:
    """`seen` is None: it could not be looked at."""
    mine = Feed.objects.filter(pk=feed.pk, next_look_at__isnull=False)  # unless it was turned off meanwhile
    mine.update(next_look_at=now + (AFTER_FAILURE if failure else SOON if seen else _every(feed)))
    same = Feed.objects.filter(pk=feed.pk, settings=feed.settings)
    same.update(failure=failure[:300])
    if seen is not None:
        same.update(
            looked_at=now, seen={key: (one.size, one.changed, one.since.isoformat()) for key, one in seen.items()}
        )


def _every(feed: Feed) -> timedelta:
    minutes = feed.settings.get("every_minutes")
    if isinstance(minutes, int):
        return timedelta(minutes=minutes)
    return EVERY if feed.kind == FeedKind.FOLDER else EVERY_AWAY


def look_for_late(now: datetime) -> None:
    """A chore: each feed whose file should have come by now."""
    while _look_at_one(now):
        pass


@transaction.atomic
def _look_at_one(now: datetime) -> bool:
    due = Feed.objects.select_for_update(skip_locked=True, of=("self",)).select_related("account")
    feed = due.filter(alarm_at__lte=now).order_by("alarm_at").first()  # feed_alarm_due
    if feed is None:
        return False
    assert feed.alarm_at is not None and feed.expected_from is not None
    expected = feed.alarm_at - timedelta(minutes=feed.alarm_minutes)
    came = FeedFile.objects.filter(feed=feed, state__in=_CAME, arrived_at__gte=feed.expected_from).exists()
    feed.is_late = not came
    if not came:
        _tell(feed, expected, now)
    # Whoever was not there to look (no worker ran) tells once, not once for each day that passed.
    expect_next(feed, feed.account.zone, max(expected, now - timedelta(minutes=feed.alarm_minutes)))
    feed.save(update_fields=["is_late", "alarm_at", "expected_from"])
    return True


def _tell(feed: Feed, expected: datetime, now: datetime) -> None:
    local = expected.astimezone(zone_clock(feed.account.zone))
    why = f" Its place cannot be read: {feed.failure}" if feed.failure else ""
    where = {
        FeedKind.PUSH: "Ask whoever runs the program that hands it in.",
        FeedKind.FOLDER: "Look into the folder, and at the program that writes it.",
        FeedKind.SFTP: "Look into the folder on the server, and at the program that writes it.",
        FeedKind.EMAIL: "Ask whoever sends the mails, and look into the folder Allstop other of the mailbox.",
    }.get(FeedKind(feed.kind), "Look at its place, and at the program that writes it.")
    notify(
        NoticeKind.FEED,
        f"No file has come for the feed {feed.name}",
        f"It was expected on {local:%A, %d %B at %H:%M}, and its reminders cannot leave without it.{why} {where}",
        now,
        account_id=feed.account_id,
        about=f"feed:{feed.pk}",
        url=f"/setup/feeds/{feed.pk}",
    )
