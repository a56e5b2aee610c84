"""What members are told by email, and when: at once, in a daily digest, or never. Each member chooses.

At once is not the same second: whoever has the inbox open reads it there, and then no mail is needed. And a
conversation that goes back and forth makes one mail, not one for each line.
"""

from datetime import UTC, datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

GRACE = timedelta(minutes=2)  # time to read it in the inbox
QUIET = timedelta(minutes=15)  # between two mails about one conversation


class NewsKind(StrEnum):
    WRITTEN = "written"  # a contact or a lead has written
    ASSIGNED = "assigned"  # a new lead is theirs


class Wish(StrEnum):
    AT_ONCE = "at_once"
    DIGEST = "digest"
    NEVER = "never"


def due_at(wish: Wish, digest_hour: int, zone: str, told_at: datetime | None, now: datetime) -> datetime | None:
    """When a member is told of what happened now. `told_at`: of the same conversation, last. None: never."""
    if wish is Wish.NEVER:
        return None
    if wish is Wish.DIGEST:
        return next_digest(digest_hour, zone, now)
    soon = now + GRACE
    return soon if told_at is None else max(soon, told_at + QUIET)


def next_digest(hour: int, zone: str, now: datetime) -> datetime:
    """The next time that the account's clock shows this hour. An hour that a clock change leaves out is taken as the
    one after it (zoneinfo's reading of such a time)."""
    local = now.astimezone(ZoneInfo(zone))
    days = (local.date() + timedelta(days=ahead) for ahead in range(3))
    times = (datetime.combine(day, time(hour), local.tzinfo).astimezone(UTC) for day in days)
    return next(at for at in times if at > now)
