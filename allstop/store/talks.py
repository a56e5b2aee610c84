"""What waits in the queue for leads is taken out of it, one lead or thousands at a time.

The rule that it guards: what no worker holds is withdrawn in the caller's transaction, and what one holds is named, so
that the caller stops it. docs/notes/0009-many-contacts.md says how thousands are stopped under one number.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from allstop.rules.leads import LeadStatus, Reason, Title
from allstop.rules.webhooks import EventKind
from allstop.store.lists.reading import rows

# None that somebody else has locked: a claim must not wait for it with its lane locked, since a stop waits for that.
_WITHDRAW = """
WITH chosen AS (
    SELECT id FROM queue WHERE account_id = %(account)s AND id = ANY (%(ids)s::bigint[]) AND worker_id IS NULL
       FOR UPDATE SKIP LOCKED),
out AS (
    DELETE FROM queue USING chosen WHERE queue.account_id = %(account)s AND queue.id = chosen.id
    RETURNING queue.id, queue.job_id, queue.location_id, queue.channel, queue.contact_id),
record AS (
    UPDATE message SET status = 'removed', reason = 'conversation_ended', finished_at = %(now)s FROM out
     WHERE message.account_id = %(account)s AND message.id = out.id),
counted AS (
    INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
    SELECT %(account)s, job_id, location_id, channel, 'waiting', -count(*), %(now)s FROM out GROUP BY 2, 3, 4
    UNION ALL
    SELECT %(account)s, job_id, location_id, channel, 'removed', count(*), %(now)s FROM out GROUP BY 2, 3, 4),
told AS (
    INSERT INTO event (account_id, kind, at, message_id, contact_id, reason)
    SELECT %(account)s, %(kind)s, %(now)s, id, contact_id, 'conversation_ended' FROM out
     WHERE EXISTS (SELECT FROM webhook WHERE account_id = %(account)s AND is_on AND %(kind)s = ANY (kinds)))
SELECT id FROM out
"""


def withdraw(account_id: int, ids: Sequence[int], now: datetime, *, is_told: bool = True) -> list[int]:
    """Those of these messages that wait and that no worker holds; they never leave. `is_told`: webhooks may hear of
    it (not so after a mass end, 001-13)."""
    kind = EventKind.MESSAGE_REMOVED.value if is_told else ""
    return rows(int, _WITHDRAW, {"account": account_id, "ids": list(ids), "now": now, "kind": kind}) if ids else []


def still_queued(account_id: int, ids: Sequence[int]) -> list[int]:
    sql = "SELECT id FROM queue WHERE account_id = %(account)s AND id = ANY (%(ids)s::bigint[])"
    return rows(int, sql, {"account": account_id, "ids": list(ids)}) if ids else []


@dataclass(frozen=True, slots=True)
class Slice:
    """New leads that are locked, by id, and whose they are."""

    ids: list[int]
    contacts: dict[int, int]  # lead -> contact


_EVERYBODYS = """
SELECT id, contact_id FROM lead
 WHERE account_id = %(account)s AND status = 'new' AND id > %(beyond)s AND id <= %(until)s
 ORDER BY id LIMIT %(limit)s FOR NO KEY UPDATE
"""
_A_MEMBERS = """
SELECT lead.id, lead.contact_id FROM lead JOIN contact_assignment a ON a.contact_id = lead.contact_id
 WHERE lead.account_id = %(account)s AND lead.status = 'new' AND lead.id > %(beyond)s AND lead.id <= %(until)s
   AND a.member_id = %(member)s
 ORDER BY lead.id LIMIT %(limit)s FOR NO KEY UPDATE OF lead
"""


def next_new_leads(account_id: int, member_id: int | None, beyond: int, until: int, limit: int) -> Slice:
    """lead_new. Fewer than `limit` may come while others decide some of them: only none is the end."""
    values = {"account": account_id, "member": member_id, "beyond": beyond, "until": until, "limit": limit}
    found = rows(lambda *row: row, _EVERYBODYS if member_id is None else _A_MEMBERS, values)
    return Slice([lead for lead, _ in found], dict(found))


def count_new_leads(account_id: int, member_id: int | None) -> tuple[int, int]:
    """How many, and the newest one's id."""
    sql = "SELECT count(*), COALESCE(max(lead.id), 0) FROM lead WHERE account_id = %(account)s AND status = 'new'"
    if member_id is not None:
        sql += (
            " AND EXISTS (SELECT FROM contact_assignment a WHERE a.contact_id = lead.contact_id"
            " AND a.member_id = %(member)s)"
        )
    counts = rows(lambda *row: row, sql, {"account": account_id, "member": member_id})
    return int(counts[0][0]), int(counts[0][1])


_END_LEADS = """
WITH over AS (
    UPDATE lead SET status = %(status)s, reason = %(reason)s, ended_at = %(now)s, ended_by = %(by)s,
                    version = nextval('lead_version')
     WHERE id = ANY (%(ids)s::bigint[]) RETURNING id)
INSERT INTO lead_event (account_id, lead_id, at, title, by, detail)
SELECT %(account)s, id, %(now)s, %(title)s, %(by)s, '' FROM over ORDER BY id
"""
_END_TALKS = """
WITH was AS (SELECT lead_id, queued || unwanted AS waiting FROM talk WHERE lead_id = ANY (%(ids)s::bigint[])
              ORDER BY lead_id FOR UPDATE),
over AS (
    UPDATE talk SET answers = 'nobody', why = '', due_at = NULL, heard_at = NULL, queued = '{}', unwanted = '{}'
      FROM was WHERE talk.lead_id = was.lead_id)
SELECT lead_id, unnest(waiting) FROM was WHERE waiting <> '{}'
"""
# The sweep of the talks' chore takes out what the workers give back, and lifts the hold after it.
_KEEP_LEFT = """
UPDATE talk SET unwanted = ARRAY (SELECT (j->>1)::bigint FROM jsonb_array_elements(%(left)s::jsonb) j
                                   WHERE (j->>0)::bigint = talk.lead_id), due_at = %(now)s
 WHERE lead_id = ANY (%(ids)s::bigint[])
"""
_HOLD = """
INSERT INTO hold (name, scope, account_id, contact_id, blocks, by, reason, at, lifted_by)
SELECT 'ending', 'contact', %(account)s, id, %(blocks)s::varchar[], %(by)s, '', %(now)s, ''
  FROM unnest(%(contacts)s::bigint[]) id
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Ended:
    withdrawn: int
    left: dict[int, list[int]]  # lead -> messages of it that a worker holds


def end_leads(account_id: int, ids: Sequence[int], reason: Reason, by: str, now: datetime) -> Ended:
    """Locked new leads become unqualified, and what waited in their conversations is withdrawn."""
    values: dict[str, Any] = {"account": account_id, "ids": list(ids), "by": by, "now": now, "reason": reason.value}
    _run(_END_LEADS, values | {"status": LeadStatus.UNQUALIFIED.value, "title": Title.UNQUALIFIED.value})
    queued = rows(lambda *row: row, _END_TALKS, values)
    waiting = [message for _, message in queued]
    withdrawn = withdraw(account_id, waiting, now, is_told=False)
    held = set(still_queued(account_id, waiting))
    left: dict[int, list[int]] = {}
    for lead, message in queued:
        if message in held:
            left.setdefault(lead, []).append(message)
    return Ended(len(withdrawn), left)


def hold_left(account_id: int, found: Slice, ended: Ended, blocks: Sequence[str], by: str, now: datetime) -> None:
    """Nothing leaves to those whose messages a worker holds, until they are withdrawn. The caller announces it."""
    contacts = sorted({found.contacts[lead] for lead in ended.left})
    pairs = [(lead, message) for lead, messages in ended.left.items() for message in messages]
    values: dict[str, Any] = {"account": account_id, "by": by, "now": now}
    _run(_HOLD, values | {"contacts": contacts, "blocks": list(blocks)})
    _run(_KEEP_LEFT, values | {"ids": list(ended.left), "left": json.dumps(pairs)})


def _run(sql: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
