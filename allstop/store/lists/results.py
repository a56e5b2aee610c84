"""What came of a job's messages beyond their states, and reports over jobs by day, location, channel and purpose.

The rule that it guards: nothing is lost between two numbers. Every line of a report is
notifications = sent + waiting + refused + canceled by rules + errors + removed (one of which a message to somebody of
the family tells counts as that message does), and all lines of a span add up to the
same, whatever they are grouped by. Errors are failed and unknown messages, and rows that became no message.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from allstop.rules.results import SAY_MORE, Result, result_of
from allstop.store.lists.reading import rows
from allstop.store.models import Status


class ReportBy(StrEnum):
    DAY = "day"
    LOCATION = "location"
    CHANNEL = "channel"
    PURPOSE = "purpose"


NO_MESSAGE = "rows without a message"
NO_LOCATION = "no location"
_PART = {
    Status.SENT: "sent",
    Status.WAITING: "waiting",
    Status.REFUSED: "refused",
    Status.CANCELED: "canceled",
    Status.FAILED: "errors",
    Status.UNKNOWN: "errors",
    Status.REMOVED: "removed",
}
PARTS = ("sent", "waiting", "refused", "canceled", "errors", "removed")
ANSWERS = ("confirmed", "cancelled", "wrong", "other")


@dataclass(slots=True)
class ReportLine:
    key: str  # as people read it
    counts: dict[str, int] = field(default_factory=lambda: dict.fromkeys((*PARTS, *ANSWERS), 0))

    @property
    def total(self) -> int:
        return sum(self.counts[part] for part in PARTS)


# job_list, then tally_once and tally_change_of_account
_JOBS = """
WITH made AS MATERIALIZED (
    SELECT id, purpose, (created_at AT TIME ZONE %(zone)s)::date AS day FROM job
     WHERE account_id = %(account)s AND created_at >= %(since)s AND created_at < %(until)s)
"""
_COUNTS = """
SELECT made.day, COALESCE(location.name, ''), counted.channel, made.purpose, counted.status, sum(counted.count)::bigint
  FROM made JOIN (SELECT account_id, job_id, location_id, channel, status, count FROM tally
                  UNION ALL SELECT account_id, job_id, location_id, channel, status, count FROM tally_change) counted
         ON counted.account_id = %(account)s AND counted.job_id = made.id
       LEFT JOIN location ON location.id = counted.location_id
 GROUP BY 1, 2, 3, 4, 5 HAVING sum(counted.count) <> 0"""
_PROBLEMS = """
SELECT made.day, made.purpose, sum(import.rows_refused)::bigint
  FROM made JOIN import ON import.account_id = %(account)s AND import.job_id = made.id
 GROUP BY 1, 2 HAVING sum(import.rows_refused) > 0"""
# Those of which another message tells count with that one: family_visit_once.
_TOGETHER = """
SELECT made.day, COALESCE(location.name, ''), m.channel, made.purpose, carrier.status, count(*)
  FROM made JOIN message m ON m.account_id = %(account)s AND m.job_id = made.id AND m.exception = 'canceled'
                          AND m.reason = 'with_family'
       JOIN family_visit f ON f.account_id = m.account_id AND f.message_id = m.id AND NOT f.has_left
       JOIN message carrier ON carrier.account_id = f.account_id AND carrier.id = f.carrier_id
       LEFT JOIN location ON location.id = m.location_id
 WHERE carrier.status <> 'canceled' GROUP BY 1, 2, 3, 4, 5"""
_SAID = """
SELECT made.day, COALESCE(location.name, ''), m.channel, made.purpose, a.kind, count(*)
  FROM appointment_answer a JOIN message m ON m.account_id = a.account_id AND m.id = a.message_id
       JOIN made ON made.id = m.job_id LEFT JOIN location ON location.id = m.location_id
 WHERE a.account_id = %(account)s GROUP BY 1, 2, 3, 4, 5"""


def report(account_id: int, by: ReportBy, since: datetime, until: datetime, zone: str) -> list[ReportLine]:
    """Of the jobs that were made in this span, removed ones included; days are those of the zone."""
    values = {"account": account_id, "since": since, "until": until, "zone": zone}
    lines: defaultdict[str, ReportLine] = defaultdict(lambda: ReportLine(""))
    for *where, status, count in rows(_as_is, _JOBS + _COUNTS, values):
        lines[_key(by, *where)].counts[_PART[Status(status)]] += count
    for *where, status, count in rows(_as_is, _JOBS + _TOGETHER, values):
        lines[_key(by, *where)].counts["canceled"] -= count
        lines[_key(by, *where)].counts[_PART[Status(status)]] += count
    for day, purpose, count in rows(_as_is, _JOBS + _PROBLEMS, values):
        key = {ReportBy.DAY: day.isoformat(), ReportBy.PURPOSE: purpose}.get(by, NO_MESSAGE)
        lines[key].counts["errors"] += count
    for *where, kind, count in rows(_as_is, _JOBS + _SAID, values):
        lines[_key(by, *where)].counts[kind] += count
    for key, line in lines.items():
        line.key = key
    return [lines[key] for key in sorted(lines, key=lambda key: (key == NO_MESSAGE, key))]


def _key(by: ReportBy, day: date, location: str, channel: str, purpose: str) -> str:
    return {
        ReportBy.DAY: day.isoformat(),
        ReportBy.LOCATION: location or NO_LOCATION,
        ReportBy.CHANNEL: channel,
        ReportBy.PURPOSE: purpose,
    }[by]


# appointment_answer_once, then the message's key; message_exceptions
_OF_JOB = """
SELECT COALESCE(carrier.status, m.status), m.reason, COALESCE(carrier.receipt, m.receipt), a.kind, count(*)
  FROM appointment_answer a JOIN message m ON m.account_id = a.account_id AND m.id = a.message_id
       LEFT JOIN family_visit f ON m.reason = 'with_family' AND f.account_id = m.account_id AND f.message_id = m.id
                                AND NOT f.has_left
       LEFT JOIN message carrier ON carrier.account_id = f.account_id AND carrier.id = f.carrier_id
 WHERE a.account_id = %(account)s AND m.job_id = %(job)s GROUP BY 1, 2, 3, 4
UNION ALL
SELECT m.status, m.reason, '', '', count(*) FROM message m
 WHERE m.account_id = %(account)s AND m.exception = ANY ('{refused,failed}') AND m.job_id = %(job)s
   AND NOT EXISTS (SELECT FROM appointment_answer a WHERE a.account_id = m.account_id AND a.message_id = m.id)
 GROUP BY 1, 2"""


_TOGETHER_OF_JOB = """
SELECT carrier.status, count(*)
  FROM message m JOIN family_visit f ON f.account_id = m.account_id AND f.message_id = m.id AND NOT f.has_left
       JOIN message carrier ON carrier.account_id = f.account_id AND carrier.id = f.carrier_id
 WHERE m.account_id = %(account)s AND m.job_id = %(job)s AND m.exception = 'canceled' AND m.reason = 'with_family'
 GROUP BY 1"""


def told_together(account_id: int, job_id: int) -> dict[Status, int]:
    """Of a job's notifications those of which another one's message tells, by what became of that one."""
    found = rows(_as_is, _TOGETHER_OF_JOB, {"account": account_id, "job": job_id})
    return {Status(status): count for status, count in found}


def job_results(account_id: int, job_id: int) -> dict[Result, int]:
    """Those that say more than the states of its messages, in their order; none is zero."""
    counts: defaultdict[Result, int] = defaultdict(int)
    for status, reason, receipt, answer, count in rows(_as_is, _OF_JOB, {"account": account_id, "job": job_id}):
        counts[result_of(status, reason, receipt, answer)] += count
    return {result: counts[result] for result in SAY_MORE if counts[result]}


def _as_is(*columns: Any) -> tuple[Any, ...]:
    return columns
