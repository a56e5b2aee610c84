"""The backlog: exact groups, stale messages told apart as the rules do, and no other account's rows."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from allstop.actions.actor import Machine
from allstop.actions.jobs import remove_jobs
from allstop.actions.plan import start_as_planned
from allstop.actions.switch import stop, stop_account
from allstop.rules.facts import Channel, Purpose
from allstop.rules.holds import BRAKE, whole_account
from allstop.rules.plan import (
    DROP,
    SEND,
    Age,
    Choice,
    Fate,
    Group,
    Plan,
    Rest,
    Staleness,
    Waiting,
    age_of,
    read_key,
    staleness_of,
)
from allstop.rules.ramp import RampChoice
from allstop.store import lists, queue
from allstop.store.models import ChannelSetup, Contact, Message, QueueEntry
from tests.world import World, contact, job, texts

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def message(world: World, **changes: object) -> queue.NewMessage:
    fields: dict[str, object] = {
        "account_id": world.account.pk,
        "channel": Channel.TEXT,
        "purpose": Purpose.REMINDER,
        "address": "+12125550123",
        "body": "See you soon",
        "due_at": world.now,
    }
    return queue.NewMessage(**(fields | changes))  # type: ignore[arg-type]


def staleness(world: World) -> dict[Staleness, int]:
    found = lists.backlog(world.account.pk, world.now)
    return {one: found.by_staleness(one) for one in Staleness if found.by_staleness(one)}


def test_nothing_waits(world: World) -> None:
    assert lists.backlog(world.account.pk, world.now) == lists.Backlog([], 0)


def test_groups_are_by_job_location_age_and_staleness(world: World) -> None:
    monday, old = job(world, "Monday"), job(world, "Old")
    texts(world, 3, of=monday, at=world.north)
    texts(world, 2, of=monday, at=world.south)
    texts(world, 4, of=old, at=world.north, due_at=world.now - 9 * DAY)
    queue.enqueue([message(world, due_at=world.now + HOUR)], world.now)
    found = lists.backlog(world.account.pk, world.now)
    assert [(one.job, one.location, one.group.age, one.messages) for one in found.groups] == [
        ("Old", "Northgate", Age.OLDER, 4),
        ("Monday", "Northgate", Age.DAY, 3),
        ("Monday", "Southgate", Age.DAY, 2),
        ("", "", Age.NOT_DUE, 1),
    ]
    assert found.messages == 10
    assert found.groups[0].key == f"{old.pk}.{world.north.pk}.older.fresh"
    assert read_key(found.groups[0].key) == found.groups[0].group


def test_removed_jobs_and_what_a_worker_holds_are_in_no_group_and_no_neighbours_message_is(world: World) -> None:
    gone = job(world, "Gone")
    texts(world, 5, of=gone)
    remove_jobs(world.admin, [gone.pk], world.now)
    held = texts(world, 2)
    QueueEntry.objects.filter(id=held[0]).update(worker_id=1)
    assert lists.backlog(world.account.pk, world.now).messages == 1
    assert lists.backlog(world.rival.pk, world.now).messages == 0
    assert lists.plan_view(world.rival.pk, Plan(), world.now).counts == lists.PlanCounts()


@pytest.mark.parametrize(
    ("first", "second", "found"),
    [
        ({}, {}, 1),  # the same words, both due
        ({"body": "One"}, {"body": "Two"}, 0),
        ({"body": "One", "use_by": HOUR}, {"body": "Two", "use_by": HOUR}, 1),  # the same visit
        ({"body": "One", "use_by": HOUR}, {"body": "Two", "use_by": 2 * HOUR}, 0),
        ({"due_at": -3 * DAY}, {"due_at": -DAY}, 1),
        ({"due_at": HOUR}, {"due_at": HOUR}, 1),
        ({"due_at": -DAY}, {"due_at": DAY}, 0),  # a series: they would not leave together
        ({"due_at": HOUR}, {"due_at": 2 * HOUR}, 0),
        ({"channel": Channel.EMAIL}, {}, 0),
        ({"purpose": Purpose.BILLING}, {}, 0),
    ],
)
def test_which_of_two_messages_to_one_contact_is_a_duplicate(
    world: World, first: dict[str, object], second: dict[str, object], found: int
) -> None:
    person = contact(world)

    def made(changes: dict[str, object]) -> queue.NewMessage:
        times = {key: world.now + value for key, value in changes.items() if isinstance(value, timedelta)}
        return message(world, contact_id=person.pk, **(changes | times))

    older, newer = queue.enqueue([made(first), made(second)], world.now)
    assert staleness(world).get(Staleness.DUPLICATE, 0) == found
    if found:
        (group,) = [one for one in lists.backlog(world.account.pk, world.now).groups if one.group.staleness != "fresh"]
        assert [one.id for one in lists.group_messages(world.account.pk, group.group, world.now)] == [older]
        assert older < newer


def test_two_of_a_family_who_come_at_the_same_time_are_no_duplicates_of_each_other(world: World) -> None:
    """They share a phone. The newer file says the same of both; a later step of a plan would be the second message."""
    person, ahead = contact(world).pk, world.now + DAY
    older, newer = job(world, "Monday").pk, job(world, "Monday again").pk

    def told(of: int, body: str, due_at: datetime) -> queue.NewMessage:
        return message(world, contact_id=person, body=body, use_by=ahead, job_id=of, due_at=due_at)

    due = world.now - HOUR
    ids = queue.enqueue([told(one, body, due) for one in (older, newer) for body in ("Ana", "Ben")], world.now)
    assert staleness(world) == {Staleness.DUPLICATE: 2, Staleness.FRESH: 2}
    ids += queue.enqueue([told(newer, body, world.now) for body in ("Ana tomorrow", "Ben tomorrow")], world.now)
    assert staleness(world) == {Staleness.DUPLICATE: 4, Staleness.FRESH: 2}
    stop_account(world.admin, "", world.now)
    start_as_planned(world.leader, now=world.now)
    assert list(QueueEntry.objects.order_by("id").values_list("id", flat=True)) == ids[-2:]


def test_that_an_appointment_is_over_is_said_before_its_use_by(world: World) -> None:
    past, ahead = world.now - HOUR, world.now + HOUR
    ids = queue.enqueue(
        [
            message(world, body="1", use_by=past, appointment_at=past),
            message(world, body="2", use_by=past, appointment_at=ahead),
            message(world, body="3", use_by=past),
            message(world, body="4", use_by=ahead, appointment_at=ahead),
        ],
        world.now,
    )
    assert staleness(world) == {Staleness.APPOINTMENT_GONE: 1, Staleness.PAST_USE_BY: 2, Staleness.FRESH: 1}
    counts = lists.plan_view(world.account.pk, Plan(), world.now).counts
    assert (counts.send, counts.drop, counts.appointment_gone, counts.past_use_by) == (1, 3, 1, 2)
    stop_account(world.admin, "", world.now)
    start_as_planned(world.leader, now=world.now)
    reasons = dict(Message.objects.values_list("id", "reason"))
    assert [reasons[one] for one in ids] == ["appointment_gone", "too_late", "too_late", ""]


def test_the_hash_of_the_words_is_the_same_in_sql(world: World) -> None:
    person = contact(world)
    queue.enqueue(
        [
            message(world, body="Grüße, 50 % off\nToday", contact_id=person.pk),
            message(world, body="Grüße, 50 % off\nToday"),
            message(world, channel=Channel.EMAIL, subject="Hello", address="pat@example.org"),
        ],
        world.now,
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT q.words, plan_words(m) FROM queue q JOIN message m ON m.id = q.id")
        found = cursor.fetchall()
    assert len({ours for ours, _ in found}) == 3
    assert all(ours == sql for ours, sql in found)


def test_another_contact_or_address_makes_no_duplicate_and_too_late_is_said_first(world: World) -> None:
    queue.enqueue([message(world, contact_id=contact(world).pk) for _ in range(2)], world.now)
    assert staleness(world) == {Staleness.FRESH: 2}
    queue.enqueue([message(world, address="+12125550190"), message(world, address="+12125550191")], world.now)
    assert staleness(world) == {Staleness.FRESH: 4}
    queue.enqueue([message(world, address="+12125550190")], world.now)
    assert staleness(world) == {Staleness.FRESH: 4, Staleness.DUPLICATE: 1}
    late = message(world, address="+12125550190", use_by=world.now - HOUR)
    queue.enqueue([late, late], world.now)
    assert staleness(world) == {Staleness.FRESH: 4, Staleness.DUPLICATE: 1, Staleness.PAST_USE_BY: 2}


def test_the_statement_says_of_every_message_what_the_rules_say(world: World) -> None:
    """Two hundred messages at random, close enough to meet; then a plan at random."""
    dice = random.Random(20261122)
    people: list[Contact | None] = [contact(world, f"Pat {n}") for n in range(6)] + [None]
    jobs, now = [job(world, f"Job {n}") for n in range(3)], world.now
    made = []
    for _ in range(200):
        person = dice.choice(people)
        use_by = dice.choice([None, now - HOUR, now + HOUR, now + DAY])
        appointment_at = dice.choice([None, now - HOUR, now + DAY])
        made.append(
            message(
                world,
                contact_id=person.pk if person else None,
                address=dice.choice(["+12125550190", "+12125550191"]),
                channel=dice.choice([Channel.TEXT, Channel.EMAIL]),
                purpose=dice.choice([Purpose.REMINDER, Purpose.BILLING]),
                body=dice.choice(["One", "Two", "Three"]),
                due_at=now + dice.choice([-8 * DAY, -3 * DAY, -DAY, -HOUR, timedelta(0), HOUR, DAY]),
                use_by=use_by,
                appointment_at=appointment_at,
                job_id=dice.choice(jobs).pk,
                location_id=dice.choice([None, world.north.pk]),
            )
        )
    ids = queue.enqueue(made, now)
    told = staleness_of(
        [
            Waiting(
                i,
                str(m.contact_id or m.address),
                m.channel,
                m.purpose,
                m.due_at,
                m.use_by,
                m.body,
                m.appointment_at,
                m.job_id or 0,
            )
            for i, m in zip(ids, made, strict=True)
        ],
        now,
    )
    groups = {
        i: Group(m.job_id or 0, m.location_id or 0, age_of(m.due_at, now), told[i])
        for i, m in zip(ids, made, strict=True)
    }
    found = lists.backlog(world.account.pk, now)
    assert {one.group: one.messages for one in found.groups} == {
        group: list(groups.values()).count(group) for group in set(groups.values())
    }
    choices = [SEND, DROP, Choice(Fate.LATER, now + 2 * DAY)]
    plan = Plan(
        {group: dice.choice(choices) for group in dice.sample(sorted(set(groups.values())), 20)}
        | {Rest(Age.DAY, Staleness.FRESH): DROP, Rest(Age.WEEK, Staleness.DUPLICATE): SEND},
        {i: dice.choice(choices) for i in dice.sample(ids, 30)},
    )
    fates = [plan.choice(i, groups[i]).fate for i in ids]
    counts = lists.plan_view(world.account.pk, plan, now).counts
    assert (counts.send, counts.later, counts.drop) == tuple(map(fates.count, (Fate.SEND, Fate.LATER, Fate.DROP)))


def test_small_groups_are_put_together_and_can_be_opened(world: World) -> None:
    for number in range(5):
        texts(world, number + 1, of=job(world, f"Job {number}"))
    found = lists.backlog(world.account.pk, world.now, most=2)
    assert [(one.job, one.messages, one.groups) for one in found.groups] == [
        ("Job 3", 4, 1),
        ("Job 4", 5, 1),
        ("", 6, 3),
    ]
    rest = found.groups[-1]
    named = [one.group for one in found.groups[:2] if isinstance(one.group, Group)]
    opened = lists.group_messages(world.account.pk, rest.group, world.now, named=named)
    assert len(opened) == 6
    more = lists.group_messages(world.account.pk, rest.group, world.now, named=named, after=opened[3].id)
    assert more == opened[4:]


@pytest.mark.parametrize(
    "key", ["", "1", "other.day", "1.2.day.stale", "-1.2.day.fresh", "1.2.3.day.fresh", "x.2.day.fresh"]
)
def test_what_is_no_key_of_a_group_is_not_read_as_one(key: str) -> None:
    assert read_key(key) is None


def test_times_are_of_the_argument_alone(world: World) -> None:
    texts(world, 1, due_at=datetime(2026, 1, 1, tzinfo=UTC))
    (group,) = lists.backlog(world.account.pk, datetime(2026, 1, 1, 12, tzinfo=UTC)).groups
    assert group.group.age is Age.DAY


def set_pace(world: World, channel: Channel, pace_ms: int) -> None:
    ChannelSetup.objects.filter(account=world.account, channel=channel).update(pace_ms=pace_ms)
    queue.setup_changed(world.account.pk, channel, pace_ms, world.now)


def test_the_preview_foresees_the_plan_under_the_present_pace_and_quiet_hours(world: World) -> None:
    """Ten texts at one a minute to people who are awake, five to one who sleeps, two emails at once."""
    stop_account(world.admin, "", world.now)
    brake = Machine("the brake", "brake")  # START lifts its stop as well
    stop(brake, whole_account(world.account.pk), "", world.now, name=BRAKE)
    set_pace(world, Channel.TEXT, 60_000)
    texts(world, 10, of=job(world, "Today"))
    asleep = contact(world, zones=("Asia/Tokyo",))
    texts(world, 5, to=asleep)
    queue.enqueue([message(world, channel=Channel.EMAIL, body=f"{n}") for n in range(2)], world.now)
    seen = lists.preview(world.account.pk, Plan(), None, world.now)
    assert (seen.counts.send_now, seen.forecast.messages, seen.forecast.stuck) == (17, 17, 0)
    assert seen.forecast.buckets(world.now, timedelta(minutes=1), 11) == [3, *[1] * 9, 0]
    morning = datetime(2026, 11, 24, 0, tzinfo=UTC)  # 09:00 in Tokyo
    assert seen.forecast.finish == morning + timedelta(minutes=5)
    groups = [one.group for one in lists.backlog(world.account.pk, world.now).groups if one.job == "Today"]
    less = lists.preview(world.account.pk, Plan(dict.fromkeys(groups, DROP)), None, world.now)
    assert (less.counts.drop, less.forecast.messages) == (10, 7)
    later = Choice(Fate.LATER, world.now + DAY)
    moved = lists.preview(world.account.pk, Plan(dict.fromkeys(groups, later)), None, world.now)
    assert moved.forecast.before(world.now + DAY) == 7
    assert moved.forecast.finish == world.now + DAY + timedelta(minutes=10)


def test_the_preview_says_what_no_time_will_let_go_and_follows_a_ramp(world: World) -> None:
    stop_account(world.admin, "", world.now)
    nobody_knows = contact(world, zones=("Nowhere/Unknown",))
    texts(world, 3, to=nobody_knows)
    queue.enqueue([message(world, channel=Channel.EMAIL, body=f"{n}") for n in range(30)], world.now)
    ramp = RampChoice(per_minute=10, minutes=2)
    seen = lists.preview(world.account.pk, Plan(), ramp, world.now)
    assert seen.forecast.stuck == 3
    assert seen.forecast.buckets(world.now, timedelta(minutes=1), 3) == [10, 10, 10]
    ChannelSetup.objects.filter(account=world.account, channel=Channel.EMAIL).update(provider="")
    assert lists.preview(world.account.pk, Plan(), ramp, world.now).forecast.stuck == 33
