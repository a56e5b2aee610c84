"""The provider's limits: never more than it takes, in any minute, hour or day, whoever takes the room."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

from django.db import connection, connections

from allstop.actions.mail_server import set_limits
from allstop.rules.facts import Channel, Purpose
from allstop.rules.limits import PRESETS, Limits
from allstop.store import lists, queue
from allstop.store.facts import reached_limits
from allstop.store.lists.why import why
from allstop.store.models import ChannelSetup, LimitCount, Message
from tests.actions.test_mail_in import an_email_to
from tests.world import World, contact


def take(account_id: int, wanted: int, at: datetime) -> tuple[int, str | None, datetime | None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT granted, which, until FROM limit_take(%s, 'email', %s, %s)", [account_id, wanted, at])
        row = cursor.fetchone()
        assert row is not None
        return row[0], row[1], row[2]


def give_back(account_id: int, count: int, at: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT limit_return(%s, 'email', %s, %s)", [account_id, count, at])


def test_a_minute_takes_so_many_and_says_when_the_next_fits(world: World) -> None:
    """004-10: Microsoft 365, 30 a minute and 10,000 a day."""
    account, at = world.account.pk, world.now.replace(microsecond=0)
    set_limits(world.admin, Channel.EMAIL, PRESETS["microsoft365"][1], world.now)
    assert take(account, 20, at)[0] == 20
    later = at + timedelta(seconds=10)
    assert take(account, 50, later) == (10, "limit_minute", at + timedelta(seconds=61))
    assert take(account, 1, at + timedelta(seconds=60))[0] == 0
    assert take(account, 50, at + timedelta(seconds=61))[0] == 20, "the first twenty have left the window"
    assert reached_limits(account, Channel.EMAIL)[0].which == "limit_minute"


def test_the_narrowest_limit_binds_and_the_longest_is_told(world: World) -> None:
    account, at = world.account.pk, world.now.replace(second=30, microsecond=0)
    set_limits(world.admin, Channel.EMAIL, Limits(minute=5, day=5), world.now)
    granted, which, until = take(account, 9, at)
    assert (granted, which) == (5, "limit_day")
    assert until == at.replace(second=0) + timedelta(days=1, minutes=1)
    assert take(account, 9, at + timedelta(hours=23))[0] == 0
    assert take(account, 9, until)[0] == 5
    assert LimitCount.objects.filter(account=world.account, seconds=1).count() == 1, "what is old is forgotten"


def test_what_did_not_leave_gives_its_room_back(world: World) -> None:
    account, at = world.account.pk, world.now
    set_limits(world.admin, Channel.EMAIL, Limits(hour=3), world.now)
    assert take(account, 3, at)[0] == 3
    give_back(account, 2, at)
    assert take(account, 3, at + timedelta(minutes=5))[0] == 2


def test_without_limits_all_may_leave_and_nothing_is_counted(world: World) -> None:
    assert take(world.account.pk, 500, world.now) == (500, None, None)
    assert not LimitCount.objects.exists()


def test_the_verdict_says_which_limit_and_until_when(world: World) -> None:

    person = contact(world)
    message, _ = an_email_to(world, person)

    Message.objects.filter(account=world.account, id=message).update(status="waiting", finished_at=None)
    ChannelSetup.objects.filter(account=world.account, channel="email").update(provider="sandbox")
    set_limits(world.admin, Channel.EMAIL, Limits(day=2), world.now)
    take(world.account.pk, 2, world.now)
    found = why(world.account.pk, message, world.now)
    assert found is not None
    until = world.now.replace(second=0, microsecond=0) + timedelta(days=1, minutes=1)
    assert (found.reason, found.earliest) == ("limit_day", until)
    [answer] = [one for one in found.checks if one.check == "provider_limit"]
    assert (answer.verdict, answer.earliest) == ("hold", until)


def test_several_workers_together_take_no_more_than_there_is(committed_world: World) -> None:
    account, at = committed_world.account.pk, committed_world.now
    set_limits(committed_world.admin, Channel.EMAIL, Limits(minute=1000, hour=100), at)

    def worker(number: int) -> int:
        try:
            return sum(take(account, 3, at + timedelta(milliseconds=number))[0] for _ in range(12))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(worker, range(4))) == 100


def test_the_forecast_does_what_taking_room_one_by_one_would(world: World) -> None:
    """Ninety emails that are due, five in a minute and thirty in an hour, four of which have left already."""
    account, now = world.account.pk, world.now.replace(microsecond=0)
    set_limits(world.admin, Channel.EMAIL, Limits(minute=5, hour=30), now)
    assert take(account, 4, now - timedelta(seconds=20))[0] == 4
    person = contact(world)
    mail = queue.NewMessage(
        account_id=account,
        channel=Channel.EMAIL,
        purpose=Purpose.SERVICE,
        address="pat@example.org",
        subject="Tomorrow",
        body="See you tomorrow.",
        due_at=now,
        contact_id=person.pk,
    )
    queue.enqueue([mail] * 90, now)
    found = lists.account_forecast(account, now)
    email = next(one for one in found.channels if one.channel is Channel.EMAIL)
    foreseen = [(run.start, run.messages) for run in email.forecast.runs]
    at, left, taken = now, 90, []
    while left:
        granted, _, until = take(account, left, at)
        if granted:
            taken.append((at, granted))
        left -= granted
        assert left == 0 or until is not None
        at = until or at
    assert foreseen == taken
    assert email.forecast.messages == 90
    assert email.forecast.finish == taken[-1][0] > now + timedelta(hours=2)
