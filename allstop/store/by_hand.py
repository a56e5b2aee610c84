"""From the queue's own order into the lane of what people send by hand."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection

from allstop.rules.facts import Channel

_PUT_OFF = """
(SELECT q.id FROM queue q JOIN message m ON m.account_id = q.account_id AND m.id = q.id AND m.due_at <= %(now)s
  WHERE q.account_id = %(account)s AND q.channel = %(channel)s AND NOT q.by_hand AND q.worker_id IS NULL
    AND q.held IS NULL ORDER BY q.due_at, q.id LIMIT %(most)s)
UNION ALL
(SELECT q.id FROM queue q
  WHERE q.account_id = %(account)s AND q.held IN ('window_never_opens', 'window_too_short') AND q.channel = %(channel)s
    AND NOT q.by_hand AND q.worker_id IS NULL LIMIT %(most)s)"""


def waiting_to_leave(account_id: int, channel: Channel, now: datetime, most: int) -> list[int]:
    """What was due by now and is in no worker's hands. It locks nothing, however long it looks."""
    with connection.cursor() as cursor:
        cursor.execute(_PUT_OFF, {"account": account_id, "channel": channel.value, "now": now, "most": most})
        return [row[0] for row in cursor.fetchall()]


def let_leave(account_id: int, channel: Channel, ids: Sequence[int], who: str, now: datetime) -> int:
    """How many of them leave by hand from now on. Commit at once: the lanes are locked."""
    with connection.cursor() as cursor:
        values = [account_id, channel.value, now, list(ids), who]
        cursor.execute("SELECT queue_by_hand(%s, %s, %s, %s::bigint[], %s)", values)
        (moved,) = cursor.fetchone() or (0,)
        return int(moved)
