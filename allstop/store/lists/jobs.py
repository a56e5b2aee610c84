"""Jobs: the list on Home, one job, and the old ones that the start dialog shows first."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from allstop.rules.facts import Channel
from allstop.store.lists.reading import rows, scalar
from allstop.store.models import Status

OLD_AFTER = timedelta(hours=24)

JobState = Literal["scheduled", "sending", "held", "done", "removed"]


@dataclass(frozen=True, slots=True)
class JobRow:
    id: int
    name: str
    source: str
    purpose: str
    created_by: str
    created_at: datetime
    removed_by: str
    removed_at: datetime | None
    first_due_at: datetime | None  # None: it has no message
    last_due_at: datetime | None
    counts: dict[Status, int]
    channels: list[Channel]
    in_flight: int
    past_use_by: int
    state: JobState

    @property
    def total(self) -> int:
        """Without those that the rules cancelled: they never were to leave."""
        return sum(self.counts.values()) - self.counts.get(Status.CANCELED, 0)

    @property
    def waiting(self) -> int:
        return self.counts.get(Status.WAITING, 0)

    @property
    def finished(self) -> int:
        return self.total - self.waiting


# `chosen` first takes the page's jobs, so that every count below touches only them: tally_once and
# tally_change_of_account for the counts, message_by_job for the first and the last due time (two probes),
# queue_in_hand for what is in flight, queue_past_use_by for what is too late.
_DETAIL = """
SELECT j.id, j.name, j.source, j.purpose, j.created_by, j.created_at, j.removed_by, j.removed_at,
       (SELECT due_at FROM message m WHERE m.account_id = j.account_id AND m.job_id = j.id
         ORDER BY due_at, id LIMIT 1),
       (SELECT due_at FROM message m WHERE m.account_id = j.account_id AND m.job_id = j.id
         ORDER BY due_at DESC, id DESC LIMIT 1),
       COALESCE((SELECT jsonb_agg(jsonb_build_array(status, channel, count)) FROM (
           SELECT status, channel, sum(count)::bigint AS count FROM (
               SELECT status, channel, count FROM tally WHERE account_id = j.account_id AND job_id = j.id
               UNION ALL
               SELECT status, channel, count FROM tally_change
                WHERE account_id = j.account_id AND job_id = j.id) every
            GROUP BY 1, 2 HAVING sum(count) <> 0) counted), '[]'),
       (SELECT count(*) FROM queue q
         WHERE q.worker_id IS NOT NULL AND q.account_id = j.account_id AND q.job_id = j.id),
       (SELECT count(*) FROM queue q WHERE q.account_id = j.account_id AND q.job_id = j.id
           AND q.use_by IS NOT NULL AND q.use_by < %(now)s),
       NOT EXISTS (SELECT FROM hold WHERE lifted_at IS NULL AND 'sending' = ANY (blocks)
                      AND (hold.job_id = j.id OR (scope IN ('account', 'installation')
                           AND (account_id = j.account_id OR account_id IS NULL)))),
       %(now)s::timestamptz
  FROM chosen j
 ORDER BY j.created_at DESC, j.id DESC
"""

# job_list
_PAGE = """
WITH chosen AS MATERIALIZED (
    SELECT * FROM job WHERE account_id = %(account)s AND (%(removed)s OR removed_at IS NULL)
       AND (%(after)s::bigint IS NULL OR (created_at, id) < (
            SELECT created_at, id FROM job WHERE account_id = %(account)s AND id = %(after)s))
     ORDER BY created_at DESC, id DESC LIMIT %(limit)s)
"""

_CHOSEN = """
WITH chosen AS MATERIALIZED (
    SELECT * FROM job WHERE account_id = %(account)s AND id = ANY (%(ids)s::bigint[]))
"""


def jobs(
    account_id: int,
    now: datetime,
    *,
    include_removed: bool = False,
    after: int | None = None,
    limit: int = 50,
) -> list[JobRow]:
    """Newest first."""
    values = {"account": account_id, "now": now, "removed": include_removed, "after": after, "limit": limit}
    return rows(_job_row, _PAGE + _DETAIL, values)


def jobs_of_ids(account_id: int, ids: Sequence[int], now: datetime) -> list[JobRow]:
    """Those of the ids that the account has."""
    return rows(_job_row, _CHOSEN + _DETAIL, {"account": account_id, "ids": list(ids), "now": now})


def job(account_id: int, job_id: int, now: datetime) -> JobRow | None:
    found = jobs_of_ids(account_id, [job_id], now)
    return found[0] if found else None


def open_job_ids(account_id: int, without: Sequence[int] = ()) -> list[int]:
    """Every job that is not removed: what "select all" on Home means."""
    sql = """
    SELECT id FROM job
     WHERE account_id = %(account)s AND removed_at IS NULL AND NOT id = ANY (%(without)s::bigint[])
    """
    return rows(int, sql, {"account": account_id, "without": list(without)})


def count_jobs(account_id: int) -> int:
    """That are not removed (job_list)."""
    sql = "SELECT count(*) FROM job WHERE account_id = %(account)s AND removed_at IS NULL"
    return int(scalar(sql, {"account": account_id}))


def automated_jobs_since(account_id: int, since: datetime) -> int:
    """Jobs that programs and commands handed in since then and that still stand (job_list)."""
    sql = """
    SELECT count(*) FROM job WHERE account_id = %(account)s AND created_at >= %(since)s AND removed_at IS NULL
       AND source IN ('api', 'command')
    """
    return int(scalar(sql, {"account": account_id, "since": since}))


def jobs_version(account_id: int) -> str:
    """Differs whenever a job was added, removed or made progress. Cheap enough to be asked every second."""
    sql = """
    SELECT concat_ws('.', (SELECT max(id) FROM job WHERE account_id = %(account)s),
                     (SELECT count(*) FROM job WHERE account_id = %(account)s AND removed_at IS NULL),
                     (SELECT sum(count) FROM (
                        SELECT count FROM tally
                         WHERE account_id = %(account)s AND status = 'waiting' AND count <> 0
                        UNION ALL
                        SELECT count FROM tally_change
                         WHERE account_id = %(account)s AND status = 'waiting') waiting))
    """
    return str(scalar(sql, {"account": account_id}))


def _job_row(*columns: Any) -> JobRow:
    (identity, name, source, purpose, created_by, created_at, removed_by, removed_at, *rest) = columns
    first_due_at, last_due_at, counted, in_flight, past_use_by, is_open, now = rest
    counted = json.loads(counted)  # Django hands JSON on as text
    counts: dict[Status, int] = {}
    for status, _channel, count in counted:
        counts[Status(status)] = counts.get(Status(status), 0) + count
    used = {channel for _status, channel, _count in counted}
    return JobRow(
        id=identity,
        name=name,
        source=source,
        purpose=purpose,
        created_by=created_by,
        created_at=created_at,
        removed_by=removed_by,
        removed_at=removed_at,
        first_due_at=first_due_at,
        last_due_at=last_due_at,
        counts=counts,
        channels=[channel for channel in Channel if channel.value in used],
        in_flight=in_flight,
        past_use_by=past_use_by,
        state=_state(removed_at, counts, first_due_at, is_open=is_open, now=now),
    )


def _state(
    removed_at: datetime | None,
    counts: dict[Status, int],
    first_due_at: datetime | None,
    *,
    is_open: bool,
    now: datetime,
) -> JobState:
    if removed_at is not None:
        return "removed"
    if counts.get(Status.WAITING, 0) <= 0:
        return "done"
    if not is_open:
        return "held"
    return "scheduled" if first_due_at is not None and first_due_at > now else "sending"


@dataclass(frozen=True, slots=True)
class OldJob:
    id: int
    name: str
    created_at: datetime
    age: timedelta  # since its first message was due
    waiting: int
    past_use_by: int


# A job is old when its first message should have left long ago: that is what surprises people after a start.
# tally_waiting and tally_change_of_account find the jobs that wait, message_by_job their first due time.
_OLD = """
WITH waiting AS (
    SELECT job_id, sum(count)::bigint AS count FROM (
        SELECT job_id, count FROM tally WHERE account_id = %(account)s AND status = 'waiting' AND count <> 0
        UNION ALL
        SELECT job_id, count FROM tally_change WHERE account_id = %(account)s AND status = 'waiting') every
     WHERE job_id IS NOT NULL GROUP BY 1 HAVING sum(count) > 0),
dated AS (
    SELECT job.id, job.name, job.created_at, waiting.count,
           (SELECT due_at FROM message m WHERE m.account_id = %(account)s AND m.job_id = job.id
             ORDER BY due_at, id LIMIT 1) AS first_due_at,
           (SELECT count(*) FROM queue q WHERE q.account_id = %(account)s AND q.job_id = job.id
               AND q.use_by IS NOT NULL AND q.use_by < %(now)s) AS past_use_by
      FROM waiting JOIN job ON job.id = waiting.job_id AND job.removed_at IS NULL)
SELECT id, name, created_at, %(now)s - first_due_at, count, past_use_by FROM dated
 WHERE first_due_at < %(before)s OR past_use_by > 0 ORDER BY first_due_at, id
"""


def old_jobs(account_id: int, now: datetime) -> list[OldJob]:
    """Jobs that were due a day ago or longer, or hold messages past their use-by; the oldest first."""
    return rows(OldJob, _OLD, {"account": account_id, "now": now, "before": now - OLD_AFTER})
