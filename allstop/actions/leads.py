"""Leads that are there: qualified, unqualified, edited, and their history. How they come in: intake.py.

The rule that it guards: what happens to a lead and the line of its history are one transaction.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BigIntegerField, Func, Value

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.events import tell_of_lead
from allstop.actions.lead_details import NewLead, checked
from allstop.actions.talk_rows import close_talk
from allstop.rules.leads import LONGEST_NOTE, LeadSource, LeadStatus, Reason, Title, may_become, title_of
from allstop.rules.roles import Act
from allstop.store.models import Account, Lead, LeadEvent


@transaction.atomic
def qualify(actor: Actor, lead_id: UUID, note: str, now: datetime) -> Lead:
    """Handed back as worth a person's time. One that is qualified already stays as it is."""
    return settle_lead(actor, lead_id, LeadStatus.QUALIFIED, None, note, now)


@transaction.atomic
def unqualify(actor: Actor, lead_id: UUID, reason: Reason, note: str, now: datetime) -> Lead:
    """With the reason. One that is unqualified already stays as it is."""
    return settle_lead(actor, lead_id, LeadStatus.UNQUALIFIED, reason, note, now)


def settle_lead(
    actor: Actor, lead_id: UUID, status: LeadStatus, reason: Reason | None, note: str, now: datetime
) -> Lead:
    require(actor, Act.HANDLE_LEADS)
    said = note.strip()
    if len(said) > LONGEST_NOTE:
        raise Invalid(note=f"Use at most {LONGEST_NOTE:,} characters; this has {len(said):,}.")
    lead = locked(actor, lead_id)
    if may_become(LeadStatus(lead.status), status):
        decide(lead, status, reason, said, actor.name, now)
        close_talk(lead.pk, now)
    return lead


def decide(lead: Lead, status: LeadStatus, reason: Reason | None, note: str, by: str, now: datetime) -> None:
    """The caller has locked the lead and asked whether it may become so."""
    change(
        [lead.pk],
        status=status.value,
        reason=reason.value if reason else "",
        note=note,
        ended_at=now,
        ended_by=by,
    )
    lead.refresh_from_db()
    write_event(lead, title_of(status), by, now, detail=note)


@transaction.atomic
def edit_lead(actor: Actor, lead_id: UUID, now: datetime, **fields: Any) -> Lead:
    """`kind`, `comment`, `location_id`: those that are given."""
    require(actor, Act.HANDLE_LEADS)
    lead = locked(actor, lead_id)
    new = NewLead(
        source=LeadSource(lead.source),
        contact_id=lead.contact_id,
        kind=lead.kind,
        comment=lead.comment,
        location_id=lead.location_id,
    )
    new = replace(new, **fields)
    checked(Account.objects.get(pk=actor.account_id), new)
    change([lead.pk], kind=new.kind.strip(), comment=new.comment.strip(), location_id=new.location_id)
    write_event(lead, Title.NOTE, actor.name, now, detail="The details were changed.")
    lead.refresh_from_db()
    return lead


@transaction.atomic
def note_on_lead(actor: Actor, lead_id: UUID, text: str, now: datetime) -> LeadEvent:
    require(actor, Act.HANDLE_LEADS)
    said = text.strip()
    if not said or len(said) > LONGEST_NOTE:
        raise Invalid(text=f"Write a note of at most {LONGEST_NOTE:,} characters.")
    lead = locked(actor, lead_id)
    change([lead.pk])
    return write_event(lead, Title.NOTE, actor.name, now, detail=said)


def lead_of(actor: Actor, lead_id: UUID) -> Lead:
    require(actor, Act.VIEW)
    found = Lead.objects.select_related("contact").filter(account_id=actor.account_id, public_id=lead_id).first()
    if found is None:
        raise NotThere("There is no such lead.")
    return found


def new_lead_of(contact_id: int) -> Lead | None:
    """The one that is being worked, if there is one."""
    return Lead.objects.filter(contact_id=contact_id, status=LeadStatus.NEW.value).first()  # lead_new_once


def locked(actor: Actor, lead_id: UUID) -> Lead:
    rows = Lead.objects.select_for_update(of=("self",), no_key=True).select_related("contact")
    found = rows.filter(account_id=actor.account_id, public_id=lead_id).first()
    if found is None:
        raise NotThere("There is no such lead.")
    return found


def write_event(  # noqa: PLR0913 - the columns of one row, each by its name
    lead: Lead,
    title: Title,
    by: str,
    now: datetime,
    *,
    detail: str = "",
    message_id: int | None = None,
    inbound_id: int | None = None,
) -> LeadEvent:
    """In the transaction of what happened; webhooks are told."""
    tell_of_lead(lead, title, by, now, detail=detail[:1024], message=message_id, inbound=inbound_id)
    return LeadEvent.objects.create(
        account_id=lead.account_id,
        lead_id=lead.pk,
        at=now,
        title=title.value,
        by=by,
        detail=detail[:1024],
        message_id=message_id,
        inbound_id=inbound_id,
    )


def change(lead_ids: list[int], **columns: Any) -> None:
    """Open pages are drawn again."""
    Lead.objects.filter(pk__in=lead_ids).update(**columns, version=next_version())


def next_version() -> Func:
    return Func(Value("lead_version"), function="nextval", output_field=BigIntegerField())
