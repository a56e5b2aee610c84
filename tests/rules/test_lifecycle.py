"""Statuses: what may become what, and the hold that each brings."""

import pytest

from allstop.rules.holds import HOLD_EFFECTS, LIFECYCLE_HOLDS, Effect
from allstop.rules.lifecycle import (
    HOLD_OF,
    NEEDS_REASON,
    AccountStatus,
    Area,
    blocks_of,
    cell_words,
    change_words,
    does,
    may_become,
)

ONCE_IN_USE = [AccountStatus.ACTIVE, AccountStatus.CANCELLED, AccountStatus.SUSPENDED]


@pytest.mark.parametrize("old", ONCE_IN_USE)
def test_nothing_returns_to_prospect(old: AccountStatus) -> None:
    """TB3, 002-12."""
    assert not may_become(old, AccountStatus.PROSPECT)


@pytest.mark.parametrize("old", AccountStatus)
@pytest.mark.parametrize("new", ONCE_IN_USE)
def test_every_other_change_is_allowed(old: AccountStatus, new: AccountStatus) -> None:
    """002-06: also from cancelled back to active."""
    assert may_become(old, new)


def test_every_status_but_active_brings_its_hold() -> None:
    assert HOLD_OF[AccountStatus.ACTIVE] is None
    assert {hold for hold in HOLD_OF.values() if hold} == set(LIFECYCLE_HOLDS)
    assert set(LIFECYCLE_HOLDS) <= set(HOLD_EFFECTS)


YES, NO = True, False
TABLE = {  # SYSTEMS 3, row by row: active, cancelled, suspended, prospect
    Area.SENDING: (YES, NO, NO, NO),
    Area.INTAKE: (YES, NO, YES, NO),
    Area.PROVISIONING: (YES, NO, YES, NO),
    Area.RECURRING: (YES, NO, NO, NO),
    Area.USAGE: (YES, NO, YES, NO),
    Area.BILL_ACCOUNT: (YES, YES, YES, NO),
    Area.CARD_RUNS: (YES, NO, YES, NO),
    Area.TICKET_EMAILS: (YES, YES, YES, YES),
}


@pytest.mark.parametrize("status", AccountStatus)
@pytest.mark.parametrize("area", Area)
def test_the_table_of_effects_cell_by_cell(area: Area, status: AccountStatus) -> None:
    """002-03 to 002-13, TB4 to TB6."""
    assert does(status, area) is TABLE[area][list(AccountStatus).index(status)]
    assert cell_words(status, area).startswith("yes" if does(status, area) else "no")


def test_usage_while_suspended_is_a_choice_and_touches_nothing_else() -> None:
    """002-10."""
    suspended = AccountStatus.SUSPENDED
    assert [area for area in Area if does(suspended, area) != does(suspended, area, False)] == [Area.USAGE]
    assert blocks_of(suspended, False) - blocks_of(suspended) == {Effect.USAGE_BILLING}
    assert blocks_of(AccountStatus.ACTIVE) == frozenset()


def test_a_change_is_named_by_what_it_does() -> None:
    active, cancelled, suspended, prospect = AccountStatus
    assert [change_words(suspended, new) for new in AccountStatus] == ["Enable", "Cancel", "Keep", "Keep"]
    assert [change_words(prospect, new) for new in (active, cancelled, suspended)] == ["Enable", "Cancel", "Suspend"]
    assert {cancelled, suspended} == NEEDS_REASON
