"""Mass ends that are too large for their caller to wait for: each in a process of its own."""

from allstop.actions import mass_end, mass_end_run
from allstop.dispatch import child


class MassEnding(child.Large):
    program = "allstop.dispatch.mass_end_process"
    runs = mass_end_run.RUNS
    at_once = mass_end.AT_ONCE


here = MassEnding()
