"""Leads: what a lead may become, why, and when the same person coming again is no new lead.

A lead is one interest of one contact.

    (nothing) ──an intake path──► new ──qualify──► qualified
                                   │                 ▲ │
                                   └──unqualify──► unqualified

New is active: somebody, or the playbook, works it. What was decided may be decided otherwise by a person; it is never
new again, for a new interest is a new lead.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from allstop.rules.holds import PAUSED


class LeadStatus(StrEnum):
    NEW = "new"
    QUALIFIED = "qualified"
    UNQUALIFIED = "unqualified"


class LeadSource(StrEnum):
    """The path by which it came in."""

    API = "api"
    EMAIL = "email"
    MANUAL = "manual"
    FILE = "file"
    TEXT = "text"
    CALL = "call"


class Reason(StrEnum):
    """Why a lead was unqualified."""

    NOT_INTERESTED = "not_interested"
    UNRESPONSIVE = "unresponsive"
    WRONG_PERSON = "wrong_person"
    OUT_OF_AREA = "out_of_area"
    SAME_PERSON = "same_person"
    DO_NOT_CONTACT = "do_not_contact"
    ENDED = "ended"
    MASS_END = "mass_end"
    MEMBER_END = "member_end"
    OTHER = "other"


class Title(StrEnum):
    """What happened to a lead, in the words of its history and of webhooks."""

    CREATED = "Lead Created"
    QUALIFIED = "Qualified Lead"
    UNQUALIFIED = "Unqualified Lead"
    TEXT_IN = "Inbound SMS"
    TEXT_OUT = "Outbound SMS"
    EMAIL_IN = "Inbound Email"
    EMAIL_OUT = "Outbound Email"
    CALL_TRIED = "Outbound Call Attempt"
    CALL_IN = "Inbound Call Received"
    NOTE = "Note"
    TAKEN_OVER = "Taken Over"
    HANDED_OVER = "Handed Over"


class Refusal(StrEnum):
    """Why no lead was made."""

    PAUSED = "paused"
    DUPLICATE = "duplicate"  # the contact has a lead that is new
    REPEATED = "repeated"  # they had one so lately that it counts as the same
    CLOSED = "closed"  # the account takes no leads for another reason, such as a prospect's


ENDED_WITH_ALL = (Reason.MASS_END, Reason.MEMBER_END)  # nobody is told of it, and no automatic answer follows
CONFIRM = "CONFIRM"  # what is typed before the whole team's intake is paused or opened again
LONGEST_COMMENT = 1024
LONGEST_KIND = 40
LONGEST_NOTE = 1024
LONGEST_REPEAT_DAYS = 365

STATUS_WORDS: dict[LeadStatus, str] = {
    LeadStatus.NEW: "New",
    LeadStatus.QUALIFIED: "Qualified",
    LeadStatus.UNQUALIFIED: "Unqualified",
}
SOURCE_WORDS: dict[LeadSource, str] = {
    LeadSource.API: "API",
    LeadSource.EMAIL: "email",
    LeadSource.MANUAL: "by hand",
    LeadSource.FILE: "file",
    LeadSource.TEXT: "text",
    LeadSource.CALL: "call",
}
REASON_WORDS: dict[Reason, str] = {
    Reason.NOT_INTERESTED: "Not interested",
    Reason.UNRESPONSIVE: "Never answered",
    Reason.WRONG_PERSON: "Wrong number or person",
    Reason.OUT_OF_AREA: "Outside our area",
    Reason.SAME_PERSON: "The same person twice",
    Reason.DO_NOT_CONTACT: "Asked not to be contacted",
    Reason.ENDED: "Conversation ended",
    Reason.MASS_END: "All conversations were ended",
    Reason.MEMBER_END: "The member's conversations were ended",
    Reason.OTHER: "Another reason",
}
# What a person or a program may give. The rest is given by what does it.
CHOSEN_REASONS = (
    Reason.NOT_INTERESTED,
    Reason.UNRESPONSIVE,
    Reason.WRONG_PERSON,
    Reason.OUT_OF_AREA,
    Reason.SAME_PERSON,
    Reason.ENDED,
    Reason.OTHER,
)
REFUSAL_WORDS: dict[Refusal, str] = {
    Refusal.PAUSED: "The account is paused: no lead is created until an admin or a leader unpauses it.",
    Refusal.DUPLICATE: "This contact has a lead that is new already.",
    Refusal.REPEATED: "This contact had a lead a short time ago, so this one counts as the same.",
    Refusal.CLOSED: "The account does not take leads at present.",
}

_MAY_BECOME: dict[LeadStatus, frozenset[LeadStatus]] = {
    LeadStatus.NEW: frozenset({LeadStatus.QUALIFIED, LeadStatus.UNQUALIFIED}),
    LeadStatus.QUALIFIED: frozenset({LeadStatus.UNQUALIFIED}),
    LeadStatus.UNQUALIFIED: frozenset({LeadStatus.QUALIFIED}),
}


def may_become(now: LeadStatus, wanted: LeadStatus) -> bool:
    return wanted in _MAY_BECOME[now]


def title_of(status: LeadStatus) -> Title:
    """What its history says when a lead gets this status."""
    return {
        LeadStatus.NEW: Title.CREATED,
        LeadStatus.QUALIFIED: Title.QUALIFIED,
        LeadStatus.UNQUALIFIED: Title.UNQUALIFIED,
    }[status]


@dataclass(frozen=True, slots=True)
class Earlier:
    """A lead that the contact had before."""

    status: LeadStatus
    kind: str
    created_at: datetime


def refusal_for(blocking_holds: Iterable[str]) -> Refusal | None:
    """`blocking_holds`: names of the standing holds that block intake."""
    names = set(blocking_holds)
    if not names:
        return None
    return Refusal.PAUSED if PAUSED in names else Refusal.CLOSED


def refusal_of_duplicate(earlier: Iterable[Earlier], kind: str, now: datetime, repeat_days: int) -> Refusal | None:
    """One new lead per contact, always. With `repeat_days`, one of the same kind in so many days as well: a portal that
    sends a lead again the next day must not have somebody who said no written to again."""
    again_from = now - timedelta(days=repeat_days)
    is_repeat = False
    for one in earlier:
        if one.status is LeadStatus.NEW:
            return Refusal.DUPLICATE
        same = one.kind.casefold() == kind.casefold()
        is_repeat = is_repeat or (repeat_days > 0 and same and one.created_at > again_from)
    return Refusal.REPEATED if is_repeat else None


def is_confirmed(typed: str) -> bool:
    """Exactly so: a word that was completed or capitalised by a machine was not meant by a person."""
    return typed == CONFIRM
