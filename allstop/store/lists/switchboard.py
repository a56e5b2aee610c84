"""The board of switches: everything that can be stopped in an account, with its state and what waits in it."""

from collections.abc import Iterator
from dataclasses import dataclass

from allstop.rules.facts import Channel
from allstop.rules.holds import INSTALLATION, Reach, Scope, one_channel, one_location, whole_account
from allstop.store.lists.reading import rows
from allstop.store.lists.standing import StandingStop, standing_stops, that_reach
from allstop.store.lists.switch import totals, totals_of
from allstop.store.models import Location


@dataclass(frozen=True, slots=True)
class Switch:
    reach: Reach
    name: str  # of a location; "" otherwise
    stops: list[StandingStop]  # of exactly this reach, the one that lasts longest first; none: not stopped by itself
    waiting: int | None  # None: of all accounts, and not for this reader

    @property
    def stop(self) -> StandingStop | None:
        return self.stops[0] if self.stops else None


def switchboard(account_id: int, *, sees_all: bool) -> list[Switch]:
    """The widest first. The installation is on it for its operators, and for everybody while it is stopped."""
    stops: dict[Reach, list[StandingStop]] = {}
    for one in standing_stops([account_id])[account_id]:
        stops.setdefault(one.reach, []).append(one)
    return [
        Switch(reach, name, stops.get(reach, []), waiting)
        for reach, name, waiting in _everything(account_id, sees_all)
        if reach.scope is not Scope.INSTALLATION or sees_all or reach in stops
    ]


def _everything(account_id: int, sees_all: bool) -> Iterator[tuple[Reach, str, int | None]]:
    counted = totals(account_id)
    yield INSTALLATION, "", totals_of(INSTALLATION).messages if sees_all else None
    yield whole_account(account_id), "", counted.messages
    for channel in Channel:
        yield one_channel(account_id, channel), "", counted.by_channel[channel]
    for pk, name in Location.objects.filter(account_id=account_id).order_by("name", "pk").values_list("pk", "name"):
        yield one_location(account_id, pk), name, counted.by_location_id.get(pk, 0)


# tally_once and tally_change_of_account
_KINDS = """
SELECT channel, location_id FROM (
    SELECT channel, location_id, count FROM tally
     WHERE account_id = %(account)s AND job_id = %(job)s AND status = 'waiting' AND count <> 0
    UNION ALL
    SELECT channel, location_id, count FROM tally_change
     WHERE account_id = %(account)s AND job_id = %(job)s AND status = 'waiting') counted
 GROUP BY 1, 2 HAVING sum(count) > 0
"""


def stops_on_job(account_id: int, job_id: int) -> list[StandingStop]:
    """The stops of channels and locations that hold back something that waits in the job."""
    narrower = [one for one in standing_stops([account_id])[account_id] if one.scope in (Scope.CHANNEL, Scope.LOCATION)]
    if not narrower:
        return []
    kinds = rows(
        lambda channel, location_id: (Channel(channel), location_id), _KINDS, {"account": account_id, "job": job_id}
    )
    return that_reach(narrower, kinds)
