"""Plans that were sent to people on a list: they end when somebody answers, or when it is known that nobody need ask.

    end (in the transaction of what ends it) ──► withdraw_ended (after its commit; what dies in between, by the chore)

The rule that it guards: who has answered, has said no, was ticked as complete on that list, or has an appointment
ahead, is followed up no more. Why it ended is written down first; then its steps leave the queue by the protocol of
the stop, and what a worker holds in that moment is looked at again until it is known what became of it.
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.families import CHANGED, WITH_FAMILY, carriers_of, leave, still_told
from allstop.actions.standing_by import stand_down
from allstop.rules.words import Purpose
from allstop.store import queue, withdrawing
from allstop.store.copying import copy_rows
from allstop.store.models import FamilyVisit, FollowUp, Message, PlanStep, Status

ANSWERED = "they_answered"
SAID_NO = "they_said_no"
TICKED = "ticked"
BOOKED = "visit_booked"
FOLLOWED_UP = "followed_up"  # why somebody is left behind: a plan that this list has sent goes on
ABOUT_VISITS = tuple(one for one in Purpose if one is not Purpose.BILLING)
AGAIN = timedelta(minutes=1)
AT_ONCE = 500
ASKED_AT_ONCE = 5000


def keep(account_id: int, purpose: Purpose, list_id: int | None, begun: Iterable[tuple[int, int, datetime]]) -> None:
    """Of each person: the contact, the first message, and until when a step may leave."""
    names = ("account_id", "contact_id", "visit", "list_id", "purpose", "until")
    rows = ((account_id, contact, visit, list_id, purpose.value, until) for contact, visit, until in begun)
    copy_rows(FollowUp, names, rows)


def followed_up(account_id: int, list_id: int, ids: Collection[int], now: datetime) -> set[int]:
    """Those of these contacts to whom something may still leave of a plan that this list has sent."""
    mine = FollowUp.objects.filter(account_id=account_id, list_id=list_id, ended="", until__gt=now)
    found: set[int] = set()
    for part in _parts(sorted(ids)):
        contact_of = dict(mine.filter(contact_id__in=part).values_list("visit", "contact_id"))
        found |= {contact_of[visit] for visit in _going_on(account_id, contact_of)}
    return found


def _going_on(account_id: int, visits: Collection[int]) -> set[int]:
    """Of which a step waits, stands by, or is told by a message that has not left."""
    steps = PlanStep.objects.filter(account_id=account_id, visit__in=list(visits))  # plan_step_once
    visit_of = dict(steps.values_list("message_id", "visit"))
    found = set(steps.filter(look_at__isnull=False).values_list("visit", flat=True))
    for part in _parts(sorted(visit_of)):
        waiting = Message.objects.filter(account_id=account_id, id__in=part, status=Status.WAITING)
        ahead = {*waiting.values_list("id", flat=True), *still_told(account_id, part)}
        found |= {visit_of[number] for number in ahead}
    return found


def end(
    account_id: int,
    contacts: Collection[int],
    reason: str,
    now: datetime,
    *,
    list_id: int | None = None,
    purposes: Collection[Purpose] = tuple(Purpose),
) -> int:
    """How many plans end by it. `list_id`: only what this list has sent. In the caller's transaction."""
    going = FollowUp.objects.filter(account_id=account_id, ended="", until__gt=now, purpose__in=list(purposes))
    if list_id is not None:
        going = going.filter(list_id=list_id)
    return sum(
        going.filter(contact_id__in=part).update(ended=reason, look_at=now)  # follow_up_of_contact
        for part in _parts(sorted(contacts))
    )


def booked(messages: Iterable[queue.NewMessage], now: datetime) -> set[int]:
    """The contacts whom these tell of an appointment ahead."""
    return {
        one.contact_id
        for one in messages
        if one.contact_id is not None
        and one.appointment_at is not None
        and one.appointment_at > now
        and (one.status is not Status.CANCELED or one.reason == WITH_FAMILY)
    }


def end_booked(account_id: int, contacts: Collection[int], now: datetime) -> None:
    """Whoever has an appointment ahead need not be asked to make one; a bill is open all the same. Not inside a
    transaction that goes on: a reply that ends the same plan would wait for it."""
    end(account_id, contacts, BOOKED, now, purposes=ABOUT_VISITS)
    withdraw_ended(now)


def end_with_family(account_id: int, contacts: Collection[int], reason: str, now: datetime) -> int:
    """Also of those who are told together with them: what is said to one message is said of all of whom it tells."""
    mine = FollowUp.objects.filter(account_id=account_id, contact_id__in=contacts, ended="", until__gt=now)
    visits = list(mine.values_list("visit", flat=True))  # follow_up_of_contact
    if not visits:
        return 0
    steps = PlanStep.objects.filter(account_id=account_id, visit__in=visits)  # plan_step_once
    carriers = set(carriers_of(account_id, steps.values_list("message_id", flat=True)).values())
    family = FamilyVisit.objects.filter(account_id=account_id, carrier_id__in=carriers, has_left=False)
    told = Message.objects.filter(account_id=account_id, id__in=family.values("message_id"), contact__isnull=False)
    return end(account_id, {*contacts, *told.values_list("contact_id", flat=True)}, reason, now)


def withdraw_ended(now: datetime) -> None:
    """A chore, and what whoever has ended one calls after the commit. Not inside a transaction."""
    while _withdraw_some(now) == AT_ONCE:
        pass


def _withdraw_some(now: datetime) -> int:
    due = FollowUp.objects.filter(look_at__lte=now).order_by("look_at", "pk")  # follow_up_to_withdraw
    found = list(due[:AT_ONCE])
    for account_id, reason in sorted({(one.account_id, one.ended) for one in found}):
        _withdraw(
            account_id, reason, [one for one in found if (one.account_id, one.ended) == (account_id, reason)], now
        )
    return len(found)


def _withdraw(account_id: int, reason: str, ended: Sequence[FollowUp], now: datetime) -> None:
    steps = PlanStep.objects.filter(account_id=account_id, visit__in=[one.visit for one in ended])  # plan_step_once
    visit_of = dict(steps.values_list("message_id", "visit"))
    ids = sorted(visit_of)
    stand_down(account_id, ids)
    others = sorted(set(leave(account_id, ids, reason, now)).difference(ids))  # each tells the rest of its family anew
    stand_down(account_id, others)
    withdrawing.withdraw_free(account_id, ids, reason, now)
    withdrawing.withdraw_free(account_id, others, CHANGED, now)
    with transaction.atomic(), queue.impatient():
        held = withdrawing.last_moment_is(account_id, [*ids, *others], now)
        number = queue.announce_contacts(account_id, now) if held else None
    if number is not None:
        wait_until_confirmed(number)
        # What workers had claimed and not started has come back meanwhile: it goes the same way.
        withdrawing.withdraw_free(account_id, [one for one in held if one in visit_of], reason, now)
        withdrawing.withdraw_free(account_id, [one for one in held if one not in visit_of], CHANGED, now)
    waiting = Message.objects.filter(account_id=account_id, id__in=held, status=Status.WAITING)
    again = {visit_of[number] for number in waiting.values_list("id", flat=True) if number in visit_of}
    mine = FollowUp.objects.filter(pk__in=[one.pk for one in ended])
    mine.filter(visit__in=again).update(look_at=now + AGAIN)
    mine.exclude(visit__in=again).update(look_at=None)


def _parts(of: Sequence[int]) -> Iterable[Sequence[int]]:
    return (of[start : start + ASKED_AT_ONCE] for start in range(0, len(of), ASKED_AT_ONCE))
