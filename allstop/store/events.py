"""Events into the outbox of webhooks, where a webhook wants them. Where none does, it is one look at a small index.

Of messages the functions of the queue write them, in the statement that ends the message (queue.sql).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from psycopg.types.json import Jsonb

_WANTED = "SELECT EXISTS (SELECT FROM webhook WHERE account_id = %s AND is_on AND %s = ANY (kinds))"
_RECORD = """
INSERT INTO event (account_id, kind, at, message_id, inbound_id, contact_id, lead_id, payload)
SELECT %(account)s, %(kind)s, %(at)s, %(message)s, %(inbound)s, contact_id, lead_id, payload
  FROM unnest(%(contacts)s::bigint[], %(leads)s::bigint[], %(payloads)s::jsonb[]) AS x(contact_id, lead_id, payload)"""
_TELL = "SELECT queue_tell(%s::bigint[], %s::bigint[], %s)"


def wanted(account_id: int, kind: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_WANTED, [account_id, kind])
        row = cursor.fetchone()
        return row is not None and bool(row[0])


def record(
    account_id: int,
    kind: str,
    at: datetime,
    about: Iterable[tuple[int | None, int | None, Mapping[str, Any] | None]],
    *,
    message_id: int | None = None,
    inbound_id: int | None = None,
) -> int:
    """One event for each (contact, lead, payload) of `about`; how many were written: none where none is wanted."""
    if not wanted(account_id, kind):
        return 0
    rows = list(about)
    values: dict[str, Any] = {
        "account": account_id,
        "kind": kind,
        "at": at,
        "message": message_id,
        "inbound": inbound_id,
        "contacts": [contact for contact, _, _ in rows],
        "leads": [lead for _, lead, _ in rows],
        "payloads": [None if payload is None else Jsonb(dict(payload)) for _, _, payload in rows],
    }
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, values)
        return int(cursor.rowcount)


def tell_of_messages(account_id: int, ids: Sequence[int], at: datetime) -> None:
    """Of messages that have just ended, by what they are now."""
    if ids:
        with connection.cursor() as cursor:
            cursor.execute(_TELL, [[account_id] * len(ids), list(ids), at])
