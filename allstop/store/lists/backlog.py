"""The backlog: what waits in an account, grouped for a START as a plan, and what a plan would do to it.

Every function here is one statement, so its numbers are of one moment and agree with each other. It reads the narrow
rows of `queue`; the wide ones of `message` only where several messages would reach one contact at once, to compare
their words. What a worker holds, and what belongs to a removed job, is in no group.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from allstop.rules.facts import Channel
from allstop.rules.holds import Reach
from allstop.rules.plan import AGE_LIMITS, Age, Choice, Fate, Group, Plan, Rest, Staleness
from allstop.store.lists.reading import rows
from allstop.store.models import Job, Location

MOST_GROUPS = 100  # that are named one by one; the smaller ones are put together by age and staleness

# Whoever compares the words of a million messages needs room to sort, and nobody else does.
ROOM = "SET LOCAL work_mem = '192MB'"

# The rules of rules/plan.py: age_of and staleness_of.
_CLASSIFIED = """
WITH waiting AS MATERIALIZED (
    SELECT q.id, COALESCE(q.job_id, 0) AS job_id, COALESCE(q.location_id, 0) AS location_id, q.channel, q.by_hand,
           q.purpose, q.contact_id, q.due_at, q.use_by, GREATEST(q.due_at, %(now)s) AS moment,
           q.use_by IS NOT NULL AND q.use_by < %(now)s AS is_past
      FROM queue q LEFT JOIN job j ON j.id = q.job_id
     WHERE q.account_id = %(account)s AND q.worker_id IS NULL AND j.removed_at IS NULL
       AND (%(of_channel)s::text IS NULL OR q.channel = %(of_channel)s)
       AND (%(of_location)s::bigint IS NULL OR q.location_id = %(of_location)s)
       AND (%(of_job)s::bigint IS NULL OR q.job_id = %(of_job)s)
       AND (%(of_contact)s::bigint IS NULL OR q.contact_id = %(of_contact)s)),
crowded AS (
    SELECT COALESCE(contact_id, 0) AS contact_id, channel, purpose, moment FROM waiting
     WHERE NOT is_past GROUP BY 1, 2, 3, 4 HAVING count(*) > 1),
rivals AS (
    SELECT w.id, w.channel, w.purpose, w.moment, w.use_by,
           ARRAY[(extract(epoch FROM w.due_at) * 1000000)::bigint, w.id] AS place,  -- max(row): PostgreSQL 18
           COALESCE(w.contact_id, hashtextextended(m.address, 1)) AS recipient,
           hashtextextended(m.subject || chr(10) || m.body, 0) AS words
      FROM waiting w
      JOIN crowded c ON c.contact_id = COALESCE(w.contact_id, 0) AND c.channel = w.channel AND c.purpose = w.purpose
                    AND c.moment = w.moment
      JOIN message m ON m.account_id = %(account)s AND m.id = w.id
     WHERE NOT w.is_past),
same_words AS (
    SELECT recipient, channel, purpose, moment, words, max(place) AS newest FROM rivals
     GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1),
same_use_by AS (
    SELECT recipient, channel, purpose, moment, use_by, max(place) AS newest FROM rivals
     WHERE use_by IS NOT NULL GROUP BY 1, 2, 3, 4, 5 HAVING count(*) > 1),
doubles AS (
    SELECT id FROM rivals JOIN same_words USING (recipient, channel, purpose, moment, words)
     WHERE place <> newest
    UNION
    SELECT id FROM rivals JOIN same_use_by USING (recipient, channel, purpose, moment, use_by)
     WHERE place <> newest),
classified AS (
    SELECT w.*, CASE WHEN w.due_at > %(now)s THEN 'not_due' {ages} ELSE 'older' END AS age,
           CASE WHEN w.is_past THEN 'past_use_by' WHEN d.id IS NOT NULL THEN 'duplicate' ELSE 'fresh' END AS staleness
      FROM waiting w LEFT JOIN doubles d ON d.id = w.id)
""".format(
    ages=" ".join(
        f"WHEN %(now)s - w.due_at < interval '{int(limit.total_seconds())} seconds' THEN '{age.value}'"
        for age, limit in AGE_LIMITS
    )
)

_GROUPS = (
    _CLASSIFIED
    + """
SELECT job_id, location_id, age, staleness, count(*), min(due_at), max(due_at),
       count(*) FILTER (WHERE channel = 'text'), count(*) FILTER (WHERE channel = 'call'),
       count(*) FILTER (WHERE channel = 'email')
  FROM classified GROUP BY 1, 2, 3, 4
"""
)


@dataclass(frozen=True, slots=True)
class BacklogGroup:
    """`group` is a Rest where many small groups are put together."""

    group: Group | Rest
    job: str  # its name; "" = no job
    location: str
    messages: int
    first_due_at: datetime
    last_due_at: datetime
    by_channel: dict[Channel, int]
    groups: int = 1  # how many are put together

    @property
    def key(self) -> str:
        return self.group.key


@dataclass(frozen=True, slots=True)
class Backlog:
    groups: list[BacklogGroup]  # by first due time of the job; those put together come last
    messages: int

    def by_staleness(self, staleness: Staleness) -> int:
        return sum(one.messages for one in self.groups if one.group.staleness is staleness)


def backlog(account_id: int, now: datetime, most: int = MOST_GROUPS) -> Backlog:
    """Exact, and at most `most` groups and the rest of each age and staleness."""
    found = in_room(_group, _GROUPS, asked_of(account_id, now))
    found.sort(key=lambda one: (-one.messages, one.group))
    named, small = found[:most], found[most:]
    named = _with_names(account_id, named)
    job_due: dict[int, datetime] = {}
    for one in named:
        assert isinstance(one.group, Group)
        job = one.group.job_id
        job_due[job] = min(one.first_due_at, job_due.get(job, one.first_due_at))
    named.sort(key=lambda one: (job_due[one.group.job_id], one.group) if isinstance(one.group, Group) else ())
    return Backlog(named + _put_together(small), sum(one.messages for one in found))


def _group(job_id: int, location_id: int, age: str, staleness: str, *rest: Any) -> BacklogGroup:
    messages, first, last, texts, calls, emails = rest
    group = Group(job_id, location_id, Age(age), Staleness(staleness))
    channels = {Channel.TEXT: texts, Channel.CALL: calls, Channel.EMAIL: emails}
    return BacklogGroup(group, "", "", messages, first, last, channels)


def _with_names(account_id: int, found: list[BacklogGroup]) -> list[BacklogGroup]:
    groups = [one.group for one in found if isinstance(one.group, Group)]
    jobs = dict(Job.objects.filter(account_id=account_id, pk__in={g.job_id for g in groups}).values_list("pk", "name"))
    places = dict(
        Location.objects.filter(account_id=account_id, pk__in={g.location_id for g in groups}).values_list("pk", "name")
    )
    return [
        BacklogGroup(
            group,
            jobs.get(group.job_id, ""),
            places.get(group.location_id, ""),
            one.messages,
            one.first_due_at,
            one.last_due_at,
            one.by_channel,
        )
        for one, group in zip(found, groups, strict=True)
    ]


def _put_together(small: Iterable[BacklogGroup]) -> list[BacklogGroup]:
    rests: dict[Rest, list[BacklogGroup]] = {}
    for one in small:
        assert isinstance(one.group, Group)
        rests.setdefault(one.group.rest, []).append(one)
    return [
        BacklogGroup(
            rest,
            "",
            "",
            sum(one.messages for one in them),
            min(one.first_due_at for one in them),
            max(one.last_due_at for one in them),
            {channel: sum(one.by_channel[channel] for one in them) for channel in Channel},
            len(them),
        )
        for rest, them in sorted(rests.items())
    ]


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


@dataclass(frozen=True, slots=True)
class GroupMessage:
    id: int
    contact: str
    address: str
    channel: Channel
    due_at: datetime
    words: str  # the beginning


_MESSAGES = (
    _CLASSIFIED
    + """
SELECT c.id, COALESCE(NULLIF(trim(contact.given_name || ' ' || contact.family_name), ''), ''), m.address, c.channel,
       c.due_at, left(COALESCE(NULLIF(m.subject, ''), m.body), 120)
  FROM (SELECT * FROM classified
         WHERE age = %(age)s AND staleness = %(staleness)s
           AND (%(job)s::bigint IS NULL OR job_id = %(job)s)
           AND (%(location)s::bigint IS NULL OR location_id = %(location)s)
           AND NOT (job_id || '.' || location_id) = ANY (%(named)s)
           AND (%(after)s::bigint IS NULL OR id > %(after)s)
         ORDER BY id LIMIT %(limit)s) c
  JOIN message m ON m.account_id = %(account)s AND m.id = c.id
  LEFT JOIN contact ON contact.id = c.contact_id
 ORDER BY c.id
"""
)


def group_messages(
    account_id: int,
    group: Group | Rest,
    now: datetime,
    *,
    named: Iterable[Group] = (),
    after: int | None = None,
    limit: int = 100,
) -> list[GroupMessage]:
    """Of a group, by id. Of a rest: without those of the groups that are named."""
    pairs = [f"{one.job_id}.{one.location_id}" for one in named if isinstance(group, Rest) and one.rest == group]
    values = {
        **asked_of(account_id, now),
        "age": group.age.value,
        "staleness": group.staleness.value,
        "job": group.job_id if isinstance(group, Group) else None,
        "location": group.location_id if isinstance(group, Group) else None,
        "named": pairs,
        "after": after,
        "limit": limit,
    }
    return in_room(_message, _MESSAGES, values)


def _message(identity: int, contact: str, address: str, channel: str, due_at: datetime, words: str) -> GroupMessage:
    return GroupMessage(identity, contact, address, Channel(channel), due_at, words)


# What becomes of each waiting message: Plan.choice of rules/plan.py. All keys are unique, so no row comes twice.
FATED = (
    _CLASSIFIED
    + """,
by_group AS (
    SELECT * FROM unnest(%(g_job)s::bigint[], %(g_location)s::bigint[], %(g_age)s::text[], %(g_stale)s::text[],
                         %(g_fate)s::text[], %(g_at)s::timestamptz[])
        AS x(job_id, location_id, age, staleness, fate, at)),
by_rest AS (
    SELECT * FROM unnest(%(r_age)s::text[], %(r_stale)s::text[], %(r_fate)s::text[], %(r_at)s::timestamptz[])
        AS x(age, staleness, fate, at)),
by_message AS (
    SELECT * FROM unnest(%(m_id)s::bigint[], %(m_fate)s::text[], %(m_at)s::timestamptz[]) AS x(id, fate, at)),
fated AS (
    SELECT c.*, COALESCE(m.fate, g.fate, r.fate, CASE c.staleness WHEN 'fresh' THEN 'send' ELSE 'drop' END) AS fate,
           CASE WHEN m.fate IS NOT NULL THEN m.at WHEN g.fate IS NOT NULL THEN g.at ELSE r.at END AS at
      FROM classified c
      LEFT JOIN by_message m ON m.id = c.id
      LEFT JOIN by_group g ON g.job_id = c.job_id AND g.location_id = c.location_id AND g.age = c.age
                          AND g.staleness = c.staleness
      LEFT JOIN by_rest r ON r.age = c.age AND r.staleness = c.staleness)
"""
)


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
    duplicates: int = 0  # of those dropped

    @property
    def send(self) -> int:
        return self.send_now + self.send_when_due


@dataclass(frozen=True, slots=True)
class Load:
    """So many messages of one lane that may leave from one minute on, to contacts in the same candidate zones."""

    channel: Channel
    by_hand: bool
    due_at: datetime
    zones: tuple[str, ...]
    messages: int


_LOADS = (
    FATED
    + """
SELECT fate, staleness, is_due, channel, by_hand, leaves_at, zones, count(*) FROM (
    SELECT f.fate, f.staleness, f.channel, f.by_hand,
           CASE WHEN f.fate = 'drop' OR f.fate = 'send' AND f.due_at <= %(now)s THEN %(now)s
                ELSE GREATEST(%(now)s, date_trunc('minute', COALESCE(f.at, f.due_at))) END AS leaves_at,
           f.due_at <= %(now)s AS is_due,
           CASE WHEN f.fate <> 'drop' AND f.channel <> 'email' THEN array_to_string(contact.zones, ',') END AS zones
      FROM fated f LEFT JOIN contact ON contact.id = f.contact_id AND f.channel <> 'email' AND f.fate <> 'drop') x
 GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
)


@dataclass(frozen=True, slots=True)
class PlanView:
    counts: PlanCounts
    loads: list[Load]


def plan_view(account_id: int, plan: Plan, now: datetime) -> PlanView:
    """What the plan would do, and what would wait for which minute after it: for the forecast."""
    values = {**asked_of(account_id, now), **choices_of(plan)}
    counted: dict[str, int] = {}
    loads: list[Load] = []
    for fate, staleness, is_due, channel, by_hand, leaves_at, zones, count in in_room(as_tuple, _LOADS, values):
        add_to(counted, Fate(fate), Staleness(staleness), is_due, count)
        if fate != Fate.DROP.value:
            known = tuple(zones.split(",")) if zones else ()
            loads.append(Load(Channel(channel), by_hand, leaves_at, known, count))
    return PlanView(PlanCounts(**counted), loads)


def as_tuple(*columns: Any) -> tuple[Any, ...]:
    return columns


def add_to(counted: dict[str, int], fate: Fate, staleness: Staleness, is_due: bool, count: int) -> None:
    match fate:
        case Fate.SEND:
            names = ["send_now" if is_due else "send_when_due"]
        case Fate.LATER:
            names = ["later"]
        case Fate.DROP:
            reason = {Staleness.PAST_USE_BY: ["past_use_by"], Staleness.DUPLICATE: ["duplicates"]}
            names = ["drop", *reason.get(staleness, [])]
    for name in names:
        counted[name] = counted.get(name, 0) + count
