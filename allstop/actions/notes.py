"""Notes: what members write down about a contact, for each other. Nothing here can be sent."""

from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.heard import change
from allstop.rules.roles import Act
from allstop.store.models import Contact, Conversation, Note

LONGEST = 4000


@transaction.atomic
def add_note(actor: Actor, contact_id: int, text: str, now: datetime) -> Note:
    require(actor, Act.EDIT_CONTACTS)
    if not Contact.objects.filter(account_id=actor.account_id, pk=contact_id).exists():
        raise NotThere("There is no such contact.")
    said = text.strip()
    if not said or len(said) > LONGEST:
        raise Invalid(text=f"Write a note of at most {LONGEST:,} characters.")
    note = Note.objects.create(account_id=actor.account_id, contact_id=contact_id, by=actor.name, at=now, text=said)
    for found in Conversation.objects.filter(contact_id=contact_id).values_list("pk", flat=True):
        change(found)  # it is shown there as well, never sent
    return note
