"""Webhooks as screens and programs see them: the list with how each does, the log, and how it did by the hour."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection

from allstop.store.models import DeliveryState, Webhook, WebhookDelivery

HOURS = 24
NEWEST = 100_000  # deliveries that are counted: of an account that tells more in a day, the last ones


@dataclass(frozen=True, slots=True)
class Health:
    """What became of the deliveries of one hour."""

    hour: datetime
    delivered: int
    failed: int  # also those that are tried again
    waiting: int  # not tried yet


def webhooks(account_id: int) -> list[Webhook]:
    return list(Webhook.objects.filter(account_id=account_id).order_by("pk"))  # webhook_list


def deliveries(
    webhook_id: int, *, state: DeliveryState | None = None, after: int | None = None, limit: int = 50
) -> list[WebhookDelivery]:
    """The newest first (webhook_delivery_list). Of one webhook; the caller knows that it is the account's."""
    found = WebhookDelivery.objects.filter(webhook_id=webhook_id)
    if state is not None:
        found = found.filter(state=state.value)
    if after is not None:
        found = found.filter(pk__lt=after)
    return list(found.order_by("-pk")[:limit])


_HEALTH = """
SELECT date_trunc('hour', at), count(*) FILTER (WHERE state = 'delivered'),
       count(*) FILTER (WHERE state <> 'delivered' AND tried_at IS NOT NULL),
       count(*) FILTER (WHERE state <> 'delivered' AND tried_at IS NULL)
  FROM (SELECT at, state, tried_at FROM webhook_delivery WHERE webhook_id = %s ORDER BY id DESC LIMIT %s) newest
 WHERE at >= %s GROUP BY 1"""


def webhook_health(webhook_id: int, now: datetime) -> Sequence[Health]:
    """The last 24 hours, hour by hour, those without any included."""
    this_hour = now.replace(minute=0, second=0, microsecond=0)
    first = this_hour - timedelta(hours=HOURS - 1)
    with connection.cursor() as cursor:
        cursor.execute(_HEALTH, [webhook_id, NEWEST, first])
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
    hours = (first + timedelta(hours=number) for number in range(HOURS))
    return [Health(hour, *counts.get(hour, (0, 0, 0))) for hour in hours]
