"""The inbox: conversations newest first, how many are unread, and what was said in one.

A page costs the same at a million conversations as at ten: every list has an index in its own order, and counts of
unread ones end at MOST.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from allstop.rules.addresses import kept_forms
from allstop.store.lists.contact_filter import NOBODY, escaped
from allstop.store.lists.history import Event, PastKind, Place
from allstop.store.lists.phonebook import some_ids
from allstop.store.lists.reading import rows, scalar
from allstop.store.models import ConversationState, Inbound

MOST = 100  # unread ones are counted up to here: the screen says 99+
CONTACTS_SEARCHED = 500  # a search word that matches more contacts than this says too little


class Show(StrEnum):
    OPEN = "open"
    UNREAD = "unread"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxFilter:
    show: Show = Show.OPEN
    assigned_to: int | None = None  # a member's id; NOBODY; None = everybody's
    q: str = ""  # part of a name, number or email; then open and closed ones alike


@dataclass(frozen=True, slots=True)
class ConversationRow:
    id: int
    contact_id: int | None  # None: nobody knows the sender
    name: str  # "" = none
    address: str  # of a sender whom nobody knows; "" with a contact
    state: ConversationState
    unread: int
    unread_since: datetime | None
    last_at: datetime
    last_in_at: datetime | None
    last_out_at: datetime | None
    assigned_to_id: int | None
    assigned_to: str  # the member's name; "" = nobody
    channel: str  # of what was said last
    text: str
    is_ours: bool  # what was said last
    auto_reply_due_at: datetime | None

    @property
    def title(self) -> str:
        return self.name or self.address

    @property
    def place(self) -> "InboxPlace":
        return InboxPlace(self.last_at, self.id)


@dataclass(frozen=True, slots=True)
class InboxPlace:
    """After which a page begins."""

    at: datetime
    id: int


# inbound_by_contact, inbound_of_unknown and message_by_contact give the last words of each row of a page
_ROWS = """
SELECT v.id, v.contact_id, COALESCE(trim(c.given_name || ' ' || c.family_name), ''), v.address, v.state, v.unread,
       v.unread_since, v.last_at, v.last_in_at, v.last_out_at, v.assigned_to_id, COALESCE(login.name, ''),
       COALESCE(ours.channel, theirs.channel, stranger.channel, ''),
       left(COALESCE(ours.body, theirs.text, stranger.text, ''), 200), ours.channel IS NOT NULL, v.auto_reply_due_at
  FROM chosen v LEFT JOIN contact c ON c.id = v.contact_id
  LEFT JOIN member ON member.id = v.assigned_to_id LEFT JOIN login ON login.id = member.user_id
  LEFT JOIN LATERAL (SELECT i.channel, i.text FROM inbound i WHERE i.account_id = v.account_id
                        AND i.contact_id = v.contact_id ORDER BY i.at DESC, i.id DESC LIMIT 1) theirs ON true
  LEFT JOIN LATERAL (SELECT i.channel, i.text FROM inbound i WHERE v.contact_id IS NULL AND i.contact_id IS NULL
                        AND i.account_id = v.account_id AND i.sender = v.address
                      ORDER BY i.at DESC LIMIT 1) stranger ON true
  LEFT JOIN LATERAL (SELECT m.channel, m.body FROM message m WHERE m.account_id = v.account_id
                        AND m.contact_id = v.contact_id AND v.last_out_at >= COALESCE(v.last_in_at, v.last_out_at)
                      ORDER BY m.id DESC LIMIT 1) ours ON true
 ORDER BY v.last_at DESC, v.id DESC
"""
_CHOSEN = """
WITH chosen AS MATERIALIZED (
  SELECT * FROM conversation v WHERE v.account_id = %(account)s AND {where}
   ORDER BY v.last_at DESC, v.id DESC LIMIT %(limit)s)
"""


def conversations(
    account_id: int, wanted: InboxFilter, *, after: InboxPlace | None = None, limit: int = 50
) -> list[ConversationRow]:
    """conversation_list, conversation_of_member, conversation_unread or conversation_unread_of."""
    values: dict[str, Any] = {"account": account_id, "member": wanted.assigned_to, "limit": limit}
    where = []
    if wanted.assigned_to is not None:
        where.append("v.assigned_to_id IS NULL" if wanted.assigned_to == NOBODY else "v.assigned_to_id = %(member)s")
    if words := wanted.q.strip():
        where.append(
            "(v.contact_id = ANY (%(contacts)s::bigint[]) OR v.contact_id IS NULL AND v.address LIKE ANY (%(q)s))"
        )
        values["contacts"] = some_ids(account_id, words, CONTACTS_SEARCHED)
        values["q"] = [f"%{escaped(form)}%" for form in _as_kept(words)]
    elif wanted.show is Show.UNREAD:
        where.append("v.unread > 0")
    else:
        where.append("v.state = %(state)s")
        values["state"] = wanted.show.value
    if after is not None:
        where.append("(v.last_at, v.id) < (%(at)s, %(id)s)")
        values |= {"at": after.at, "id": after.id}
    # Only the fixed texts above are put together here; every value is bound.
    return rows(_row, _CHOSEN.format(where=" AND ".join(where)) + _ROWS, values)


def conversation(account_id: int, conversation_id: int) -> ConversationRow | None:
    values = {"account": account_id, "id": conversation_id, "limit": 1}
    found = rows(_row, _CHOSEN.format(where="v.id = %(id)s") + _ROWS, values)
    return found[0] if found else None


def conversation_of_contact(account_id: int, contact_id: int) -> ConversationRow | None:
    values = {"account": account_id, "contact": contact_id, "limit": 1}
    found = rows(_row, _CHOSEN.format(where="v.contact_id = %(contact)s") + _ROWS, values)
    return found[0] if found else None


@dataclass(frozen=True, slots=True)
class UnreadCounts:
    """None of them beyond MOST."""

    mine: int
    unassigned: int
    everybody: int


# conversation_unread_of twice, conversation_unread
_UNREAD = """
SELECT (SELECT count(*) FROM (SELECT FROM conversation WHERE account_id = %(account)s AND unread > 0
                                 AND assigned_to_id = %(member)s LIMIT %(most)s) mine),
       (SELECT count(*) FROM (SELECT FROM conversation WHERE account_id = %(account)s AND unread > 0
                                 AND assigned_to_id IS NULL LIMIT %(most)s) nobodys),
       (SELECT count(*) FROM (SELECT FROM conversation WHERE account_id = %(account)s AND unread > 0
                               LIMIT %(most)s) everybodys)
"""


def unread_conversations(account_id: int, member_id: int | None) -> UnreadCounts:
    """`member_id` None: nobody's own."""
    return rows(UnreadCounts, _UNREAD, {"account": account_id, "member": member_id, "most": MOST})[0]


def inbox_version(account_id: int) -> str:
    """Another one after every change of any conversation (conversation_changes). Of the newest few, since a change that
    began later may be committed first."""
    sql = """
    SELECT COALESCE(md5(string_agg(version::text, '.' ORDER BY version)), '') FROM (
      SELECT version FROM conversation WHERE account_id = %(account)s ORDER BY version DESC LIMIT 20) newest"""
    return str(scalar(sql, {"account": account_id}))


def sender_history(account_id: int, address: str, *, after: Place | None = None, limit: int = 50) -> list[Event]:
    """What somebody wrote whom nobody knows, newest first (inbound_of_unknown): as history() tells it of a contact."""
    written = Inbound.objects.filter(account_id=account_id, contact=None, sender=address).order_by("-at", "-pk")
    if after is not None:
        written = written.filter(at__lte=after.at).exclude(at=after.at, pk__gte=after.id)
    return [
        Event(one.at, PastKind.REPLY, one.pk, one.channel, one.sender, "", one.text, "", "") for one in written[:limit]
    ]


def newest_inbound(account_id: int, row: ConversationRow) -> int:
    """The highest id of what they wrote; 0 = nothing."""
    written = Inbound.objects.filter(account_id=account_id)
    if row.contact_id is not None:
        written = written.filter(contact_id=row.contact_id)
    else:
        written = written.filter(contact=None, sender=row.address)
    return written.order_by("-pk").values_list("pk", flat=True).first() or 0


def answered_by_themselves(account_id: int, message_ids: list[int]) -> set[int]:
    """Which of these messages Allstop sent by itself, as an answer."""
    found = Inbound.objects.filter(account_id=account_id, answered_by__in=message_ids)
    return {one for one in found.values_list("answered_by", flat=True) if one is not None}


def _as_kept(words: str) -> list[str]:
    """A number as it is kept, without what groups it; an email also with its domain in ASCII."""
    digits = "".join(sign for sign in words if sign.isdigit())
    if digits and not any(sign.isalpha() or sign == "@" for sign in words):
        return [digits]
    return [form.lower() for form in kept_forms(words)]


def _row(
    conversation_id: int, contact_id: int | None, name: str, address: str, state: str, *rest: Any
) -> ConversationRow:
    return ConversationRow(conversation_id, contact_id, name, address, ConversationState(state), *rest)
