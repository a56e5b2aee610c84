"""Statuses: what may become what, and the hold that each brings."""

import pytest

from allstop.rules.holds import HOLD_EFFECTS, LIFECYCLE_HOLDS
from allstop.rules.lifecycle import HOLD_OF, AccountStatus, may_become

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
