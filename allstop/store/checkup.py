"""Do the queue's tables agree with each other? Questions for `allstop doctor`; nothing is changed.

Each is one statement, so that it sees one moment, also while workers are busy. Some read all messages.
"""

from dataclasses import dataclass
from datetime import datetime

from allstop.store.lists.reading import rows, scalar

# A lane is open exactly when no standing hold closes it; every account has all of its lanes.
_LANES = """
SELECT account_id, channel, by_hand, is_open FROM lane WHERE is_open <> queue_lane_open(account_id, channel)
 ORDER BY 1, 2, 3
"""
_MISSING_LANES = """
SELECT account.id FROM account LEFT JOIN lane ON lane.account_id = account.id
 GROUP BY account.id HAVING count(lane.account_id) <> 6 ORDER BY 1
"""
_TALLIES = """
WITH told AS (
    SELECT account_id, job_id, location_id, channel, status, sum(count) AS count FROM (
        SELECT account_id, job_id, location_id, channel, status, count FROM tally
        UNION ALL SELECT account_id, job_id, location_id, channel, status, count FROM tally_change) both_parts
     GROUP BY 1, 2, 3, 4, 5 HAVING sum(count) <> 0),
counted AS (
    SELECT account_id, job_id, location_id, channel, status, count(*) AS count FROM message GROUP BY 1, 2, 3, 4, 5)
SELECT count(*) FROM (
    (SELECT * FROM told EXCEPT SELECT * FROM counted) UNION ALL (SELECT * FROM counted EXCEPT SELECT * FROM told)) apart
"""
# Waiting messages, and no others, are in the queue.
_QUEUE = """
SELECT (SELECT count(*) FROM message m WHERE status = 'waiting'
           AND NOT EXISTS (SELECT FROM queue q WHERE q.account_id = m.account_id AND q.id = m.id)),
       (SELECT count(*) FROM queue q
         WHERE NOT EXISTS (SELECT FROM message m
                            WHERE m.account_id = q.account_id AND m.id = q.id AND m.status = 'waiting'))
"""
_WORKERS = "SELECT id, host, pid, lease_until, lease_ms, fenced FROM worker ORDER BY id"


@dataclass(frozen=True, slots=True)
class WrongLane:
    account_id: int
    channel: str
    by_hand: bool
    is_open: bool


@dataclass(frozen=True, slots=True)
class WorkerSeen:
    id: int
    host: str
    pid: int
    lease_until: datetime
    lease_ms: int
    is_fenced: bool


@dataclass(frozen=True, slots=True)
class Astray:
    lost: int  # waiting, but in no queue: they would never leave
    left_over: int  # in the queue, but finished


def wrong_lanes() -> list[WrongLane]:
    return rows(WrongLane, _LANES, {})


def accounts_without_lanes() -> list[int]:
    return rows(int, _MISSING_LANES, {})


def wrong_tallies() -> int:
    """How many counts differ from the messages."""
    return int(scalar(_TALLIES, {}))


def astray() -> Astray:
    return rows(Astray, _QUEUE, {})[0]


def workers() -> list[WorkerSeen]:
    return rows(WorkerSeen, _WORKERS, {})


def database_clock() -> datetime:
    moment = scalar("SELECT clock_timestamp()", {})
    assert isinstance(moment, datetime)
    return moment
