"""Do Not Contact: what a lead said on the phone, or to a program, counts as their own no.

The rule that it guards: the lead is unqualified and they are opted out of every channel together, or neither is.
"""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from allstop.actions.actor import Actor, require
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.contacts import record_opt_out
from allstop.actions.leads import lead_of, unqualify_as
from allstop.rules.leads import Reason
from allstop.rules.roles import Act
from allstop.store.models import Lead


def do_not_contact(actor: Actor, lead_id: UUID, note: str, now: datetime) -> Lead:
    """Workers obey when it returns. Only they themselves can lift the opt-out. Not inside a transaction."""
    require(actor, Act.HANDLE_LEADS)
    lead = lead_of(actor, lead_id)
    said = f"Told {actor.name} not to contact them. {note.strip()}".strip()
    with transaction.atomic():
        done = unqualify_as(actor, lead_id, Reason.DO_NOT_CONTACT, note, now)
        number = record_opt_out(lead.contact, None, said, now, _first_address(lead))
    if number is not None:
        wait_until_confirmed(number)
    return done


def _first_address(lead: Lead) -> str:
    """A no follows the address: whoever else is written down with it is opted out as well."""
    found = lead.contact.addresses.order_by("-kind", "position", "pk").values_list("value", flat=True)
    return found.first() or ""
