"""How long leads wait until they are answered, by the playbook and by people.

A wait begins with the first thing that they write after our last message, and ends with our next one. Of the newest
leads only, so that the page costs the same at a million.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from allstop.rules.leads import Title
from allstop.store.lists.reading import rows

DAYS = 30
MOST = 20_000  # leads that are looked at
STEPS: tuple[tuple[str, timedelta], ...] = (
    ("under 1 min", timedelta(minutes=1)),
    ("1 to 5 min", timedelta(minutes=5)),
    ("5 to 15 min", timedelta(minutes=15)),
    ("15 to 60 min", timedelta(hours=1)),
    ("1 to 4 hours", timedelta(hours=4)),
    ("4 to 24 hours", timedelta(days=1)),
)
LONGER = "longer"
IN = (Title.TEXT_IN, Title.EMAIL_IN)
OUT = (Title.TEXT_OUT, Title.EMAIL_OUT)


@dataclass(frozen=True, slots=True)
class AnswerTimes:
    """Each step with how many waits were so long: ended by the playbook, and by a person."""

    steps: list[tuple[str, int, int]]
    waiting: int  # who wrote last and are not answered yet

    @property
    def answered(self) -> int:
        return sum(ours + theirs for _, ours, theirs in self.steps)


# lead_list, then lead_event_history for each
_WAITS = """
WITH recent AS (
    SELECT id, status FROM lead WHERE account_id = %(account)s AND created_at > %(since)s
     ORDER BY created_at DESC, id DESC LIMIT %(most)s),
said AS (
    SELECT e.lead_id, recent.status, e.at, e.by, e.title = ANY (%(ins)s::text[]) AS is_in,
           count(*) FILTER (WHERE e.title = ANY (%(outs)s::text[])) OVER in_order AS n
      FROM recent JOIN lead_event e ON e.lead_id = recent.id
     WHERE e.title = ANY (%(ins)s::text[] || %(outs)s::text[])
    WINDOW in_order AS (PARTITION BY e.lead_id ORDER BY e.at, e.id)),
waits AS (SELECT lead_id, status, n, min(at) AS began FROM said WHERE is_in GROUP BY lead_id, status, n)
SELECT width_bucket(extract(epoch FROM o.at - w.began)::float8, %(edges)s::float8[]), o.by = %(playbook)s,
       o.at IS NULL AND w.status = 'new', count(*)
  FROM waits w LEFT JOIN said o ON o.lead_id = w.lead_id AND NOT o.is_in AND o.n = w.n + 1
 GROUP BY 1, 2, 3
"""


def answer_times(account_id: int, playbook: str, now: datetime) -> AnswerTimes:
    """`playbook`: as the history names it."""
    values = {
        "account": account_id,
        "since": now - timedelta(days=DAYS),
        "most": MOST,
        "ins": [one.value for one in IN],
        "outs": [one.value for one in OUT],
        "edges": [edge.total_seconds() for _, edge in STEPS],
        "playbook": playbook,
    }
    found = rows(lambda *row: row, _WAITS, values)
    counts = {(step, bool(by_itself)): count for step, by_itself, _, count in found if step is not None}
    names = [*(name for name, _ in STEPS), LONGER]
    steps = [(name, counts.get((at, True), 0), counts.get((at, False), 0)) for at, name in enumerate(names)]
    return AnswerTimes(steps, sum(count for step, _, waits, count in found if step is None and waits))
