"""A worker that acknowledges stops and ignores them, for the control: python -m tests.bench.deaf_worker LEASE SLOTS."""

import sys
from datetime import timedelta

import django

from allstop.bench.chaos.worker import run

if __name__ == "__main__":
    django.setup()
    from allstop.dispatch.ears import Ears

    Ears.may_leave = lambda self, lane, message: True  # type: ignore[method-assign]
    run(timedelta(seconds=float(sys.argv[1])), int(sys.argv[2]))
