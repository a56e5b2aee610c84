"""Who may do what in an account. One table, read by actions, pages and the API alike.

Stopping must be easy and starting deliberate: every member may stop, only admins and leaders may start.
"""

from enum import StrEnum


class Role(StrEnum):
    ADMIN = "admin"
    LEADER = "leader"
    MEMBER = "member"
    VIEWER = "viewer"


class Act(StrEnum):
    VIEW = "view"
    STOP = "stop"
    START = "start"
    SCHEDULE_STOPS = "schedule_stops"  # its end starts again, so it needs what START needs
    REMOVE_JOBS = "remove_jobs"
    IMPORT_REMINDERS = "import_reminders"
    SEND_MESSAGE = "send_message"
    HANDLE_INBOX = "handle_inbox"
    HANDLE_LEADS = "handle_leads"
    END_CONVERSATIONS = "end_conversations"  # of all leads at once; it cannot be taken back
    PAUSE_INTAKE = "pause_intake"  # of the whole team, and taking it back
    EDIT_CONTACTS = "edit_contacts"
    MARK_CONTACTS = "mark_contacts"
    IMPORT_CONTACTS = "import_contacts"
    EXPORT_CONTACTS = "export_contacts"  # the whole Phonebook in a file: it leaves the house with whoever has it
    ERASE_PEOPLE = "erase_people"  # it cannot be taken back
    EDIT_SETUP = "edit_setup"
    MANAGE_MEMBERS = "manage_members"
    MANAGE_TOKENS = "manage_tokens"
    HANDLE_TICKETS = "handle_tickets"  # what the account and the operators write to each other


_ALL = frozenset(Role)
_WORKING = frozenset({Role.ADMIN, Role.LEADER, Role.MEMBER})
_LEADING = frozenset({Role.ADMIN, Role.LEADER})
_ADMIN = frozenset({Role.ADMIN})

ALLOWED: dict[Act, frozenset[Role]] = {
    Act.VIEW: _ALL,
    Act.STOP: _WORKING,
    Act.START: _LEADING,
    Act.SCHEDULE_STOPS: _LEADING,
    Act.REMOVE_JOBS: _WORKING,
    Act.IMPORT_REMINDERS: _WORKING,
    Act.SEND_MESSAGE: _WORKING,
    Act.HANDLE_INBOX: _WORKING,
    Act.HANDLE_LEADS: _WORKING,
    Act.END_CONVERSATIONS: _LEADING,
    Act.PAUSE_INTAKE: _LEADING,
    Act.EDIT_CONTACTS: _WORKING,
    Act.MARK_CONTACTS: _WORKING,
    Act.IMPORT_CONTACTS: _WORKING,
    Act.EXPORT_CONTACTS: _LEADING,
    Act.ERASE_PEOPLE: _LEADING,
    Act.EDIT_SETUP: _LEADING,
    Act.MANAGE_MEMBERS: _ADMIN,
    Act.MANAGE_TOKENS: _ADMIN,
    Act.HANDLE_TICKETS: _ADMIN,
}


# What an operator may do inside an account as support, of what its admins may: look at everything, stop, and help with
# the setup (and try it). Not: start, send or answer, end conversations, change or take out contacts, erase
# people, give anybody access, or write tickets as the account.
FOR_SUPPORT = frozenset({Act.VIEW, Act.STOP, Act.EDIT_SETUP})
FOR_SUPPORT_WORDS = (
    "Support may look at everything, stop, and change and try the setup. It may not start, send or answer, end"
    " conversations, change or export contacts, erase people, or give access."
)


def roles_that_may(act: Act) -> tuple[Role, ...]:
    """From the widest rights to the narrowest, as Role lists them."""
    return tuple(role for role in Role if role in ALLOWED[act])


def allowed(role: Role, act: Act) -> bool:
    return role in ALLOWED[act]
