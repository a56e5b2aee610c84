"""Members take a lead's conversation over from the playbook, and hand it back.

The rule that it guards: while a person talks, Allstop says nothing by itself; it goes on only when somebody hands the
conversation back. Whoever answers in the Inbox has taken over by that.
"""

from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, NotThere, require
from allstop.actions.leads import change as change_lead
from allstop.actions.leads import write_event
from allstop.actions.talk_rows import silence, talk_of
from allstop.actions.talks import next_due
from allstop.rules.leads import LeadStatus, Title
from allstop.rules.roles import Act
from allstop.store.models import Answers, Contact, Conversation, Lead, Playbook, Talk
from allstop.store.talks import still_queued

NO_LEAD = "This contact has no lead that is being worked."


@transaction.atomic
def take_over(actor: Actor, contact_id: int, now: datetime) -> Talk:
    """From now on a person answers. Taken over twice, it stays as it is."""
    require(actor, Act.HANDLE_INBOX)
    lead, talk = _of(actor, contact_id)
    if talk.answers != Answers.PERSON:
        _take(actor, lead, talk, now)
    return talk


@transaction.atomic
def hand_back(actor: Actor, contact_id: int, now: datetime) -> Talk:
    """The playbook goes on where it was: it waits for an answer, and its follow-ups count from now."""
    require(actor, Act.HANDLE_INBOX)
    lead, talk = _of(actor, contact_id)
    if talk.answers == Answers.AUTOMATIC:
        return talk
    if not Playbook.objects.filter(account_id=actor.account_id, is_on=True).exists():
        raise Conflict("No playbook is on. An admin or a leader turns it on under Setup, Playbook.")
    talk.answers, talk.why, talk.since, talk.heard_at = Answers.AUTOMATIC.value, "", now, None
    talk.queued = still_queued(talk.account_id, talk.queued)
    talk.due_at = next_due(talk, now) if talk.step else now
    talk.save()
    change_lead([lead.pk])
    write_event(lead, Title.HANDED_OVER, actor.name, now, detail="Handed back to the playbook.")
    return talk


def contact_of(actor: Actor, conversation_id: int) -> int:
    """Of a conversation: whose lead it may be."""
    require(actor, Act.VIEW)
    row = Conversation.objects.filter(account_id=actor.account_id, pk=conversation_id).first()
    if row is None:
        raise NotThere("There is no such conversation.")
    if row.contact_id is None:
        raise Conflict(NO_LEAD)
    return row.contact_id


def person_answers(actor: Actor, contact_id: int, now: datetime) -> tuple[Lead, Talk] | None:
    """Before a person's answer is queued, the contact and the conversation locked: the lead's and its talk's locks come
    before the ledger's. None: no lead of theirs is being worked."""
    lead = _new_lead(actor.account_id, contact_id)
    talk = None if lead is None else talk_of(lead.pk)
    if lead is None or talk is None:
        return None
    if talk.answers != Answers.PERSON:
        _take(actor, lead, talk, now)
    return lead, talk


def was_answered(actor: Actor, of: tuple[Lead, Talk], title: Title, body: str, message_id: int, now: datetime) -> None:
    """The message that a person has queued belongs to the lead: it goes with it, should the lead be ended."""
    lead, talk = of
    talk.queued = [*still_queued(talk.account_id, talk.queued), message_id]
    talk.save()
    write_event(lead, title, actor.name, now, detail=body, message_id=message_id)


def _take(actor: Actor, lead: Lead, talk: Talk, now: datetime) -> None:
    silence(talk, Answers.PERSON, "taken_over", now)
    change_lead([lead.pk])
    write_event(lead, Title.TAKEN_OVER, actor.name, now)


def _of(actor: Actor, contact_id: int) -> tuple[Lead, Talk]:
    """Locked in the order of talk_rows.py."""
    rows = Contact.objects.select_for_update(of=("self",), no_key=True)
    if not rows.filter(account_id=actor.account_id, pk=contact_id).exists():
        raise NotThere("There is no such contact.")
    lead = _new_lead(actor.account_id, contact_id)
    talk = None if lead is None else talk_of(lead.pk)
    if lead is None or talk is None:
        raise Conflict(NO_LEAD)
    return lead, talk


def _new_lead(account_id: int, contact_id: int) -> Lead | None:
    rows = Lead.objects.select_for_update(of=("self",), no_key=True)
    return rows.filter(account_id=account_id, contact_id=contact_id, status=LeadStatus.NEW.value).first()
