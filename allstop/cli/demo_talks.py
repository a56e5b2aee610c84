"""What people wrote to the demo account: questions that wait in its Inbox, one of them by somebody who is not known."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from allstop.actions.replies import Written, take_reply
from allstop.rules.facts import Channel
from allstop.store.models import Account, Address, AddressKind, Contact

STRANGER = "+12125550177"  # from the numbers that belong to nobody
SAID = (  # how many minutes ago, and what
    (190, "Thank you, see you then"),
    (128, "What is the address again?"),
    (95, "Is there parking?"),
    (64, "Running ten minutes late, sorry!"),
    (37, "Do you take my new insurance?"),
    (12, "Can I come at 3 instead of 2 tomorrow?"),
)
ASKED = ((9, "Hi, do you take new patients? My son has a toothache"), (8, "He is six"))


def write_talks(account: Account, contacts: Sequence[Contact], now: datetime) -> None:
    for contact, (minutes, text) in zip(contacts, SAID, strict=False):
        phones = Address.objects.filter(contact=contact, kind=AddressKind.PHONE).order_by("position", "pk")
        _writes(account, phones[0].value, text, now - timedelta(minutes=minutes))
    for minutes, text in ASKED:
        _writes(account, STRANGER, text, now - timedelta(minutes=minutes))


def _writes(account: Account, sender: str, text: str, at: datetime) -> None:
    take_reply(
        Written(
            adapter="sandbox",
            provider_id=f"demo {account.pk} {sender} {text}",
            channel=Channel.TEXT,
            sender=sender,
            recipient="",
            text=text,
            in_reply_to="",
            at=at,
            account_id=account.pk,
        )
    )
