"""The state of the switch, and the totals that the stop and start dialogs show.

Totals count what is pending or scheduled: waiting messages, also those of no job, except those of removed
jobs and those that a worker holds (they may be leaving now, and are shown as in flight).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from allstop.rules.facts import Channel
from allstop.rules.holds import Reach, Scope, whole_account
from allstop.store.lists.reading import rows
from allstop.store.lists.standing import StandingStop, standing_stops

State = Literal["running", "stopping", "stopped"]


@dataclass(frozen=True, slots=True)
class SwitchState:
    """`stopping`: nothing is claimed any more, but not every worker has said so yet.

    An account's own stop is shown before the installation's.
    """

    account_id: int
    state: State
    by: str = ""
    reason: str = ""
    since: datetime | None = None
    number: int | None = None
    confirmed_at: datetime | None = None
    workers: int = 0
    in_flight_then: int = 0  # of a stop of the installation: over all accounts, for its operators alone
    handed_back: int = 0
    in_flight_now: int = 0  # of this account, while it is stopped: what workers still hold
    calls_now: int = 0  # of those: calls in progress, which run to their end
    whole_installation: bool = False
    name: str = ""  # of the hold: stopped, scheduled, brake
    until: datetime | None = None  # when it ends by itself
    narrower: tuple[StandingStop, ...] = ()  # of channels and locations, whatever the account's own state is

    @property
    def is_running(self) -> bool:
        return self.state == "running"

    @property
    def stop_pending(self) -> bool:
        """Some worker has still to confirm, or something is still on its way: the numbers change by themselves."""
        return (
            self.state == "stopping"
            or self.in_flight_now > 0
            or any(not one.is_confirmed or one.in_flight_now for one in self.narrower)
        )


def switch_states(account_ids: Sequence[int]) -> dict[int, SwitchState]:
    found = standing_stops(account_ids)
    return {account_id: _state_of(account_id, stops) for account_id, stops in found.items()}


def switch_state(account_id: int) -> SwitchState:
    return switch_states([account_id])[account_id]


def _state_of(account_id: int, stops: Sequence[StandingStop]) -> SwitchState:
    narrower = tuple(one for one in stops if one.scope in (Scope.CHANNEL, Scope.LOCATION))
    by_scope = {one.scope: one for one in reversed(stops)}
    stop = by_scope.get(Scope.ACCOUNT) or by_scope.get(Scope.INSTALLATION)
    if stop is None:
        return SwitchState(account_id, "running", narrower=narrower)
    return SwitchState(
        account_id=account_id,
        state="stopped" if stop.is_confirmed else "stopping",
        by=stop.by,
        reason=stop.reason,
        since=stop.since,
        number=stop.number,
        confirmed_at=stop.confirmed_at,
        workers=stop.workers,
        in_flight_then=stop.in_flight,
        handed_back=stop.handed_back,
        in_flight_now=stop.in_flight_now,
        calls_now=stop.calls_now,
        whole_installation=stop.scope is Scope.INSTALLATION,
        name=stop.name,
        until=stop.until,
        narrower=narrower,
    )


@dataclass(frozen=True, slots=True)
class Totals:
    jobs: int
    messages: int
    in_flight: int
    by_channel: dict[Channel, int]
    by_location: list[tuple[str, int]]  # in the order of their names; "" = messages of no location
    by_location_id: dict[int | None, int] = field(default_factory=dict)
    by_account: list[tuple[str, int]] = field(default_factory=list)  # of the whole installation


# tally_waiting, tally_change_of_account and queue_in_hand: the cost follows the jobs that still wait and what workers
# hold, not the number of messages queued or the jobs of former years. Of the installation: the jobs of all accounts.
_TOTALS = """
WITH counted AS (
    SELECT account_id, job_id, location_id, channel, count, 0 AS held FROM tally
     WHERE {of} AND status = 'waiting' AND count <> 0
    UNION ALL
    SELECT account_id, job_id, location_id, channel, count, 0 FROM tally_change
     WHERE {of} AND status = 'waiting'
    UNION ALL
    SELECT account_id, job_id, location_id, channel, -1, 1 FROM queue
     WHERE worker_id IS NOT NULL AND {of}),
summed AS (
    SELECT account_id, job_id, location_id, channel, sum(count) AS waiting, sum(held) AS held
      FROM counted
     WHERE (%(channel)s::text IS NULL OR channel = %(channel)s)
       AND (%(location)s::bigint IS NULL OR location_id = %(location)s)
     GROUP BY 1, 2, 3, 4)
SELECT account.name, job_id, channel, location_id, COALESCE(location.name, ''), waiting::bigint, held::bigint
  FROM summed JOIN account ON account.id = summed.account_id
  LEFT JOIN job ON job.id = job_id LEFT JOIN location ON location.id = location_id
 WHERE (waiting <> 0 OR held <> 0) AND (job_id IS NULL OR job.removed_at IS NULL)
"""


def totals(account_id: int) -> Totals:
    """Exact, in one statement."""
    return totals_of(whole_account(account_id))


def totals_of(reach: Reach) -> Totals:
    """Of what a stop of this reach would hold, or holds. Exact, in one statement."""
    by_job: dict[int, int] = {}
    by_channel: dict[Channel, int] = {}
    by_location: dict[str, int] = {}
    by_location_id: dict[int | None, int] = {}
    by_account: dict[str, int] = {}
    in_flight = 0
    sql = _TOTALS.format(of="true" if reach.account_id is None else "account_id = %(account)s")
    asked = {"account": reach.account_id, "channel": reach.channel, "location": reach.location_id}
    for account, job_id, channel, location_id, location, waiting, held in rows(_tally, sql, asked):
        in_flight += held
        if job_id is not None:
            by_job[job_id] = by_job.get(job_id, 0) + waiting
        by_channel[channel] = by_channel.get(channel, 0) + waiting
        by_location[location] = by_location.get(location, 0) + waiting
        by_location_id[location_id] = by_location_id.get(location_id, 0) + waiting
        by_account[account] = by_account.get(account, 0) + waiting
    return Totals(
        jobs=sum(1 for waiting in by_job.values() if waiting > 0),
        messages=sum(by_channel.values()),
        in_flight=in_flight,
        by_channel={channel: by_channel.get(channel, 0) for channel in Channel},
        by_location=sorted((name, waiting) for name, waiting in by_location.items() if waiting > 0),
        by_location_id=by_location_id,
        by_account=sorted((name, waiting) for name, waiting in by_account.items() if waiting > 0),
    )


def _tally(  # noqa: PLR0913 - the columns of one row
    account: str, job_id: int | None, channel: str, location_id: int | None, location: str, waiting: int, held: int
) -> tuple[str, int | None, Channel, int | None, str, int, int]:
    return account, job_id, Channel(channel), location_id, location, waiting, held
