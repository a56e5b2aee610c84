"""What may be said of a lead, checked field by field, whichever way it comes."""

from dataclasses import dataclass

from allstop.actions.actor import Invalid
from allstop.actions.people import Person
from allstop.rules.addresses import parse_email, parse_phone
from allstop.rules.leads import LONGEST_COMMENT, LONGEST_KIND, LeadSource
from allstop.rules.words import Problem
from allstop.store.models import Account, Contact, Location, Member


@dataclass(frozen=True, slots=True, kw_only=True)
class NewLead:
    """What is known of it. A contact, a phone number or an email says whose it is."""

    source: LeadSource
    phone: str = ""
    email: str = ""
    given_name: str = ""
    family_name: str = ""
    external_id: str = ""
    kind: str = ""
    comment: str = ""
    location_id: int | None = None
    assigned_to_id: int | None = None  # only of a contact who is nobody's
    contact_id: int | None = None  # who is in the Phonebook already
    inbound_id: int | None = None  # what they wrote, from which it was made


def checked(account: Account, new: NewLead) -> Person:
    """The person it is about; Invalid says field by field what cannot be used."""
    problems: dict[str, str] = {}
    phone = parse_phone(new.phone, account.country) if new.phone.strip() else None
    email = parse_email(new.email) if new.email.strip() else None
    if isinstance(phone, Problem):
        problems["phone"] = phone.text
    if isinstance(email, Problem):
        problems["email"] = email.text
    if phone is None and email is None and new.contact_id is None:
        problems["phone"] = "Give a phone number."
    if len(new.comment) > LONGEST_COMMENT:
        problems["comment"] = f"Use at most {LONGEST_COMMENT:,} characters; this has {len(new.comment):,}."
    if len(new.kind) > LONGEST_KIND:
        problems["kind"] = f"Use at most {LONGEST_KIND} characters."
    for field, model, wanted in (
        ("location_id", Location, new.location_id),
        ("assigned_to_id", Member, new.assigned_to_id),
        ("contact_id", Contact, new.contact_id),
    ):
        if wanted is not None and not model.objects.filter(account_id=account.pk, pk=wanted).exists():
            problems[field] = f"There is no such {model._meta.verbose_name} in this account."
    if problems:
        raise Invalid(**problems)
    return Person(
        given_name=new.given_name.strip(),
        family_name=new.family_name.strip(),
        external_id=new.external_id.strip(),
        phones=() if phone is None or isinstance(phone, Problem) else (phone,),
        emails=() if email is None or isinstance(email, Problem) else (email,),
        location_id=new.location_id,
        assigned_to_id=new.assigned_to_id,
    )
