"""The Test button: whether messages could leave by a channel's provider now, in words.

The rule that it guards: console and doors never send and never connect; a worker tries it, as it would for a message.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, NotThere, require
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.rules.sending import Way
from allstop.store import ledger, queue
from allstop.store.models import ChannelSetup, ProviderTest
from allstop.store.sending import way_of

USERS = ("user", "system_id", "account_sid")  # as the adapters call it
TOO_OLD = timedelta(minutes=5)  # nobody waits for it any more
AT_ONCE = 50


class Result(NamedTuple):
    is_good: bool
    words: str
    balance: str = ""


@transaction.atomic
def ask_test(actor: Actor, channel: Channel, now: datetime, candidate: Way | None = None) -> ProviderTest:
    """Of the setup that is in force, or of a `candidate`, password included, that may take its place."""
    require(actor, Act.EDIT_SETUP)
    setup = ChannelSetup.objects.get(account_id=actor.account_id, channel=channel)
    way = candidate or way_of(setup)
    if not way.provider:
        raise Conflict(f"No provider is set up for {channel.value}s, so there is nothing to test.")
    is_in_force = (way.provider, way.config) == (setup.provider, setup.config)
    made = ProviderTest.objects.create(
        account_id=actor.account_id,
        channel=channel,
        provider=way.provider,
        user=user_of(way)[:100],
        config=None if is_in_force else dict(way.config),
        asked_by=actor.name[:120],
        asked_at=now,
    )
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="test_provider",
        subject=f"channel:{channel}",
        after={"provider": way.provider, "via": actor.via},
    )
    queue.notify_test()
    return made


def user_of(way: Way) -> str:
    """What the provider calls this customer; "" where it knows none."""
    return next((str(way.config[name]) for name in USERS if way.config.get(name)), "")


def is_proven(actor: Actor, channel: Channel, way: Way) -> bool:
    """A test has shown that this user name works at this provider: the wizard shows it grey from then on."""
    require(actor, Act.VIEW)
    user = user_of(way)
    tests = ProviderTest.objects.filter(account_id=actor.account_id, channel=channel, is_good=True)
    return bool(user) and tests.filter(provider=way.provider, user=user).exists()


def test_of(actor: Actor, test_id: int) -> ProviderTest:
    require(actor, Act.VIEW)
    found = ProviderTest.objects.filter(account_id=actor.account_id, pk=test_id).first()
    if found is None:
        raise NotThere("There is no such test.")
    return found


def newest_test(actor: Actor, channel: Channel) -> ProviderTest | None:
    require(actor, Act.VIEW)
    return ProviderTest.objects.filter(account_id=actor.account_id, channel=channel).order_by("-id").first()


def open_tests(now: datetime, channels: Iterable[Channel] = tuple(Channel)) -> list[ProviderTest]:
    """What workers for these channels have to try. Two may try the same: the first word counts."""
    waiting = list(ProviderTest.objects.filter(done_at=None).order_by("id")[:AT_ONCE])  # provider_test_open
    late = [one.pk for one in waiting if one.asked_at < now - TOO_OLD]
    if late:
        ProviderTest.objects.filter(pk__in=late, done_at=None).update(
            done_at=now, is_good=False, config=None, words="No worker came to it within five minutes. Try again."
        )
    return [one for one in waiting if one.pk not in late and one.channel in set(channels)]


def end_test(test_id: int, result: Result, now: datetime) -> None:
    ProviderTest.objects.filter(pk=test_id, done_at=None).update(
        done_at=now, config=None, is_good=result.is_good, words=result.words[:500], balance=result.balance[:80]
    )
