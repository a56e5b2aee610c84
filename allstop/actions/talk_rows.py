"""The row that says who answers a lead: it begins with the lead and is closed with it.

The rule that it guards: when nobody, or a person, answers from now on, nothing that the playbook had said before leaves
any more. What a worker holds at this moment is taken out as soon as it comes back (sweep).

Locks: the contact, the conversation, the lead, then its talk; lanes and the gate after them.
"""

from collections import defaultdict
from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.confirming import complete_lifts
from allstop.rules.holds import ENDING, Scope
from allstop.rules.leads import ENDED_WITH_ALL, LeadStatus
from allstop.store import queue
from allstop.store.models import Answers, Hold, Lead, Playbook, Talk
from allstop.store.talks import still_queued, withdraw

OPTED_OUT = "opted_out"  # why the chore looks at a talk whoever answers it
SWEPT_AGAIN = timedelta(seconds=2)


def begin_talk(lead: Lead, now: datetime) -> Talk:
    """In the transaction that makes the lead."""
    is_on = Playbook.objects.filter(account_id=lead.account_id, is_on=True).exists()
    return Talk.objects.create(
        lead=lead,
        account_id=lead.account_id,
        answers=(Answers.AUTOMATIC if is_on else Answers.PERSON).value,
        why="" if is_on else "left_to_people",
        step="",
        since=now,
        due_at=now if is_on else None,
    )


def talk_of(lead_id: int) -> Talk | None:
    """Locked."""
    return Talk.objects.select_for_update(of=("self",), no_key=True).filter(pk=lead_id).first()


def close_talk(lead_id: int, now: datetime) -> None:
    """The lead was decided by a person or a program: what waits to them is withdrawn, whoever wrote it."""
    talk = talk_of(lead_id)
    if talk is not None:
        silence(talk, Answers.NOBODY, "", now)


def opted_out(contact_id: int, now: datetime) -> None:
    """After the commit of the contact's no, by whatever way it came: within a second the talks' chore ends the lead.
    Not in its transaction, which holds the gate's lock."""
    talks = Talk.objects.filter(lead__contact_id=contact_id, lead__status=LeadStatus.NEW.value)
    talks.update(why=OPTED_OUT, due_at=now)


def silence(talk: Talk, answers: Answers, why: str, now: datetime) -> int:
    """It is locked. Returns how many messages were withdrawn."""
    wanted = [*talk.queued, *talk.unwanted]
    gone = withdraw(talk.account_id, wanted, now)
    talk.answers, talk.why = answers.value, why
    talk.queued, talk.unwanted = [], still_queued(talk.account_id, wanted)
    talk.due_at, talk.heard_at = now if talk.unwanted else None, None
    talk.save()
    return len(gone)


def sweep(talk: Talk, now: datetime) -> bool:
    """It is locked. What workers have given back is withdrawn; True: nothing is left of it."""
    if talk.unwanted:
        withdraw(talk.account_id, talk.unwanted, now, is_told=talk.lead.reason not in ENDED_WITH_ALL)
        talk.unwanted = still_queued(talk.account_id, talk.unwanted)
    return not talk.unwanted


def free_swept(now: datetime) -> int:
    """Nothing is left of what was withdrawn from these: the hold that kept it is lifted. Returns how many."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    standing = Hold.objects.filter(name=ENDING, lifted_at=None, contact__leads__talk__due_at__lte=now)
    for hold_id, account_id in standing.order_by("pk").values_list("pk", "account_id").distinct():
        assert account_id is not None
        found[account_id].append(hold_id)
    freed = 0
    for account_id, holds in found.items():
        with transaction.atomic():
            kept = set(_contacts_with_unwanted(account_id, holds))
            free = Hold.objects.filter(pk__in=holds, lifted_at=None).exclude(contact_id__in=kept)
            contacts = list(free.values_list("contact_id", flat=True))
            Talk.objects.filter(lead__contact_id__in=contacts, answers=Answers.NOBODY.value).update(due_at=None)
            if free.update(lifted_at=now, lifted_by=ENDING):
                queue.lift(None, account_id, Scope.CONTACT, now)
        complete_lifts(account_id, now)
        freed += len(contacts)
    return freed


def _contacts_with_unwanted(account_id: int, holds: list[int]) -> list[int]:
    held = Hold.objects.filter(pk__in=holds).values("contact_id")
    rows = Talk.objects.filter(account_id=account_id, lead__contact_id__in=held).exclude(unwanted=[])
    return list(rows.values_list("lead__contact_id", flat=True))
