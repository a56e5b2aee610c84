"""What is exported, who may, and that importing it again changes nothing."""

from datetime import UTC, datetime

import pytest

from allstop.actions.actor import Forbidden, NotThere
from allstop.actions.bulk import Selection, Wish, change_contacts
from allstop.actions.contact_export import ExportFormat, export_contacts
from allstop.actions.contacts import ContactDetails, create_contact, mark, record_opt_out
from allstop.actions.groups import create_group
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.store.lists import ContactFilter
from allstop.store.lists import contact_export as lists
from allstop.store.models import Address, ChangeKind, Contact, GroupContact, LedgerEntry, Marker, OptOut
from tests.contact_import_runs import imported, numbers
from tests.formats.people import people
from tests.world import World, actor, contact

EVERYBODY = Selection(filter=ContactFilter(q=" "))


def exported(world: World, kind: ExportFormat = ExportFormat.CSV, selection: Selection = EVERYBODY) -> bytes:
    return b"".join(export_contacts(world.leader, selection, kind, world.now).pieces)


def filled(world: World) -> None:
    details = ContactDetails(
        given_name="=Ann",
        family_name="Lee, Ms",
        phones=tuple(f"+121255501{number:02}" for number in range(5)),
        emails=("ann@example.org", "lee@example.org"),
        external_id="A-1",
        language="de",
        country="GB",
        zone="Europe/London",
        location_id=world.south.pk,
        assigned_to_id=world.cem.pk,
    )
    ann = create_contact(world.member, details, world.now)
    GroupContact.objects.create(group=create_group(world.member, "Smith, family", False, world.now), contact=ann)
    mark(world.member, [ann.pk], MarkerKind.STOP_ALL, "", world.now)
    mark(world.member, [ann.pk], MarkerKind.FLAG, "", world.now)
    record_opt_out(contact(world, "Pat Moreau"), Channel.TEXT, "STOP", world.now)
    contact(world, "Zoë Nobody", phone="", email="zoe@example.org")
    gone = contact(world, "Gone Girl", phone="+12125550199", email="")
    change_contacts(world.member, Selection(ids=[gone.pk]), Wish(kind=ChangeKind.DELETE), world.now)


def state() -> list[object]:
    tables = (Contact, Address, Marker, OptOut, GroupContact)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_the_file_has_the_day_of_the_accounts_calendar(world: World) -> None:
    evening = datetime(2026, 11, 24, 2, tzinfo=UTC)  # in New York it is the 23rd
    assert export_contacts(world.leader, EVERYBODY, ExportFormat.CSV, evening).file_name == "contacts-2026-11-23.csv"


@pytest.mark.parametrize("kind", ExportFormat)
def test_importing_what_was_exported_changes_nothing(committed_world: World, kind: ExportFormat) -> None:
    world = committed_world
    filled(world)
    selection = Selection(ids=list(Contact.objects.values_list("pk", flat=True)))
    export = export_contacts(world.leader, selection, kind, world.now)
    content = b"".join(export.pieces)
    before = state()
    source = imported(world, content, export.file_name, overwrite=True)
    assert numbers(source) == (0, 0, 3, 1)  # whoever was deleted stays deleted
    assert state() == before


def test_a_phonebook_can_move_to_another_account_with_its_blocks(committed_world: World) -> None:
    world = committed_world
    filled(world)
    rae = actor(world.rae)
    source = imported(world, exported(world, selection=Selection(filter=ContactFilter(stop_all=True))), actor=rae)
    assert numbers(source) == (1, 0, 0, 0)
    ann = Contact.objects.get(account=world.rival)
    assert set(Marker.objects.filter(contact=ann).values_list("kind", flat=True)) == {"stop_all", "flag"}


def test_the_filter_and_the_exceptions_are_those_of_the_phonebook(world: World) -> None:
    filled(world)
    ann = Contact.objects.get(external_id="A-1")
    shown = [row.given_name for row in people(exported(world, selection=Selection(filter=ContactFilter())), "a.csv")]
    assert shown == ["=Ann", "Zoë"]  # without whoever is unsubscribed or deleted
    without = Selection(filter=ContactFilter(), without=[ann.pk])
    assert [row.given_name for row in people(exported(world, selection=without), "a.csv")] == ["Zoë"]
    (pat,) = people(exported(world, selection=Selection(filter=ContactFilter(opted_out=True))), "a.csv")
    assert (pat.given_name, pat.marks) == ("Pat", ("opt_out_text",))


def test_portions_leave_nobody_out(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "PORTION", 2)
    for number in range(5):
        contact(world, f"N{number}", phone="", email=f"n{number}@example.org")
    by_filter = exported(world, selection=Selection(filter=ContactFilter()))
    assert [row.given_name for row in people(by_filter, "a.csv")] == [f"N{number}" for number in range(5)]
    ids = list(Contact.objects.values_list("pk", flat=True))
    assert len(people(exported(world, selection=Selection(ids=ids)), "a.csv")) == 5


def test_the_ledger_knows_who_took_how_many_before_a_row_leaves(world: World) -> None:
    filled(world)
    export = export_contacts(world.leader, Selection(filter=ContactFilter(q="lee")), ExportFormat.XLSX, world.now)
    entry = LedgerEntry.objects.filter(act="export_contacts").get()
    assert entry.by == "Ben Weber"
    assert entry.after == {"count": 1, "format": "xlsx", "filters": ["q"], "via": "console"}
    assert export.count == 1


def test_only_leaders_and_admins_export_and_only_their_own(world: World) -> None:
    person = contact(world)
    for who in (world.member, world.viewer):
        with pytest.raises(Forbidden):
            export_contacts(who, EVERYBODY, ExportFormat.CSV, world.now)
    with pytest.raises(NotThere):
        export_contacts(world.stranger, Selection(ids=[person.pk]), ExportFormat.CSV, world.now)
    assert not LedgerEntry.objects.filter(act="export_contacts").exists()
    assert export_contacts(world.stranger, Selection(filter=ContactFilter()), ExportFormat.CSV, world.now).count == 0
