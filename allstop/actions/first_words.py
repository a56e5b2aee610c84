"""Somebody whom nobody knows writes first: where the account wants it, that is a lead.

Words that may be a no make none, nor does what a machine wrote. Refused, the words are in the Inbox as ever.
"""

from allstop.actions.actor import Actor, Invalid
from allstop.actions.intake import take_in
from allstop.actions.lead_details import NewLead, checked
from allstop.actions.lead_setup import intake_setup
from allstop.rules.facts import Channel
from allstop.rules.leads import LONGEST_COMMENT, LeadSource
from allstop.rules.roles import Role
from allstop.store.models import Account, Contact, Inbound, StrangersBecome

BY = "First words"
SOURCES = {Channel.TEXT: LeadSource.TEXT, Channel.CALL: LeadSource.CALL, Channel.EMAIL: LeadSource.EMAIL}


def lead_of_stranger(inbound: Inbound) -> Contact | None:
    """In the transaction that stores the words, which holds the intake open. The new contact, or None: no lead."""
    if intake_setup(inbound.account_id).strangers is not StrangersBecome.LEADS:
        return None
    account = Account.objects.get(pk=inbound.account_id)
    channel = Channel(inbound.channel)
    new = NewLead(
        source=SOURCES[channel],
        phone="" if channel is Channel.EMAIL else inbound.sender,
        email=inbound.sender if channel is Channel.EMAIL else "",
        comment=(inbound.text or inbound.subject).replace("\0", "")[:LONGEST_COMMENT],
        inbound_id=inbound.pk,
    )
    try:
        person = checked(account, new)
    except Invalid:
        return None  # a short code, or a word in the place of a number: nobody who can be answered
    by = Actor(account.pk, BY, Role.MEMBER, channel.value)
    taken, _ = take_in(by, account, new, person, inbound.at)  # a new contact's zones lift nothing
    if taken.lead is None or not taken.is_created:
        return None
    Inbound.objects.filter(pk=inbound.pk).update(contact_id=taken.lead.contact_id)
    return Contact.objects.get(pk=taken.lead.contact_id)
