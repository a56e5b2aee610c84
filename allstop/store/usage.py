"""What accounts have used, from the attempts of their messages: what a provider accepted, by the day of the account.

The rule that it guards: each attempt counts exactly once. A day is never added to: it is counted anew from its attempts
as often as somebody looks, and what is counted never falls, since an attempt does not un-happen (an erasing takes its
words away, not that it was). What was billed of it stands in the lines of invoices.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import connection, transaction

from allstop.rules.calling import CallEventKind
from allstop.rules.rating import Unit, minutes
from allstop.rules.segments import segments
from allstop.store.models import BillingSetup

LOOKED_AT_AGAIN = timedelta(days=2)  # so every day of an account that may have grown is counted whole
OF_OLD = datetime(2000, 1, 1, tzinfo=UTC)
BATCH = 2000

# A text of so few bytes has one part in each alphabet: 70 units of UCS-2, and at most 140 of 160 septets of GSM-7.
SURELY_ONE = 70

_SENT = """
  FROM attempt a JOIN message m ON m.account_id = a.account_id AND m.id = a.message_id
  JOIN account ON account.id = a.account_id JOIN billing_terms t ON t.account_id = a.account_id"""
_THEN = """
 WHERE a.outcome = 'accepted' AND a.started_at >= %(since)s AND a.started_at < %(until)s
   AND (%(account)s::bigint IS NULL OR a.account_id = %(account)s)"""
_DAY = "(a.started_at AT TIME ZONE account.zone)::date"

# attempt_by_time; emails, and texts that surely have one part, are only counted
_COUNTED = f"""
SELECT a.account_id, {_DAY}, m.channel, count(*) {_SENT} {_THEN}
   AND (m.channel = 'email' OR (m.channel = 'text' AND octet_length(m.body) <= {SURELY_ONE}))
 GROUP BY 1, 2, 3"""
_LONG = f"""
SELECT a.account_id, {_DAY}, m.body {_SENT} {_THEN}
   AND m.channel = 'text' AND octet_length(m.body) > {SURELY_ONE}"""
_CALLS = f"""
SELECT a.account_id, {_DAY}, talked.seconds {_SENT}
  JOIN LATERAL (SELECT ceil(extract(epoch FROM max(at) FILTER (WHERE kind = '{CallEventKind.HANGUP}')
                                             - min(at) FILTER (WHERE kind = '{CallEventKind.ANSWERED}')))::integer
                  FROM call_step WHERE account_id = a.account_id AND message_id = a.message_id AND attempt = a.number
               ) AS talked(seconds) ON talked.seconds > 0
{_THEN} AND m.channel = 'call'"""  # noqa: S608 - words of our own

_KEEP = """
INSERT INTO usage_day (account_id, day, unit, quantity)
SELECT account_id, day, unit, quantity
  FROM unnest(%s::bigint[], %s::date[], %s::text[], %s::numeric[]) AS n(account_id, day, unit, quantity)
 ORDER BY account_id, day, unit
    ON CONFLICT (account_id, day, unit) DO UPDATE SET quantity = greatest(usage_day.quantity, EXCLUDED.quantity)
 WHERE usage_day.quantity < EXCLUDED.quantity"""

Sums = dict[tuple[int, date, str], Decimal]


def gather(now: datetime) -> int:
    """Of all accounts that are billed, up to now; returns how many days of them it has counted."""
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


def _gather(since: datetime, until: datetime, account_id: int | None) -> int:
    span = {"since": since, "until": until, "account": account_id}
    units = {"email": Unit.EMAIL, "text": Unit.TEXT_PART}
    sums: Sums = defaultdict(Decimal)
    for account, day, channel, count in _rows(_COUNTED, span):
        sums[account, day, units[channel]] += count
    for account, day, body in _rows(_LONG, span):
        sums[account, day, Unit.TEXT_PART] += len(segments(body).parts)
    for account, day, seconds in _rows(_CALLS, span):
        sums[account, day, Unit.CALL_MINUTE] += minutes(seconds)
    _keep(sums)
    return len(sums)


def _rows(sql: str, span: dict[str, Any]) -> Iterable[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, span)
        while rows := cursor.fetchmany(BATCH):
            yield from rows


def _keep(sums: Sums) -> None:
    counted = [(*key, value) for key, value in sums.items() if value]
    for at in range(0, len(counted), BATCH):
        columns = [list(column) for column in zip(*counted[at : at + BATCH], strict=True)]
        with connection.cursor() as cursor:
            cursor.execute(_KEEP, columns)
