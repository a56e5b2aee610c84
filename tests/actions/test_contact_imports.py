"""What a file of contacts does to the Phonebook. The runs commit, since they have a connection for their lock."""

from dataclasses import replace
from datetime import timedelta

import pytest

from allstop.actions import contact_import_run, contact_imports
from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.bulk import Selection, Wish, change_contacts
from allstop.actions.contact_import_options import options_from_json
from allstop.actions.contact_import_plan import DELETED, NO_ADDRESS
from allstop.actions.contact_import_run import run_here
from allstop.actions.contact_import_undo import undo_import
from allstop.actions.contacts import ContactDetails, mark, record_opt_out, update_contact
from allstop.actions.erase import CONFIRM, erase_person
from allstop.actions.groups import create_group
from allstop.actions.notes import add_note
from allstop.formats.person import PersonField
from allstop.rules.contact_match import WORDS, Clash
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.store import ledger
from allstop.store.assigning import assign
from allstop.store.models import (
    Address,
    Assignment,
    ChangeKind,
    Contact,
    ContactImport,
    ContactImportPiece,
    ContactImportProblem,
    Group,
    GroupContact,
    LedgerEntry,
    Marker,
    Note,
    OptOut,
    Stop,
)
from tests.contact_import_runs import HEADER, imported, numbers, people, refused, uploaded
from tests.formats.people import FILES
from tests.world import World, contact, texts


def of(phone: str) -> Contact:
    return Contact.objects.get(addresses__value=phone)


def values(one: Contact) -> list[str]:
    return list(one.addresses.order_by("kind", "position").values_list("value", flat=True))


def test_new_people_come_with_their_addresses_and_zones(committed_world: World) -> None:
    source = imported(committed_world, people("Ann,Lee,(212) 555-0101,ann@example.org,P1", "Bob,,212-555-0102,,"))
    assert numbers(source) == (2, 0, 0, 0)
    assert source.state == "done"
    ann = of("+12125550101")
    assert (ann.given_name, ann.family_name, ann.external_id) == ("Ann", "Lee", "P1")
    assert values(ann) == ["ann@example.org", "+12125550101"]
    assert ann.zones == ["America/New_York"]
    assert not ContactImportPiece.objects.exists()


def test_a_second_import_of_the_same_file_changes_nothing(committed_world: World) -> None:
    file = people("Ann,Lee,(212) 555-0101,ann@example.org,P1", "Bob,,212-555-0102,,")
    imported(committed_world, file)
    before = list(Contact.objects.order_by("pk").values())
    again = imported(committed_world, file)
    assert numbers(again) == (0, 0, 2, 0)
    assert list(Contact.objects.order_by("pk").values()) == before


def test_a_match_completes_what_is_missing_and_overwrites_nothing(committed_world: World) -> None:
    known = contact(committed_world, "Pat Moreau", email="")
    source = imported(
        committed_world,
        people(
            "Patricia,M.,212 555 0123,pat@example.org,P9,de", header="First name,Last name,Phone,Email,Own ID,Language"
        ),
    )
    assert numbers(source) == (0, 1, 0, 0)
    known.refresh_from_db()
    assert (known.name, known.external_id, known.language) == ("Pat Moreau", "P9", "de")
    assert values(known) == ["pat@example.org", "+12125550123"]


def test_the_file_is_right_when_the_importer_says_so(committed_world: World) -> None:
    known = contact(committed_world, "Pat Moreau")
    imported(committed_world, people("Patricia,,212 555 0123,,"), overwrite=True)
    known.refresh_from_db()
    assert known.name == "Patricia Moreau"  # an empty cell says nothing


def test_a_repeat_within_the_file_is_the_same_person(committed_world: World) -> None:
    file = people(
        "Ann,Lee,212 555 0101,,",
        "Ann,Lee,,ann@example.org,",
        "Ann,,(212) 555-0101,ann@example.org,",
        "Ann,Lee,+12125550101,,",
    )
    source = imported(committed_world, file)
    assert numbers(source) == (2, 0, 1, 1)
    assert Contact.objects.filter(addresses__value="+12125550101").count() == 1


def test_the_same_person_in_two_slices_is_added_once(committed_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contact_import_run, "SLICE", 2)
    rows = [f"N{number},,212555{1000 + number % 3},," for number in range(7)]
    assert numbers(imported(committed_world, people(*rows))) == (3, 0, 4, 0)


def test_a_phone_of_one_and_an_email_of_another_is_left_to_a_person(committed_world: World) -> None:
    contact(committed_world, "Ann Lee", phone="+12125550101", email="")
    contact(committed_world, "Bob Ray", phone="", email="bob@example.org")
    before = list(Address.objects.order_by("pk").values())
    source = imported(committed_world, people("Ann,Lee,212 555 0101,bob@example.org,"))
    assert refused(source) == [(2, WORDS[Clash.PHONE_AND_EMAIL])]
    assert list(Address.objects.order_by("pk").values()) == before


def test_faulty_rows_are_refused_with_reasons_and_faulty_parts_left_out(committed_world: World) -> None:
    source = imported(
        committed_world,
        people(
            "Ann,Lee,123,,",
            "Bob,Ray,,,",
            "Cem,Tan,212 555 0103,not an email,",
            "Dot,X,212 555 0104,,extra,cells",
            "Eve,,212 555 0105,eve@example.org,",
        ),
    )
    assert numbers(source) == (2, 0, 0, 3)
    assert [(row, problem.partition(".")[0]) for row, problem in refused(source)] == [
        (2, "123 has too few digits"),
        (3, NO_ADDRESS.rstrip(".")),
        (5, "This row has more cells than the header"),
    ]
    assert ContactImportProblem.objects.get(is_refused=False).value == "not an email"
    lines = b"".join(contact_imports.refused_csv(committed_world.viewer, source.pk)).decode("utf-8-sig").splitlines()
    assert lines[0] == "Row,Why it was refused,First name,Last name,Phone,Email,Own ID"
    assert lines[2] == f"3,{NO_ADDRESS},Bob,Ray,,,"


def test_the_refused_rows_can_be_corrected_and_imported_again(committed_world: World) -> None:
    source = imported(committed_world, people("Ann,Lee,123,,"))
    content = b"".join(contact_imports.refused_csv(committed_world.member, source.pk))
    again = imported(committed_world, content.replace(b",123,", b",2125550101,"), "refused.csv")
    assert numbers(again) == (1, 0, 0, 0)
    assert of("+12125550101").name == "Ann Lee"


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
def test_files_of_phones_and_address_books_are_imported_and_a_second_time_change_nothing(
    committed_world: World, name: str
) -> None:
    first = imported(committed_world, (FILES / name).read_bytes(), name)
    assert first.state == "done"
    assert first.added >= 1
    again = imported(committed_world, (FILES / name).read_bytes(), name)
    assert (again.added, again.completed) == (0, 0)
    assert again.unchanged == first.added + first.completed + first.unchanged


# --- blocks


def test_an_import_never_lifts_a_block(committed_world: World) -> None:
    world = committed_world
    known = contact(world, "Pat Moreau")
    mark(world.member, [known.pk], MarkerKind.STOP_ALL, "asked by phone", world.now)
    record_opt_out(known, Channel.TEXT, "STOP", world.now, "+12125550123")
    header = "Name,Phone,Stop All,Opted out,Stop Promotions"
    for overwrite in (False, True):
        imported(world, people("Pat,212 555 0123,no,no,no", header=header), overwrite=overwrite)
    assert Marker.objects.filter(contact=known, kind="stop_all").exists()
    assert OptOut.objects.filter(contact=known, lifted_at=None).exists()


def test_a_file_can_set_blocks_and_they_are_a_stop(committed_world: World) -> None:
    world = committed_world
    known = contact(world, "Pat Moreau")
    texts(world, 1, to=known)
    stops = Stop.objects.count()
    header = "Name,Phone,Do not contact,Do not call,No marketing"
    source = imported(world, people("Pat,212 555 0123,yes,,", "Ann,212 555 0101,,1,x", header=header))
    assert source.last_stop is not None
    assert Stop.objects.count() == stops + 1
    assert Stop.objects.get(number=source.last_stop).confirmed_at is not None
    assert list(Marker.objects.filter(contact=known).values_list("kind", flat=True)) == ["stop_all"]
    ann = of("+12125550101")
    assert list(Marker.objects.filter(contact=ann).values_list("kind", flat=True)) == ["stop_promotions"]
    assert list(OptOut.objects.filter(contact=ann).values_list("channel", flat=True)) == ["call"]


def test_a_no_follows_the_address_into_a_new_contact(committed_world: World) -> None:
    world = committed_world
    known = contact(world, "Pat Moreau", email="")
    record_opt_out(known, None, "STOP", world.now, "+12125550123")
    Contact.objects.filter(pk=known.pk).update(external_id="A1")
    source = imported(world, people("Kim,Moreau,212 555 0123,,A2"))  # another id: somebody else at that number
    assert numbers(source) == (1, 0, 0, 0)
    kim = Contact.objects.get(external_id="A2")
    assert OptOut.objects.filter(contact=kim, channel=None, lifted_at=None).exists()


def test_who_was_deleted_stays_deleted(committed_world: World) -> None:
    world = committed_world
    known = contact(world, "Pat Moreau")
    change_contacts(world.member, Selection(ids=[known.pk]), Wish(kind=ChangeKind.DELETE), world.now)
    source = imported(world, people("Pat,Moreau,212 555 0123,new@example.org,"))
    assert refused(source) == [(2, DELETED)]
    assert Contact.objects.get().deletion is not None


def test_the_no_of_somebody_erased_comes_back_with_the_address(committed_world: World) -> None:
    world = committed_world
    said_no, blocked = contact(world, "Pat Moreau"), contact(world, "Ann Lee", phone="+12125550101", email="")
    record_opt_out(said_no, Channel.TEXT, "STOP", world.now, "+12125550123")
    mark(world.member, [blocked.pk], MarkerKind.STOP_PROMOTIONS, "", world.now)
    for gone in (said_no, blocked):
        erase_person(world.admin, gone.pk, CONFIRM, world.now)
    other = contact(world, "Bob Ito", phone="+12125550102", email="bob@example.org")
    sales = create_group(world.member, "Sales", True, world.now)
    rows = ("Ann,Lee,212 555 0101,,,Sales", "Bob,Ito,212 555 0123,bob@example.org,,")
    assert numbers(imported(world, people(*rows, header=f"{HEADER},Groups"))) == (1, 1, 0, 0)
    assert [one.kind for one in of("+12125550101").markers.all()] == [MarkerKind.STOP_PROMOTIONS]
    assert not GroupContact.objects.filter(group=sales).exists()
    assert [one.channel for one in other.opt_outs.all()] == [Channel.TEXT]


def test_groups_notes_locations_and_members_are_found_or_made(committed_world: World) -> None:
    world = committed_world
    sales = create_group(world.member, "Sales", True, world.now)
    known = contact(world, "Pat Moreau")
    mark(world.member, [known.pk], MarkerKind.STOP_PROMOTIONS, "", world.now)
    header = "Name,Phone,Groups,Notes,Location,Assigned to"
    row = "Pat,212 555 0123,sales; Recall,Likes mornings,SG,ben@northgate.example"
    other = "Ann,212 555 0101,Recall,,Nowhere,Nobody"
    source = imported(world, people(row, other, header=header))
    assert numbers(source) == (1, 1, 0, 0)
    assert not GroupContact.objects.filter(group=sales).exists()  # Stop Promotions keeps them out
    assert GroupContact.objects.filter(group__name="Recall").count() == 2
    assert not Group.objects.get(name="Recall").is_sales
    assert Note.objects.get().text == "Likes mornings"
    known.refresh_from_db()
    assert (known.location_id, known.assigned_to_id) == (world.south.pk, world.ben.pk)
    assert ContactImportProblem.objects.filter(is_refused=False).count() == 2
    again = imported(world, people(row, header=header))
    assert Note.objects.count() == 1
    assert again.added == 0


# --- undo


def test_an_undo_removes_whom_it_added_and_restores_what_it_filled(committed_world: World) -> None:
    world = committed_world
    known = contact(world, "Pat Moreau", email="")
    sales = create_group(world.member, "Sales", True, world.now)
    GroupContact.objects.create(group=sales, contact=known)
    assign({known.pk: world.cem.pk})
    before = Contact.objects.filter(pk=known.pk).values().get()
    header = "First name,Last name,Phone,Email,Own ID,Language,Groups,Notes,No marketing,Opted out,Assigned to"
    source = imported(
        world,
        people(
            "Ann,Lee,212 555 0101,,P1,de,Recall,Hello,x,text,ben@northgate.example",
            "Patricia,,212 555 0123,pat@example.org,P2,fr,Recall,Hello,x,text,ben@northgate.example",
            header=header,
        ),
        overwrite=True,
    )
    assert numbers(source) == (1, 1, 0, 0)
    assert set(Assignment.objects.values_list("member", flat=True)) == {world.ben.pk}
    assert not GroupContact.objects.filter(group=sales).exists()
    undone = undo_import(world.member, source.pk, world.now)
    assert (undone.state, undone.removed, undone.restored, undone.kept) == ("undone", 1, 1, 0)
    assert Contact.objects.filter(pk=known.pk).values().get() == before
    assert Contact.objects.count() == 1
    assert list(Assignment.objects.values_list("contact", "member")) == [(known.pk, world.cem.pk)]
    assert values(known) == ["+12125550123"]
    assert list(GroupContact.objects.values_list("group__name", flat=True)) == ["Sales"]
    assert not Note.objects.exists()
    assert not Marker.objects.exists()
    assert not OptOut.objects.exists()


def test_an_undo_leaves_whoever_was_touched_since(committed_world: World) -> None:
    world = committed_world
    rows = [f"N{number},,212555{1000 + number},," for number in range(7)]
    source = imported(world, people(*rows))
    n = [of(f"+1212555{1000 + number}") for number in range(7)]
    update_contact(world.member, n[0].pk, ContactDetails(given_name="Zoe", phones=("+12125551000",)), world.now)
    mark(world.member, [n[1].pk], MarkerKind.FLAG, "", world.now)
    add_note(world.member, n[2].pk, "Called", world.now + timedelta(minutes=1))
    texts(world, 1, to=n[3])
    record_opt_out(n[4], None, "STOP", world.now, "+12125551004")
    change_contacts(world.member, Selection(ids=[n[5].pk]), Wish(kind=ChangeKind.STOP_ALL), world.now)
    undone = undo_import(world.member, source.pk, world.now)
    assert (undone.removed, undone.kept) == (1, 6)
    assert not Contact.objects.filter(pk=n[6].pk).exists()


def test_an_undo_has_ten_minutes_and_happens_once(committed_world: World) -> None:
    world = committed_world
    source = imported(world, people("Ann,,2125550101,,"))
    assert source.finished_at is not None
    with pytest.raises(Conflict, match="ten minutes"):
        undo_import(world.member, source.pk, source.finished_at + timedelta(minutes=11))
    undo_import(world.member, source.pk, world.now)
    with pytest.raises(Conflict, match="undone already"):
        undo_import(world.member, source.pk, world.now)


# --- what a person sees and chooses


def test_the_preview_counts_and_writes_nothing(world: World) -> None:
    contact(world, "Pat Moreau")
    file = people(
        "Pat,Moreau,212 555 0123,pat@example.org,",
        "Pat,Moreau,212 555 0123,more@example.org,",
        "Ann,,2125550101,,",
        "Bob,,,,",
    )
    source = uploaded(world, file)
    seen = contact_imports.preview(world.viewer, source.pk, world.now)
    counted = seen.planned
    assert (counted.added, counted.completed, counted.unchanged, len(counted.refused)) == (1, 1, 1, 1)
    assert seen.columns[2] == "Phone"
    assert seen.samples[0] == ("Pat", "Pat", "Ann")
    assert Contact.objects.count() == 1


def test_columns_can_be_given_to_other_fields(world: World) -> None:
    source = uploaded(world, "Alpha,Beta\nAnn Lee,2125550101\n")
    options = options_from_json(source.options)
    assert options.fields == (None, PersonField.PHONE)
    contact_imports.configure(
        world.member, source.pk, replace(options, fields=(PersonField.FULL_NAME, PersonField.PHONE)), world.now
    )
    ((row, word, _, _),) = contact_imports.preview(world.member, source.pk, world.now).rows
    assert (row.given_name, row.family_name, word) == ("Ann", "Lee", "new")
    with pytest.raises(Invalid, match="each column"):
        contact_imports.configure(world.member, source.pk, replace(options, fields=()), world.now)
    with pytest.raises(Invalid, match="Two columns"):
        contact_imports.configure(
            world.member, source.pk, replace(options, fields=(PersonField.LANGUAGE,) * 2), world.now
        )


def test_without_a_phone_or_an_email_nothing_is_imported(world: World) -> None:
    source = uploaded(world, "Name,Birthday\nAnn Lee,1990-01-01\n")
    assert "which column holds a phone" in contact_imports.preview(world.member, source.pk, world.now).blocker
    with pytest.raises(Invalid, match="which column"):
        contact_imports.confirm(world.member, source.pk, world.now)


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "empty"), (b"%PDF-1.4", "PDF"), (b"BEGIN:VCALENDAR\r\n", "appointments"), (b"Name,Phone\n", "no rows")],
)
def test_what_cannot_be_read_is_refused_with_what_to_do(world: World, content: bytes, words: str) -> None:
    with pytest.raises(Invalid, match=words):
        uploaded(world, content)
    assert not ContactImport.objects.exists()


def test_roles_and_accounts(world: World) -> None:
    source = uploaded(world, people("Ann,,2125550101,,"))
    for act in (contact_imports.confirm, contact_imports.discard):
        with pytest.raises(Forbidden):
            act(world.viewer, source.pk, world.now)
        with pytest.raises(NotThere):
            act(world.stranger, source.pk, world.now)
    with pytest.raises(Forbidden):
        uploaded(world, people("Ann,,2125550101,,"), actor=world.viewer)
    with pytest.raises(NotThere):
        contact_imports.preview(world.stranger, source.pk, world.now)
    contact_imports.discard(world.member, source.pk, world.now)
    assert not ContactImport.objects.exists()


def test_the_ledger_has_one_entry_with_numbers_and_no_names(committed_world: World) -> None:
    world = committed_world
    known = ledger.newest(world.account.pk)
    source = imported(world, people("Ann,Lee,2125550101,ann@example.org,", "Bob,,,,"))
    (entry,) = LedgerEntry.objects.filter(account=world.account, number__gt=known)
    assert (entry.act, entry.subject) == ("import_contacts", f"contacts:import:{source.pk}")
    assert entry.after is not None
    assert (entry.after["added"], entry.after["refused"]) == (1, 1)
    assert "Ann" not in str(entry.after)
    assert "people.csv" not in str(entry.after)


def test_a_done_import_is_not_run_again(committed_world: World) -> None:
    source = imported(committed_world, people("Ann,,2125550101,,"))
    assert run_here(source.pk).added == 1
    with pytest.raises(Conflict, match="imported already"):
        contact_imports.confirm(committed_world.member, source.pk, committed_world.now)
