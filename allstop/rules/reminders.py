"""When people are told that a stop still stands: after so many hours, and then once each further day.

| hours | told |
|---|---|
| 0 | never |
| 24 | a day after it began, two days after, ... |
| 4 | four hours after it began, then a day after that, ... |

Whoever was not there to tell (no worker ran) tells once, not once for each day that passed.
"""

from datetime import datetime, timedelta

AGAIN_AFTER = timedelta(days=1)
MOST_HOURS = 720


def reminder_due(since: datetime, told_at: datetime | None, hours: int, now: datetime) -> bool:
    if hours == 0:
        return False
    due_at = since + timedelta(hours=hours) if told_at is None else told_at + AGAIN_AFTER
    return due_at <= now


def age_words(span: timedelta) -> str:
    """The largest unit alone, rounded down: 3 days, 5 hours, 20 minutes."""
    seconds = max(0, int(span.total_seconds()))
    for size, unit in ((86400, "day"), (3600, "hour"), (60, "minute")):
        if seconds >= size:
            number = seconds // size
            return f"{number:,} {unit}{'' if number == 1 else 's'}"
    return "less than a minute"
