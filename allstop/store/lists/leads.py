"""Leads newest first, one of them with its history, and the funnel: what became of the leads of each week."""

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Any
from uuid import UUID

from allstop.rules.addresses import grouped
from allstop.rules.leads import REASON_WORDS, SOURCE_WORDS, STATUS_WORDS, LeadSource, LeadStatus, Reason, Title
from allstop.store.lists.contact_filter import NOBODY
from allstop.store.lists.phonebook import some_ids
from allstop.store.lists.reading import rows, scalar

CONTACTS_SEARCHED = 500  # a search word that matches more contacts than this says too little


@dataclass(frozen=True, slots=True, kw_only=True)
class LeadFilter:
    status: LeadStatus | None = None
    source: LeadSource | None = None
    owner: int | None = None  # a member's id; NOBODY; None = everybody's
    q: str = ""  # part of a name, number or email
    contact: int | None = None


@dataclass(frozen=True, slots=True)
class LeadRow:
    id: int
    public_id: UUID
    contact_id: int
    name: str
    phone: str
    email: str
    status: LeadStatus
    reason: str
    note: str
    source: LeadSource
    kind: str
    comment: str
    location_id: int | None
    location: str
    owner_id: int | None
    owner: str  # "" = nobody
    created_at: datetime
    ended_at: datetime | None
    ended_by: str
    is_opted_out: bool  # of everything, or marked Stop All: nothing leaves to them

    @property
    def title(self) -> str:
        return self.name or grouped(self.phone or self.email) or "No name"

    @property
    def status_words(self) -> str:
        return STATUS_WORDS[self.status]

    @property
    def source_words(self) -> str:
        return SOURCE_WORDS[self.source]

    @property
    def reason_words(self) -> str:
        return REASON_WORDS[Reason(self.reason)] if self.reason else ""


_CHOSEN = """
WITH chosen AS MATERIALIZED (
  SELECT l.* FROM lead l {join} WHERE l.account_id = %(account)s AND {where}
   ORDER BY l.created_at DESC, l.id DESC LIMIT %(limit)s)
"""
# Each row of a page: its contact, their owner, and the first number and email (address_once, opt_out_standing).
_ROWS = """
SELECT l.id, l.public_id, l.contact_id, trim(c.given_name || ' ' || c.family_name),
       COALESCE(phone.value, ''), COALESCE(email.value, ''), l.status, l.reason, l.note, l.source, l.kind, l.comment,
       l.location_id, COALESCE(location.name, ''), a.member_id, COALESCE(login.name, ''),
       l.created_at, l.ended_at, l.ended_by,
       EXISTS (SELECT FROM opt_out o WHERE o.account_id = l.account_id AND o.contact_id = l.contact_id
                  AND o.lifted_at IS NULL AND o.channel IS NULL)
         OR EXISTS (SELECT FROM marker m WHERE m.contact_id = l.contact_id AND m.kind = 'stop_all')
  FROM chosen l JOIN contact c ON c.id = l.contact_id
  LEFT JOIN location ON location.id = l.location_id
  LEFT JOIN contact_assignment a ON a.contact_id = l.contact_id
  LEFT JOIN member ON member.id = a.member_id LEFT JOIN login ON login.id = member.user_id
  LEFT JOIN LATERAL (SELECT value FROM address WHERE contact_id = l.contact_id AND kind = 'phone'
                      ORDER BY position, id LIMIT 1) phone ON true
  LEFT JOIN LATERAL (SELECT value FROM address WHERE contact_id = l.contact_id AND kind = 'email'
                      ORDER BY position, id LIMIT 1) email ON true
 ORDER BY l.created_at DESC, l.id DESC
"""


def leads(account_id: int, wanted: LeadFilter, *, after: int | None = None, limit: int = 50) -> list[LeadRow]:
    """lead_list or lead_by_status. `after`: the number of the last row that the caller has."""
    values: dict[str, Any] = {"account": account_id, "limit": limit}
    where, join = ["true"], ""
    if wanted.status is not None:
        where.append("l.status = %(status)s")
        values["status"] = wanted.status.value
    if wanted.source is not None:
        where.append("l.source = %(source)s")
        values["source"] = wanted.source.value
    if wanted.contact is not None:
        where.append("l.contact_id = %(contact)s")
        values["contact"] = wanted.contact
    if wanted.owner is not None:
        join = "JOIN contact_assignment whose ON whose.contact_id = l.contact_id"
        where.append("whose.member_id IS NULL" if wanted.owner == NOBODY else "whose.member_id = %(owner)s")
        values["owner"] = wanted.owner
    if words := wanted.q.strip():
        where.append("l.contact_id = ANY (%(contacts)s::bigint[])")
        values["contacts"] = some_ids(account_id, words, CONTACTS_SEARCHED)
    if after is not None:
        where.append(
            "(l.created_at, l.id) < (SELECT created_at, id FROM lead WHERE id = %(after)s AND account_id = %(account)s)"
        )
        values["after"] = after
    # Only the fixed texts above are put together here; every value is bound.
    return rows(_row, _CHOSEN.format(join=join, where=" AND ".join(where)) + _ROWS, values)


def lead(account_id: int, which: UUID | int) -> LeadRow | None:
    """By the id that programs have, or by its number."""
    column = "public_id" if isinstance(which, UUID) else "id"
    values = {"account": account_id, "which": which, "limit": 1}
    found = rows(_row, _CHOSEN.format(join="", where=f"l.{column} = %(which)s") + _ROWS, values)
    return found[0] if found else None


def _row(*columns: Any) -> LeadRow:
    named = dict(zip((one.name for one in fields(LeadRow)), columns, strict=True))
    return LeadRow(**named | {"status": LeadStatus(named["status"]), "source": LeadSource(named["source"])})


@dataclass(frozen=True, slots=True)
class LeadLine:
    """One line of a lead's history."""

    at: datetime
    title: Title
    by: str
    detail: str
    message_id: int | None
    words: str  # of the message or of what they wrote; "" = none


# lead_event_history
_HISTORY = """
SELECT e.at, e.title, e.by, e.detail, e.message_id, COALESCE(m.body, i.text, '')
  FROM lead_event e JOIN lead l ON l.id = e.lead_id
  LEFT JOIN message m ON m.account_id = e.account_id AND m.id = e.message_id
  LEFT JOIN inbound i ON i.id = e.inbound_id AND i.account_id = e.account_id
 WHERE l.account_id = %(account)s AND l.public_id = %(lead)s ORDER BY e.at DESC, e.id DESC LIMIT %(limit)s
"""


def lead_history(account_id: int, public_id: UUID, limit: int = 200) -> list[LeadLine]:
    """The newest first."""
    values = {"account": account_id, "lead": public_id, "limit": limit}
    return rows(lambda at, title, *rest: LeadLine(at, Title(title), *rest), _HISTORY, values)


@dataclass(frozen=True, slots=True)
class FunnelRow:
    """The leads of one week and source, and what has become of them since."""

    week: date  # its Monday, on the account's calendar
    source: LeadSource
    created: int
    qualified: int
    unqualified: int


# lead_list
_FUNNEL = """
SELECT date_trunc('week', created_at AT TIME ZONE %(zone)s)::date, source, count(*),
       count(*) FILTER (WHERE status = 'qualified'), count(*) FILTER (WHERE status = 'unqualified')
  FROM lead
 WHERE account_id = %(account)s AND created_at >= %(since)s::timestamp AT TIME ZONE %(zone)s
 GROUP BY 1, 2 ORDER BY 1, 2
"""


def funnel(account_id: int, zone: str, since: date) -> list[FunnelRow]:
    """From the beginning of the day `since`."""
    values = {"account": account_id, "zone": zone, "since": since}
    return rows(lambda week, source, *rest: FunnelRow(week, LeadSource(source), *rest), _FUNNEL, values)


def leads_version(account_id: int) -> str:
    """Another one after every change of any lead (lead_changes). Of the newest few, since a change that began later may
    be committed first."""
    sql = """
    SELECT COALESCE(md5(string_agg(version::text, '.' ORDER BY version)), '') FROM (
      SELECT version FROM lead WHERE account_id = %(account)s ORDER BY version DESC LIMIT 20) newest"""
    return str(scalar(sql, {"account": account_id}))
