"""The four back-end statuses of an account, and what each brings.

Named status types map onto these four; the back-end status alone decides what is held and what is billed.

| from \\ to | active | cancelled | suspended | prospect | hold that it brings |
|---|---|---|---|---|---|
| active | yes | yes | yes | no | none |
| cancelled | yes (enabled again) | yes | yes | no | cancelled |
| suspended | yes | yes | yes | no | suspended |
| prospect | yes | yes | yes | yes | prospect |

Nothing returns to prospect. Staying is allowed, since two named types may share a status.
"""

from enum import StrEnum

from allstop.rules.holds import CANCELLED, PROSPECT, SUSPENDED


class AccountStatus(StrEnum):
    ACTIVE = "active"
    CANCELLED = "cancelled"
    SUSPENDED = "suspended"
    PROSPECT = "prospect"


_ONCE_IN_USE = frozenset({AccountStatus.ACTIVE, AccountStatus.CANCELLED, AccountStatus.SUSPENDED})

MAY_BECOME: dict[AccountStatus, frozenset[AccountStatus]] = {
    AccountStatus.ACTIVE: _ONCE_IN_USE,
    AccountStatus.CANCELLED: _ONCE_IN_USE,
    AccountStatus.SUSPENDED: _ONCE_IN_USE,
    AccountStatus.PROSPECT: frozenset(AccountStatus),
}

HOLD_OF: dict[AccountStatus, str | None] = {
    AccountStatus.ACTIVE: None,
    AccountStatus.CANCELLED: CANCELLED,
    AccountStatus.SUSPENDED: SUSPENDED,
    AccountStatus.PROSPECT: PROSPECT,
}


def may_become(old: AccountStatus, new: AccountStatus) -> bool:
    return new in MAY_BECOME[old]
