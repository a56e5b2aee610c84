"""What the automatic brake counts: bad ones among the messages that a channel tried in the last minutes.

Read only for channels that have a brake on, and never more than MOST_AT_LEAST messages of one: the newest of the span.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from allstop.rules.brake import MOST_AT_LEAST, Group, Limits, Rate
from allstop.rules.facts import Channel
from allstop.store.lists.reading import rows, scalar
from allstop.store.models import Brake

# attempt_by_time finds the span, with some time for slow sends (a message that was lost with its worker has no such
# time, and is no provider's fault), message_by_contact what the same person got before, hold_on_job and
# hold_on_location what is stopped already. A provider's finish is written a moment after a quick reply may have come.
_GROUPS = """
WITH recent AS MATERIALIZED (
    SELECT m.* FROM message m
     WHERE account_id = %(account)s AND channel = %(channel)s AND finished_at > %(since)s AND finished_at <= %(now)s
       AND id IN (SELECT message_id FROM attempt WHERE attempt.account_id = %(account)s
                     AND started_at > %(since)s::timestamptz - interval '10 minutes')
       AND status IN ('sent', 'failed', 'unknown')
       AND NOT EXISTS (SELECT FROM hold WHERE hold.job_id = m.job_id AND lifted_at IS NULL
                          AND 'sending' = ANY (blocks))
       AND NOT EXISTS (SELECT FROM hold WHERE hold.location_id = m.location_id AND lifted_at IS NULL
                          AND 'sending' = ANY (blocks))
     ORDER BY finished_at DESC LIMIT %(most)s),
said_no AS MATERIALIZED (
    SELECT DISTINCT ON (o.id) r.id FROM opt_out o JOIN recent r ON r.contact_id = o.contact_id
     WHERE %(opt_out)s AND o.account_id = %(account)s AND o.at > %(since)s
       AND (o.channel IS NULL OR o.channel = %(channel)s)
       AND r.status = 'sent' AND r.finished_at <= o.at + interval '1 minute'
     ORDER BY o.id, r.finished_at DESC, r.id DESC)
SELECT job_id, location_id, count(*), jsonb_build_object(
       'bounce', count(*) FILTER (WHERE status = 'failed' AND reason = 'rejected' OR receipt = 'undeliverable'),
       'failure', count(*) FILTER (WHERE status <> 'sent' OR receipt IN ('undeliverable', 'failed', 'expired')),
       'opt_out', count(*) FILTER (WHERE id IN (SELECT id FROM said_no)),
       'duplicate', count(*) FILTER (WHERE %(duplicate)s AND status <> 'failed' AND EXISTS (
           SELECT FROM message e
            WHERE e.account_id = %(account)s AND e.contact_id = recent.contact_id AND e.id <> recent.id
              AND e.channel = recent.channel AND e.subject = recent.subject AND e.body = recent.body
              AND e.status IN ('sent', 'unknown') AND (e.finished_at, e.id) < (recent.finished_at, recent.id)
              AND e.finished_at > recent.finished_at - interval '1 day')))
  FROM recent GROUP BY 1, 2
"""


def brake_groups(account_id: int, channel: Channel, limits: Limits, since: datetime, now: datetime) -> list[Group]:
    values = {
        "account": account_id,
        "channel": channel.value,
        "since": max(since, now - limits.span),
        "now": now,
        "most": MOST_AT_LEAST,
        "opt_out": Rate.OPT_OUT in limits.percent,
        "duplicate": Rate.DUPLICATE in limits.percent,
    }
    return rows(_group, _GROUPS, values)


def _group(job_id: int | None, location_id: int | None, tried: int, bad: Any) -> Group:
    return Group(job_id, location_id, tried, {Rate(name): count for name, count in json.loads(bad).items()})


def brake_counts_from(account_id: int, channel: Channel, changed_at: datetime) -> datetime:
    """Since the settings were changed, or since somebody last lifted what a brake had stopped (hold_by_brake)."""
    lifted: datetime | None = scalar(
        "SELECT max(lifted_at) FROM hold WHERE name = 'brake' AND account_id = %(account)s"
        " AND (channel IS NULL OR channel = %(channel)s)",
        {"account": account_id, "channel": channel.value},
    )
    return changed_at if lifted is None else max(changed_at, lifted)


def brakes(account_id: int) -> dict[Channel, Brake | None]:
    """Of every channel; None: it was never set."""
    found = {Channel(one.channel): one for one in Brake.objects.filter(account_id=account_id)}
    return {channel: found.get(channel) for channel in Channel}


def limits_of(brake: Brake) -> Limits:
    said = {rate: getattr(brake, rate.value) for rate in Rate}
    percent = {rate: limit for rate, limit in said.items() if limit is not None}
    return Limits(minutes=brake.minutes, at_least=brake.at_least, percent=percent)


def brakes_on(now: datetime, every: timedelta) -> list[Brake]:
    """Those that are on, if it is this worker's turn to look. The first one's row is the token (brake_on)."""
    sql = """
    UPDATE brake SET looked_at = %(now)s
     WHERE id = (SELECT min(id) FROM brake WHERE is_on) AND (looked_at IS NULL OR looked_at <= %(before)s) RETURNING 1
    """
    if not rows(int, sql, {"now": now, "before": now - every}):
        return []
    return list(Brake.objects.filter(is_on=True).order_by("pk"))
