"""Messages whose outcome is unknown are settled: they have left, they wait again, or they are given up.

Each function runs in the caller's transaction and touches only messages that are unknown at that moment; wait_again
also takes what is over in another way.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count

from allstop.store.events import tell_of_messages
from allstop.store.models import Attempt, Status

_SEND_AGAIN = """
WITH again AS (
    UPDATE message SET status = 'waiting', reason = '', finished_at = NULL
     WHERE account_id = %(account)s AND id = ANY (%(ids)s::bigint[]) AND status = %(was)s
    RETURNING *),
queued AS (
    INSERT INTO queue (account_id, id, channel, by_hand, due_at, use_by, appointment_at, words, purpose, recipients,
                       contact_id, job_id, location_id, attempt, before_reset)
    SELECT account_id, id, channel,
           -- its first row is gone: who sent it by hand stands in the overrides
           EXISTS (SELECT FROM override WHERE override.account_id = again.account_id AND message_id = again.id
                                          AND check_name = 'window')
             OR EXISTS (SELECT FROM job_window w WHERE w.account_id = again.account_id AND w.job_id = again.job_id
                           AND w.channel = again.channel),
           CASE WHEN %(keeps_due)s THEN GREATEST(again.due_at, %(now)s) ELSE %(now)s END, use_by, appointment_at,
           plan_words(again), purpose, recipients, contact_id, job_id, location_id,
           tried.number, tried.before_reset
      FROM again CROSS JOIN LATERAL (
           SELECT COALESCE(max(number), 0) AS number, count(*) FILTER (WHERE before_reset) AS before_reset
             FROM attempt WHERE attempt.account_id = again.account_id AND message_id = again.id) tried
    RETURNING account_id, channel, by_hand, due_at),
woken AS (
    INSERT INTO wake (account_id, channel, by_hand, due_at)
    SELECT account_id, channel, by_hand, min(due_at) FROM queued GROUP BY 1, 2, 3),
counted AS (
    INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
    SELECT account_id, job_id, location_id, channel, %(was)s, -count(*), %(now)s FROM again GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT account_id, job_id, location_id, channel, 'waiting', count(*), %(now)s FROM again GROUP BY 1, 2, 3, 4)
SELECT id FROM again ORDER BY id"""

_GIVE_UP = """
WITH failed AS (
    UPDATE message SET status = 'failed', reason = %(reason)s, finished_at = %(now)s
     WHERE account_id = %(account)s AND id = ANY (%(ids)s::bigint[]) AND status = 'unknown'
    RETURNING account_id, id, job_id, location_id, channel),
counted AS (
    INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
    SELECT account_id, job_id, location_id, channel, 'unknown', -count(*), %(now)s FROM failed GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT account_id, job_id, location_id, channel, 'failed', count(*), %(now)s FROM failed GROUP BY 1, 2, 3, 4)
SELECT id FROM failed ORDER BY id"""

_TAKE_OUT = """
WITH gone AS (
    UPDATE message SET status = 'removed', reason = %(reason)s
     WHERE account_id = %(account)s AND id = ANY (%(ids)s::bigint[]) AND status = 'failed'
    RETURNING account_id, id, job_id, location_id, channel),
counted AS (
    INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
    SELECT account_id, job_id, location_id, channel, 'failed', -count(*), %(now)s FROM gone GROUP BY 1, 2, 3, 4
    UNION ALL
    SELECT account_id, job_id, location_id, channel, 'removed', count(*), %(now)s FROM gone GROUP BY 1, 2, 3, 4)
SELECT id FROM gone ORDER BY id"""

_FOUND_SENT = """
WITH sent AS (
    UPDATE message SET status = 'sent', reason = '', finished_at = %(now)s
     WHERE account_id = %(account)s AND id = %(id)s AND status = 'unknown'
    RETURNING account_id, id, job_id, location_id, channel),
tried AS (
    UPDATE attempt SET outcome = 'accepted', adapter = %(adapter)s, ref = %(ref)s, code = 'allstop:asked',
           detail = 'Nobody knew until the provider was asked: it has the message.'
      FROM sent
     WHERE attempt.account_id = sent.account_id AND message_id = sent.id
       AND number = (SELECT max(number) FROM attempt last
                      WHERE last.account_id = sent.account_id AND last.message_id = sent.id)),
counted AS (
    INSERT INTO tally_change (account_id, job_id, location_id, channel, status, count, at)
    SELECT account_id, job_id, location_id, channel, 'unknown', -1, %(now)s FROM sent
    UNION ALL SELECT account_id, job_id, location_id, channel, 'sent', 1, %(now)s FROM sent)
SELECT count(*) FROM sent"""


def found_sent(account_id: int, message_id: int, adapter: str, ref: str, now: datetime) -> bool:
    """One that was unknown has left: its provider says so. The attempt gets the ref, by which receipts find it."""
    asked: dict[str, Any] = {"account": account_id, "id": message_id, "adapter": adapter, "ref": ref[:300], "now": now}
    with connection.cursor() as cursor:
        cursor.execute(_FOUND_SENT, asked)
        found = bool(cursor.fetchone() == (1,))
    if found:
        tell_of_messages(account_id, [message_id], now)
    return found


def send_again(account_id: int, ids: Sequence[int], now: datetime) -> list[int]:
    """Those that were unknown wait again, due now, and count the attempts made so far. Locks no lane, like enqueue."""
    return wait_again(account_id, ids, Status.UNKNOWN, now)


def wait_again(
    account_id: int, ids: Sequence[int], was: Status, now: datetime, *, keeps_due: bool = False
) -> list[int]:
    """The same, for those that were something else. Whoever calls it has seen that they may leave after all.
    `keeps_due`: not before the time for which they were made."""
    if not ids:
        return []
    with connection.cursor() as cursor:
        values: dict[str, Any] = {"account": account_id, "ids": list(ids), "was": was.value, "now": now}
        values["keeps_due"] = keeps_due
        cursor.execute(_SEND_AGAIN, values)
        again = [int(row[0]) for row in cursor.fetchall()]
        if again:
            cursor.execute("SELECT pg_notify('wake', '')")
    return again


def forget_attempts(account_id: int, ids: Sequence[int]) -> dict[int, int]:
    """What was tried until now no longer counts for these messages: they get as many attempts as a new one. The
    attempts stay, with their numbers. Returns how many those were, by message. Before wait_again, which counts."""
    were = Attempt.objects.filter(account_id=account_id, message_id__in=ids, before_reset=False)
    counts = dict(were.values_list("message_id").annotate(Count("number")))
    were.update(before_reset=True)
    return counts


def take_out(account_id: int, ids: Sequence[int], reason: str, now: datetime) -> list[int]:
    """Those that had failed are removed, for this reason: nobody is asked about them any more."""
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OUT, {"account": account_id, "ids": list(ids), "reason": reason, "now": now})
        return [int(row[0]) for row in cursor.fetchall()]


def give_up(account_id: int, ids: Sequence[int], reason: str, now: datetime) -> list[int]:
    """Those that were unknown have failed, for this reason."""
    with connection.cursor() as cursor:
        cursor.execute(_GIVE_UP, {"account": account_id, "ids": list(ids), "reason": reason, "now": now})
        failed = [int(row[0]) for row in cursor.fetchall()]
    tell_of_messages(account_id, failed, now)
    return failed
