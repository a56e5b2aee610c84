"""The state of the switch, and the totals that the stop and start dialogs show.

Totals count what is pending or scheduled: waiting messages, also those of no job, except those of removed
jobs and those that a worker holds (they may be leaving now, and are shown as in flight).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from allstop.rules.facts import Channel
from allstop.store.lists.reading import rows

State = Literal["running", "stopping", "stopped"]


@dataclass(frozen=True, slots=True)
class SwitchState:
    """`stopping`: nothing is claimed any more, but not every worker has said so yet."""

    account_id: int
    state: State
    by: str = ""
    reason: str = ""
    since: datetime | None = None
    number: int | None = None
    confirmed_at: datetime | None = None
    workers: int = 0
    in_flight_then: int = 0
    handed_back: int = 0
    whole_installation: bool = False

    @property
    def is_running(self) -> bool:
        return self.state == "running"


# hold_standing finds the holds of the account and of the installation (account NULL); an account's own stop
# is shown before the installation's. Its receipt is found by the hold.
_STATES = """
SELECT wanted.id, h.by, h.reason, h.at, h.account_id, s.number, s.confirmed_at, s.workers, s.in_flight,
       s.handed_back
  FROM unnest(%(accounts)s::bigint[]) AS wanted(id)
  LEFT JOIN LATERAL (
    SELECT * FROM hold WHERE (account_id = wanted.id OR account_id IS NULL) AND lifted_at IS NULL
       AND name IN ('stopped', 'database_changed') AND scope IN ('account', 'installation')
     ORDER BY account_id NULLS LAST LIMIT 1) h ON true
  LEFT JOIN LATERAL (
    SELECT * FROM stop WHERE hold_id = h.id AND NOT is_lift ORDER BY number DESC LIMIT 1) s ON true
"""


def switch_states(account_ids: Sequence[int]) -> dict[int, SwitchState]:
    found = rows(_state_of, _STATES, {"accounts": list(account_ids)})
    return {state.account_id: state for state in found}


def switch_state(account_id: int) -> SwitchState:
    return switch_states([account_id])[account_id]


def _state_of(*columns: Any) -> SwitchState:
    account_id, by, reason, since, hold_account, number, confirmed_at, workers, in_flight, handed_back = columns
    if since is None:
        return SwitchState(account_id, "running")
    return SwitchState(
        account_id=account_id,
        state="stopping" if number is not None and confirmed_at is None else "stopped",
        by=by,
        reason=reason,
        since=since,
        number=number,
        confirmed_at=confirmed_at,
        workers=workers or 0,
        in_flight_then=in_flight or 0,
        handed_back=handed_back or 0,
        whole_installation=hold_account is None,
    )


@dataclass(frozen=True, slots=True)
class Totals:
    jobs: int
    messages: int
    in_flight: int
    by_channel: dict[Channel, int]
    by_location: list[tuple[str, int]]  # in the order of their names; "" = messages of no location


# tally_waiting, tally_change_of_account and queue_by_worker: the cost follows the jobs that still wait and
# what workers hold, not the number of messages queued or the jobs of former years.
_TOTALS = """
WITH counted AS (
    SELECT job_id, location_id, channel, count, 0 AS held FROM tally
     WHERE account_id = %(account)s AND status = 'waiting' AND count <> 0
    UNION ALL
    SELECT job_id, location_id, channel, count, 0 FROM tally_change
     WHERE account_id = %(account)s AND status = 'waiting'
    UNION ALL
    SELECT job_id, location_id, channel, -1, 1 FROM queue
     WHERE worker_id IS NOT NULL AND account_id = %(account)s),
summed AS (
    SELECT job_id, location_id, channel, sum(count) AS waiting, sum(held) AS held
      FROM counted GROUP BY 1, 2, 3)
SELECT job_id, channel, COALESCE(location.name, ''), waiting::bigint, held::bigint
  FROM summed LEFT JOIN job ON job.id = job_id LEFT JOIN location ON location.id = location_id
 WHERE (waiting <> 0 OR held <> 0) AND (job_id IS NULL OR job.removed_at IS NULL)
"""


def totals(account_id: int) -> Totals:
    """Exact, in one statement."""
    by_job: dict[int, int] = {}
    by_channel: dict[Channel, int] = {}
    by_location: dict[str, int] = {}
    in_flight = 0
    for job_id, channel, location, waiting, held in rows(_tally, _TOTALS, {"account": account_id}):
        in_flight += held
        if job_id is not None:
            by_job[job_id] = by_job.get(job_id, 0) + waiting
        by_channel[channel] = by_channel.get(channel, 0) + waiting
        by_location[location] = by_location.get(location, 0) + waiting
    return Totals(
        jobs=sum(1 for waiting in by_job.values() if waiting > 0),
        messages=sum(by_channel.values()),
        in_flight=in_flight,
        by_channel={channel: by_channel.get(channel, 0) for channel in Channel},
        by_location=sorted((name, waiting) for name, waiting in by_location.items() if waiting > 0),
    )


def _tally(
    job_id: int | None, channel: str, location: str, waiting: int, held: int
) -> tuple[int | None, Channel, str, int, int]:
    return job_id, Channel(channel), location, waiting, held
