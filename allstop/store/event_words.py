"""What an event says beside its ids, read when it is delivered: of messages, of what somebody wrote, of leads.

So the outbox stays narrow, and what was erased in the meantime is told to nobody. A row that is gone says nothing.
"""

from collections.abc import Sequence
from typing import Any

import psycopg

from allstop.store.webhook_queue import Taken

_MESSAGES = """
SELECT id, jsonb_build_object('id', id, 'channel', channel, 'purpose', purpose, 'to', address, 'contact_id', contact_id,
                              'job_id', job_id, 'location_id', location_id, 'due_at', due_at,
                              'appointment_at', appointment_at, 'created_at', created_at)
  FROM message JOIN unnest(%s::bigint[], %s::bigint[]) AS x(a, i) ON message.account_id = x.a AND message.id = x.i"""
_INBOUND = """
SELECT id, jsonb_build_object('id', id, 'channel', channel, 'from', sender, 'to', recipient, 'subject', subject,
                              'text', text, 'contact_id', contact_id, 'in_reply_to', in_reply_to,
                              'is_automatic', is_automatic, 'at', at)
  FROM inbound WHERE id = ANY (%s)"""
_LEADS = """
SELECT l.id, jsonb_build_object('id', l.public_id, 'source', l.source, 'kind', l.kind, 'comment', l.comment,
                                'location_id', l.location_id, 'created_at', l.created_at),
       jsonb_build_object('id', c.id, 'given_name', c.given_name, 'family_name', c.family_name,
                          'external_id', c.external_id,
                          'phones', COALESCE((SELECT jsonb_agg(value ORDER BY position, id) FROM address
                                               WHERE contact_id = c.id AND kind = 'phone'), '[]'),
                          'emails', COALESCE((SELECT jsonb_agg(value ORDER BY position, id) FROM address
                                               WHERE contact_id = c.id AND kind = 'email'), '[]'))
  FROM lead l JOIN contact c ON c.id = l.contact_id WHERE l.id = ANY (%s)"""


async def read_words(connection: psycopg.AsyncConnection[Any], taken: Sequence[Taken]) -> dict[int, dict[str, Any]]:
    """By the id of the delivery: the data of its body."""
    messages = await _messages(connection, taken)
    inbound = await _inbound(connection, taken)
    leads = await _leads(connection, taken)
    return {one.id: _data(one, messages, inbound, leads) for one in taken}


def _data(
    one: Taken,
    messages: dict[int, dict[str, Any]],
    inbound: dict[int, dict[str, Any]],
    leads: dict[int, tuple[dict[str, Any], dict[str, Any]]],
) -> dict[str, Any]:
    data: dict[str, Any] = {"account_id": one.account_id}
    if one.contact_id is not None:
        data["contact_id"] = one.contact_id
    if one.reason:
        data["reason"] = one.reason
    if one.message_id is not None:
        data["message"] = messages.get(one.message_id, {"id": one.message_id})
    if one.inbound_id is not None:
        data["inbound"] = inbound.get(one.inbound_id, {"id": one.inbound_id})
    if one.lead_id is not None and one.lead_id in leads:
        lead, contact = leads[one.lead_id]
        return data | {"contact": contact, **(one.payload or {}), "lead": lead | (one.payload or {}).get("lead", {})}
    return data | (one.payload or {})


async def _messages(connection: psycopg.AsyncConnection[Any], taken: Sequence[Taken]) -> dict[int, dict[str, Any]]:
    ids = [(one.account_id, one.message_id) for one in taken if one.message_id is not None]
    if not ids:
        return {}
    cursor = await connection.execute(_MESSAGES, ([account for account, _ in ids], [id_ for _, id_ in ids]))
    return dict(await cursor.fetchall())


async def _inbound(connection: psycopg.AsyncConnection[Any], taken: Sequence[Taken]) -> dict[int, dict[str, Any]]:
    if ids := [one.inbound_id for one in taken if one.inbound_id is not None]:
        return dict(await (await connection.execute(_INBOUND, (ids,))).fetchall())
    return {}


async def _leads(
    connection: psycopg.AsyncConnection[Any], taken: Sequence[Taken]
) -> dict[int, tuple[dict[str, Any], dict[str, Any]]]:
    if ids := [one.lead_id for one in taken if one.lead_id is not None]:
        rows = await (await connection.execute(_LEADS, (ids,))).fetchall()
        return {id_: (lead, contact) for id_, lead, contact in rows}
    return {}
