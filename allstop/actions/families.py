"""Messages that tell of a whole family, once somebody of it moves, cancels, confirms or is erased.

    leave ──► the caller withdraws the carriers it returns ──► word_anew: the rest of the family is told by the next one

The rule that it guards: nobody is told of an appointment that is not so any more, and nobody who still comes is left
untold. Who left is marked first; the carrier leaves the queue by the protocol of the stop; only one that has left it
is worded anew. What dies in between is found by the chore.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from allstop.rules import answer_link
from allstop.rules.family import FIELDS, Said, read_said, values_of
from allstop.rules.message_plan import Condition
from allstop.rules.wording import Template, fill, parse_template
from allstop.store import settling, withdrawing
from allstop.store.models import FamilyVisit, Job, Message, PlanStep, Status

WITH_FAMILY = "with_family"  # why a message is recorded as canceled of which another one tells
CHANGED = "family_changed"  # why one that told of several was withdrawn, though its own appointment stands
STANDS_BY = "stands_by"  # why a message is recorded as canceled that goes only if the one before fails
NOT_NEEDED = "not_needed"  # the same, once it is known that it did not fail
AGAIN = timedelta(minutes=1)
AT_ONCE = 200
ASKED_AT_ONCE = 5000
_OVER = (Status.SENT, Status.FAILED, Status.REFUSED, Status.UNKNOWN, Status.REMOVED)


def filled(subject: str, body: str, said: Sequence[Said]) -> tuple[str, str]:
    """The words for a family, of these appointments. They were checked when the plan was saved."""
    words = []
    for text in (subject, body):
        template = parse_template(text, (*FIELDS, answer_link.NAME))  # that one only of a plan for a list
        assert isinstance(template, Template), template
        done = fill(template, values_of(said) | {answer_link.NAME: answer_link.TOKEN})
        assert isinstance(done, str), done
        words.append(done)
    return words[0][:300], words[1]


def carriers_of(account_id: int, ids: Iterable[int]) -> dict[int, int]:
    """Message -> the one that tells of it, where that is another one or the same, together with others."""
    found: dict[int, int] = {}
    for part in _parts(list(ids)):
        rows = FamilyVisit.objects.filter(account_id=account_id, message_id__in=part, has_left=False)
        found |= dict(rows.values_list("message_id", "carrier_id"))
    return found


def still_told(account_id: int, ids: Iterable[int]) -> set[int]:
    """Of these, recorded as told elsewhere: those whose carrier has not left."""
    carriers = carriers_of(account_id, ids)
    open_ = _ahead(account_id, set(carriers.values()))
    return {number for number, carrier in carriers.items() if carrier in open_}


def told_with(account_id: int, carrier_id: int) -> list[int]:
    """The other messages of which it tells."""
    rows = FamilyVisit.objects.filter(account_id=account_id, carrier_id=carrier_id, has_left=False)
    return sorted(rows.exclude(message_id=carrier_id).values_list("message_id", flat=True))


def leave(account_id: int, ids: Sequence[int], reason: str, now: datetime) -> list[int]:
    """These appointments are not told of any more. Returns the carriers that the caller has to withdraw, besides what
    it withdraws of the ids themselves. Also inside a transaction."""
    carriers = carriers_of(account_id, ids)
    ahead = _ahead(account_id, set(carriers.values())) | _to_word(account_id, set(carriers.values()))
    leaving = [number for number, carrier in carriers.items() if carrier in ahead]
    if not leaving:
        return []
    mine = FamilyVisit.objects.filter(account_id=account_id)
    mine.filter(message_id__in=leaving).update(has_left=True)
    # Read again: while this waited for the chore, that may have let another one of them carry.
    ahead = set(mine.filter(message_id__in=leaving).values_list("carrier_id", flat=True))
    mine.filter(carrier_id__in=ahead).update(look_at=now)
    told = Message.objects.filter(account_id=account_id, id__in=leaving, status=Status.CANCELED, reason=WITH_FAMILY)
    told.update(reason=reason)
    return sorted(ahead)


def word_anew(now: datetime) -> None:
    """A chore: families of which somebody has left."""
    while _word_some(now) == AT_ONCE:
        pass


def _word_some(now: datetime) -> int:
    due = FamilyVisit.objects.filter(look_at__lte=now).order_by("look_at", "pk")  # family_visit_to_word
    found = list(due.values_list("account_id", "carrier_id")[:AT_ONCE])
    for account_id, carrier_id in sorted(set(found)):
        # Not inside the transaction below: whoever withdraws locks the lane's rows.
        withdrawing.withdraw_free(account_id, [carrier_id], CHANGED, now)
        _word_one(account_id, carrier_id, now)
    return len(found)


@transaction.atomic
def _word_one(account_id: int, carrier_id: int, now: datetime) -> None:
    of_carrier = FamilyVisit.objects.filter(account_id=account_id, carrier_id=carrier_id)
    family = list(of_carrier.select_for_update().order_by("at", "message_id"))
    carrier = Message.objects.filter(account_id=account_id, id=carrier_id).first()
    if not family or all(one.look_at is None for one in family):
        return  # somebody else was quicker
    if carrier is not None and carrier.status == Status.WAITING:
        of_carrier.update(look_at=now + AGAIN)  # a worker holds it
        return
    if carrier is not None and carrier.status in _OVER:
        _was_told(account_id, family)
        return
    of_carrier.update(look_at=None)
    of_carrier.filter(has_left=True).delete()
    rest = [one for one in family if not one.has_left]
    job = Job.objects.select_for_update(no_key=True).filter(pk=carrier.job_id or 0).first() if carrier else None
    if not rest or carrier is None or job is None or job.removed_at is not None:
        return
    stood_by = carrier.reason == NOT_NEEDED
    _tell_by(account_id, rest, now, stood_by=stood_by)


def _tell_by(account_id: int, rest: Sequence[FamilyVisit], now: datetime, *, stood_by: bool) -> None:
    first = rest[0]
    FamilyVisit.objects.filter(pk__in=[one.pk for one in rest]).update(carrier_id=first.message_id)
    if len(rest) == 1:
        subject, body = first.alone_subject, first.alone_body
    else:
        subject, body = filled(first.subject, first.body, [read_said(one.says) for one in rest])
    mine = Message.objects.filter(account_id=account_id, id=first.message_id, status=Status.CANCELED)
    mine.update(subject=subject, body=body, reason=STANDS_BY if stood_by else CHANGED)
    others = Message.objects.filter(account_id=account_id, id__in=[one.message_id for one in rest[1:]])
    others.filter(status=Status.CANCELED).update(reason=WITH_FAMILY)
    if stood_by:
        steps = PlanStep.objects.filter(account_id=account_id, message_id=first.message_id)
        steps.filter(condition=Condition.FAILED).update(look_at=now)
    else:
        settling.wait_again(account_id, [first.message_id], Status.CANCELED, now, keeps_due=True)


def _was_told(account_id: int, family: Sequence[FamilyVisit]) -> None:
    """It was leaving just then: it has told of all of them."""
    FamilyVisit.objects.filter(pk__in=[one.pk for one in family]).update(look_at=None, has_left=False)
    ids = [one.message_id for one in family if one.message_id != one.carrier_id]
    Message.objects.filter(account_id=account_id, id__in=ids, status=Status.CANCELED).update(reason=WITH_FAMILY)


def _ahead(account_id: int, carriers: Iterable[int]) -> set[int]:
    """Those that have not left, and may."""
    found: set[int] = set()
    for part in _parts(sorted(carriers)):
        rows = Message.objects.filter(account_id=account_id, id__in=part)
        waiting = rows.filter(status=Status.WAITING).values_list("id", flat=True)
        standing = rows.filter(status=Status.CANCELED, reason__in=(STANDS_BY, CHANGED)).values_list("id", flat=True)
        found |= {*waiting, *standing}
    return found


def _to_word(account_id: int, carriers: Iterable[int]) -> set[int]:
    """Those that were withdrawn, whatever for, and whose family is not yet worded anew: somebody else has just left."""
    found: set[int] = set()
    for part in _parts(sorted(carriers)):
        rows = FamilyVisit.objects.filter(account_id=account_id, carrier_id__in=part, look_at__isnull=False)
        found |= set(rows.values_list("carrier_id", flat=True))
    return found


def _parts(of: Sequence[int]) -> Iterable[list[int]]:
    return (list(of[start : start + ASKED_AT_ONCE]) for start in range(0, len(of), ASKED_AT_ONCE))
