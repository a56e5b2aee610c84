"""Steps of message plans that go only if the step before could not reach them: they stand by until that is known.

The rule that it guards: such a message leaves only after the one before has failed for good, and never twice. While
that one waits (a stop, quiet hours, another attempt) or nobody knows what became of it, this one waits as well.

Its message is there from the beginning, recorded as canceled by rules with the reason stands_by.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.families import NOT_NEEDED, STANDS_BY, carriers_of
from allstop.store import (
    any_of,  # noqa: F401 - registers the look-up
    settling,
)
from allstop.store.models import Job, Message, PlanStep, Status

AGAIN = timedelta(minutes=1)
AT_ONCE = 500
_NEVER_CAME = ("failed", "expired", "undeliverable", "busy", "no_answer")  # receipts: accepted, and yet not there
_OVER = (Status.CANCELED, Status.REMOVED)


def standing_by(account_id: int, messages: Iterable[Sequence[int]]) -> set[int]:
    """Which of these stand by."""
    ids = [number for one in messages for number in one]
    found: set[int] = set()
    for start in range(0, len(ids), 5000):
        some = PlanStep.objects.filter(account_id=account_id, message_id__any_of=ids[start : start + 5000])
        found |= set(some.filter(look_at__isnull=False).values_list("message_id", flat=True))
    return found


def stand_down(account_id: int, ids: Sequence[int]) -> None:
    """They never leave. Of others among the ids nothing changes."""
    gone = list(standing_by(account_id, [ids]))
    if gone:
        PlanStep.objects.filter(account_id=account_id, message_id__in=gone).update(look_at=None)
        mine = Message.objects.filter(account_id=account_id, id__in=gone, status=Status.CANCELED, reason=STANDS_BY)
        mine.update(reason=NOT_NEEDED)


def look_at_stand_bys(now: datetime) -> None:
    """A chore: each whose time has come."""
    while _look_at_some(now) == AT_ONCE:
        pass


@transaction.atomic
def _look_at_some(now: datetime) -> int:
    due = PlanStep.objects.select_for_update(skip_locked=True, of=("self",)).filter(look_at__lte=now)
    steps = list(due.order_by("look_at", "pk")[:AT_ONCE])  # plan_step_standing_by
    for account_id in sorted({one.account_id for one in steps}):
        _decide(account_id, [one for one in steps if one.account_id == account_id], now)
    return len(steps)


def _decide(account_id: int, steps: Sequence[PlanStep], now: datetime) -> None:
    told_by = carriers_of(account_id, [step.after or 0 for step in steps])
    after = {step.pk: told_by.get(step.after or 0, step.after or 0) for step in steps}
    before = {
        one.id: one
        for one in Message.objects.filter(account_id=account_id, id__in=after.values()).only(
            "account_id", "id", "status", "receipt"
        )
    }
    goes: list[int] = []
    waits: list[int] = []
    down: list[int] = []
    for step in steps:
        fate = _failed(before.get(after[step.pk]))
        (waits if fate is None else goes if fate else down).append(step.message_id)
    mine = PlanStep.objects.filter(account_id=account_id)
    mine.filter(message_id__in=waits).update(look_at=now + AGAIN)
    goes = _of_standing_jobs(account_id, goes, down)
    mine.filter(message_id__in=goes).update(look_at=None)
    settling.wait_again(account_id, goes, Status.CANCELED, now)
    stand_down(account_id, down)


def _failed(message: Message | None) -> bool | None:
    """None: it is not known yet."""
    if message is None or message.status in _OVER:
        return False
    if message.status in (Status.WAITING, Status.UNKNOWN):
        return None
    return message.status in (Status.FAILED, Status.REFUSED) or message.receipt in _NEVER_CAME


def _of_standing_jobs(account_id: int, ids: Sequence[int], down: list[int]) -> list[int]:
    """Those whose job was not removed, its row held: a removal that comes meanwhile withdraws what is queued here.
    Of somebody who was erased nothing is left to send."""
    found = list(
        Message.objects.filter(account_id=account_id, id__in=ids, status=Status.CANCELED, reason=STANDS_BY).only(
            "account_id", "id", "job_id", "contact_id", "address"
        )
    )
    jobs = Job.objects.select_for_update(no_key=True).filter(pk__in={one.job_id for one in found}).order_by("pk")
    standing = {job.pk for job in jobs if job.removed_at is None}
    goes = [one.id for one in found if one.job_id in standing and one.contact_id is not None and one.address]
    down += [number for number in ids if number not in goes]
    return goes
