"""Regular checks: the lane looks at what is due only every so many minutes of a session, or at times of the day.

A message that is due leaves at the next round, and from then on as the pace allows. Without rounds it leaves as soon
as everything else allows.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import lru_cache

from allstop.rules.wallclock import DAY, local_date, zone_clock
from allstop.rules.windows import Schedule

AT_ONCE = timedelta(0)


@dataclass(frozen=True, slots=True)
class Rounds:
    """`at`: times of the day in the account's zone; where there are none, every so often from a session's beginning."""

    zone: str
    every: timedelta = AT_ONCE
    at: tuple[time, ...] = ()

    def next_for(self, due_at: datetime, now: datetime, schedule: Schedule | None) -> datetime | None:
        """The round that what is due since then waits for. None: one has come since, so it may leave.

        To be asked while the schedule is open. Without one, rounds are counted from midnight.
        """
        last, following = _around(self, schedule, int(now.timestamp() // 60))
        return None if due_at <= last else following

    def leaves_from(self, due_at: datetime, schedule: Schedule | None) -> datetime:
        """When what is due then may begin to leave, the schedule considered. Where that never opens: when it is due."""
        at = due_at
        while True:
            opens_at = at if schedule is None else schedule.next_open(at)
            if opens_at is None:
                return due_at
            until = self.next_for(due_at, opens_at, schedule)
            if until is None:
                return opens_at
            at = until


def rounds(zone: str, every_minutes: int, at: tuple[time, ...]) -> Rounds | None:
    return Rounds(zone, timedelta(minutes=every_minutes), tuple(sorted(at))) if every_minutes or at else None


@lru_cache(maxsize=4096)
def _around(rounds: Rounds, schedule: Schedule | None, minute: int) -> tuple[datetime, datetime]:
    """The newest round that has come in this minute, and the first that is to come. Both begin with a minute."""
    now = datetime.fromtimestamp(minute * 60, UTC)
    if rounds.at:
        times = _times(rounds, now)
        return max(at for at in times if at <= now), min(at for at in times if at > now)
    begins = _begins(rounds, schedule, now)
    last = begins + (now - begins) // rounds.every * rounds.every
    return last, last + rounds.every


def _times(rounds: Rounds, now: datetime) -> list[datetime]:
    today, clock = local_date(now, rounds.zone), zone_clock(rounds.zone)
    days = (today + number * DAY for number in (-2, -1, 0, 1, 2))
    return [datetime.combine(day, at, clock).astimezone(UTC) for day in days for at in rounds.at]


def _begins(rounds: Rounds, schedule: Schedule | None, now: datetime) -> datetime:
    """Of the session that is open now."""
    if schedule is not None and not schedule.never_closes:
        open_now = schedule.sessions_between(now - 8 * DAY, now + timedelta(minutes=1))
        if open_now:
            return open_now[-1].start
    return datetime.combine(local_date(now, rounds.zone), time(), zone_clock(rounds.zone)).astimezone(UTC)
