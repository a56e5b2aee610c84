"""Bulk changes of contacts that are too large for their caller to wait for: each in a process of its own."""

from allstop.actions import bulk, bulk_run
from allstop.dispatch import child


class Changing(child.Large):
    program = "allstop.dispatch.bulk_process"
    runs = bulk_run.RUNS
    at_once = bulk.AT_ONCE


here = Changing()
