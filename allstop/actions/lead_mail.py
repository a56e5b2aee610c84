"""A mail that came to the account's lead address.

The rule that it guards: no such mail is dropped. One that reads as a lead makes one; anything else, what is refused
while the account is paused too, is put to a person in the Inbox. The same mail twice is one lead.
"""

from datetime import datetime
from hashlib import sha256

from allstop.actions.actor import Actor, Conflict, Invalid
from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.lead_setup import intake_setup
from allstop.channels.email.incoming import Incoming
from allstop.rules.lead_mail import read_lead
from allstop.rules.leads import LeadSource
from allstop.rules.roles import Role
from allstop.store.models import Inbound

BY = "Lead address"


def is_for_leads(account_id: int, mail: Incoming) -> bool:
    address = intake_setup(account_id).address
    return bool(address) and address in (one.lower() for one in mail.recipients)


def take_lead_mail(account_id: int, mail: Incoming, adapter: str, provider_id: str, now: datetime) -> bool:
    """Whether a lead came of it. False: a person must see it. Not inside a transaction."""
    if Inbound.objects.filter(adapter=adapter, provider_id=provider_id).exists():
        return False  # a person has it: it was looked at before
    found = read_lead(mail.text)
    if found is None:
        return False
    new = NewLead(
        source=LeadSource.EMAIL,
        phone=found.phone,
        email=found.email,
        given_name=found.given_name,
        family_name=found.family_name,
        kind=found.kind,
        comment=found.comment,
    )
    by = Actor(account_id, BY, Role.MEMBER, "mailbox")
    key = f"mail:{sha256(mail.id.encode()).hexdigest()}"  # a Message-ID may be longer than a key
    try:
        return create_lead(by, new, now, key).is_created
    except (Invalid, Conflict):
        return False  # its number cannot be used, or its Message-ID is not its own: a person decides
