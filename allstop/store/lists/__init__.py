"""What screens, the API and commands read. Nothing here changes a row, and every function keeps to one
account.

Lists go by keyset: `after` is the id of the last row that the caller has, and a page costs the same at row
ten million as at row ten. Where a function counts, it counts in one statement: all numbers are of one moment.
"""

from allstop.store.lists.backlog import (
    Backlog,
    BacklogGroup,
    GroupMessage,
    Load,
    PlanCounts,
    PlanView,
    backlog,
    group_messages,
    plan_view,
)
from allstop.store.lists.braking import brake_counts_from, brake_groups, brakes, brakes_on, limits_of
from allstop.store.lists.contact_filter import NOBODY, ContactFilter, filter_from_json
from allstop.store.lists.contact_imports import contact_import_left_out, contact_imports
from allstop.store.lists.contacts import ContactDetail, GroupRow, contact, contacts_version, groups, groups_of
from allstop.store.lists.doubles import Double, doubles_of
from allstop.store.lists.figures import Figures, Meter, Rate, figures
from allstop.store.lists.files import imports, templates
from allstop.store.lists.history import Event, EventKind, Place, history
from allstop.store.lists.holds import StandingRow, standing, standing_version
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
from allstop.store.lists.outside import stop_links, stop_phones
from allstop.store.lists.people import Membership, admin_emails, locations, members, memberships, tokens
from allstop.store.lists.phonebook import ContactPage, ContactRow, contact_rows, count_contacts, phonebook
from allstop.store.lists.preview import Preview, preview
from allstop.store.lists.ramp import RampView, running_ramp, running_ramps
from allstop.store.lists.replies import (
    Line,
    UnclearRow,
    count_unclear,
    reply_setup,
    unclear_of_contact,
    unclear_replies,
    unclear_reply,
)
from allstop.store.lists.scheduled import scheduled_stops, what_is_stopped
from allstop.store.lists.standing import StandingStop, in_flight, standing_stops, that_reach
from allstop.store.lists.stops import AttemptStart, StopRow, attempts_since, newest_stop, stop, stops
from allstop.store.lists.switch import SwitchState, Totals, switch_state, switch_states, totals, totals_of
from allstop.store.lists.switchboard import Switch, stops_on_job, switchboard
from allstop.store.lists.why import CheckAnswer, Why, why

__all__ = [
    "NOBODY",
    "AttemptStart",
    "Backlog",
    "BacklogGroup",
    "CheckAnswer",
    "ContactDetail",
    "ContactFilter",
    "ContactPage",
    "ContactRow",
    "Double",
    "Event",
    "EventKind",
    "Figures",
    "Filters",
    "GroupMessage",
    "GroupRow",
    "JobRow",
    "Line",
    "Load",
    "Membership",
    "MessageDetail",
    "MessageRow",
    "Meter",
    "NoticeRow",
    "OldJob",
    "Place",
    "PlanCounts",
    "PlanView",
    "Preview",
    "RampView",
    "Rate",
    "StandingRow",
    "StandingStop",
    "StopRow",
    "Switch",
    "SwitchState",
    "Totals",
    "UnclearRow",
    "Why",
    "admin_emails",
    "attempts_since",
    "automated_jobs_since",
    "backlog",
    "brake_counts_from",
    "brake_groups",
    "brakes",
    "brakes_on",
    "contact",
    "contact_import_left_out",
    "contact_imports",
    "contact_rows",
    "contacts_version",
    "count_contacts",
    "count_jobs",
    "count_unclear",
    "doubles_of",
    "figures",
    "filter_from_json",
    "group_messages",
    "groups",
    "groups_of",
    "history",
    "imports",
    "in_flight",
    "job",
    "jobs",
    "jobs_of_ids",
    "jobs_version",
    "limits_of",
    "locations",
    "members",
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
    "phonebook",
    "plan_view",
    "preview",
    "reply_setup",
    "running_ramp",
    "running_ramps",
    "scheduled_stops",
    "standing",
    "standing_stops",
    "standing_version",
    "stop",
    "stop_links",
    "stop_phones",
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
    "unclear_of_contact",
    "unclear_replies",
    "unclear_reply",
    "unread_notices",
    "what_is_stopped",
    "why",
]
