"""Files of leads that are too large for their caller to wait for: each in a process of its own."""

from allstop.actions import lead_import
from allstop.dispatch import child


class LeadImporting(child.Large):
    program = "allstop.dispatch.lead_import_process"
    runs = lead_import.RUNS
    at_once = lead_import.AT_ONCE


here = LeadImporting()
