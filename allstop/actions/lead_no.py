"""A lead who wants to hear nothing more, and told it to a member. Beside leads.py: a contact's no ends their lead by
itself, so what records a no is below leads, and this is above both.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from allstop.actions.actor import Actor, require
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.contacts import record_opt_out
from allstop.actions.leads import lead_of, settle_lead
from allstop.rules.leads import LeadStatus, Reason
from allstop.rules.roles import Act
from allstop.store.models import Lead


def do_not_contact(actor: Actor, lead_id: UUID, note: str, now: datetime) -> Lead:
    """They want to hear nothing more: opted out of every channel, and unqualified. Workers obey when it returns.

    The opt-out first, and recorded as their own no: only they can lift it. Not inside a transaction.
    """
    require(actor, Act.HANDLE_LEADS)
    lead = lead_of(actor, lead_id)
    said = f"Told {actor.name} not to contact them. {note.strip()}".strip()
    number = record_opt_out(lead.contact, None, said, now, _first_address(lead))
    with transaction.atomic():
        done = settle_lead(actor, lead_id, LeadStatus.UNQUALIFIED, Reason.DO_NOT_CONTACT, note, now)
    if number is not None:
        wait_until_confirmed(number)
    return done


def _first_address(lead: Lead) -> str:
    """A no follows the address: whoever else is written down with it is opted out as well."""
    found = lead.contact.addresses.order_by("-kind", "position", "pk").values_list("value", flat=True)
    return found.first() or ""
