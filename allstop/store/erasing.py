"""What a person leaves in the tables, and how it goes: texts and addresses of messages, replies, files, typed words.

Of the Messenger, conversations and files of contacts: erasing_desk.py.
What belongs to the contact's row by a foreign key that cascades goes with the row and is not named here. A new table or
column with words in it is: tests/actions/test_erase_catalogue.py asks of each whether it can hold a person.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from allstop.store import attachments

GONE = "(erased)"  # stands where the person was named in what somebody typed about something else
CHUNK = 5000  # messages in one statement

_WITHDRAW = """
WITH chosen AS (
    SELECT q.id FROM message m JOIN queue q ON q.account_id = m.account_id AND q.id = m.id AND q.worker_id IS NULL
     WHERE m.account_id = %(account)s AND m.contact_id = %(contact)s AND m.status = 'waiting'
     LIMIT 2000 FOR UPDATE OF q SKIP LOCKED),
out AS (
    DELETE FROM queue USING chosen WHERE queue.account_id = %(account)s AND queue.id = chosen.id
    RETURNING queue.id, queue.job_id, queue.location_id, queue.channel),
record AS (
    UPDATE message SET status = 'canceled', reason = 'erased', finished_at = %(now)s FROM out
     WHERE message.account_id = %(account)s AND message.id = out.id),
counted AS (
    INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
    SELECT %(account)s, job_id, location_id, channel, 'waiting', -count(*), %(now)s FROM out GROUP BY 2, 3, 4
    UNION ALL
    SELECT %(account)s, job_id, location_id, channel, 'canceled', count(*), %(now)s FROM out GROUP BY 2, 3, 4)
SELECT id FROM out"""


def withdraw_from(account_id: int, contact_id: int, now: datetime) -> int:
    """What waits for the contact and no worker holds, in short transactions, as queue_withdraw does. Not inside one."""
    withdrawn = 0
    while gone := _run(_WITHDRAW, account=account_id, contact=contact_id, now=now):
        withdrawn += gone
    return withdrawn


# What goes of messages, by their ids: the rows stay with status and times, so that every tally stays what it is.
_OF_MESSAGES: tuple[tuple[str, str], ...] = (
    # A message to somebody else that told of theirs as well; what has not left does not any more.
    (
        "told",
        "UPDATE message SET subject = '', body = '' WHERE account_id = %(account)s AND id IN (SELECT carrier_id"
        " FROM family_visit WHERE account_id = %(account)s AND message_id = ANY (%(ids)s) AND NOT has_left)",
    ),
    (
        "told_outbox",
        "DELETE FROM outbox WHERE account_id = %(account)s AND message_id IN (SELECT carrier_id"
        " FROM family_visit WHERE account_id = %(account)s AND message_id = ANY (%(ids)s) AND NOT has_left)",
    ),
    (
        "family_visit",
        "DELETE FROM family_visit WHERE account_id = %(account)s AND message_id = ANY (%(ids)s)",
    ),
    (
        "message",
        "UPDATE message SET contact_id = NULL, address = '', subject = '', body = '', attachment_set_id = NULL"
        " WHERE account_id = %(account)s AND id = ANY (%(ids)s)",
    ),
    (
        "attempt",
        "UPDATE attempt SET ref = '', detail = '' WHERE account_id = %(account)s AND message_id = ANY (%(ids)s)",
    ),
    ("override", "UPDATE override SET reason = '' WHERE account_id = %(account)s AND message_id = ANY (%(ids)s)"),
    # That it was dialled stays, in numbers of our own: a call without it would count as one that was never made.
    (
        "call_step",
        "DELETE FROM call_step WHERE account_id = %(account)s AND message_id = ANY (%(ids)s) AND kind <> 'dialled'",
    ),
    ("part", "DELETE FROM part WHERE account_id = %(account)s AND message_id = ANY (%(ids)s)"),
    ("receipt", "DELETE FROM receipt WHERE account_id = %(account)s AND message_id = ANY (%(ids)s)"),
    ("inquiry", "DELETE FROM inquiry WHERE account_id = %(account)s AND message_id = ANY (%(ids)s)"),
    ("outbox", "DELETE FROM outbox WHERE account_id = %(account)s AND message_id = ANY (%(ids)s)"),
    # The key stays for its day, so that a program that asks again is refused and not obeyed a second time.
    (
        "request_key",
        "UPDATE request_key SET digest = '' WHERE account_id = %(account)s AND message_id = ANY (%(ids)s)",
    ),
)


def messages_of(account_id: int, contact_id: int, addresses: Sequence[str]) -> list[int]:
    """Theirs, and those to one of their addresses that belong to nobody (message_by_contact serves both)."""
    sql = """
    SELECT id FROM message WHERE account_id = %(account)s AND contact_id = %(contact)s
    UNION SELECT id FROM message
     WHERE account_id = %(account)s AND contact_id IS NULL AND address = ANY (%(addresses)s) ORDER BY 1"""
    with connection.cursor() as cursor:
        cursor.execute(sql, {"account": account_id, "contact": contact_id, "addresses": list(addresses)})
        return [row[0] for row in cursor.fetchall()]


def of_messages(account_id: int, ids: Sequence[int]) -> Counter[str]:
    """Table -> rows from which something went."""
    counts: Counter[str] = Counter()
    sets = attachments.sets_of(account_id, ids)
    for start in range(0, len(ids), CHUNK):
        for table, sql in _OF_MESSAGES:
            counts[table] += _run(sql, account=account_id, ids=list(ids[start : start + CHUNK]))
    # A file that went to several stays until the last of them is erased.
    counts["attachment"] = attachments.forget(sets)
    return counts


# As for messages: the key stays for its day.
_LEAD_KEYS = """
UPDATE request_key SET digest = '' FROM lead
 WHERE request_key.account_id = %(account)s AND lead.id = request_key.lead_id AND lead.contact_id = %(contact)s"""


def of_leads(account_id: int, contact_id: int) -> int:
    """What asked for them; the leads and their history go with the contact."""
    return _run(_LEAD_KEYS, account=account_id, contact=contact_id)


_REPLIES = """
UPDATE inbound SET contact_id = NULL, text = '', subject = '', sender = '', provider_id = 'erased:' || id
 WHERE account_id = %(account)s AND (contact_id = %(contact)s OR contact_id IS NULL AND sender = ANY (%(addresses)s))
"""
# Somebody else has the same address, and what the person wrote from it was taken as their no as well, or held them.
_WORDS_OF_OTHERS = (
    "UPDATE opt_out SET words = ''"
    " WHERE account_id = %(account)s AND address = ANY (%(addresses)s) AND words = ANY (%(words)s)",
    "UPDATE hold SET reason = ''"
    " WHERE account_id = %(account)s AND name = 'unclear_reply' AND reason = ANY (%(words)s)",
)


def words_of(account_id: int, contact_id: int) -> list[str]:
    """What they wrote, as markers, holds and the ledger quote it."""
    sql = "SELECT DISTINCT left(text, 300) FROM inbound WHERE account_id = %s AND contact_id = %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [account_id, contact_id])
        return [row[0] for row in cursor.fetchall()]


_FILES = """
DELETE FROM inbound_file USING inbound
 WHERE inbound_file.account_id = %(account)s AND inbound.id = inbound_file.inbound_id
   AND (inbound.contact_id = %(contact)s OR inbound.contact_id IS NULL AND inbound.sender = ANY (%(addresses)s))
"""


def of_replies(account_id: int, contact_id: int, addresses: Sequence[str], words: Sequence[str]) -> int:
    values = {"account": account_id, "contact": contact_id, "addresses": list(addresses), "words": list(words)}
    for sql in _WORDS_OF_OTHERS:
        _run(sql, **values)
    _run(_FILES, **values)
    return _run(_REPLIES, **values)


_FILES = """
UPDATE import SET digest = encode(sha256(content), 'hex'), content = ''
 WHERE account_id = %(account)s AND state = 'done' AND digest = ''"""
_OPEN = "SELECT id, content FROM import WHERE account_id = %(account)s AND state = ANY ('{uploaded,failed}')"


def of_files(account_id: int, names: Callable[[bytes], bool]) -> int:
    """Files that were imported are emptied, since nobody reads them again; those that wait for a person to look at
    them are forgotten, as when they are discarded, if they name the one who is erased."""
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, {"account": account_id})
        named = [row[0] for row in cursor.fetchall() if names(bytes(row[1]))]
    _run("DELETE FROM import_problem WHERE import_id = ANY (%(ids)s)", ids=named)
    return _run(_FILES, account=account_id) + _run("DELETE FROM import WHERE id = ANY (%(ids)s)", ids=named)


# Of bulk changes: what stood before, contact by contact, and by which search they were selected.
_SLICES = """
UPDATE bulk_slice s
   SET before = (SELECT COALESCE(jsonb_agg(b), '[]') FROM jsonb_array_elements(s.before) b
                  WHERE NOT (b->>0)::bigint = ANY (%(contacts)s))
  FROM bulk_change c
 WHERE c.id = s.change_id AND c.account_id = %(account)s AND s.changed && %(contacts)s::bigint[]"""
_SELECTIONS = """
UPDATE bulk_change SET selection = '{"erased": true}'
 WHERE account_id = %(account)s AND selection::text ~* %(pattern)s"""

_REASONS = """
UPDATE bulk_change SET reason = ''
 WHERE account_id = %(account)s
   AND selection->'ids' = ANY (SELECT jsonb_build_array(id) FROM unnest(%(contacts)s) id)"""


def of_changes(account_id: int, contacts: Sequence[int], pattern: str) -> int:
    _run(_REASONS, account=account_id, contacts=list(contacts))
    _run(_SELECTIONS, account=account_id, pattern=pattern)
    return _run(_SLICES, account=account_id, contacts=list(contacts))


# Words that somebody typed about something else, and how long they may be. Where they name the person, the name goes
# and the rest stays.
TYPED: dict[str, dict[str, int]] = {
    "job": {"name": 200},
    "hold": {"reason": 300},
    "bulk_change": {"reason": 300, "failure": 10_000},
    "start_plan": {"reason": 300},
    "scheduled_stop": {"reason": 300},
    "import": {"file_name": 200, "failure": 10_000},
    "notice": {"subject": 200, "body": 100_000},
    "messenger_send": {"subject": 300, "body": 100_000, "reason": 300, "failure": 10_000},
    "contact_import": {"file_name": 200, "failure": 10_000},
    "lead_import": {"file_name": 200, "failure": 10_000},
    "attachment": {"name": 120},
    "ticket": {"subject": 200},
    "ticket_message": {"text": 100_000},
    "support_visit": {"reason": 300},
}
_TYPED = """
UPDATE "{table}" SET "{column}" = left(regexp_replace("{column}", %(pattern)s, %(gone)s, 'gi'), {longest})
 WHERE account_id = %(account)s AND "{column}" ~* %(pattern)s"""
_KEYS = "UPDATE request_key SET key = 'erased:' || id WHERE account_id = %(account)s AND key ~* %(pattern)s"
_PROBLEMS = """
UPDATE import_problem SET value = '', problem = %(gone)s FROM import
 WHERE import.id = import_problem.import_id AND import.account_id = %(account)s
   AND (value ~* %(pattern)s OR problem ~* %(pattern)s)"""


def of_typed_words(account_id: int, pattern: str) -> int:
    """`pattern`: a regular expression of PostgreSQL that finds the person's name, numbers and emails."""
    values = {"account": account_id, "pattern": pattern, "gone": GONE}
    found = _run(_PROBLEMS, **values) + _run(_KEYS, **values)
    for table, columns in TYPED.items():
        for column, longest in columns.items():
            found += _run(_TYPED.format(table=table, column=column, longest=longest), **values)
    return found


_BESIDE = """
SELECT entry_id FROM ledger_personal
 WHERE account_id = %(account)s
   AND (contact_id = ANY (%(contacts)s) OR contact_id IS NULL AND data::text ~* %(pattern)s
        OR contact_id = ANY (%(others)s) AND data->>'reason' = ANY (%(words)s))"""


def entries_about(
    account_id: int, contacts: Sequence[int], pattern: str, others: Sequence[int], words: Sequence[str]
) -> list[int]:
    """Ids of ledger entries beside which something of theirs lies. `others` have an address with them in common: what
    was written from it (`words`) may stand in their entries."""
    values: dict[str, Any] = {
        "account": account_id,
        "contacts": list(contacts),
        "pattern": pattern,
        "others": list(others),
        "words": list(words),
    }
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, values)
        return [row[0] for row in cursor.fetchall()]


def _run(sql: str, **values: Any) -> int:
    """How many rows it changed (or returned)."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)
