"""How the queue names its lanes."""

from datetime import datetime
from typing import NamedTuple


class LaneKey(NamedTuple):
    account_id: int
    channel: str
    by_hand: bool


class DueLane(NamedTuple):
    key: LaneKey
    setup_number: int
    due_at: datetime
