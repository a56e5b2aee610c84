"""Lets the kernel wake the threads of calls together.

The stack has three threads for a call, one of which looks every 4 ms whether a frame is due: a hundred calls wake
35,000 times a second, each by a timer of its own, and that is most of what they cost. Told that a timer may be late by
a few milliseconds, the kernel wakes all that are due by one. A frame is late on its grid of 20 ms by as much, and no
telephone hears it. A thread inherits this from the one that starts it.
"""

import ctypes
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

log = logging.getLogger(__name__)

SLACK = 5_000_000  # nanoseconds. Twice as much saves little more, and makes frames later and the end of a call slower
_SET, _GET = 29, 30  # PR_SET_TIMERSLACK, PR_GET_TIMERSLACK


@contextmanager
def slack_for_threads() -> Iterator[None]:
    """For those that are started within, and theirs. Only Linux knows it; elsewhere nothing changes."""
    if sys.platform != "linux":
        yield
        return
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    before = prctl(_GET, 0, 0, 0, 0)
    if prctl(_SET, ctypes.c_ulong(SLACK), 0, 0, 0):
        log.info("timers stay exact: %s", os.strerror(ctypes.get_errno()))
    try:
        yield
    finally:
        prctl(_SET, ctypes.c_ulong(max(before, 1)), 0, 0, 0)
