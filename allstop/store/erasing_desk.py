"""What a person leaves at the desk: in the Messenger, in conversations with a sender whom nobody knew, in files of
contacts, in what webhooks tell. The rest is in erasing.py.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection

from allstop.store.erasing import GONE

_STRANGERS = """
WITH gone AS (
    DELETE FROM conversation
     WHERE account_id = %(account)s AND contact_id IS NULL AND address = ANY (%(addresses)s) RETURNING id)
DELETE FROM member_news USING gone WHERE conversation_id = gone.id"""

# A message to nobody else goes, whatever it says; of what went to several only the mention does (erasing.TYPED).
_TO_THEM_ALONE = """
UPDATE messenger_send SET subject = '', body = ''
 WHERE account_id = %(account)s AND recipients->'groups' = '[]' AND recipients->'filters' = '[]'
   AND jsonb_array_length(recipients->'contacts') = 1
   AND (recipients->'contacts'->0->>0)::bigint = ANY (%(contacts)s)"""
# The digest is one of what was asked, the address included: whoever knows the number could try it.
_FROM_TO = """
UPDATE messenger_send
   SET digest = '', recipients = jsonb_set(recipients, '{contacts}', (
         SELECT COALESCE(jsonb_agg(one), '[]') FROM jsonb_array_elements(recipients->'contacts') one
          WHERE NOT (one->>0)::bigint = ANY (%(contacts)s)))
 WHERE account_id = %(account)s
   AND EXISTS (SELECT FROM jsonb_array_elements(recipients->'contacts') one
                WHERE (one->>0)::bigint = ANY (%(contacts)s))"""
_SEARCHES = """
UPDATE messenger_send SET digest = '', recipients = jsonb_set(recipients, '{filters}', '[]')
 WHERE account_id = %(account)s AND recipients->>'filters' ~* %(pattern)s"""
_KEYS = "UPDATE messenger_send SET key = 'erased:' || id WHERE account_id = %(account)s AND key ~* %(pattern)s"
_DRAFTS = """
DELETE FROM messenger_draft
 WHERE account_id = %(account)s
   AND (recipients::text ~* %(pattern)s OR subject ~* %(pattern)s OR body ~* %(pattern)s
        OR EXISTS (SELECT FROM jsonb_array_elements_text(recipients) token, unnest(%(contacts)s::bigint[]) id
                    WHERE token LIKE 'contact|%%|' || id))"""


def of_the_messenger(account_id: int, contacts: Sequence[int], pattern: str) -> int:
    """Rows of sends and drafts from which something went. No send is under way."""
    values = {"account": account_id, "contacts": list(contacts), "pattern": pattern}
    return sum(_run(sql, **values) for sql in (_TO_THEM_ALONE, _FROM_TO, _SEARCHES, _KEYS, _DRAFTS))


def of_strangers(account_id: int, addresses: Sequence[str]) -> int:
    return _run(_STRANGERS, account=account_id, addresses=list(addresses))


_EVENTS = "DELETE FROM {table} WHERE account_id = %(account)s AND contact_id = ANY (%(contacts)s)"


def of_webhooks(account_id: int, contacts: Sequence[int]) -> int:
    """What other programs were told, or shall be, about the person: what they have heard is theirs to erase."""
    return sum(
        _run(_EVENTS.format(table=table), account=account_id, contacts=list(contacts))
        for table in ("event", "webhook_delivery")
    )


_WAITING = """
SELECT id, (SELECT string_agg(content, '' ORDER BY number) FROM contact_import_piece WHERE contact_import_id = id)
  FROM contact_import WHERE account_id = %(account)s AND state = ANY ('{uploaded,failed}')"""
_REFUSED = """
DELETE FROM contact_import_problem p USING contact_import c
 WHERE c.id = p.contact_import_id AND c.account_id = %(account)s
   AND (p.value ~* %(pattern)s OR p.problem ~* %(pattern)s OR array_to_string(p.cells, ' ') ~* %(pattern)s)"""
# What an undo would put back; the two lists go side by side.
_BEFORE = """
WITH kept AS (
    SELECT s.id, COALESCE(array_agg(x.contact ORDER BY x.place) FILTER (WHERE x.stays), '{}') AS completed,
           COALESCE(jsonb_agg(x.said ORDER BY x.place) FILTER (WHERE x.stays), '[]') AS before
      FROM contact_import_slice s JOIN contact_import c ON c.id = s.contact_import_id
      CROSS JOIN LATERAL (
          SELECT contact, place, s.before->(place - 1)::integer AS said, contact <> ALL (%(contacts)s) AS stays
            FROM unnest(s.completed) WITH ORDINALITY AS u(contact, place)) x
     WHERE c.account_id = %(account)s AND s.completed && %(contacts)s::bigint[] GROUP BY s.id)
UPDATE contact_import_slice s SET completed = kept.completed, before = kept.before FROM kept WHERE s.id = kept.id"""
_FORGET = (
    "DELETE FROM contact_import_piece WHERE contact_import_id = ANY (%(ids)s)",
    "DELETE FROM contact_import_problem WHERE contact_import_id = ANY (%(ids)s)",
)


def of_contact_files(account_id: int, contacts: Sequence[int], pattern: str, names: Callable[[bytes], bool]) -> int:
    """Files that wait for a person to look at them, and name the one who is erased, lose what is in them; so do rows
    that were refused. Files that were imported are gone already. Returns how many files."""
    _run(_REFUSED, account=account_id, pattern=pattern)
    _run(_BEFORE, account=account_id, contacts=list(contacts))
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, {"account": account_id})
        named = [row[0] for row in cursor.fetchall() if row[1] is not None and names(bytes(row[1]))]
    for sql in _FORGET:
        _run(sql, ids=named)
    _run("DELETE FROM contact_import WHERE id = ANY (%(ids)s) AND state = 'uploaded'", ids=named)
    return len(named)


_LEAD_FILES = "SELECT id, content FROM lead_import WHERE account_id = %(account)s AND state = ANY ('{queued,running}')"
_END_LEAD_FILE = """
UPDATE lead_import SET content = '', state = 'failed', failure = %(why)s, total = position, finished_at = %(now)s
 WHERE id = ANY (%(ids)s) AND state = ANY ('{queued,running}')"""
_LEAD_ROWS = """
UPDATE lead_import_row r SET words = %(gone)s FROM lead_import i
 WHERE i.id = r.lead_import_id AND i.account_id = %(account)s AND r.words ~* %(pattern)s"""


def of_lead_files(account_id: int, pattern: str, names: Callable[[bytes], bool], why: str, now: datetime) -> int:
    """A file that is under way and names the one who is erased ends here, for its next row may be theirs; what it said
    of their row goes too. Files that are over are gone already. Returns how many files."""
    _run(_LEAD_ROWS, account=account_id, pattern=pattern, gone=GONE)
    with connection.cursor() as cursor:
        cursor.execute(_LEAD_FILES, {"account": account_id})
        named = [row[0] for row in cursor.fetchall() if names(bytes(row[1]))]
    return _run(_END_LEAD_FILE, ids=named, why=why, now=now)


def _run(sql: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)
