"""The intake of leads: every path by which one comes in ends in create_lead.

The rules that it guards: while a hold on intake stands, no path creates a lead; once the pause is acknowledged, none
comes into being any more. So whoever creates one holds the account's intake open (shared) to the end of the
transaction, and reads the holds only then; whoever pauses closes it (exclusive) and so waits for those under way.
A contact has one new lead at most.

Locks: the intake first, then addresses, then the contact.
"""

from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from datetime import datetime
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import Q

from allstop.actions.actor import Actor, Conflict, require
from allstop.actions.confirming import complete_lift
from allstop.actions.lead_details import NewLead, checked
from allstop.actions.leads import next_version, write_event
from allstop.actions.matching import Known, Phonebook
from allstop.actions.member_news import note_assigned
from allstop.actions.people import Person
from allstop.actions.request_keys import check_key, take_key
from allstop.actions.talk_rows import begin_talk
from allstop.rules.holds import Effect, Scope
from allstop.rules.leads import (
    REFUSAL_WORDS,
    Earlier,
    LeadSource,
    LeadStatus,
    Refusal,
    Title,
    refusal_for,
    refusal_of_duplicate,
)
from allstop.rules.roles import Act
from allstop.store import queue
from allstop.store.assigning import assign
from allstop.store.models import (
    Account,
    Contact,
    Deletion,
    Hold,
    Lead,
    LeadSetup,
    RefusedLead,
    RequestKey,
)


@dataclass(frozen=True, slots=True)
class Taken:
    """Created, or refused with the reason. `lead`: the new one; of a duplicate the one that stands."""

    lead: Lead | None
    refusal: Refusal | None = None
    is_repeat: bool = False  # the key was used before: nothing new was made

    @property
    def is_created(self) -> bool:
        return self.refusal is None

    @property
    def words(self) -> str:
        return REFUSAL_WORDS[self.refusal] if self.refusal else ""


def create_lead(
    actor: Actor, new: NewLead, now: datetime, key: str = "", *, also: Callable[[Taken], None] | None = None
) -> Taken:
    """By any path; machines come as an actor of the account with the role of a member. Not inside a transaction.

    With a `key`, the same request again returns what the first one made; what was refused may be asked for again.
    `also`: what is written down of it in the same transaction, also of a refusal.
    """
    require(actor, Act.HANDLE_LEADS)
    check_key(key)
    account = Account.objects.get(pk=actor.account_id)
    person = checked(account, new)
    with transaction.atomic():
        hold_intake_open(account.pk)
        taken, lift = (
            _take_once(actor, account, new, person, now, key) if key else take_in(actor, account, new, person, now)
        )
        if also is not None:
            also(taken)
    if lift is not None:
        complete_lift(lift, now)
    return taken


def hold_intake_open(account_id: int) -> None:
    """Nobody pauses the account until the end of the transaction. An advisory lock, for it writes no row."""
    _intake_lock("pg_advisory_xact_lock_shared", account_id)


def close_intake(account_id: int) -> None:
    """Waits until no transaction that may create a lead is under way; those that come wait for this one."""
    _intake_lock("pg_advisory_xact_lock", account_id)


def _intake_lock(function: str, account_id: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {function}(hashtextextended('intake', %s))", [account_id])


def intake_holds(account_id: int, now: datetime) -> list[Hold]:
    """Standing holds that block the intake of leads, the oldest first."""
    standing = Hold.objects.filter(
        Q(account_id=account_id, scope=Scope.ACCOUNT.value) | Q(account=None),
        Q(until=None) | Q(until__gt=now),
        lifted_at=None,
        blocks__contains=[Effect.INTAKE.value],
    )
    return list(standing.order_by("at", "pk"))  # hold_standing


def take_in(actor: Actor, account: Account, new: NewLead, person: Person, now: datetime) -> tuple[Taken, int | None]:
    """In a transaction that holds the intake open. Also the number of a lift, which is completed after the commit."""
    holds = intake_holds(account.pk, now)
    refusal = refusal_for(hold.name for hold in holds)
    if refusal is not None:
        _count_refused(account.pk, holds[0].pk, new.source, now)
        return Taken(None, refusal), None
    _lock_addresses(account.pk, person)
    phonebook = Phonebook(account, [person])
    known = None if new.contact_id else phonebook.find(person)
    contact_id = new.contact_id or (known.id if known else None)
    if contact_id is not None:
        duplicate = _duplicate(account.pk, contact_id, new.kind, now)
        if duplicate is not None:
            return duplicate, None
    contact_id, lift = (contact_id, None) if new.contact_id else _write_person(account.pk, phonebook, person, now)
    assert contact_id is not None
    _complete(contact_id, person)
    return Taken(_insert(actor, account.pk, contact_id, new, now)), lift


def _take_once(
    actor: Actor, account: Account, new: NewLead, person: Person, now: datetime, key: str
) -> tuple[Taken, int | None]:
    asked, is_new = take_key(account.pk, key, ("lead", *astuple(new)), now)
    if not is_new:
        found = Lead.objects.select_related("contact").filter(account=account, pk=asked.lead_id or 0).first()
        if found is None:
            raise Conflict("What this key was used for is gone. Use a new key.")
        return Taken(found, is_repeat=True), None
    taken, lift = take_in(actor, account, new, person, now)
    if taken.lead is not None and taken.is_created:
        RequestKey.objects.filter(pk=asked.pk).update(lead_id=taken.lead.pk)
    else:
        asked.delete()  # nothing was made: the same request may be made again
    return taken, lift


def _lock_addresses(account_id: int, person: Person) -> None:
    """Of two leads of the same new number the second finds the contact that the first makes."""
    with connection.cursor() as cursor:
        for address in sorted(person.addresses):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, %s))", [f"lead:{address}", account_id])


def _duplicate(account_id: int, contact_id: int, kind: str, now: datetime) -> Taken | None:
    """The contact is locked from here on. None: this is a lead of its own."""
    list(Contact.objects.select_for_update(of=("self",), no_key=True).filter(pk=contact_id).values_list("pk"))
    leads = list(Lead.objects.filter(contact_id=contact_id).order_by("-created_at", "-pk")[:50])
    setup = LeadSetup.objects.filter(account_id=account_id).first()
    earlier = [Earlier(LeadStatus(one.status), one.kind, one.created_at) for one in leads]
    refusal = refusal_of_duplicate(earlier, kind.strip(), now, setup.repeat_days if setup else 0)
    if refusal is None:
        return None
    if refusal is Refusal.DUPLICATE:
        return Taken(next(one for one in leads if one.status == LeadStatus.NEW), refusal)
    return Taken(next(one for one in leads if one.kind.casefold() == kind.strip().casefold()), refusal)


def _write_person(account_id: int, phonebook: Phonebook, person: Person, now: datetime) -> tuple[int, int | None]:
    known: Known = phonebook.place(person)
    zones_found = phonebook.write(now)
    assert known.id is not None  # every one has its id once it is written
    return known.id, queue.lift(None, account_id, "contact", now) if zones_found else None


def _complete(contact_id: int, person: Person) -> None:
    """A contact without a name gets the lead's, one who is nobody's its owner; one who was deleted is back."""
    nameless = Contact.objects.filter(pk=contact_id, given_name="", family_name="")
    if person.given_name or person.family_name:
        nameless.update(given_name=person.given_name[:120], family_name=person.family_name[:120])
    Deletion.objects.filter(contact_id=contact_id).delete()
    if person.assigned_to_id is not None and Contact.objects.get(pk=contact_id).assigned_to_id is None:
        assign({contact_id: person.assigned_to_id})


def _insert(actor: Actor, account_id: int, contact_id: int, new: NewLead, now: datetime) -> Lead:
    lead = Lead.objects.create(
        account_id=account_id,
        contact_id=contact_id,
        public_id=uuid4(),
        status=LeadStatus.NEW.value,
        reason="",
        note="",
        source=new.source.value,
        kind=new.kind.strip(),
        comment=new.comment.strip(),
        location_id=new.location_id,
        created_at=now,
        ended_by="",
        version=next_version(),
    )
    lead.refresh_from_db(fields=["version"])
    write_event(lead, Title.CREATED, actor.name, now, inbound_id=new.inbound_id)
    note_assigned(lead.contact.assigned_to_id, actor, now, contact=lead.contact)
    begin_talk(lead, now)
    return lead


def _count_refused(account_id: int, hold_id: int, source: LeadSource, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO refused_lead (account_id, hold_id, source, count, last_at) VALUES (%s, %s, %s, 1, %s)"
            " ON CONFLICT (account_id, hold_id, source)"
            " DO UPDATE SET count = refused_lead.count + 1, last_at = EXCLUDED.last_at",
            [account_id, hold_id, source.value, now],
        )


def refused_since(hold_id: int) -> Mapping[LeadSource, int]:
    """How many leads this hold has refused, path by path."""
    rows = RefusedLead.objects.filter(hold_id=hold_id).order_by("-count", "source")
    return {LeadSource(source): count for source, count in rows.values_list("source", "count")}
