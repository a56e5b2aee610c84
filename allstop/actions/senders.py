"""Who wrote: the contact who has an address, made when there is none."""

from datetime import datetime

from allstop.actions.matching import Phonebook
from allstop.actions.people import Person
from allstop.rules.addresses import parse_email, parse_phone
from allstop.rules.words import Problem
from allstop.store.models import Account, Contact


def contact_at(account_id: int, address: str, now: datetime) -> Contact | None:
    """A new contact has nothing but the address. None: it is none that can be written to, such as a short code."""
    account = Account.objects.get(pk=account_id)
    if "@" in address:
        email = parse_email(address)
        if isinstance(email, Problem):
            return None
        person = Person(emails=(email,))
    else:
        phone = parse_phone(address, account.country)
        if isinstance(phone, Problem):
            return None
        person = Person(phones=(phone,))
    phonebook = Phonebook(account, [person])
    known = phonebook.place(person)
    phonebook.write(now)
    assert known.id is not None  # every one has its id once it is written
    return Contact.objects.get(pk=known.id)
