"""The stops that stand and reach an account: of the installation, of itself, of a channel or a location of it.

Read for every page and every second of the live stream, for all accounts that are looked at in one statement, or in two
while something is stopped: the second counts what workers hold, which is a few hundred rows at most.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allstop.rules.facts import Channel
from allstop.rules.holds import SHOWN_AS_STOPPED, STOPS, Reach, Scope
from allstop.store.lists.holds import NAMES
from allstop.store.lists.reading import rows, scalar


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingStop:
    hold_id: int
    name: str  # of the hold: stopped, scheduled, brake
    reach: Reach
    location: str  # its name; "" otherwise
    by: str
    reason: str
    since: datetime
    until: datetime | None  # when it ends by itself
    number: int | None  # None: a hold that was set up without a stop
    confirmed_at: datetime | None
    workers: int
    in_flight: int  # when it took effect, of everything in its reach
    handed_back: int
    in_flight_now: int = 0  # of the account: messages that workers hold at this moment
    calls_now: int = 0  # of those

    @property
    def is_confirmed(self) -> bool:
        return self.number is None or self.confirmed_at is not None

    @property
    def scope(self) -> Scope:
        return self.reach.scope

    @property
    def kind(self) -> str:
        """Who stops here: a person (STOP), a schedule, the brake."""
        return NAMES[self.name]

    @property
    def may_be_started(self) -> bool:
        return self.name in STOPS

    @property
    def words(self) -> str:
        """What is stopped, as a sentence begins with it: "Texts", "Northgate"."""
        match self.reach.scope:
            case Scope.CHANNEL:
                return f"{self.reach.channel}s".capitalize()
            case Scope.LOCATION:
                return self.location
            case Scope.INSTALLATION:
                return "Every account"
            case _:
                return "The account"


# hold_standing, once for the account and once for the installation (account NULL); then stop_of_hold.
_STANDING = """
SELECT wanted.id, h.scope, h.account_id, h.channel, h.location_id, COALESCE(location.name, ''), h.by, h.reason, h.at,
       h.id, h.name, h.until, s.number, s.confirmed_at,
       COALESCE(s.workers, 0), COALESCE(s.in_flight, 0), COALESCE(s.handed_back, 0)
  FROM unnest(%(accounts)s::bigint[]) AS wanted(id)
  JOIN LATERAL (
    SELECT * FROM hold WHERE account_id = wanted.id AND lifted_at IS NULL
       AND scope IN ('account', 'channel', 'location') AND name = ANY (%(stops)s)
    UNION ALL
    SELECT * FROM hold WHERE account_id IS NULL AND lifted_at IS NULL
       AND scope = 'installation' AND name = ANY (%(stops)s)) h ON true
  LEFT JOIN LATERAL (
    SELECT * FROM stop WHERE hold_id = h.id AND NOT is_lift ORDER BY number DESC LIMIT 1) s ON true
  LEFT JOIN location ON location.id = h.location_id
 ORDER BY wanted.id, h.account_id NULLS FIRST, location.name NULLS FIRST, h.channel NULLS FIRST,
       h.until DESC NULLS FIRST, array_position(%(stops)s, h.name::text)
"""
# queue_in_hand
_HELD = """
SELECT account_id, channel, location_id, count(*) FROM queue
 WHERE worker_id IS NOT NULL AND account_id = ANY (%(accounts)s) GROUP BY 1, 2, 3
"""
Held = tuple[int, Channel, int | None, int]  # account, channel, location, messages


def standing_stops(account_ids: Sequence[int]) -> dict[int, list[StandingStop]]:
    """The widest first; of several of one reach that which lasts longest, a person's before a program's."""
    asked = {"accounts": list(account_ids), "stops": list(SHOWN_AS_STOPPED)}
    found = rows(_row, _STANDING, asked)
    held = rows(_held, _HELD, asked) if found else []
    stops: dict[int, list[StandingStop]] = {account_id: [] for account_id in account_ids}
    for account_id, values in found:
        reach = values["reach"]
        mine = [one for one in held if one[0] == account_id and reaches(reach, one[1], one[2])]
        stops[account_id].append(
            StandingStop(
                **values,
                in_flight_now=sum(one[3] for one in mine),
                calls_now=sum(one[3] for one in mine if one[1] is Channel.CALL),
            )
        )
    return stops


def in_flight(reach: Reach, channel: Channel | None = None) -> int:
    """Messages of this reach that workers hold at this moment, or of those the ones of a channel. queue_in_hand."""
    count: int = scalar(
        "SELECT count(*) FROM queue WHERE worker_id IS NOT NULL"
        " AND (%(account)s::bigint IS NULL OR account_id = %(account)s)"
        " AND (%(channel)s::text IS NULL OR channel = %(channel)s)"
        " AND (%(location)s::bigint IS NULL OR location_id = %(location)s)",
        {"account": reach.account_id, "channel": reach.channel or channel, "location": reach.location_id},
    )
    return count


def reaches(reach: Reach, channel: Channel, location_id: int | None) -> bool:
    """Whether a message of an account that the stop is about is in its reach."""
    if reach.channel is not None:
        return reach.channel is channel
    return reach.location_id is None or reach.location_id == location_id


def that_reach(stops: Iterable[StandingStop], of: Iterable[tuple[Channel, int | None]]) -> list[StandingStop]:
    """The stops that reach a message of one of these channels and locations."""
    kinds = list(of)
    return [one for one in stops if any(reaches(one.reach, channel, location) for channel, location in kinds)]


def _row(account_id: int, *columns: Any) -> tuple[int, dict[str, Any]]:
    scope, owner, channel, location_id, location, by, reason, since, *others = columns
    hold_id, name, until, number, confirmed_at, *counts = others
    reach = Reach(
        scope=Scope(scope),
        account_id=owner,
        channel=Channel(channel) if channel else None,
        location_id=location_id,
    )
    workers, in_flight, handed_back = counts
    return account_id, {
        "hold_id": hold_id,
        "name": name,
        "until": until,
        "reach": reach,
        "location": location,
        "by": by,
        "reason": reason,
        "since": since,
        "number": number,
        "confirmed_at": confirmed_at,
        "workers": workers,
        "in_flight": in_flight,
        "handed_back": handed_back,
    }


def _held(account_id: int, channel: str, location_id: int | None, count: int) -> Held:
    return account_id, Channel(channel), location_id, count
