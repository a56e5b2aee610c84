"""What screens, the API and commands read. Nothing here changes a row, and every function keeps to one
account.

Lists go by keyset: `after` is the id of the last row that the caller has, and a page costs the same at row
ten million as at row ten. Where a function counts, it counts in one statement: all numbers are of one moment.
"""

from allstop.store.lists.contacts import ContactDetail, ContactRow, contact, contacts
from allstop.store.lists.figures import Figures, Meter, Rate, figures
from allstop.store.lists.files import imports, templates
from allstop.store.lists.jobs import (
    JobRow,
    OldJob,
    automated_jobs_since,
    count_jobs,
    job,
    jobs,
    jobs_of_ids,
    jobs_version,
    old_jobs,
    open_job_ids,
)
from allstop.store.lists.messages import (
    Filters,
    MessageDetail,
    MessageRow,
    message,
    messages,
    messages_of_ids,
    outbox,
    outbox_item,
    outbox_version,
)
from allstop.store.lists.people import Membership, admin_emails, locations, memberships, tokens
from allstop.store.lists.standing import StandingStop, in_flight, standing_stops, that_reach
from allstop.store.lists.stops import AttemptStart, StopRow, attempts_since, newest_stop, stop, stops
from allstop.store.lists.switch import SwitchState, Totals, switch_state, switch_states, totals, totals_of
from allstop.store.lists.switchboard import Switch, stops_on_job, switchboard
from allstop.store.lists.why import CheckAnswer, Why, why

__all__ = [
    "AttemptStart",
    "CheckAnswer",
    "ContactDetail",
    "ContactRow",
    "Figures",
    "Filters",
    "JobRow",
    "Membership",
    "MessageDetail",
    "MessageRow",
    "Meter",
    "OldJob",
    "Rate",
    "StandingStop",
    "StopRow",
    "Switch",
    "SwitchState",
    "Totals",
    "Why",
    "admin_emails",
    "attempts_since",
    "automated_jobs_since",
    "contact",
    "contacts",
    "count_jobs",
    "figures",
    "imports",
    "in_flight",
    "job",
    "jobs",
    "jobs_of_ids",
    "jobs_version",
    "locations",
    "memberships",
    "message",
    "messages",
    "messages_of_ids",
    "newest_stop",
    "old_jobs",
    "open_job_ids",
    "outbox",
    "outbox_item",
    "outbox_version",
    "standing_stops",
    "stop",
    "stops",
    "stops_on_job",
    "switch_state",
    "switch_states",
    "switchboard",
    "templates",
    "that_reach",
    "tokens",
    "totals",
    "totals_of",
    "why",
]
