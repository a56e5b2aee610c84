"""Which contact a row of a file is about: by the source's id of the person, then by phone, then by email.

The rule that it guards: what stands against a contact is not lost because a file writes the name differently.
So an address alone is enough to be the same person, unless both have an id of their own and the ids differ:
then they share the phone, as families do.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from allstop.actions.people import Person, add_addresses, add_people, chunks, inherit_opt_outs, zones_of
from allstop.actions.suppression import recall
from allstop.rules.addresses import Email, Phone
from allstop.store import any_of  # noqa: F401 - registers the look-up
from allstop.store.models import Account, Address, Contact


@dataclass(slots=True, eq=False)
class Known:
    """A contact that exists, or one that this file will make."""

    id: int | None  # None until it is written
    external_id: str
    name: str
    addresses: set[str]
    zone: str = ""
    zones: tuple[str, ...] = ()
    first_person: Person | None = None  # of a new one
    takes_external_id: str = ""
    new_phones: list[Phone] = field(default_factory=list)
    new_emails: list[Email] = field(default_factory=list)

    @property
    def new_addresses(self) -> list[str]:
        return [*(phone.e164 for phone in self.new_phones), *(email.address for email in self.new_emails)]


class Phonebook:
    """The contacts of an account that some people may be, and those that they will become."""

    def __init__(self, account: Account, people: Sequence[Person]) -> None:
        self._account = account
        self._by_external_id: dict[str, Known] = {}
        self._by_address: dict[str, list[Known]] = {}
        self._new: list[Known] = []
        self._existing: dict[int, Known] = {}
        self._load(people)

    def place(self, person: Person) -> Known:
        """The contact of this person; a new one is noted when there is none."""
        known = self.find(person)
        if known is None:
            known = Known(None, person.external_id, _name(person), set(), first_person=person)
            self._new.append(known)
        elif person.external_id and not known.external_id and known.name == _name(person):
            known.external_id = known.takes_external_id = person.external_id
        if known.external_id:
            self._by_external_id.setdefault(known.external_id, known)
        for phone in person.phones:
            if self._is_new(phone.e164, known):
                known.new_phones.append(phone)
        for email in person.emails:
            if self._is_new(email.address, known):
                known.new_emails.append(email)
        return known

    def find(self, person: Person) -> Known | None:
        if person.external_id and (known := self._by_external_id.get(person.external_id)):
            return known
        for address in person.addresses:
            may_be = [one for one in self._by_address.get(address, ()) if _may_be(one, person)]
            if may_be:
                name = _name(person)
                return next((one for one in may_be if one.name == name), may_be[0])
        return None

    def write(self, now: datetime) -> bool:
        """New contacts, and what the file knows more of those that exist. Every Known has its id and zones then.

        True: somebody whose zone was unknown now has one, so messages that wait for it must be asked again.
        """
        people = [_completed(one) for one in self._new]
        ids = add_people(self._account, people, now)
        for known, person, contact_id in zip(self._new, people, ids, strict=True):
            known.id = contact_id
            known.zones = zones_of(self._account, person.zone, person.country, person.phones)
        grown = {pk: one for pk, one in self._existing.items() if one.new_phones or one.new_emails}
        # after the addresses that are there: what somebody chose stays first
        added = ((pk, one.new_phones, one.new_emails, 100) for pk, one in grown.items())
        add_addresses(self._account.pk, added)
        inherit_opt_outs(self._account.pk, {pk: one.new_addresses for pk, one in grown.items()})
        recall(self._account.pk, {pk: one.new_addresses for pk, one in grown.items()})
        self._adopt_external_ids()
        return self._widen_zones(grown.values())

    def _widen_zones(self, grown: Iterable[Known]) -> bool:
        """The more places somebody may be in, the more hours are quiet."""
        changed: list[Contact] = []
        was_unknown = False
        for known in grown:
            zones = tuple(sorted({*known.zones, *(zone for phone in known.new_phones for zone in phone.zones)}))
            if not known.zone and zones != known.zones:
                changed.append(Contact(pk=known.id, zones=list(zones)))
                was_unknown = was_unknown or not known.zones
                known.zones = zones
        Contact.objects.bulk_update(changed, ["zones"], batch_size=1000)
        return was_unknown

    def _adopt_external_ids(self) -> None:
        taken = [
            Contact(pk=one.id, external_id=one.takes_external_id[:120])
            for one in self._existing.values()
            if one.takes_external_id
        ]
        Contact.objects.bulk_update(taken, ["external_id"], batch_size=1000)

    def _is_new(self, address: str, known: Known) -> bool:
        if address in known.addresses:
            return False
        known.addresses.add(address)
        self._by_address.setdefault(address, []).append(known)
        return True

    def _load(self, people: Sequence[Person]) -> None:
        wanted_ids = list({one.external_id for one in people if one.external_id})
        wanted_addresses = list({address for one in people for address in one.addresses})
        ids: set[int] = set()
        contacts = Contact.objects.filter(account_id=self._account.pk)
        for chunk in chunks(wanted_ids):
            ids.update(contacts.filter(external_id__any_of=chunk).values_list("pk", flat=True))
        for chunk in chunks(wanted_addresses):
            found = Address.objects.filter(account_id=self._account.pk, value__any_of=chunk)
            ids.update(found.values_list("contact_id", flat=True))
        for chunk_of_ids in chunks(sorted(ids)):
            self._load_contacts(chunk_of_ids)

    def _load_contacts(self, ids: Iterable[int]) -> None:
        rows = Contact.objects.filter(pk__any_of=ids).order_by("pk")
        for contact_id, external_id, given, family, zone, zones in rows.values_list(
            "pk", "external_id", "given_name", "family_name", "zone", "zones"
        ):
            name = f"{given} {family}".strip().casefold()
            known = Known(contact_id, external_id, name, set(), zone, tuple(zones))
            self._existing[contact_id] = known
            if external_id:
                self._by_external_id[external_id] = known
        addresses = Address.objects.filter(contact__pk__any_of=ids).order_by("contact_id", "position", "pk")
        for contact_id, value in addresses.values_list("contact_id", "value"):
            self._is_new(value, self._existing[contact_id])


def _name(person: Person) -> str:
    return f"{person.given_name} {person.family_name}".strip().casefold()


def _may_be(known: Known, person: Person) -> bool:
    return not (person.external_id and known.external_id and person.external_id != known.external_id)


def _completed(known: Known) -> Person:
    """A new contact as its first row says, with the addresses of all its rows."""
    assert known.first_person is not None
    return replace(known.first_person, phones=tuple(known.new_phones), emails=tuple(known.new_emails))
