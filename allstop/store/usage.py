"""What accounts have used, from the attempts of their messages: what a provider accepted, by the day of the account.

The rule that it guards: each attempt counts exactly once. A day is never added to: it is counted anew from its attempts
as often as somebody looks, and what is counted never falls, since an attempt does not un-happen (an erasing takes its
words away, not that it was). What was billed of it stands in the lines of invoices.
"""

from datetime import UTC, date, datetime, time, timedelta

from django.db import connection, transaction

from allstop.rules.calling import CallEventKind
from allstop.rules.rating import MINUTE, Unit
from allstop.rules.segments import OF_ONE_SEPTET, OF_SEVERAL, OF_TWO_SEPTETS, ONE_PART, Encoding, segments
from allstop.store.models import BillingSetup

LOOKED_AT_AGAIN = timedelta(days=2)  # so every day of an account that may have grown is counted whole
OF_OLD = datetime(2000, 1, 1, tzinfo=UTC)
BATCH = 2000

# How many parts a text has follows from its length where all its characters cost the same (rules/segments.py). Where
# some cost two, as emoji do, it depends on where the cuts fall: only those texts come here to be looked at, each once.
# A text of so few bytes has one part in each alphabet: 70 units of UCS-2, and at most 140 of 160 septets of GSM-7.
SURELY_ONE = 70


def _none_of(characters: str) -> str:
    """As a regular expression of PostgreSQL."""
    return "[^" + "".join(f"\\u{ord(one):04x}" for one in characters) + "]"


_ALPHABETS = {
    "not_plain": _none_of(OF_ONE_SEPTET),
    "not_gsm": _none_of(OF_ONE_SEPTET + OF_TWO_SEPTETS),
    "pairs": r"[\U00010000-\U0010FFFF]",
}


def _by_length(encoding: Encoding) -> str:
    one, several = ONE_PART[encoding], OF_SEVERAL[encoding]
    return f"CASE WHEN length(m.body) <= {one} THEN 1 ELSE (length(m.body) + {several - 1}) / {several} END"


_PARTS = f"""
  CASE WHEN m.channel = 'email' OR octet_length(m.body) <= {SURELY_ONE} THEN 1
       WHEN m.body !~ %(not_plain)s THEN {_by_length(Encoding.GSM_7)}
       WHEN m.body ~ %(not_gsm)s AND m.body !~ %(pairs)s THEN {_by_length(Encoding.UCS_2)} END"""

_SENT = """
  FROM attempt a JOIN message m ON m.account_id = a.account_id AND m.id = a.message_id
  JOIN account ON account.id = a.account_id JOIN billing_terms t ON t.account_id = a.account_id"""
_THEN = """
 WHERE a.outcome = 'accepted' AND a.started_at >= %(since)s AND a.started_at < %(until)s
   AND (%(account)s::bigint IS NULL OR a.account_id = %(account)s)"""
_DAY = "(a.started_at AT TIME ZONE account.zone)::date"

# A table of the transaction's own, so that ten million attempts become sums in the database and not in memory.
_TABLE = """
DROP TABLE IF EXISTS pg_temp.counted;
CREATE TEMPORARY TABLE counted (account_id bigint, day date, unit text, quantity bigint, body text, times bigint)
  ON COMMIT DROP"""

# By attempt_by_time; of one account by attempt_pkey, if that is less. With a body: its parts are not known yet.
_COUNTED = f"""
INSERT INTO counted
SELECT a.account_id, {_DAY}, CASE m.channel WHEN 'email' THEN '{Unit.EMAIL}' ELSE '{Unit.TEXT_PART}' END, sum(n.parts),
       CASE WHEN n.parts IS NULL THEN m.body END, count(*)
       {_SENT} CROSS JOIN LATERAL (SELECT {_PARTS} AS parts OFFSET 0) n {_THEN} AND m.channel <> 'call'
 GROUP BY 1, 2, 3, 5"""

# In whole minutes, as `minutes` of rules/rating.py has them.
_CALLS = f"""
INSERT INTO counted
SELECT a.account_id, {_DAY}, '{Unit.CALL_MINUTE}', sum((talked.seconds + {MINUTE - 1}) / {MINUTE}) {_SENT}
  JOIN LATERAL (SELECT ceil(extract(epoch FROM max(at) FILTER (WHERE kind = '{CallEventKind.HANGUP}')
                                             - min(at) FILTER (WHERE kind = '{CallEventKind.ANSWERED}')))::integer
                  FROM call_step WHERE account_id = a.account_id AND message_id = a.message_id AND attempt = a.number
               ) AS talked(seconds) ON talked.seconds > 0
{_THEN} AND m.channel = 'call' GROUP BY 1, 2"""  # noqa: S608 - words of our own

_ODD = "SELECT account_id, day, unit, body, times FROM counted WHERE body IS NOT NULL"
_LOOKED_AT = """
INSERT INTO counted SELECT * FROM unnest(%s::bigint[], %s::date[], %s::text[], %s::bigint[])"""

_KEEP = """
INSERT INTO usage_day (account_id, day, unit, quantity)
SELECT account_id, day, unit, sum(quantity) FROM counted WHERE body IS NULL GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
    ON CONFLICT (account_id, day, unit) DO UPDATE SET quantity = EXCLUDED.quantity
 WHERE usage_day.quantity < EXCLUDED.quantity"""


def gather(now: datetime) -> int:
    """Of all accounts that are billed, up to now; returns how many days of them have grown."""
    setup = BillingSetup.objects.filter(pk=1).first()
    if setup is None:
        return 0
    since = max((setup.usage_until or OF_OLD) - LOOKED_AT_AGAIN, OF_OLD)
    with transaction.atomic():
        found = _gather(since, now, None)
        BillingSetup.objects.filter(pk=1).update(usage_until=now)
    return found


def gather_of(account_id: int, since: date, now: datetime) -> None:
    """Of an account that is billed from now on: what it has used since that day."""
    _gather(datetime.combine(since, time(), UTC) - LOOKED_AT_AGAIN, now, account_id)


@transaction.atomic
def _gather(since: datetime, until: datetime, account_id: int | None) -> int:
    span = {"since": since, "until": until, "account": account_id, **_ALPHABETS}
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
        cursor.execute(_COUNTED, span)
        cursor.execute(_CALLS, span)
        with connection.chunked_cursor() as odd:
            odd.execute(_ODD)
            while rows := odd.fetchmany(BATCH):
                looked_at = [(*key, times * len(segments(body).parts)) for *key, body, times in rows]
                cursor.execute(_LOOKED_AT, [list(column) for column in zip(*looked_at, strict=True)])
        cursor.execute(_KEEP)
        grown: int = cursor.rowcount
    return grown
