"""How long this worker may start messages without word from the database. It trusts no clock but its own.

Two clocks are read and the later one counts: the boot clock runs on while a laptop sleeps, which the monotonic one
does not, and the wall clock sees a virtual machine that was frozen.
"""

import time
from datetime import timedelta

SAFETY = 0.95  # the stopper waits 1.05 leases: together they cover clocks that differ in speed by five per cent

_boot_clock = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)  # macOS has no boot clock here
_boot_zero = time.clock_gettime(_boot_clock)
_wall_zero = time.time()


def steady() -> float:
    """Seconds since this process began, sleep and freezes included."""
    boot, wall = time.clock_gettime(_boot_clock) - _boot_zero, time.time() - _wall_zero
    return boot if boot > wall else wall  # asked for each message: max() takes twice as long


class Lease:
    def __init__(self, length: timedelta) -> None:
        self.length = length
        self._valid_until = 0.0

    def renewed(self, asked_at: float) -> None:
        """`asked_at`: steady() before the renewal was sent, since the answer may have been long under way."""
        self._valid_until = asked_at + self.length.total_seconds() * SAFETY

    def given_up(self) -> None:
        self._valid_until = 0.0

    def holds(self) -> bool:
        return steady() < self._valid_until
