"""The tables of files that emails take along: choose a set, read its files, and let go of what nothing names.

Locks: whoever chooses a set writes into its row in the transaction in which the message, the draft or the wording that
names it is written. So a set that is about to be used is young, and `sweep` passes it by.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

_CHOOSE = """
INSERT INTO attachment_set (account_id, key, used_at) VALUES (%s, %s, %s)
    ON CONFLICT (account_id, key) DO UPDATE SET used_at = GREATEST(attachment_set.used_at, EXCLUDED.used_at)
RETURNING id, xmax = 0"""
_LOCK = "SELECT id FROM attachment WHERE account_id = %s AND id = ANY (%s) ORDER BY id FOR KEY SHARE"
_FILL = """
INSERT INTO attachment_in_set (set_id, number, attachment_id)
SELECT %s, number, id FROM unnest(%s::bigint[]) WITH ORDINALITY AS one(id, number)"""
_CONTENTS = """
SELECT a.name, a.type, a.content FROM attachment_in_set i
  JOIN attachment_set s ON s.id = i.set_id JOIN attachment a ON a.id = i.attachment_id
 WHERE s.id = %s AND s.account_id = %s ORDER BY i.number"""

_NAMED = """
   EXISTS (SELECT FROM message WHERE attachment_set_id = s.id)
OR EXISTS (SELECT FROM template WHERE attachment_set_id = s.id)
OR EXISTS (SELECT FROM messenger_draft WHERE attachment_set_id = s.id)
OR EXISTS (SELECT FROM messenger_send WHERE attachment_set_id = s.id AND state = ANY ('{queued,running}'))"""
# A send that is over names its set no longer than its messages do.
_LET_GO = (
    "UPDATE messenger_send SET attachment_set_id = NULL WHERE attachment_set_id = ANY (%(sets)s)",
    "DELETE FROM attachment_in_set WHERE set_id = ANY (%(sets)s)",
    "DELETE FROM attachment_set WHERE id = ANY (%(sets)s)",
)
_OLD_SETS = """
SELECT s.id FROM attachment_set s WHERE s.used_at < %(before)s AND NOT ({named})
 ORDER BY s.id LIMIT 1000 FOR UPDATE SKIP LOCKED""".replace("{named}", _NAMED)
_FREE_SETS = """
SELECT s.id FROM attachment_set s WHERE s.id = ANY (%(sets)s) AND NOT ({named}) FOR UPDATE""".replace("{named}", _NAMED)
_FILES_OF = "SELECT DISTINCT attachment_id FROM attachment_in_set WHERE set_id = ANY (%(sets)s)"
_IN_NO_SET = "NOT EXISTS (SELECT FROM attachment_in_set i WHERE i.attachment_id = a.id)"
_OLD_FILES = """
SELECT a.id FROM attachment a WHERE a.at < %(before)s AND {free}
 ORDER BY a.id LIMIT 1000 FOR UPDATE SKIP LOCKED""".replace("{free}", _IN_NO_SET)
_FREE_FILES = """
SELECT a.id FROM attachment a WHERE a.id = ANY (%(files)s) AND {free} FOR UPDATE""".replace("{free}", _IN_NO_SET)
# A statement of its own, after the locks: it sees what those have committed who held them.
_DELETE_FILES = "DELETE FROM attachment a WHERE a.id = ANY (%(files)s) AND {free}".replace("{free}", _IN_NO_SET)


class Content(NamedTuple):
    name: str
    type: str
    content: bytes


def choose(account_id: int, ids: Sequence[int], now: datetime) -> int | None:
    """The set of these files, in this order, inside the transaction that names it. None: one of them is not there, and
    the transaction must be rolled back. Locks: the set, then its files, as when they go."""
    with connection.cursor() as cursor:
        cursor.execute(_CHOOSE, [account_id, ",".join(map(str, ids)), now])
        row = cursor.fetchone()
        assert row is not None
        cursor.execute(_LOCK, [account_id, list(ids)])
        if len(cursor.fetchall()) < len(ids):
            return None
        if row[1]:
            cursor.execute(_FILL, [row[0], list(ids)])
        return int(row[0])


def contents(account_id: int, set_id: int) -> list[Content]:
    """In their order. Empty: the set is gone, with the message that had it."""
    with connection.cursor() as cursor:
        cursor.execute(_CONTENTS, [set_id, account_id])
        return [Content(name, kind, bytes(content)) for name, kind, content in cursor.fetchall()]


def sweep(before: datetime) -> int:
    """In a transaction: what was chosen or uploaded before then and is named by nothing. Returns how many files."""
    sets = _ids(_OLD_SETS, before=before)
    if sets:
        sets = _ids(_FREE_SETS, sets=sets)
        _let_go(sets)
    files = _ids(_OLD_FILES, before=before)
    return _run(_DELETE_FILES, files=files) if files else 0


def sets_of(account_id: int, message_ids: Sequence[int]) -> list[int]:
    return _ids(
        "SELECT DISTINCT attachment_set_id FROM message"
        " WHERE account_id = %(account)s AND id = ANY (%(ids)s) AND attachment_set_id IS NOT NULL",
        account=account_id,
        ids=list(message_ids),
    )


def forget(sets: Sequence[int]) -> int:
    """In a transaction: those of the sets that nothing names any more go now, with their files; returns how many."""
    free = _ids(_FREE_SETS, sets=list(sets)) if sets else []
    if not free:
        return 0
    files = _ids(_FILES_OF, sets=free)
    _let_go(free)
    return _run(_DELETE_FILES, files=_ids(_FREE_FILES, files=files))


def _let_go(sets: Sequence[int]) -> None:
    for sql in _LET_GO:
        _run(sql, sets=list(sets))


def _ids(sql: str, **values: Any) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return [row[0] for row in cursor.fetchall()]


def _run(sql: str, **values: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return int(cursor.rowcount)
