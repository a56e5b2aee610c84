"""The way to a plan of START on its way: freeze it, apply some of it, see whether it is whole."""

from datetime import datetime

from django.db import connection

from allstop.rules.holds import Reach
from allstop.rules.plan import Fate, Plan, Staleness
from allstop.store.lists.classified import (
    CHOICES,
    CLASSIFIED,
    FATED,
    PlanCounts,
    add_to,
    as_tuple,
    asked_of,
    choices_of,
    in_room,
)
from allstop.store.models import StartPlanItem

AT_ONCE = 2000  # items of one transaction: some 50 ms

_FROZEN = f"""
{CLASSIFIED}, {CHOICES},
chosen AS (
    SELECT c.*, m.fate AS m_fate, m.at AS m_at FROM classified c LEFT JOIN by_message m ON m.id = c.id),
{FATED},
frozen AS (
    INSERT INTO start_plan_item (plan_id, account_id, message_id, due_at, reason)
    SELECT %(plan)s, %(account)s, id, at,
           CASE WHEN fate = 'later' THEN '' WHEN staleness = 'past_use_by' THEN 'too_late'
                WHEN staleness IN ('appointment_gone', 'duplicate') THEN staleness ELSE 'dropped_at_start' END
      FROM fated WHERE fate <> 'send')
SELECT fate, staleness, due_at <= %(now)s, count(*) FROM fated GROUP BY 1, 2, 3
"""


def freeze(account_id: int, plan_id: int, plan: Plan, reach: Reach, now: datetime) -> PlanCounts:
    """Write down which messages of the account, in this reach, the plan drops and re-dates; the counts are of the same
    moment."""
    values = {"plan": plan_id, **asked_of(account_id, now, reach), **choices_of(plan)}
    counted: dict[str, int] = {}
    for fate, staleness, is_due, count in in_room(as_tuple, _FROZEN, values):
        add_to(counted, Fate(fate), Staleness(staleness), is_due, count)
    return PlanCounts(**counted)


def apply_some(plan_id: int, now: datetime) -> tuple[int, int, int]:
    """Items used up, messages dropped, messages re-dated. Whoever runs beside it takes other items."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT done, dropped, redated FROM plan_apply(%s, %s, %s)", [plan_id, now, AT_ONCE])
        row = cursor.fetchone()
        assert row is not None
        return int(row[0]), int(row[1]), int(row[2])


def is_whole(plan_id: int) -> bool:
    return not StartPlanItem.objects.filter(plan_id=plan_id).exists()


def forget_items(plan_id: int) -> None:
    """Of a plan that was cancelled."""
    StartPlanItem.objects.filter(plan_id=plan_id).delete()
