"""What screens, the API and commands read. Nothing here changes a row, and every function keeps to one
account.

Lists go by keyset: `after` is the id of the last row that the caller has, and a page costs the same at row
ten million as at row ten. Where a function counts, it counts in one statement: all numbers are of one moment.
"""

from allstop.store.lists.braking import brake_counts_from, brake_groups, brakes, brakes_on, limits_of
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
from allstop.store.lists.notices import NoticeRow, notices, notices_version, unread_notices
from allstop.store.lists.people import Membership, admin_emails, locations, memberships, tokens
from allstop.store.lists.scheduled import scheduled_stops, what_is_stopped
from allstop.store.lists.standing import StandingRow, standing, standing_version
from allstop.store.lists.stops import AttemptStart, StopRow, attempts_since, newest_stop, stop, stops
from allstop.store.lists.switch import SwitchState, Totals, switch_state, switch_states, totals
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
    "NoticeRow",
    "OldJob",
    "Rate",
    "StandingRow",
    "StopRow",
    "SwitchState",
    "Totals",
    "Why",
    "admin_emails",
    "attempts_since",
    "automated_jobs_since",
    "brake_counts_from",
    "brake_groups",
    "brakes",
    "brakes_on",
    "contact",
    "contacts",
    "count_jobs",
    "figures",
    "imports",
    "job",
    "jobs",
    "jobs_of_ids",
    "jobs_version",
    "limits_of",
    "locations",
    "memberships",
    "message",
    "messages",
    "messages_of_ids",
    "newest_stop",
    "notices",
    "notices_version",
    "old_jobs",
    "open_job_ids",
    "outbox",
    "outbox_item",
    "outbox_version",
    "scheduled_stops",
    "standing",
    "standing_version",
    "stop",
    "stops",
    "switch_state",
    "switch_states",
    "templates",
    "tokens",
    "totals",
    "unread_notices",
    "what_is_stopped",
    "why",
]
