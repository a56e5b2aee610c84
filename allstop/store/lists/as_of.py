"""An account as it was at any time, and every change of it: from the changes of status, the holds and the ledger.

The rule that it guards: what is told of a time is what was recorded at that time, whatever has changed since. Nothing
of it is kept apart: a status is read off the changes that were carried out by then, a hold off when it was set and
lifted. Served by status_change_of_account, hold_standing's neighbour on account, and ledger_number_once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_
from typing import Any

from django.db.models import Q

from allstop.rules.holds import Scope
from allstop.rules.lifecycle import AccountStatus
from allstop.store.models import Account, ChangeOf, Hold, LedgerEntry, StatusChange

# Of these an account's history tells; what is about one message, contact, lead or job has a history of its own.
TOLD = ("account", "channel:", "location:", "member:", "component:", "package:", "rate:", "invoice:", "payment:")
SETTINGS = {
    "set_sending": "How it sends",
    "set_channel": "Provider of a channel",
    "set_limits": "Limits of a channel",
    "set_brake": "Automatic brake",
    "set_reminder": "Reminder of a stop that stands",
    "change_replies": "What replies mean",
    "change_playbook": "Playbook",
    "set_lead_setup": "Leads",
    "set_ownership": "Who owns a contact",
    "set_rings": "How long calls ring",
}
SHOWN = 100


@dataclass(frozen=True, slots=True)
class SettingThen:
    """The newest change of one setting by then."""

    words: str
    subject: str
    at: datetime
    by: str
    after: dict[str, Any]


@dataclass(frozen=True, slots=True)
class AsOf:
    at: datetime
    type: str  # its name, as it was
    status: AccountStatus
    since: datetime
    reason: str
    by: str  # "" for the status that it was made with
    bills_usage: bool  # while suspended: the setting when the suspension began
    holds: list[Hold]
    settings: list[SettingThen]


def account_as_of(account_id: int, at: datetime) -> AsOf | None:
    """None: there is no such account, or it was not made yet."""
    account = Account.objects.select_related("status_type").filter(pk=account_id, created_at__lte=at).first()
    if account is None:
        return None
    done = StatusChange.objects.filter(account=account, state=ChangeOf.DONE)
    last = done.filter(ended_at__lte=at).order_by("ended_at", "pk").last()
    if last is not None and last.ended_at is not None:
        status, since = (last.name, last.status), last.ended_at
    else:
        following = done.filter(ended_at__gt=at).order_by("ended_at", "pk").first()
        kind = account.status_type
        status = (following.old_name, following.old_status or "") if following else (kind.name, kind.status)
        since = account.created_at
    return AsOf(
        at,
        status[0],
        AccountStatus(status[1]),
        since,
        last.reason if last else "",
        last.by if last else "",
        last.bills_usage if last else True,
        holds_as_of(account_id, at),
        _settings(account_id, at),
    )


def holds_as_of(account_id: int, at: datetime) -> list[Hold]:
    """That stood then, of the account, a channel, a location or the installation, the oldest first."""
    reach = Q(account_id=account_id, scope__in=[Scope.ACCOUNT.value, Scope.CHANNEL.value, Scope.LOCATION.value])
    stood = Q(at__lte=at) & (Q(lifted_at=None) | Q(lifted_at__gt=at)) & (Q(until=None) | Q(until__gt=at))
    return list(Hold.objects.filter(reach | Q(account=None), stood).order_by("at", "pk"))


def account_history(account_id: int, before: int | None = None, limit: int = SHOWN) -> list[LedgerEntry]:
    """Every change of the account itself, the newest first; older ones than the entry `before`."""
    found = LedgerEntry.objects.filter(_about(TOLD), account_id=account_id)
    if before is not None:
        found = found.filter(number__lt=before)
    return list(found.order_by("-number")[:limit])


def _about(subjects: Sequence[str]) -> Q:
    wanted = [Q(subject__startswith=one) if one.endswith(":") else Q(subject=one) for one in subjects]
    return reduce(or_, wanted)


def _settings(account_id: int, at: datetime) -> list[SettingThen]:
    """One row for each setting and what it is about, by its newest change."""
    entries = LedgerEntry.objects.filter(account_id=account_id, act__in=list(SETTINGS), at__lte=at).order_by("number")
    newest = {(one.act, one.subject): one for one in entries}
    rows = [
        SettingThen(SETTINGS[act], subject, one.at, one.by, one.after or {}) for (act, subject), one in newest.items()
    ]
    return sorted(rows, key=lambda row: (row.words, row.subject))
