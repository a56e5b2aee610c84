"""What an erasing will take away and what stays, before it is asked for; and its receipt, in words for anybody.

The rule that it guards: a receipt is numbers only, so that it can be handed to the person, or kept, without being about
them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from allstop.actions.actor import Actor, NotThere, require
from allstop.rules.roles import Act
from allstop.store.models import Contact, Inbound, LedgerPersonal, Message, Status

GOES = {  # key of the counts: what it is the number of
    "addresses": "Phone numbers and email addresses",
    "messages": "Messages, with their text, subject and address, and what the provider said of them",
    "replies": "Replies, with their text and sender",
    "notes": "Notes of the staff",
    "groups": "Places in groups",
    "markers": "Markers, with who set them and why",
    "opt_outs": "Opt-outs, with the words that they wrote",
    "leads": "Leads, with their history",
    "entries": "What is personal in entries of the ledger",
    "files": "Files that were imported, or waited to be, as they were uploaded",
    "mentions": "Places where the staff had typed their name or number about something else",
}
STAYS = (
    "That messages existed, with their status and times: totals stay exact. No text, no name, no address.",
    "The entries of the ledger without the person, so that its chain can still be verified.",
    "If they had said no, or somebody had set Stop All or Stop Promotions: a keyed digest of each address. It tells"
    " nothing about them, but whoever is written down with that address again is stopped again.",
    "What belongs to another contact with the same address, and the names of groups.",
    "Backups that were made before, until they are thrown away.",
)


@dataclass(frozen=True, slots=True)
class Foreseen:
    name: str
    counts: Mapping[str, int]  # by the keys of GOES that can be told before
    waiting: int  # messages that will be withdrawn
    unknown: int  # messages of which nobody knows whether they left


def foresee(actor: Actor, contact_id: int) -> Foreseen:
    require(actor, Act.VIEW)
    contact = Contact.objects.filter(account_id=actor.account_id, pk=contact_id).first()
    if contact is None:
        raise NotThere("There is no such contact.")
    messages = Message.objects.filter(account_id=actor.account_id, contact_id=contact_id)  # message_by_contact
    beside = LedgerPersonal.objects.filter(account_id=actor.account_id, contact_id=contact_id)
    return Foreseen(
        name=contact.name,
        counts={
            "addresses": contact.addresses.count(),
            "messages": messages.count(),
            "replies": Inbound.objects.filter(account_id=actor.account_id, contact_id=contact_id).count(),
            "notes": contact.notes.count(),
            "groups": contact.groups.count(),
            "markers": contact.markers.count(),
            "opt_outs": contact.opt_outs.count(),
            "leads": contact.leads.count(),
            "entries": beside.count(),
        },
        waiting=messages.filter(status=Status.WAITING).count(),
        unknown=messages.filter(exception=Status.UNKNOWN.value).count(),
    )


def lines(counts: Mapping[str, int]) -> list[tuple[int, str]]:
    """Number and words of what there is any of."""
    return [(counts[key], words) for key, words in GOES.items() if counts.get(key)]
