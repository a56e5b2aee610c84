"""Two contacts that are one person become one.

The rule that it guards: whatever stood against writing to either stands against the one that stays, also for messages
that a worker has claimed; a merge never frees anybody.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.contacts import ContactDetails, details_of, update_contact
from allstop.actions.erase import refuse_if_erasing
from allstop.actions.heard import conversation_with, join_conversation
from allstop.actions.leads import decide, new_lead_of
from allstop.actions.talk_rows import close_talk
from allstop.rules.leads import LeadStatus, Reason
from allstop.rules.markers import MarkerKind
from allstop.rules.roles import Act
from allstop.store import ledger, queue
from allstop.store.models import Contact, Conversation, FollowUp, GroupContact, Inbound, Lead, Marker, Note, OptOut


@dataclass(frozen=True, slots=True)
class Merged:
    messages: int  # of the other, now of the one that stays
    stop_number: int | None  # a block came over: workers have obeyed it when merge_contacts returns


def merge_contacts(actor: Actor, keep_id: int, other_id: int, now: datetime) -> Merged:
    """The other's addresses, messages, replies, notes, groups, markers and opt-outs go to the one that stays."""
    require(actor, Act.EDIT_CONTACTS)
    if keep_id == other_id:
        raise Invalid(other_id="Choose another contact: this is the same one.")
    with transaction.atomic(), queue.impatient():
        _both_locked(actor, keep_id, other_id)
        refuse_if_erasing(actor.account_id, [keep_id, other_id])
        mine, theirs = details_of(actor, keep_id), details_of(actor, other_id)
        blocks = _blocks(keep_id), _blocks(other_id)
        _join_conversations(keep_id, other_id, now)
        messages = queue.reassign_contact(actor.account_id, other_id, keep_id)
        _hand_over(keep_id, other_id, actor.name, now)
        ledger.hand_over(actor.account_id, other_id, keep_id)
        queue.lock_lanes(actor.account_id)  # before the gate: new addresses may bring new zones, which lift
        # A claimed message was judged by what stood against one of the two.
        is_new = [pk for pk, had in zip((keep_id, other_id), blocks, strict=True) if had != blocks[0] | blocks[1]]
        numbers = [queue.announce_contact(actor.account_id, pk, now) for pk in is_new]
        Contact.objects.filter(account_id=actor.account_id, pk=other_id).delete()
        update_contact(actor, keep_id, _joined(mine, theirs), now)
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="merge_contacts",
            subject=f"contact:{keep_id}",
            before={"other": other_id},
            after={"messages": messages, "via": actor.via},
        )
    if numbers:
        wait_until_confirmed(numbers[-1])
    return Merged(messages, numbers[-1] if numbers else None)


def _both_locked(actor: Actor, *ids: int) -> None:
    found = Contact.objects.select_for_update().filter(account_id=actor.account_id, pk__in=ids).order_by("pk")
    if len(found) != len(ids):
        raise NotThere("There is no such contact.")


def _blocks(contact_id: int) -> frozenset[tuple[str, str | None]]:
    """What stands against writing to somebody, without who said it and when."""
    stopping = (MarkerKind.STOP_ALL, MarkerKind.STOP_PROMOTIONS)
    markers = Marker.objects.filter(contact_id=contact_id, kind__in=stopping).values_list("kind", flat=True)
    opt_outs = OptOut.objects.filter(contact_id=contact_id, lifted_at=None).values_list("channel", flat=True)
    return frozenset({*((kind, None) for kind in markers), *(("opt_out", channel) for channel in opt_outs)})


def _join_conversations(keep_id: int, other_id: int, now: datetime) -> None:
    other = Conversation.objects.select_for_update(of=("self",)).filter(contact_id=other_id).first()
    if other is not None:
        join_conversation(conversation_with(Contact.objects.get(pk=keep_id), now), other)


def _hand_over(keep_id: int, other_id: int, by: str, now: datetime) -> None:
    """What both have stays as the kept one has it. The rest of the other goes with its row."""
    for table in (Inbound, Note, FollowUp):
        table.objects.filter(contact_id=other_id).update(contact_id=keep_id)
    have = Marker.objects.filter(contact_id=keep_id).values("kind")
    Marker.objects.filter(contact_id=other_id).exclude(kind__in=have).update(contact_id=keep_id)
    standing = OptOut.objects.filter(contact_id=keep_id, lifted_at=None)
    for said in OptOut.objects.filter(contact_id=other_id).order_by("pk"):
        if said.lifted_at is not None or not standing.filter(channel=said.channel).exists():
            OptOut.objects.filter(pk=said.pk).update(contact_id=keep_id)
    _hand_over_leads(keep_id, other_id, by, now)
    groups = GroupContact.objects.filter(contact_id=other_id)
    groups.exclude(group__in=GroupContact.objects.filter(contact_id=keep_id).values("group")).update(contact_id=keep_id)
    if Marker.objects.filter(contact_id=keep_id, kind=MarkerKind.STOP_PROMOTIONS).exists():
        GroupContact.objects.filter(contact_id=keep_id, group__is_sales=True).delete()


def _hand_over_leads(keep_id: int, other_id: int, by: str, now: datetime) -> None:
    """A contact has one new lead at most: of two, the kept one's goes on."""
    theirs = Lead.objects.filter(contact_id=other_id)
    if new_lead_of(keep_id) is not None:
        for lead in theirs.filter(status=LeadStatus.NEW.value):
            decide(lead, LeadStatus.UNQUALIFIED, Reason.SAME_PERSON, "", by, now)
            close_talk(lead.pk, now)
    theirs.update(contact_id=keep_id)


def _joined(mine: ContactDetails, theirs: ContactDetails) -> ContactDetails:
    """What the kept one says, and what only the other says; all addresses, the kept one's first."""
    fields = ("given_name", "family_name", "external_id", "language", "country", "zone", "location_id")
    missing = {name: getattr(theirs, name) for name in (*fields, "assigned_to_id") if not getattr(mine, name)}
    phones = tuple(dict.fromkeys((*mine.phones, *theirs.phones)))
    return replace(mine, **missing, phones=phones, emails=tuple(dict.fromkeys((*mine.emails, *theirs.emails))))
