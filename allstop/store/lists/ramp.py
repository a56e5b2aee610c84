"""The ramp of an account with its figures since the START."""

from dataclasses import dataclass
from datetime import datetime

from allstop.rules.ramp import RampFigures, ends_at
from allstop.store.lists.reading import rows


@dataclass(frozen=True, slots=True)
class RampView:
    id: int
    account_id: int
    start_number: int
    by: str
    per_minute: int
    minutes: int
    failures: int  # its limits, in per cent
    opt_outs: int
    begun_at: datetime
    ends_at: datetime | None  # None: nothing has left yet, and the time begins with the first message
    figures: RampFigures


# message_by_finish finds what finished since the START: a ramp lets few go. An unknown outcome is counted while it is
# unknown. A partial unique index finds the ramps that run.
_RAMPS = """
SELECT r.id, r.account_id, r.start_number, r.by, r.per_minute, r.minutes, r.failures, r.opt_outs,
       r.begun_at, done.first_at,
       done.sent, done.failed, done.unknown,
       (SELECT count(*) FROM opt_out o WHERE o.account_id = r.account_id AND o.at >= r.begun_at)
  FROM ramp r CROSS JOIN LATERAL (
    SELECT min(finished_at) FILTER (WHERE status IN ('sent', 'failed', 'unknown')) AS first_at,
           count(*) FILTER (WHERE status = 'sent') AS sent, count(*) FILTER (WHERE status = 'failed') AS failed,
           count(*) FILTER (WHERE status = 'unknown') AS unknown
      FROM message m WHERE m.account_id = r.account_id AND m.finished_at >= r.begun_at) done
 WHERE r.ended_at IS NULL AND (%(account)s::bigint IS NULL OR r.account_id = %(account)s)
"""


def running_ramps(account_id: int | None = None) -> list[RampView]:
    """Of one account, or of all."""
    return rows(_ramp, _RAMPS, {"account": account_id})


def running_ramp(account_id: int) -> RampView | None:
    return next(iter(running_ramps(account_id)), None)


def _ramp(  # noqa: PLR0913 - the columns of one row
    identity: int,
    account_id: int,
    start_number: int,
    by: str,
    per_minute: int,
    minutes: int,
    failures: int,
    opt_outs: int,
    begun_at: datetime,
    first_at: datetime | None,
    *counts: int,
) -> RampView:
    ends = ends_at(first_at, minutes)
    limits = (failures, opt_outs)
    return RampView(
        identity, account_id, start_number, by, per_minute, minutes, *limits, begun_at, ends, RampFigures(*counts)
    )
