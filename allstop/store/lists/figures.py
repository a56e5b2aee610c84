"""Today's figures and the live rate.

A Meter remembers what it has counted, so that a screen which asks every second counts only the last seconds
again. What finished more than SETTLED ago is not counted again: a finish commits milliseconds after its time.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from allstop.store.lists.reading import rows, scalar
from allstop.store.lists.replies import count_unclear
from allstop.store.lists.switch import totals
from allstop.store.models import Status

SPAN = timedelta(minutes=2)  # of the plot
SMOOTHED_OVER = 5  # seconds: one number a second of a paced channel would be a comb
SETTLED = timedelta(seconds=10)
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
COUNTED_AFRESH = timedelta(hours=1)  # also what committed later than SETTLED after its time


@dataclass(frozen=True, slots=True)
class Rate:
    at: datetime
    per_minute: float


@dataclass(frozen=True, slots=True)
class Figures:
    """Of today in the account's own zone, except `waiting`, `in_flight`, `unknown` and `unclear`, which are of now."""

    sent: int
    waiting: int
    in_flight: int
    refused: int
    failed: int
    unknown: int  # a person has to decide on them, also on those of yesterday
    unclear: int  # replies that a person has to read
    last_minute: int  # sent in it
    series: tuple[Rate, ...]  # the last two minutes, one a second


# `finish` by its key, and what is not folded into it yet (tally_change_of_account)
_BOTH = """
SELECT at, status, count FROM finish
 WHERE account_id = %(account)s AND at >= date_trunc('second', %(since)s::timestamptz) AND at <= %(until)s
UNION ALL
SELECT date_trunc('second', at), status, count FROM tally_change
 WHERE account_id = %(account)s AND at >= date_trunc('second', %(since)s::timestamptz) AND at <= %(until)s
   AND status <> 'waiting' AND count > 0
"""
_FINISHED = f"SELECT at, status, sum(count)::bigint FROM ({_BOTH}) both_parts GROUP BY 1, 2"  # noqa: S608
_FINISHED_IN_ALL = f"SELECT status, sum(count)::bigint FROM ({_BOTH}) x WHERE at < %(until)s GROUP BY 1"  # noqa: S608


# message_exceptions
_UNKNOWN = "SELECT count(*) FROM message WHERE account_id = %(account)s AND exception = 'unknown'"


def _pair(status: str, count: int) -> tuple[str, int]:
    return status, count


def _bucket(second: datetime, status: str, count: int) -> tuple[datetime, Status, int]:
    return second, Status(status), count


@dataclass
class Meter:
    account_id: int
    day: datetime | None = None  # the midnight that the counts begin with
    counted_at: datetime = LONG_AGO
    counted_to: datetime = LONG_AGO  # what finished before is in `settled`, if it was today
    settled: Counter[Status] = field(default_factory=Counter)
    recent: dict[datetime, Counter[Status]] = field(default_factory=dict)  # by whole second, the plot's span

    def read(self, now: datetime) -> Figures:
        self._count(now)
        assert self.day is not None
        today = Counter(self.settled)
        for second, counts in self.recent.items():
            if second >= max(self.counted_to, self.day):
                today.update(counts)
        waiting = totals(self.account_id)
        return Figures(
            sent=today[Status.SENT],
            waiting=waiting.messages,
            in_flight=waiting.in_flight,
            refused=today[Status.REFUSED],
            failed=today[Status.FAILED],
            unknown=int(scalar(_UNKNOWN, {"account": self.account_id})),
            unclear=count_unclear(self.account_id),
            last_minute=self._sent_between(now - timedelta(minutes=1), now),
            series=self._series(now),
        )

    def _count(self, now: datetime) -> None:
        day = self._midnight(now)
        if day != self.day or now - self.counted_at > COUNTED_AFRESH:
            self._begin(day, now)
        counted: dict[datetime, Counter[Status]] = {}
        values = {"account": self.account_id, "since": self.counted_to, "until": now}
        for second, status, count in rows(_bucket, _FINISHED, values):
            counted.setdefault(second, Counter())[status] += count
        self.recent = {second: counts for second, counts in self.recent.items() if second < self.counted_to} | counted
        self._settle(now, day)

    def _begin(self, day: datetime, now: datetime) -> None:
        """The day up to the plot's span in one sum; what is younger goes into buckets, also over midnight."""
        border = (now - SPAN - timedelta(seconds=SMOOTHED_OVER + 1)).replace(microsecond=0)
        values = {"account": self.account_id, "since": day, "until": border}
        self.day, self.counted_at, self.counted_to, self.recent = day, now, border, {}
        self.settled = Counter({Status(status): count for status, count in rows(_pair, _FINISHED_IN_ALL, values)})

    def _settle(self, now: datetime, day: datetime) -> None:
        """What is older than SETTLED goes into the sum; buckets that the plot no longer shows are dropped."""
        border = (now - SETTLED).replace(microsecond=0)
        for second, counts in self.recent.items():
            if max(self.counted_to, day) <= second < border:
                self.settled.update(counts)
        self.counted_to = max(self.counted_to, border)
        oldest = now - SPAN - timedelta(seconds=SMOOTHED_OVER + 1)
        self.recent = {second: counts for second, counts in self.recent.items() if second >= oldest}

    def _midnight(self, now: datetime) -> datetime:
        zone = ZoneInfo(scalar("SELECT zone FROM account WHERE id = %(account)s", {"account": self.account_id}))
        return now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0).astimezone(UTC)

    def _sent_between(self, start: datetime, end: datetime) -> int:
        return sum(counts[Status.SENT] for second, counts in self.recent.items() if start <= second < end)

    def _series(self, now: datetime) -> tuple[Rate, ...]:
        last = now.replace(microsecond=0)  # the second that runs is not counted: it is not over
        seconds = [last - timedelta(seconds=back) for back in range(int(SPAN.total_seconds()), 0, -1)]
        return tuple(Rate(second, self.rate_at(second)) for second in seconds)

    def rate_at(self, second: datetime) -> float:
        """Sent a minute, measured over the seconds that end with this one."""
        window = (second - timedelta(seconds=back) for back in range(SMOOTHED_OVER))
        sent = sum(self.recent[one][Status.SENT] for one in window if one in self.recent)
        return sent * 60 / SMOOTHED_OVER


def figures(account_id: int, now: datetime) -> Figures:
    return Meter(account_id).read(now)
