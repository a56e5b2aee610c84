"""Leads: one new one per contact, by any path; decided with a reason, with a history that says who."""

from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.contacts import record_opt_out
from allstop.actions.holds import add_hold, new_hold
from allstop.actions.intake import create_lead, refused_since
from allstop.actions.lead_details import NewLead
from allstop.actions.leads import edit_lead, lead_of, note_on_lead, qualify, unqualify
from allstop.actions.merging import merge_contacts
from allstop.rules.holds import PAUSED, whole_account
from allstop.rules.leads import LeadSource, Reason, Refusal
from allstop.store.models import Address, Contact, Deletion, Lead, LeadEvent, LeadSetup, OptOut
from tests.world import World, contact

PAT = "+12125550123"
ASKED = NewLead(
    source=LeadSource.API,
    phone="(212) 555-0123",
    given_name="Pat",
    family_name="Moreau",
    kind="buyer",
    comment=" A price? ",
)


def made(world: World, new: NewLead = ASKED) -> Lead:
    lead = create_lead(world.member, new, world.now).lead
    assert lead is not None
    return lead


def history(lead: Lead) -> list[tuple[str, str, str]]:
    return list(LeadEvent.objects.filter(lead=lead).order_by("pk").values_list("title", "by", "detail"))


def test_a_lead_of_a_new_number_makes_the_contact(world: World) -> None:
    lead = made(world)
    person = Contact.objects.get(account=world.account)
    assert (lead.contact_id, lead.status, lead.kind, lead.comment) == (person.pk, "new", "buyer", "A price?")
    assert (person.name, Address.objects.get(contact=person).value) == ("Pat Moreau", PAT)
    assert history(lead) == [("Lead Created", "Cem Tanaka", "")]


def test_a_known_person_is_found_by_number_and_keeps_what_stands_against_them(world: World) -> None:
    """A lead of somebody who is opted out is created; the gate keeps what would go to them."""
    person = contact(world)
    record_opt_out(person, None, "STOP", world.now, PAT)
    Deletion.objects.create(contact=person, account=world.account, deleted_by="Ada", deleted_at=world.now)
    lead = made(world, replace(ASKED, given_name="Patricia", assigned_to_id=world.ben.pk))
    person = Contact.objects.get(account=world.account)
    assert (lead.contact_id, person.name, person.assigned_to_id) == (person.pk, "Pat Moreau", world.ben.pk)
    assert OptOut.objects.filter(contact=person, lifted_at=None).exists()
    assert not Deletion.objects.exists()  # back in the Phonebook, for there is something to do


def test_a_second_lead_of_the_same_person_is_refused_with_the_one_that_stands(world: World) -> None:
    first = made(world)
    again = create_lead(world.member, replace(ASKED, email="new@example.org"), world.now)
    assert (again.lead, again.refusal, again.is_created) == (first, Refusal.DUPLICATE, False)
    assert not Address.objects.filter(value="new@example.org").exists()  # nothing was changed
    unqualify(world.member, first.public_id, Reason.UNRESPONSIVE, "", world.now)
    assert made(world).pk != first.pk


def test_the_account_says_how_long_the_same_person_is_the_same_lead(world: World) -> None:
    LeadSetup.objects.create(account=world.account, address="", repeat_days=30, strangers="nothing")
    first = made(world)
    qualify(world.member, first.public_id, "", world.now)
    assert create_lead(world.member, ASKED, world.now).refusal is Refusal.REPEATED
    assert create_lead(world.member, ASKED, world.now).lead == first
    assert create_lead(world.member, replace(ASKED, kind="seller"), world.now).is_created
    Lead.objects.filter(kind="seller").delete()
    assert create_lead(world.member, ASKED, world.now + timedelta(days=31)).is_created


def test_while_a_hold_on_intake_stands_nothing_is_created_and_refusals_are_counted(world: World) -> None:
    """TV3: also not the contact."""
    hold = add_hold(new_hold(world.leader, PAUSED, whole_account(world.account.pk), world.now))
    for source in (LeadSource.API, LeadSource.API, LeadSource.EMAIL):
        taken = create_lead(world.member, replace(ASKED, source=source), world.now)
        assert (taken.lead, taken.refusal) == (None, Refusal.PAUSED)
    assert not Lead.objects.filter(account=world.account).exists()
    assert not Contact.objects.filter(account=world.account).exists()
    assert dict(refused_since(hold.pk)) == {LeadSource.API: 2, LeadSource.EMAIL: 1}
    assert create_lead(world.stranger, replace(ASKED, phone="+447700900123"), world.now).is_created  # another account's


def test_the_same_request_again_gives_the_same_lead(world: World) -> None:
    first = create_lead(world.member, ASKED, world.now, key="k1")
    again = create_lead(world.member, ASKED, world.now, key="k1")
    assert (again.lead, again.is_repeat, again.is_created) == (first.lead, True, True)
    with pytest.raises(Conflict, match="used for another request"):
        create_lead(world.member, replace(ASKED, kind="seller"), world.now, key="k1")
    refused = create_lead(world.member, ASKED, world.now, key="k2")
    assert refused.refusal is Refusal.DUPLICATE
    assert first.lead is not None
    qualify(world.member, first.lead.public_id, "", world.now)
    assert create_lead(world.member, ASKED, world.now, key="k2").is_created  # what was refused may be asked again


def test_what_cannot_be_used_is_said_field_by_field(world: World) -> None:
    bad = NewLead(
        source=LeadSource.API,
        phone="12",
        email="x@",
        comment="x" * 1025,
        kind="k" * 41,
        location_id=0,
        assigned_to_id=world.rae.pk,
    )
    with pytest.raises(Invalid) as said:
        create_lead(world.member, bad, world.now)
    assert set(said.value.problems) == {"phone", "email", "comment", "kind", "location_id", "assigned_to_id"}
    with pytest.raises(Invalid):
        create_lead(world.member, NewLead(source=LeadSource.API), world.now)
    assert not Contact.objects.filter(account=world.account).exists()


def test_a_decision_has_a_reason_and_a_history_and_may_be_corrected(world: World) -> None:
    lead = made(world)
    done = unqualify(world.member, lead.public_id, Reason.UNRESPONSIVE, " Three calls ", world.now)
    assert (done.status, done.reason, done.note, done.ended_by) == (
        "unqualified",
        "unresponsive",
        "Three calls",
        "Cem Tanaka",
    )
    assert done.version > lead.version
    unqualify(world.leader, lead.public_id, Reason.OTHER, "", world.now)  # it is so already
    assert qualify(world.leader, lead.public_id, "They called back", world.now).reason == ""
    assert history(lead) == [
        ("Lead Created", "Cem Tanaka", ""),
        ("Unqualified Lead", "Cem Tanaka", "Three calls"),
        ("Qualified Lead", "Ben Weber", "They called back"),
    ]


def test_details_and_notes_are_in_the_history(world: World) -> None:
    lead = made(world)
    edited = edit_lead(world.member, lead.public_id, world.now, kind="seller", location_id=world.north.pk)
    assert (edited.kind, edited.comment, edited.location_id) == ("seller", "A price?", world.north.pk)
    note_on_lead(world.member, lead.public_id, "Likes the garden", world.now)
    assert [one[2] for one in history(lead)] == ["", "The details were changed.", "Likes the garden"]
    with pytest.raises(Invalid):
        note_on_lead(world.member, lead.public_id, " ", world.now)


def test_a_viewer_looks_and_a_stranger_finds_nothing(world: World) -> None:
    lead = made(world)
    assert lead_of(world.viewer, lead.public_id) == lead
    with pytest.raises(Forbidden):
        create_lead(world.viewer, ASKED, world.now)
    with pytest.raises(Forbidden):
        qualify(world.viewer, lead.public_id, "", world.now)
    with pytest.raises(NotThere):
        lead_of(world.stranger, lead.public_id)
    with pytest.raises(NotThere):
        unqualify(world.stranger, lead.public_id, Reason.OTHER, "", world.now)
    with pytest.raises(NotThere):
        lead_of(world.member, uuid4())


def test_of_two_contacts_who_become_one_the_kept_ones_lead_goes_on(world: World) -> None:
    keep = made(world)
    other = made(world, replace(ASKED, phone="+12125550177"))
    merge_contacts(world.member, keep.contact_id, other.contact_id, world.now)
    other.refresh_from_db()
    keep.refresh_from_db()
    assert (keep.status, other.status, other.reason) == ("new", "unqualified", "same_person")
    assert other.contact_id == keep.contact_id
