"""Which stops this worker has heard of. A claim carries the number of the newest stop that its facts had seen; it may
start only while no stop that reaches it has a higher one. After a lift, new claims carry a higher number and pass,
while what was claimed before the stop never does.
"""

from collections.abc import Hashable, Iterator

from allstop.rules.holds import Scope
from allstop.store.claims import Claimed, LaneKey, StopHeard


class StopsHeard:
    def __init__(self, number: int) -> None:
        self.number = number  # every stop up to this one is obeyed
        self._newest: dict[Hashable, int] = {}

    def hear(self, stops: list[StopHeard]) -> None:
        for stop in stops:
            if not stop.is_lift:
                self._newest[_key(stop)] = stop.number
            self.number = max(self.number, stop.number)

    def against(self, lane: LaneKey, message: Claimed) -> int | None:
        """The number of the newest stop that keeps this claimed message from starting."""
        if not self._newest:
            return None
        newest = max((self._newest.get(key, 0) for key in _keys(lane, message)), default=0)
        return newest if newest > message.number else None

    def forget(self) -> None:
        """For a worker with nothing in hand: what it claims from now on has seen every stop that it has heard of."""
        self._newest.clear()


def _key(stop: StopHeard) -> Hashable:
    match Scope(stop.scope):
        case Scope.INSTALLATION:
            return (Scope.INSTALLATION,)
        case Scope.ACCOUNT | Scope.CONTACTS:  # who was marked is not told: every claim of the account is asked again
            return (Scope.ACCOUNT, stop.account_id)
        case Scope.CHANNEL:
            return (Scope.CHANNEL, stop.account_id, stop.channel)
        case Scope.LOCATION:
            return (Scope.LOCATION, stop.location_id)
        case Scope.JOB:
            return (Scope.JOB, stop.job_id)
        case Scope.CONTACT:
            return (Scope.CONTACT, stop.contact_id)


def _keys(lane: LaneKey, message: Claimed) -> Iterator[Hashable]:
    yield (Scope.INSTALLATION,)
    yield (Scope.ACCOUNT, lane.account_id)
    yield (Scope.CHANNEL, lane.account_id, lane.channel)
    yield (Scope.CHANNEL, None, lane.channel)
    yield (Scope.LOCATION, message.location_id)
    yield (Scope.JOB, message.job_id)
    yield (Scope.CONTACT, message.contact_id)
