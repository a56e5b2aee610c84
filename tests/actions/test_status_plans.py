"""Planned changes of status: any number, in their order, in every zone, also after downtime; and many accounts."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.billing import period_end
from allstop.actions.status_plans import (
    MOST_AT_ONCE,
    Moment,
    change_many,
    change_or_plan,
    change_plan,
    plan_change,
    take_back,
)
from allstop.actions.status_types import add_reason
from allstop.actions.statuses import Wish, change_status, run_status_changes
from allstop.rules.lifecycle import HOLD_OF, AccountStatus
from allstop.rules.proration import Charge, When
from allstop.store.models import Account, ChangeOf, Hold, LedgerEntry, StatusChange, StatusType, Stop
from tests.world import World

OPS = Operator("Olu (operator)", "console")
ACTIVE, CANCELLED, SUSPENDED, PROSPECT = AccountStatus


@pytest.fixture(autouse=True)
def reasons(world: World, now: datetime) -> None:
    add_reason(OPS, "Past due", now)


def wish(status: AccountStatus, reason: str = "Past due") -> Wish:
    return Wish(StatusType.objects.get(status=status).pk, reason)


def standing(account: Account) -> list[str]:
    return list(Hold.objects.filter(account=account, lifted_at=None).values_list("name", flat=True))


@pytest.mark.parametrize("seed", [1, 2])
def test_any_number_runs_in_the_order_of_their_days_however_long_nobody_looked(
    world: World, now: datetime, seed: int
) -> None:
    """002-22, TB13: two accounts in two zones, looks at any time, and one that is done twice changes nothing."""
    dice = random.Random(seed)
    zones = {world.account.pk: "Pacific/Auckland", world.rival.pk: "America/St_Johns"}
    planned: list[tuple[datetime, int, AccountStatus, int]] = []
    for account_id, zone in zones.items():
        Account.objects.filter(pk=account_id).update(zone=zone)
        days = dice.sample(range(2, 40), 4)
        for day, status in zip(days, dice.choices((ACTIVE, SUSPENDED, CANCELLED), k=4), strict=True):
            made = plan_change(OPS, account_id, wish(status), now.date() + timedelta(day), now)
            local = made.at.astimezone(ZoneInfo(zone))
            assert (local.date(), local.hour, local.minute) == (now.date() + timedelta(day), 0, 0)
            planned.append((made.at, made.pk, status, account_id))
    at = now
    while at < now + timedelta(days=42):
        at += timedelta(hours=dice.randint(1, 400))
        due = [one for one in planned if one[0] <= at]
        run_status_changes(at)
        assert run_status_changes(at) == 0
        assert StatusChange.objects.exclude(state=ChangeOf.COMING).count() == len(due)
        for account_id in zones:
            mine = sorted(one for one in due if one[3] == account_id)
            wanted = mine[-1][2] if mine else ACTIVE
            account = Account.objects.select_related("status_type").get(pk=account_id)
            assert (account.status_type.status, standing(account)) == (
                wanted,
                [name for name in [HOLD_OF[wanted]] if name],
            )
    for account_id in zones:
        over = list(StatusChange.objects.filter(account_id=account_id).order_by("at", "pk"))
        status = ACTIVE
        for one, (when, number, wanted, _) in zip(
            over, sorted(one for one in planned if one[3] == account_id), strict=True
        ):
            same = wanted is status
            assert (one.pk, one.at, one.state) == (number, when, ChangeOf.REFUSED if same else ChangeOf.DONE)
            assert same or one.old_status == status
            status = wanted


def test_a_plan_is_changed_and_put_off_until_it_is_due(world: World, now: datetime) -> None:
    made = plan_change(OPS, world.account.pk, wish(SUSPENDED), date(2026, 12, 1), now)
    other = Operator("Ola", "api")
    wished = Wish(wish(CANCELLED).type_id, "Past due", Charge.NONE)
    with pytest.raises(NotThere):
        change_plan(other, world.rival.pk, made.pk, wished, date(2026, 12, 2), now)
    with pytest.raises(Invalid, match="after today"):
        change_plan(other, world.account.pk, made.pk, wished, now.date(), now)
    with pytest.raises(Conflict, match="prospect again"):
        change_plan(other, world.account.pk, made.pk, wish(PROSPECT), date(2026, 12, 2), now)
    with pytest.raises(Invalid, match="Choose the reason"):
        change_plan(other, world.account.pk, made.pk, wish(CANCELLED, ""), date(2026, 12, 2), now)
    assert StatusChange.objects.get() == made
    change_plan(other, world.account.pk, made.pk, wished, date(2026, 12, 20), now)
    entry = LedgerEntry.objects.get(account=world.account, act="change_plan_of_status")
    assert (entry.before, entry.after) == (
        {"change": made.pk, "to": "Suspended", "at": "2026-12-01T05:00:00+00:00", "charge": "prorated"},
        {"change": made.pk, "to": "Cancelled", "at": "2026-12-20T05:00:00+00:00", "charge": "none", "via": "api"},
    )
    assert run_status_changes(datetime(2026, 12, 19, tzinfo=UTC)) == 0
    assert run_status_changes(datetime(2026, 12, 21, tzinfo=UTC)) == 1
    done = StatusChange.objects.get()
    assert (done.status, done.by, done.charge, done.state) == ("cancelled", "Ola", "none", "done")
    with pytest.raises(Conflict, match="over already"):
        change_plan(other, world.account.pk, made.pk, wished, date(2027, 1, 1), now)
    with pytest.raises(Conflict, match="over already"):
        take_back(other, world.account.pk, made.pk, now)


def test_at_the_end_of_the_period_and_on_a_date_without_one(world: World, now: datetime) -> None:
    """002-25, TB8: period end is the next bill day of the account's own calendar."""
    assert period_end(world.account.pk, datetime(2026, 12, 1, 4, 59, tzinfo=UTC)) == date(2026, 12, 1)
    assert period_end(world.account.pk, datetime(2026, 12, 1, 5, tzinfo=UTC)) == date(2027, 1, 1)
    with pytest.raises(Invalid, match="Without one nothing was changed"):
        change_or_plan(OPS, world.account.pk, wish(SUSPENDED), Moment(When.DATE), now)
    assert not StatusChange.objects.exists()
    told = change_or_plan(OPS, world.account.pk, wish(SUSPENDED), Moment(When.PERIOD_END), now)
    assert told.change is not None
    assert (told.change.at, told.receipt) == (datetime(2026, 12, 1, 5, tzinfo=UTC), None)


def test_of_many_accounts_each_is_told_and_a_refusal_changes_nothing_of_it(world: World, now: datetime) -> None:
    """002-24: one is suspended already; the other is changed all the same."""
    change_status(OPS, world.rival.pk, wish(SUSPENDED), now)
    both = [world.account.pk, world.rival.pk]
    first, second = change_many(OPS, [*both, world.account.pk], wish(SUSPENDED), Moment(), now)
    assert first.receipt is not None
    assert Stop.objects.filter(pk=first.receipt.number, account_id=world.account.pk).exists()
    assert (first.account, first.problem) == ("Northgate Dental", "")
    assert (second.change, second.problem) == (None, "The account is Suspended already.")
    before = StatusChange.objects.count()
    wrongs: list[tuple[type[Exception], Sequence[int], Wish, Moment]] = [
        (NotThere, [*both, 0], wish(ACTIVE), Moment()),
        (Invalid, [], wish(ACTIVE), Moment()),
        (Invalid, range(1, MOST_AT_ONCE + 2), wish(ACTIVE), Moment()),
        (Invalid, both, wish(CANCELLED, ""), Moment()),
        (Invalid, both, wish(ACTIVE), Moment(When.DATE)),
    ]
    for refused, ids, wished, moment in wrongs:
        with pytest.raises(refused):
            change_many(OPS, ids, wished, moment, now)
    assert StatusChange.objects.count() == before
    planned = change_many(OPS, both, wish(ACTIVE, ""), Moment(When.DATE, date(2027, 1, 1)), now)
    assert [one.change and one.change.at.isoformat() for one in planned] == [
        "2027-01-01T05:00:00+00:00",
        "2027-01-01T00:00:00+00:00",
    ]
