"""Every waiting message with its age, its staleness and what a plan does to it: the SQL that a START's lists and its
freezing share. It answers as rules/plan.py does (age_of, staleness_of, Plan.choice); a test holds the two together.

It reads the narrow rows of `queue` alone, also to compare words: a row has their hash.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from allstop.rules.holds import Reach
from allstop.rules.plan import AGE_LIMITS, Choice, Fate, Group, Plan, Rest, Staleness
from allstop.store.lists.reading import rows

# Whoever groups the messages of a million contacts needs room, and nobody else does.
ROOM = "SET LOCAL work_mem = '192MB'"

# All that is due leaves at one moment, 0; what is not leaves at its own. What is over is nobody's rival. The windows
# are over narrow rows, and what they find is looked up: to sort whole rows costs twice as much.
CLASSIFIED = """
WITH waiting AS NOT MATERIALIZED (
    SELECT q.id, COALESCE(q.job_id, 0) AS job_id, COALESCE(q.location_id, 0) AS location_id, q.channel, q.by_hand,
           q.contact_id, q.due_at, q.use_by, q.purpose, q.words,
           (q.use_by IS NULL OR q.use_by >= %(now)s) AND (q.appointment_at IS NULL OR q.appointment_at >= %(now)s)
           AS is_true,
           CASE WHEN q.appointment_at < %(now)s THEN 'appointment_gone'
                WHEN q.use_by < %(now)s THEN 'past_use_by' END AS over
      FROM queue q LEFT JOIN job j ON j.id = q.job_id
     WHERE q.account_id = %(account)s AND q.worker_id IS NULL AND j.removed_at IS NULL
       AND (%(of_channel)s::text IS NULL OR q.channel = %(of_channel)s)
       AND (%(of_location)s::bigint IS NULL OR q.location_id = %(of_location)s)
       AND (%(of_job)s::bigint IS NULL OR q.job_id = %(of_job)s)
       AND (%(of_contact)s::bigint IS NULL OR q.contact_id = %(of_contact)s)),
doubles AS NOT MATERIALIZED (
    SELECT id FROM (
        SELECT id, row_number() OVER (PARTITION BY hashint8extended(words, {meets}) ORDER BY due_at DESC, id DESC)
            AS place
          FROM waiting WHERE is_true AND words IS NOT NULL) x WHERE place > 1
    UNION ALL
    SELECT id FROM (
        SELECT id, row_number() OVER meeting AS place, job_id <> 0 AND job_id = first_value(job_id) OVER meeting
                                                       AND due_at = first_value(due_at) OVER meeting AS is_beside
          FROM waiting WHERE is_true AND use_by IS NOT NULL
        WINDOW meeting AS (PARTITION BY hashtextextended(channel || purpose || {address}, {meets}), use_by
                               ORDER BY due_at DESC, id DESC)) x WHERE place > 1 AND NOT is_beside),
classified AS (
    SELECT id, job_id, location_id, channel, by_hand, contact_id, due_at,
           CASE WHEN due_at > %(now)s THEN 'not_due' {ages} ELSE 'older' END AS age,
           COALESCE(over, CASE WHEN id IN (SELECT id FROM doubles) THEN 'duplicate' ELSE 'fresh' END) AS staleness
      FROM waiting OFFSET 0)  -- whoever reads this names its columns often: they are made once
""".format(
    # one number for a contact and a moment
    meets="hashint8extended(COALESCE(contact_id, 0), CASE WHEN due_at <= %(now)s THEN 0"
    " ELSE (extract(epoch FROM due_at) * 1000000)::bigint END)",
    address="CASE WHEN contact_id IS NULL THEN"
    " (SELECT address FROM message WHERE account_id = %(account)s AND message.id = waiting.id) ELSE '' END",
    ages=" ".join(
        f"WHEN %(now)s - due_at < interval '{int(limit.total_seconds())} seconds' THEN '{age.value}'"
        for age, limit in AGE_LIMITS
    ),
)

# What a person chose. All keys are unique, so no row comes twice.
CHOICES = """
by_group AS (
    SELECT * FROM unnest(%(g_job)s::bigint[], %(g_location)s::bigint[], %(g_age)s::text[], %(g_stale)s::text[],
                         %(g_fate)s::text[], %(g_at)s::timestamptz[])
        AS x(job_id, location_id, age, staleness, fate, at)),
by_rest AS (
    SELECT * FROM unnest(%(r_age)s::text[], %(r_stale)s::text[], %(r_fate)s::text[], %(r_at)s::timestamptz[])
        AS x(age, staleness, fate, at)),
by_message AS (
    SELECT * FROM unnest(%(m_id)s::bigint[], %(m_fate)s::text[], %(m_at)s::timestamptz[]) AS x(id, fate, at))
"""

# Plan.choice of rules/plan.py, for rows of `chosen` with what was said of the single message as m_fate and m_at.
FATED = """
fated AS (
    SELECT c.*, COALESCE(m_fate, g.fate, r.fate, CASE c.staleness WHEN 'fresh' THEN 'send' ELSE 'drop' END) AS fate,
           CASE WHEN m_fate IS NOT NULL THEN m_at WHEN g.fate IS NOT NULL THEN g.at ELSE r.at END AS at
      FROM chosen c
      LEFT JOIN by_group g ON g.job_id = c.job_id AND g.location_id = c.location_id AND g.age = c.age
                          AND g.staleness = c.staleness
      LEFT JOIN by_rest r ON r.age = c.age AND r.staleness = c.staleness)
"""


def choices_of(plan: Plan) -> dict[str, Any]:
    groups = [(group, choice) for group, choice in plan.groups.items() if isinstance(group, Group)]
    rests = [(rest, choice) for rest, choice in plan.groups.items() if isinstance(rest, Rest)]
    return {
        "g_job": [group.job_id for group, _ in groups],
        "g_location": [group.location_id for group, _ in groups],
        "g_age": [group.age.value for group, _ in groups],
        "g_stale": [group.staleness.value for group, _ in groups],
        "g_fate": [choice.fate.value for _, choice in groups],
        "g_at": [choice.at for _, choice in groups],
        "r_age": [rest.age.value for rest, _ in rests],
        "r_stale": [rest.staleness.value for rest, _ in rests],
        "r_fate": [choice.fate.value for _, choice in rests],
        "r_at": [choice.at for _, choice in rests],
        **_of_messages(plan.messages),
    }


def _of_messages(messages: Mapping[int, Choice]) -> dict[str, Any]:
    return {
        "m_id": list(messages),
        "m_fate": [choice.fate.value for choice in messages.values()],
        "m_at": [choice.at for choice in messages.values()],
    }


@dataclass(frozen=True, slots=True)
class PlanCounts:
    """What a plan does: to how many messages."""

    send_now: int = 0  # due already; windows, quiet hours and pace still hold
    send_when_due: int = 0
    later: int = 0
    drop: int = 0
    past_use_by: int = 0  # of those dropped
    appointment_gone: int = 0  # of those dropped
    duplicates: int = 0  # of those dropped

    @property
    def send(self) -> int:
        return self.send_now + self.send_when_due

    @property
    def chosen_drop(self) -> int:
        """Dropped because a person chose so."""
        return self.drop - self.past_use_by - self.appointment_gone - self.duplicates


_COUNTED_AS = {
    Staleness.PAST_USE_BY: ["past_use_by"],
    Staleness.APPOINTMENT_GONE: ["appointment_gone"],
    Staleness.DUPLICATE: ["duplicates"],
}


def as_tuple(*columns: Any) -> tuple[Any, ...]:
    return columns


def add_to(counted: dict[str, int], fate: Fate, staleness: Staleness, is_due: bool, count: int) -> None:
    match fate:
        case Fate.SEND:
            names = ["send_now" if is_due else "send_when_due"]
        case Fate.LATER:
            names = ["later"]
        case Fate.DROP:
            names = ["drop", *_COUNTED_AS.get(staleness, [])]
    for name in names:
        counted[name] = counted.get(name, 0) + count


def asked_of(account_id: int, now: datetime, reach: Reach | None = None) -> dict[str, Any]:
    """What each statement here asks for: what waits in the account, or only what is in this reach as well."""
    return {
        "account": account_id,
        "now": now,
        "of_channel": reach and reach.channel,
        "of_location": reach and reach.location_id,
        "of_job": reach and reach.job_id,
        "of_contact": reach and reach.contact_id,
    }


def in_room(make: Any, sql: str, values: Mapping[str, Any]) -> list[Any]:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(ROOM)
        return rows(make, sql, values)
