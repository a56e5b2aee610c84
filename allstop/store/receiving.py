"""Receipts into the tables: stored first, matched then.

They come in crowds and out of order, twice, or before the attempt that they belong to is written. So each is stored by
(adapter, ref, state), and matched as soon as its attempt is there: by whoever looks next.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection
from psycopg.types.json import Jsonb

from allstop.rules.webhooks import OF_RECEIPTS

# A later word of a lower rank does not hide a higher one: "sent" after "delivered" is only late.
RANKS = {
    "sent": 0,
    "failed": 1,
    "expired": 1,
    "undeliverable": 1,
    "busy": 1,
    "no_answer": 1,
    "delivered": 2,
    "answered": 2,
    "read": 3,
}

STORE = """
WITH given AS (SELECT * FROM unnest(%s::text[], %s::text[], %s::text[], %s::text[], %s::timestamptz[])
                 AS x(adapter, ref, state, code, at))
INSERT INTO receipt (adapter, ref, state, code, at)
SELECT DISTINCT ON (adapter, ref, state) adapter, ref, state, code, at FROM given
ON CONFLICT (adapter, ref, state) DO NOTHING"""

# Events for the webhooks that want them, of words that have changed what is known of a message.
_TELL = """
INSERT INTO event (account_id, kind, at, message_id, contact_id, reason)
SELECT account_id, %(kinds)s::jsonb ->> receipt, %(now)s, id, contact_id, receipt FROM changed
 WHERE EXISTS (SELECT FROM webhook WHERE webhook.account_id = changed.account_id AND is_on
                  AND %(kinds)s::jsonb ->> changed.receipt = ANY (kinds))"""

# Of texts that left in one part, and of everything else. `%(ranks)s`: RANKS.
_MATCH = """
WITH matched AS (
    UPDATE receipt SET account_id = attempt.account_id, message_id = attempt.message_id
      FROM attempt
     WHERE receipt.account_id IS NULL AND attempt.adapter = receipt.adapter AND attempt.ref = receipt.ref
       AND attempt.ref <> ''  -- what attempt_by_ref is restricted to, which the planner cannot know
       AND NOT EXISTS (SELECT FROM part WHERE part.adapter = receipt.adapter AND part.ref = receipt.ref)
    RETURNING attempt.account_id, attempt.message_id, receipt.state),
best AS (
    SELECT DISTINCT ON (account_id, message_id) account_id, message_id, state
      FROM matched ORDER BY account_id, message_id, (%(ranks)s::jsonb ->> state)::int DESC),
changed AS (
    UPDATE message SET receipt = best.state FROM best
     WHERE message.account_id = best.account_id AND message.id = best.message_id
       AND (message.receipt = ''
            OR message.receipt <> best.state
               AND (%(ranks)s::jsonb ->> best.state)::int >= (%(ranks)s::jsonb ->> message.receipt)::int)
    RETURNING message.account_id, message.id, message.contact_id, message.receipt)"""

# Of texts that left in several: delivered when all parts are; not, as soon as one is not. The receipts that a part has
# had before are looked at again, so that the order in which they come means nothing.
_MATCH_PARTS = """
WITH matched AS (
    UPDATE receipt SET account_id = part.account_id, message_id = part.message_id
      FROM part WHERE receipt.account_id IS NULL AND part.adapter = receipt.adapter AND part.ref = receipt.ref
    RETURNING part.account_id, part.message_id, part.attempt),
said AS (
    SELECT part.account_id, part.message_id, part.number,
           (SELECT state FROM receipt WHERE receipt.adapter = part.adapter AND receipt.ref = part.ref
             ORDER BY (%(ranks)s::jsonb ->> state)::int DESC LIMIT 1) AS state
      FROM (SELECT DISTINCT account_id, message_id, attempt FROM matched) touched
      JOIN part USING (account_id, message_id, attempt)),
whole AS (
    SELECT account_id, message_id,
           CASE WHEN bool_and((%(ranks)s::jsonb ->> state)::int >= 2) AND count(state) = count(*) THEN 'delivered'
                ELSE COALESCE(min(state) FILTER (WHERE (%(ranks)s::jsonb ->> state)::int = 1), 'sent') END AS state
      FROM said GROUP BY account_id, message_id),
changed AS (
    UPDATE message SET receipt = whole.state FROM whole
     WHERE message.account_id = whole.account_id AND message.id = whole.message_id
       AND (message.receipt = ''
            OR message.receipt <> whole.state
               AND (%(ranks)s::jsonb ->> whole.state)::int >= (%(ranks)s::jsonb ->> message.receipt)::int)
    RETURNING message.account_id, message.id, message.contact_id, message.receipt)"""

MATCHING = (_MATCH + _TELL, _MATCH_PARTS + _TELL)


class ReceiptSaid(NamedTuple):
    adapter: str
    ref: str
    state: str
    code: str
    at: datetime


def store_values(receipts: Iterable[ReceiptSaid]) -> tuple[list[Any], ...]:
    """What STORE takes."""
    said = list(receipts)
    return (
        [one.adapter for one in said],
        [one.ref[:300] for one in said],
        [one.state for one in said],
        [one.code[:60] for one in said],
        [one.at for one in said],
    )


def match_values(now: datetime) -> dict[str, Any]:
    return {"ranks": Jsonb(RANKS), "kinds": Jsonb(OF_RECEIPTS), "now": now}


def take_receipts(receipts: Iterable[ReceiptSaid], now: datetime) -> None:
    """For those that come in through a door. One whose attempt is not written yet is matched by a worker."""
    with connection.cursor() as cursor:
        cursor.execute(STORE, store_values(receipts))
        for statement in MATCHING:
            cursor.execute(statement, match_values(now))
