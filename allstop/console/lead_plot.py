"""The funnel as people see it: bars for each week, and the same numbers by week and source in a table."""

from datetime import date, timedelta
from typing import Any

from allstop.console.bars import bars
from allstop.rules.leads import SOURCE_WORDS, LeadSource
from allstop.store import lists

WEEKS = 12


def funnel_shown(account_id: int, zone: str, today: date, source: LeadSource | None) -> dict[str, Any]:
    first = today - timedelta(days=today.weekday(), weeks=WEEKS - 1)
    found = [one for one in lists.funnel(account_id, zone, first) if source in (None, one.source)]
    weeks = [first + timedelta(weeks=number) for number in range(WEEKS)]
    rows = [
        (f"{week:%d %b}", *(sum(getattr(one, name) for one in found if one.week == week) for name in NAMES))
        for week in weeks
    ]
    about = "Three bars for each week: leads created, and how many of these are qualified and unqualified by now."
    return {
        "plotted": bars("funnel", "What became of the leads of each week", about, "a week", rows, names=LABELS),
        "lines": [{"row": one, "source": SOURCE_WORDS[one.source], "still_new": _still_new(one)} for one in found],
        "total": {name: sum(getattr(one, name) for one in found) for name in NAMES},
    }


NAMES = ("created", "qualified", "unqualified")
LABELS = ("Created", "Qualified", "Unqualified")


def _still_new(one: lists.FunnelRow) -> int:
    return one.created - one.qualified - one.unqualified
