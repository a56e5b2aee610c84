"""Contacts: written down, changed, marked by the staff, and opted out or in by their own word.

The rule that it guards: a Stop All, Stop Promotions or opt-out holds from the moment it is committed, also
for messages that a worker has claimed and not yet started; and only the contact lifts an opt-out.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from zoneinfo import available_timezones

from django.db import transaction
from phonenumbers import SUPPORTED_REGIONS

from allstop.actions import follow_ups
from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.confirming import complete_lift, wait_until_confirmed
from allstop.actions.events import record_events
from allstop.actions.people import Person, add_addresses, add_people, inherit_opt_outs, zones_of
from allstop.actions.suppression import forget, recall
from allstop.actions.talk_rows import opted_out
from allstop.rules.addresses import Email, Phone, parse_email, parse_phone
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.rules.roles import Act
from allstop.rules.webhooks import EventKind
from allstop.rules.words import Problem
from allstop.store import ledger, queue
from allstop.store.assigning import assign
from allstop.store.models import (
    Account,
    Address,
    AddressKind,
    Contact,
    GroupContact,
    Location,
    Marker,
    Member,
    OptOut,
)

STOPPING = (MarkerKind.STOP_ALL, MarkerKind.STOP_PROMOTIONS)
THE_CONTACT = "the contact"  # who did it, when nobody of the staff did

Shown = Mapping[str, object]  # what the ledger keeps of a change
NO_MORE: Shown = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactDetails:
    """Everything that a person may say of a contact. The first phone and the first email are tried first."""

    given_name: str = ""
    family_name: str = ""
    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    external_id: str = ""
    language: str = ""
    country: str = ""  # "" = the account's
    zone: str = ""  # "" = worked out from the phones
    location_id: int | None = None
    assigned_to_id: int | None = None


@transaction.atomic
def create_contact(actor: Actor, details: ContactDetails, now: datetime) -> Contact:
    require(actor, Act.EDIT_CONTACTS)
    account = Account.objects.get(pk=actor.account_id)
    person = _checked(account, details, own_id=None)
    (contact_id,) = add_people(account, [person], now)
    _write(actor, now, "create_contact", contact_id, {"after": _shown(person)})
    return Contact.objects.get(pk=contact_id)


def details_of(actor: Actor, contact_id: int) -> ContactDetails:
    """As they stand: what update_contact takes, with `dataclasses.replace` for what changes."""
    require(actor, Act.VIEW)
    contact = _contact(actor, contact_id)
    values = list(contact.addresses.order_by("position", "pk").values_list("kind", "value"))
    return ContactDetails(
        given_name=contact.given_name,
        family_name=contact.family_name,
        phones=tuple(value for kind, value in values if kind == AddressKind.PHONE),
        emails=tuple(value for kind, value in values if kind == AddressKind.EMAIL),
        external_id=contact.external_id,
        language=contact.language,
        country=contact.country,
        zone=contact.zone,
        location_id=contact.location_id,
        assigned_to_id=contact.assigned_to_id,
    )


def update_contact(actor: Actor, contact_id: int, details: ContactDetails, now: datetime) -> Contact:
    """Replaces all details. When the zones change, messages that wait for a known zone are asked again."""
    require(actor, Act.EDIT_CONTACTS)
    lift = _update(actor, contact_id, details, now)
    if lift is not None:
        complete_lift(lift, now)
    return Contact.objects.get(pk=contact_id)


@transaction.atomic
def _update(actor: Actor, contact_id: int, details: ContactDetails, now: datetime) -> int | None:
    """The number of the lift, if there was one."""
    account = Account.objects.get(pk=actor.account_id)
    contact = _contact(actor, contact_id, lock=True)
    before = details_of(actor, contact_id)
    person = _checked(account, details, own_id=contact_id)
    zones = list(zones_of(account, person.zone, person.country, person.phones))
    Contact.objects.filter(pk=contact_id).update(
        given_name=person.given_name,
        family_name=person.family_name,
        external_id=person.external_id,
        language=person.language,
        country=person.country,
        zone=person.zone,
        zones=zones,
        location_id=person.location_id,
    )
    assign({contact_id: person.assigned_to_id})
    Address.objects.filter(contact_id=contact_id).delete()
    add_addresses(account.pk, [(contact_id, person.phones, person.emails, 0)])
    inherit_opt_outs(account.pk, {contact_id: person.addresses})
    recall(account.pk, {contact_id: set(person.addresses) - {*before.phones, *before.emails}})
    lift = queue.lift(None, account.pk, "contact", now) if zones != contact.zones else None
    _write(actor, now, "update_contact", contact_id, {"before": _shown(before), "after": _shown(person)})
    return lift


def mark(actor: Actor, contact_ids: Collection[int], kind: MarkerKind, reason: str, now: datetime) -> int:
    """Set a marker on each; returns how many did not have it yet. Workers obey when it returns.

    Stop Promotions also takes the contact out of every sales group.
    """
    require(actor, Act.MARK_CONTACTS)
    with transaction.atomic(), queue.impatient():
        ids = _all_there(actor, contact_ids)
        have = Marker.objects.filter(contact_id__in=ids, kind=kind).values_list("contact_id", flat=True)
        fresh = sorted(set(ids) - set(have))
        Marker.objects.bulk_create(
            Marker(
                account_id=actor.account_id,
                contact_id=pk,
                kind=kind,
                set_by=actor.name,
                set_at=now,
                reason=reason,
            )
            for pk in fresh
        )
        if kind is MarkerKind.STOP_PROMOTIONS:
            GroupContact.objects.filter(contact_id__in=fresh, group__is_sales=True).delete()
        stops = kind in STOPPING
        numbers = {pk: queue.announce_contact(actor.account_id, pk, now) for pk in fresh if stops}
        for pk in fresh:
            shown: Shown = {"number": numbers[pk]} if stops else NO_MORE
            _write(actor, now, f"set_{kind}", pk, {"reason": reason}, after=shown)
    if numbers:
        wait_until_confirmed(max(numbers.values()))
    return len(fresh)


@transaction.atomic
def unmark(actor: Actor, contact_ids: Collection[int], kind: MarkerKind, reason: str, now: datetime) -> int:
    """Take a marker away; returns how many had it. What was refused because of it stays refused."""
    require(actor, Act.MARK_CONTACTS)
    ids = _all_there(actor, contact_ids)
    markers = list(Marker.objects.select_for_update().filter(contact_id__in=ids, kind=kind).order_by("contact_id"))
    Marker.objects.filter(pk__in=[marker.pk for marker in markers]).delete()
    for marker in markers:
        before: Shown = {"set_by": marker.set_by, "set_at": marker.set_at.isoformat()}
        said = {"reason": reason, "before": {"reason": marker.reason}}
        _write(actor, now, f"clear_{kind}", marker.contact_id, said, before=before)
    return len(markers)


def record_opt_out(
    contact: Contact, channel: Channel | None, words: str, now: datetime, address: str = ""
) -> int | None:
    """The contact's own no, on a channel or (None) on all. `address` is where the word came from.

    Everybody in the account with this address is opted out: a no follows the address. Returns the stop's
    number, to wait until workers confirm it (not inside a transaction); None when the no stood already.
    """
    with transaction.atomic(), queue.impatient():
        ids = {contact.pk}
        if address:
            found = Address.objects.filter(account_id=contact.account_id, value=address)
            ids.update(found.values_list("contact_id", flat=True))
        standing = OptOut.objects.filter(contact_id__in=ids, channel=channel, lifted_at=None)
        fresh = sorted(ids - set(standing.values_list("contact_id", flat=True)))
        OptOut.objects.bulk_create(
            OptOut(
                account_id=contact.account_id,
                contact_id=pk,
                channel=channel,
                address=address,
                words=words[:300],
                at=now,
            )
            for pk in fresh
        )
        follow_ups.end(contact.account_id, ids, follow_ups.SAID_NO, now)
        _tell(EventKind.OPT_OUT, contact.account_id, fresh, channel, now)
        numbers = {pk: queue.announce_contact(contact.account_id, pk, now) for pk in fresh}
        for pk, number in numbers.items():
            _own_word(contact.account_id, pk, "opt_out", channel, words, now, {"number": number})
            transaction.on_commit(partial(opted_out, pk, now))
    return max(numbers.values()) if numbers else None


@transaction.atomic
def record_opt_in(contact: Contact, channel: Channel | None, words: str, now: datetime, address: str = "") -> int:
    """The contact lifts the own no, on a channel or (None) on all. Returns how many opt-outs were lifted."""
    standing = OptOut.objects.filter(account_id=contact.account_id, lifted_at=None)
    if channel is not None:
        standing = standing.filter(channel=channel) | standing.filter(channel=None)
    mine = standing.filter(contact_id=contact.pk)
    if address:
        mine = mine | standing.filter(address=address)
    lifted = list(mine.select_for_update().order_by("contact_id", "pk"))
    OptOut.objects.filter(pk__in=[one.pk for one in lifted], lifted_at=None).update(lifted_at=now)
    forget(contact.account_id, [address] if address else contact.addresses.values_list("value", flat=True), channel)
    for contact_id in dict.fromkeys(one.contact_id for one in lifted):
        _own_word(contact.account_id, contact_id, "opt_in", channel, words, now)
    _tell(EventKind.OPT_IN, contact.account_id, {one.contact_id for one in lifted}, channel, now)
    return len(lifted)


def _checked(account: Account, details: ContactDetails, own_id: int | None) -> Person:
    problems = _wrong_references(account, details)
    country = details.country.strip().upper()
    if country and country not in SUPPORTED_REGIONS:
        problems["country"] = f"{details.country} is not a country. Write its two letters, like GB."
        country = ""
    zone = details.zone.strip()
    if zone and zone not in available_timezones():
        problems["zone"] = f"{zone} is not a time zone. Write it like Europe/London."
    region = country or account.country
    phones = _read(details.phones, lambda text: parse_phone(text, region), "phones", problems)
    emails = _read(details.emails, parse_email, "emails", problems)
    external_id = details.external_id.strip()
    same_id = Contact.objects.filter(account=account, external_id=external_id)
    if external_id and any(contact.pk != own_id for contact in same_id):
        problems["external_id"] = f"Another contact has the ID {external_id}. Change that one, or leave this empty."
    if not any((details.given_name.strip(), details.family_name.strip(), details.phones, details.emails)):
        problems["given_name"] = "Give a name, a phone number or an email address."
    if problems:
        raise Invalid(**problems)
    return Person(
        given_name=details.given_name.strip(),
        family_name=details.family_name.strip(),
        external_id=external_id,
        language=details.language.strip(),
        country=country,
        zone=zone,
        phones=tuple({phone.e164: phone for phone in phones if isinstance(phone, Phone)}.values()),
        emails=tuple({email.address: email for email in emails if isinstance(email, Email)}.values()),
        location_id=details.location_id,
        assigned_to_id=details.assigned_to_id,
    )


def _wrong_references(account: Account, details: ContactDetails) -> dict[str, str]:
    problems: dict[str, str] = {}
    location, member = details.location_id, details.assigned_to_id
    if location is not None and not Location.objects.filter(account=account, pk=location).exists():
        problems["location_id"] = "There is no such location in this account."
    if member is not None and not Member.objects.filter(account=account, pk=member).exists():
        problems["assigned_to_id"] = "There is no such member in this account."
    return problems


def _read(
    texts: Sequence[str],
    parse: Callable[[str], Phone | Email | Problem],
    field: str,
    problems: dict[str, str],
) -> list[Phone | Email]:
    read: list[Phone | Email] = []
    for text in texts:
        found = parse(text)
        if isinstance(found, Problem):
            problems[field] = found.text
        else:
            read.append(found)
    return read


def _contact(actor: Actor, contact_id: int, lock: bool = False) -> Contact:
    contacts = Contact.objects.select_for_update(no_key=True) if lock else Contact.objects.all()
    contact = contacts.filter(account_id=actor.account_id, pk=contact_id).first()
    if contact is None:
        raise NotThere("There is no such contact.")
    return contact


def _all_there(actor: Actor, contact_ids: Collection[int]) -> list[int]:
    """Locked, so that nobody adds them to a sales group while they are being marked."""
    wanted = set(contact_ids)
    found = Contact.objects.select_for_update(no_key=True).filter(account_id=actor.account_id, pk__in=wanted)
    ids = list(found.order_by("pk").values_list("pk", flat=True))
    if len(ids) != len(wanted):
        raise NotThere("One of these contacts does not exist. Reload the page and select again.")
    return ids


def _shown(said: ContactDetails | Person) -> Shown:
    """For the ledger, beside the entry: what decides where and when messages go."""
    phones = [phone.e164 if isinstance(phone, Phone) else phone for phone in said.phones]
    emails = [email.address if isinstance(email, Email) else email for email in said.emails]
    return {"phones": phones, "emails": emails, "country": said.country, "zone": said.zone}


def _write(  # noqa: PLR0913 - what an entry of the ledger has
    actor: Actor,
    now: datetime,
    act: str,
    contact_id: int,
    personal: Shown,
    *,
    before: Shown | None = None,
    after: Shown = NO_MORE,
) -> None:
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act=act,
        subject=f"contact:{contact_id}",
        before=dict(before) if before else None,
        after={**after, "via": actor.via},
        personal=personal,
        contact=contact_id,
    )


def _tell(kind: EventKind, account_id: int, contacts: Collection[int], channel: Channel | None, now: datetime) -> None:
    said = {"channel": channel.value if channel else "all"}
    record_events(account_id, kind, [(pk, None, said) for pk in sorted(contacts)], now)


def _own_word(  # noqa: PLR0913 - what an entry of the ledger has
    account_id: int,
    contact_id: int,
    act: str,
    channel: Channel | None,
    words: str,
    now: datetime,
    stop: Shown = NO_MORE,
) -> None:
    ledger.append(
        account_id=account_id,
        at=now,
        by=THE_CONTACT,
        act=act,
        subject=f"contact:{contact_id}",
        after={"channel": channel.value if channel else "all", **stop},
        personal={"reason": words[:300]},
        contact=contact_id,
    )
