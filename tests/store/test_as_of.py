"""The account as it was: of any time, what was recorded at that time."""

import random
from datetime import datetime, timedelta

import pytest

from allstop.actions.actor import Operator
from allstop.actions.reminding import set_reminder
from allstop.actions.status_types import add_reason, save_type
from allstop.actions.statuses import Wish, change_status
from allstop.actions.switch import start_account, stop
from allstop.rules.facts import Channel
from allstop.rules.holds import one_channel, whole_account
from allstop.store.lists import account_as_of, account_history
from allstop.store.models import Account, Hold, StatusType
from tests.world import World

OPS = Operator("Olu (operator)", "console")
Seen = tuple[str, str, list[tuple[str, str | None]]]


def recorded(account_id: int) -> Seen:
    """As the tables have it now."""
    account = Account.objects.select_related("status_type").get(pk=account_id)
    holds = Hold.objects.filter(account_id=account_id, lifted_at=None).order_by("at", "pk")
    return account.status_type.name, account.status_type.status, list(holds.values_list("name", "channel"))


@pytest.mark.parametrize("seed", [3, 4])
def test_of_every_time_it_tells_what_was_recorded_then(world: World, now: datetime, seed: int) -> None:
    dice = random.Random(seed)
    add_reason(OPS, "Past due", now)
    vacation = save_type(OPS, None, "Vacation", "suspended", "", True, now)
    kinds = [vacation, *StatusType.objects.filter(status__in=("active", "suspended", "cancelled"), name__lt="V")]
    account_id = world.account.pk
    seen: list[tuple[datetime, Seen]] = [(now, recorded(account_id))]
    at = now
    for _ in range(9):
        at += timedelta(hours=dice.randint(2, 50))
        match dice.choice(("status", "status", "stop", "channel", "start")):
            case "status":
                current = Account.objects.get(pk=account_id).status_type_id
                new = dice.choice([one for one in kinds if one.pk != current])
                change_status(OPS, account_id, Wish(new.pk, "Past due"), at)
            case "stop":
                stop(world.leader, whole_account(account_id), "fire drill", at)
            case "channel":
                stop(world.leader, one_channel(account_id, Channel.TEXT), "", at)
            case "start":
                if Hold.objects.filter(account_id=account_id, name="stopped", scope="account", lifted_at=None).exists():
                    start_account(world.leader, "", at)
        seen.append((at, recorded(account_id)))
    for (begin, known), (end, _) in zip(seen, [*seen[1:], (at + timedelta(days=9), seen[-1][1])], strict=True):
        # Not at `begin` itself: the hold of the old status is lifted when that is done, some milliseconds later.
        for moment in (begin + timedelta(hours=1), end - timedelta(microseconds=1)):
            then = account_as_of(account_id, moment)
            assert then is not None
            assert (then.type, then.status, [(hold.name, hold.channel) for hold in then.holds]) == known
            assert then.since <= moment
    assert account_as_of(account_id, world.account.created_at - timedelta(seconds=1)) is None
    assert account_as_of(0, at) is None


def test_settings_are_those_of_then_and_the_history_is_the_accounts_own(world: World, now: datetime) -> None:
    set_reminder(world.admin, 48, now + timedelta(hours=1))
    set_reminder(world.admin, 12, now + timedelta(hours=3))
    by_then = [account_as_of(world.account.pk, now + timedelta(hours=hours)) for hours in (0, 2, 4)]
    told = [[(one.words, one.at) for one in then.settings] for then in by_then if then]
    words = "Reminder of a stop that stands"
    assert told == [[], [(words, now + timedelta(hours=1))], [(words, now + timedelta(hours=3))]]
    acts = [one.act for one in account_history(world.account.pk)]
    assert acts[:2] == ["set_reminder", "set_reminder"]
    newest = account_history(world.account.pk, limit=1)[0]
    assert [one.act for one in account_history(world.account.pk, newest.number, 1)] == ["set_reminder"]
    assert "set_reminder" not in [one.act for one in account_history(world.rival.pk)]
