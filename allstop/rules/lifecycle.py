"""The four back-end statuses of an account, and what each brings: one table, for the program, its pages and its docs.

Named status types map onto these four; the back-end status alone decides what is held and what is billed. What a hold
can block (sending, intake, recurring fees, usage) is read off the hold that the status brings; the rest stands here.

| from \\ to | active | cancelled | suspended | prospect | hold that it brings |
|---|---|---|---|---|---|
| active | yes | yes | yes | no | none |
| cancelled | yes (enabled again) | yes | yes | no | cancelled |
| suspended | yes | yes | yes | no | suspended |
| prospect | yes | yes | yes | yes | prospect |

Nothing returns to prospect. Staying is allowed, since two named types may share a status.
"""

from collections.abc import Mapping
from enum import StrEnum

from allstop.rules.holds import CANCELLED, HOLD_EFFECTS, PROSPECT, SUSPENDED, Effect


class AccountStatus(StrEnum):
    ACTIVE = "active"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    PROSPECT = "prospect"


class Area(StrEnum):
    """What a status decides."""

    SENDING = "sending"
    INTAKE = "intake"
    PROVISIONING = "provisioning"
    RECURRING = "recurring_billing"
    USAGE = "usage_billing"
    BILL_ACCOUNT = "bill_account"
    CARD_RUNS = "card_runs"
    TICKET_EMAILS = "ticket_emails"


AREA_WORDS: Mapping[Area, str] = {
    Area.SENDING: "Messages leave",
    Area.INTAKE: "New leads are taken in",
    Area.PROVISIONING: "Channels, numbers and set-up are kept live",
    Area.RECURRING: "Packages bill in a bill run",
    Area.USAGE: "Usage bills in a bill run",
    Area.BILL_ACCOUNT: "Bill Account bills by hand",
    Area.CARD_RUNS: "Card and payment runs collect",
    Area.TICKET_EMAILS: "Ticket emails go out",
}

STATUS_WORDS: Mapping[AccountStatus, str] = {
    AccountStatus.ACTIVE: "Active",
    AccountStatus.CANCELLED: "Cancelled",
    AccountStatus.SUSPENDED: "Suspended",
    AccountStatus.PROSPECT: "Prospect",
}

_ONCE_IN_USE = frozenset({AccountStatus.ACTIVE, AccountStatus.CANCELLED, AccountStatus.SUSPENDED})

MAY_BECOME: dict[AccountStatus, frozenset[AccountStatus]] = {
    AccountStatus.ACTIVE: _ONCE_IN_USE,
    AccountStatus.CANCELLED: _ONCE_IN_USE,
    AccountStatus.SUSPENDED: _ONCE_IN_USE,
    AccountStatus.PROSPECT: frozenset(AccountStatus),
}

HOLD_OF: dict[AccountStatus, str | None] = {
    AccountStatus.ACTIVE: None,
    AccountStatus.CANCELLED: CANCELLED,
    AccountStatus.SUSPENDED: SUSPENDED,
    AccountStatus.PROSPECT: PROSPECT,
}

NEEDS_REASON = frozenset({AccountStatus.CANCELLED, AccountStatus.SUSPENDED})

_BLOCKED_BY_HOLD = {
    Area.SENDING: Effect.SENDING,
    Area.INTAKE: Effect.INTAKE,
    Area.RECURRING: Effect.RECURRING_BILLING,
    Area.USAGE: Effect.USAGE_BILLING,
}

# What no hold blocks, because nothing waits for it: who does it asks here first.
_ALLOWED_IN: Mapping[Area, frozenset[AccountStatus]] = {
    Area.PROVISIONING: frozenset({AccountStatus.ACTIVE, AccountStatus.SUSPENDED}),
    Area.BILL_ACCOUNT: _ONCE_IN_USE,
    Area.CARD_RUNS: frozenset({AccountStatus.ACTIVE, AccountStatus.SUSPENDED}),
    Area.TICKET_EMAILS: frozenset(AccountStatus),
}

_MORE_WORDS: Mapping[tuple[AccountStatus, Area], str] = {
    (AccountStatus.SUSPENDED, Area.PROVISIONING): "untouched until changed by hand",
    (AccountStatus.CANCELLED, Area.RECURRING): "packages stay Active, and bill again once it is enabled",
    (AccountStatus.CANCELLED, Area.BILL_ACCOUNT): "also the packages that a run leaves out",
    (AccountStatus.PROSPECT, Area.SENDING): "but service emails",
}


def may_become(old: AccountStatus, new: AccountStatus) -> bool:
    return new in MAY_BECOME[old]


def blocks_of(status: AccountStatus, usage_while_suspended: bool = True) -> frozenset[Effect]:
    """What the status's hold blocks. Usage while suspended is billed unless the operator has said otherwise."""
    name = HOLD_OF[status]
    if name is None:
        return frozenset()
    if status is AccountStatus.SUSPENDED and not usage_while_suspended:
        return HOLD_EFFECTS[name] | {Effect.USAGE_BILLING}
    return HOLD_EFFECTS[name]


def does(status: AccountStatus, area: Area, usage_while_suspended: bool = True) -> bool:
    """One cell of the table."""
    if area in _BLOCKED_BY_HOLD:
        return _BLOCKED_BY_HOLD[area] not in blocks_of(status, usage_while_suspended)
    return status in _ALLOWED_IN[area]


def service_emails_leave(status: AccountStatus) -> bool:
    """Through the account's own lanes: the gate lets them out of a prospect too (gate.py), and of no other."""
    return does(status, Area.SENDING) or status is AccountStatus.PROSPECT


def cell_words(status: AccountStatus, area: Area, usage_while_suspended: bool = True) -> str:
    yes = "yes" if does(status, area, usage_while_suspended) else "no"
    more = _MORE_WORDS.get((status, area))
    return f"{yes}, {more}" if more else yes


def change_words(old: AccountStatus, new: AccountStatus) -> str:
    """In the imperative, as a button has it."""
    if new is old:
        return "Keep"
    return {
        AccountStatus.ACTIVE: "Enable",
        AccountStatus.CANCELLED: "Cancel",
        AccountStatus.SUSPENDED: "Suspend",
        AccountStatus.PROSPECT: "Keep",
    }[new]
