"""Never forgotten: the admins are told of a stop that still stands, the operators of one of the whole installation.

Exactly once for each time that it is due, however many workers look: whoever writes the time of the reminder sends it.
"""

from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, require
from allstop.actions.notices import notify
from allstop.rules.holds import LIFECYCLE_HOLDS, PAUSED, REMOVED
from allstop.rules.reminders import MOST_HOURS, age_words, reminder_due
from allstop.rules.roles import Act
from allstop.store import ledger
from allstop.store.lists import StandingRow, standing
from allstop.store.models import Account, Hold, NoticeKind

OF_THE_INSTALLATION = 24  # hours; an account has its own
SHORTEST = timedelta(hours=1)
UNWATCHED = (REMOVED, *LIFECYCLE_HOLDS)  # not something that somebody pressed and forgot


def remind(now: datetime) -> int:
    """Tell of every hold of which it is time; returns how many."""
    old_enough = Hold.objects.filter(lifted_at=None, at__lte=now - SHORTEST).exclude(name__in=UNWATCHED)
    due = [
        hold
        for hold in old_enough.select_related("account").order_by("at", "pk")
        if reminder_due(hold.at, hold.reminded_at, _hours(hold), now)
    ]
    return sum(_remind(hold, now) for hold in due)


def _hours(hold: Hold) -> int:
    return hold.account.remind_after_hours if hold.account else OF_THE_INSTALLATION


@transaction.atomic
def _remind(hold: Hold, now: datetime) -> bool:
    mine = Hold.objects.filter(pk=hold.pk, lifted_at=None, reminded_at=hold.reminded_at)
    if mine.update(reminded_at=now) == 0:
        return False  # somebody else has told, or it was lifted meanwhile
    age = age_words(now - hold.at)
    row = _row_of(hold)
    what = row.what if row else "Every account of the installation"
    kind = row.kind if row else "STOP"
    is_pause = hold.name == PAUSED
    lines = [f"{kind}: {what}, for {age}, by {hold.by}."]
    if hold.reason:
        lines.append(f"Reason: {hold.reason}")
    if is_pause:
        lines.append("No new lead is created until somebody unpauses the account: Setup, Connections.")
    elif row is not None:
        lines.append(f"{row.waiting:,} message{'' if row.waiting == 1 else 's'} wait behind it.")
    if hold.until is None and not is_pause:
        lines.append("It stands until somebody lifts it: press START beside it.")
    notify(
        NoticeKind.STANDING,
        f"Still {'paused' if is_pause else 'stopped'} after {age}: {what}",
        "\n".join(lines),
        now,
        account_id=hold.account_id,
        about=hold.scope,
        url="/stops/standing",
    )
    return True


def _row_of(hold: Hold) -> StandingRow | None:
    if hold.account_id is None:
        return None
    return next((row for row in standing(hold.account_id) if row.id == hold.pk), None)


@transaction.atomic
def set_reminder(actor: Actor, hours: int, now: datetime) -> None:
    """After how many hours the admins are told of a stop that stands, and then each further day; 0: never."""
    require(actor, Act.EDIT_SETUP)
    if not 0 <= hours <= MOST_HOURS:
        raise Invalid(hours=f"Give a number of hours from 1 to {MOST_HOURS}, or 0 for no reminders.")
    account = Account.objects.select_for_update(no_key=True).get(pk=actor.account_id)
    before = account.remind_after_hours
    if before == hours:
        return
    Account.objects.filter(pk=account.pk).update(remind_after_hours=hours)
    ledger.append(
        account_id=account.pk,
        at=now,
        by=actor.name,
        act="set_reminder",
        subject="account",
        before={"hours": before},
        after={"hours": hours, "via": actor.via},
    )
