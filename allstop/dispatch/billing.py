"""Bill runs that are too large for their caller to wait for: each in a process of its own."""

from allstop.actions import bill_run_slices, bill_runs
from allstop.dispatch import child


class Billing(child.Large):
    program = "allstop.dispatch.bill_run_process"
    runs = bill_run_slices.RUNS
    at_once = bill_runs.AT_ONCE


here = Billing()
