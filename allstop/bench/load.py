"""A full queue, made set by set: accounts with locations, contacts and one job each, whose messages are all due.

An account's messages lie together, as an upload leaves them, and its three channels take turns. Lanes are closed, so
that the workers can be ready before the first message leaves.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from allstop.rules.words import Channel

CHANNELS = len(Channel)
MESSAGES_PER_CONTACT = 5
BODY = "Hello, this is a reminder of your appointment tomorrow at ten o'clock. Reply STOP to opt out."


@dataclass(frozen=True, slots=True)
class Load:
    queued: int
    accounts: int
    quiet: bool  # texts and calls are checked against quiet hours, in which nobody is now


def zones_awake(now: datetime) -> list[str]:
    """Where it is about noon. The names of these zones count westwards."""
    return [f"Etc/GMT{now.hour - hour:+d}" for hour in (11, 12, 13)]


_ACCOUNTS = """
INSERT INTO status_type (name, status) VALUES ('Active', 'active');

INSERT INTO account (id, name, zone, country, quiet_from, quiet_until, created_at,
                     status_type_id)
SELECT i, 'Account ' || i, 'UTC', 'US', '20:00', '09:00', %(now)s, (SELECT id FROM status_type)
  FROM generate_series(1, %(accounts)s::int) i;

INSERT INTO channel_setup (account_id, channel, provider, config, sender, sender_name, is_enabled, broken, pace_ms,
                           keeps_quiet_hours)
SELECT id, c, 'sandbox', '{}', '', name, true, '', 0, %(quiet)s AND c <> 'email'
  FROM account, unnest(%(channels)s::text[]) c;

INSERT INTO lane (account_id, channel, by_hand, is_open, number, setup_number, pace_ms, slot_at, head_due_at, head_id)
SELECT id, c, h, false, 0, 0, 0, 'epoch', 'epoch', 0
  FROM account, unnest(%(channels)s::text[]) c, unnest(ARRAY[false, true]) h;

INSERT INTO location (id, account_id, name, code)
SELECT 2 * id - n, id, 'Location ' || n, n FROM account, generate_series(0, 1) n;

INSERT INTO job (id, account_id, name, source, purpose, created_by, created_at, removed_by)
SELECT id, id, 'Reminders', 'upload', 'reminder', name, %(now)s, '' FROM account;

INSERT INTO contact (id, account_id, given_name, family_name, external_id, language, country, zone, zones, created_at)
SELECT k * %(accounts)s + id, id, 'Pat', 'Moreau', k, '', '', '', ARRAY[(%(zones)s::text[])[k %% 3 + 1]], %(now)s
  FROM account, generate_series(0, %(people)s - 1) k;
"""

_MESSAGES = """
INSERT INTO message (account_id, id, job_id, contact_id, location_id, channel, purpose, address, subject, body,
                     recipients, due_at, created_at, status, reason, receipt)
SELECT a, i, a, i %% %(people)s * %(accounts)s + a, 2 * a - i / 3 %% 2, (%(channels)s::text[])[i %% 3 + 1], 'reminder',
       CASE WHEN i %% 3 = 2 THEN 'pat.' || i || '@example.org' ELSE '+1212' || lpad((i %% 10000000)::text, 7, '0') END,
       CASE WHEN i %% 3 = 2 THEN 'Your appointment tomorrow' ELSE '' END, %(body)s,
       1, %(now)s::timestamptz - interval '1 minute', %(now)s, 'waiting', '', ''
  FROM generate_series(1, %(queued)s::int) i, LATERAL (SELECT (i - 1) * %(accounts)s::bigint / %(queued)s + 1 AS a) x;

INSERT INTO queue (account_id, id, channel, by_hand, due_at, words, purpose, recipients, contact_id, job_id,
                   location_id, attempt)
SELECT account_id, id, channel, false, due_at, plan_words(message), purpose, recipients, contact_id, job_id,
       location_id, 0 FROM message;
"""

_SUMS = """
INSERT INTO tally (account_id, job_id, location_id, channel, status, count)
SELECT account_id, job_id, location_id, channel, 'waiting', count(*) FROM message GROUP BY 1, 2, 3, 4;

UPDATE lane SET next_due_at = waiting.due_at
  FROM (SELECT account_id, channel, by_hand, min(due_at) AS due_at FROM queue GROUP BY 1, 2, 3) waiting
 WHERE lane.account_id = waiting.account_id AND lane.channel = waiting.channel AND lane.by_hand = waiting.by_hand;

SELECT setval('message_id', %(queued)s);
"""


def load(address: str, wanted: Load, now: datetime) -> int:
    """Into a database that is migrated and empty. Returns the bytes that it takes then."""
    values = {
        "accounts": wanted.accounts,
        "queued": wanted.queued,
        "people": max(1, wanted.queued // wanted.accounts // MESSAGES_PER_CONTACT),
        "channels": [channel.value for channel in Channel],
        "quiet": wanted.quiet,
        "zones": zones_awake(now),
        "body": BODY,
        "now": now,
    }
    with psycopg.connect(address, autocommit=True, cursor_factory=psycopg.ClientCursor) as connection:
        connection.execute("SET maintenance_work_mem = '256MB'")
        connection.execute(_ACCOUNTS, values)
        with _indexes_made_afterwards(connection, "message", "queue"):
            connection.execute(_MESSAGES, values)
        connection.execute(_SUMS, values)
        connection.execute("VACUUM ANALYZE")
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
        assert row is not None
        return int(row[0])


@contextmanager
def _indexes_made_afterwards(connection: psycopg.Connection[Any], *tables: str) -> Iterator[None]:
    """Keys and indexes from what is there, instead of row by row, which takes a third of the time or less."""
    again: list[sql.Composed] = []
    for table in tables:
        change = sql.SQL("ALTER TABLE {} ").format(sql.Identifier(table))
        for name, definition in connection.execute(_CONSTRAINTS, (table,)).fetchall():
            connection.execute(change + sql.SQL("DROP CONSTRAINT {}").format(sql.Identifier(name)))
            again.append(change + sql.SQL("ADD CONSTRAINT {} ").format(sql.Identifier(name)) + sql.SQL(definition))
        for name, definition in connection.execute(_INDEXES, (table,)).fetchall():
            connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
            again.append(sql.Composed([sql.SQL(definition)]))
    yield
    for statement in again:
        connection.execute(statement)


# keys before foreign keys; no check of the values, which would be dropped for nothing
_CONSTRAINTS = """
SELECT conname, pg_get_constraintdef(pg_constraint.oid)
       || CASE WHEN contype <> 'f' THEN COALESCE(' WITH (' || array_to_string(reloptions, ', ') || ')', '') ELSE '' END
  FROM pg_constraint LEFT JOIN pg_class ON pg_class.oid = conindid
 WHERE conrelid = %s::regclass AND contype IN ('f', 'p', 'u') ORDER BY contype DESC"""
_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes
 WHERE tablename = %s AND schemaname = current_schema()"""
