"""What screens, the API and commands read. Nothing here changes a row, and every function keeps to one
account.

Lists go by keyset: `after` is the id of the last row that the caller has, and a page costs the same at row
ten million as at row ten. Where a function counts, it counts in one statement: all numbers are of one moment.
"""

from allstop.store.lists.contact_filter import NOBODY, ContactFilter, filter_from_json
from allstop.store.lists.contacts import ContactDetail, GroupRow, contact, contacts_version, groups
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
from allstop.store.lists.people import Membership, admin_emails, locations, members, memberships, tokens
from allstop.store.lists.phonebook import ContactPage, ContactRow, contact_rows, count_contacts, phonebook
from allstop.store.lists.stops import AttemptStart, StopRow, attempts_since, newest_stop, stop, stops
from allstop.store.lists.switch import SwitchState, Totals, switch_state, switch_states, totals
from allstop.store.lists.why import CheckAnswer, Why, why

__all__ = [
    "NOBODY",
    "AttemptStart",
    "CheckAnswer",
    "ContactDetail",
    "ContactFilter",
    "ContactPage",
    "ContactRow",
    "Figures",
    "Filters",
    "GroupRow",
    "JobRow",
    "Membership",
    "MessageDetail",
    "MessageRow",
    "Meter",
    "OldJob",
    "Rate",
    "StopRow",
    "SwitchState",
    "Totals",
    "Why",
    "admin_emails",
    "attempts_since",
    "automated_jobs_since",
    "contact",
    "contact_rows",
    "contacts_version",
    "count_contacts",
    "count_jobs",
    "figures",
    "filter_from_json",
    "groups",
    "imports",
    "job",
    "jobs",
    "jobs_of_ids",
    "jobs_version",
    "locations",
    "members",
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
    "phonebook",
    "stop",
    "stops",
    "switch_state",
    "switch_states",
    "templates",
    "tokens",
    "totals",
    "why",
]
