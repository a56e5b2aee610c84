"""The backlog: what waits in an account, grouped for a START as a plan, and what a plan would do to it.

Every function here is one statement, so its numbers are of one moment and agree with each other. What a worker holds,
and what belongs to a removed job, is in no group.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allstop.rules.facts import Channel
from allstop.rules.plan import Age, Fate, Group, Plan, Rest, Staleness
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
from allstop.store.models import Job, Location

MOST_GROUPS = 100  # that are named one by one; the smaller ones are put together by age and staleness

_GROUPS = (
    CLASSIFIED
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


@dataclass(frozen=True, slots=True)
class GroupMessage:
    id: int
    contact: str
    address: str
    channel: Channel
    due_at: datetime
    words: str  # the beginning


_MESSAGES = (
    CLASSIFIED
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


@dataclass(frozen=True, slots=True)
class Load:
    """So many messages of one lane that may leave from one minute on, to contacts in the same candidate zones."""

    channel: Channel
    by_hand: bool
    due_at: datetime
    zones: tuple[str, ...]
    messages: int


# By counts from the first grouping on, so that the choices are looked up for some rows and not for a million.
_LOADS = f"""
{CLASSIFIED}, {CHOICES},
chosen AS (
    SELECT c.job_id, c.location_id, c.age, c.staleness, c.channel, c.by_hand, m.fate AS m_fate, m.at AS m_at,
           CASE WHEN c.due_at > %(now)s THEN date_trunc('minute', c.due_at) END AS due_at, contact.zones, count(*)
      FROM classified c
      LEFT JOIN by_message m ON m.id = c.id
      LEFT JOIN contact ON contact.id = c.contact_id AND c.channel = ANY (%(quiet)s::text[])
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10),
{FATED}
SELECT fate, staleness, due_at IS NULL, channel, by_hand,
       CASE WHEN fate = 'drop' OR fate = 'send' AND due_at IS NULL THEN %(now)s
            ELSE GREATEST(%(now)s, COALESCE(date_trunc('minute', at), due_at)) END, zones, sum(count)::bigint
  FROM fated GROUP BY 1, 2, 3, 4, 5, 6, 7
"""


@dataclass(frozen=True, slots=True)
class PlanView:
    counts: PlanCounts
    loads: list[Load]


QUIET = (Channel.TEXT, Channel.CALL)  # emails know no quiet hours


def plan_view(account_id: int, plan: Plan, now: datetime, quiet: Sequence[Channel] = QUIET) -> PlanView:
    """What the plan would do, and what would wait for which minute after it: for the forecast.

    `quiet`: the channels for which it matters where the contacts are.
    """
    values = {**asked_of(account_id, now), **choices_of(plan), "quiet": [channel.value for channel in quiet]}
    counted: dict[str, int] = {}
    loads: list[Load] = []
    for fate, staleness, is_due, channel, by_hand, leaves_at, zones, count in in_room(as_tuple, _LOADS, values):
        add_to(counted, Fate(fate), Staleness(staleness), is_due, count)
        if fate != Fate.DROP.value:
            loads.append(Load(Channel(channel), by_hand, leaves_at, tuple(zones or ()), count))
    return PlanView(PlanCounts(**counted), loads)
