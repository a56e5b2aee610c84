"""One meter for each account that somebody looks at, shared by the pages and the live stream of this process.

A meter counts the whole day once, and then only the last seconds; a page that began with a new one would count the day
each time.
"""

from datetime import datetime
from threading import Lock

from allstop.store.lists import Figures, Meter

_meters: dict[int, tuple[Meter, Lock]] = {}


def figures_of(account_id: int, now: datetime) -> Figures:
    meter, lock = _meters.setdefault(account_id, (Meter(account_id), Lock()))
    with lock:
        return meter.read(now)


def forget_meters() -> None:
    """For tests: accounts of another test may have had the same ids."""
    _meters.clear()
