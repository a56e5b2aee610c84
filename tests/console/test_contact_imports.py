"""A file of contacts in the console: uploaded, looked at, corrected, confirmed, taken back; and the export."""

from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from allstop.actions.contact_import_run import run_here
from allstop.actions.contacts import mark
from allstop.formats.person import PersonField
from allstop.rules.markers import MarkerKind
from allstop.store.models import Contact, ContactImport, LedgerEntry, Member
from tests.console.desk import HTMX, logged_in
from tests.contact_import_runs import uploaded
from tests.formats.people import FILES, people
from tests.world import World, contact

CSV = b"Alpha,Mobile,Mail\nAnn Lee,212 555 0101,ann@example.org\nBob Ray,123,\n"


def sent(client: Client, content: bytes = CSV, name: str = "people.csv") -> Any:
    return client.post("/contacts/import", {"file": SimpleUploadedFile(name, content)})


def words(answer: Any) -> str:
    return " ".join(answer.content.decode().split())


def test_a_file_is_uploaded_corrected_and_confirmed(world: World) -> None:
    client = logged_in(world.cem)
    answer = sent(client)
    source = ContactImport.objects.get()
    assert answer["Location"] == f"/contacts/import/{source.pk}"
    page = words(client.get(f"/contacts/import/{source.pk}"))
    assert "<h2>What it will do</h2>" in page
    assert "<dt>New contacts</dt><dd>1</dd>" in page
    assert "<dt>Refused, with the reason below</dt><dd>1</dd>" in page
    assert "123 has too few digits" in page
    assert "<b>Ann Lee</b>" not in page
    chosen = {"column-0": "full_name", "column-1": "phone", "column-2": "email", "overwrite": "1"}
    part = client.post(f"/contacts/import/{source.pk}", chosen, headers=HTMX)
    assert "<b>Ann Lee</b>" in words(part)
    assert "<form" not in words(part)
    assert client.post(f"/contacts/import/{source.pk}/confirm", chosen).status_code == 302
    source.refresh_from_db()
    assert source.state == "queued"
    assert source.options["fields"] == ["full_name", "phone", "email"]
    assert source.options["overwrite"]
    assert "It waits for a worker" in words(client.get(f"/contacts/import/{source.pk}"))
    moving = client.get(f"/contacts/import/{source.pk}/progress", headers=HTMX)
    assert 'hx-trigger="every 1s"' in words(moving)


def test_what_came_of_it_can_be_downloaded_and_taken_back(committed_world: World) -> None:
    client = logged_in(committed_world.cem)
    sent(client)
    source = ContactImport.objects.get()
    fields = {"column-0": PersonField.FULL_NAME, "column-1": PersonField.PHONE, "column-2": PersonField.EMAIL}
    client.post(f"/contacts/import/{source.pk}/confirm", fields)
    run_here(source.pk)
    page = words(client.get(f"/contacts/import/{source.pk}"))
    assert "2 rows: 1 new, 0 completed, 0 there already, 1 refused." in page
    refused: Any = client.get(f"/contacts/import/{source.pk}/refused.csv")
    assert b"Bob Ray,123" in b"".join(refused.streaming_content)
    assert "Undo" in page
    client.post(f"/contacts/import/{source.pk}/undo")
    assert not Contact.objects.exists()
    assert "1 removed, 0 as they were." in words(client.get(f"/contacts/import/{source.pk}"))
    assert client.post(f"/contacts/import/{source.pk}/undo").status_code == 409


@pytest.mark.parametrize("name", sorted(path.name for path in FILES.iterdir()))
def test_every_sample_file_can_be_looked_at(world: World, name: str) -> None:
    client = logged_in(world.cem)
    answer = sent(client, (FILES / name).read_bytes(), name)
    page = client.get(answer["Location"])
    assert page.status_code == 200
    assert '<span class="tag plan">new</span>' in words(page)


def test_an_encoding_can_be_chosen(world: World) -> None:
    client = logged_in(world.cem)
    sent(client, "Name;Telefon\nZoë;2125550101\n".encode("cp850"))
    source = ContactImport.objects.get()
    client.post(f"/contacts/import/{source.pk}/read-again", {"encoding": "cp850", "delimiter": "Semicolon"})
    assert "Zoë" in words(client.get(f"/contacts/import/{source.pk}"))
    answer = client.post(f"/contacts/import/{source.pk}/read-again", {"encoding": "klingon"})
    assert answer.status_code == 422
    assert "not an encoding" in words(answer)


def test_what_cannot_be_read_is_said_and_nothing_is_kept(world: World) -> None:
    answer = sent(logged_in(world.cem), b"%PDF-1.4", "list.pdf")
    assert answer.status_code == 422
    assert "This is a PDF" in words(answer)
    assert not ContactImport.objects.exists()


def test_a_field_that_does_not_exist_is_refused(world: World) -> None:
    source = uploaded(world, CSV)
    answer = logged_in(world.cem).post(f"/contacts/import/{source.pk}", {"column-0": "shoe_size"})
    assert answer.status_code == 422


def test_a_file_can_be_discarded(world: World) -> None:
    source = uploaded(world, CSV)
    logged_in(world.cem).post(f"/contacts/import/{source.pk}/discard")
    assert not ContactImport.objects.exists()


def test_a_viewer_looks_and_changes_nothing(world: World) -> None:
    source = uploaded(world, CSV)
    client = logged_in(world.dot)
    assert "You are a viewer here" in words(client.get(f"/contacts/import/{source.pk}"))
    assert sent(client).status_code == 403
    for act in ("confirm", "discard", "undo"):
        assert client.post(f"/contacts/import/{source.pk}/{act}", {"column-1": "phone"}).status_code == 403
    contact(world)
    assert "/contacts/import" not in words(client.get("/contacts"))


# --- export


def exported(member: Member, **said: object) -> bytes:
    answer: Any = logged_in(member).post("/contacts/export", said)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="contacts-')
    return b"".join(answer.streaming_content)


def test_what_the_list_shows_is_exported_or_what_is_selected(world: World) -> None:
    ann = contact(world, "Ann Lee", phone="+12125550101", email="")
    bob = contact(world, "Bob Ray", phone="+12125550102", email="")
    mark(world.member, [bob.pk], MarkerKind.FLAG, "", datetime.now(UTC))
    given = [row.given_name for row in people(exported(world.ben, format="csv", filter=""), "a.csv")]
    assert given == ["Ann", "Bob"]
    assert [row.given_name for row in people(exported(world.ben, format="xlsx", filter="flag=on"), "a.xlsx")] == ["Bob"]
    assert [row.given_name for row in people(exported(world.ben, format="vcard3", id=ann.pk))] == ["Ann"]
    rest = exported(world.ben, format="vcard4", filter="", all="1", **{"except": ann.pk})
    assert [row.given_name for row in people(rest)] == ["Bob"]
    assert LedgerEntry.objects.filter(act="export_contacts").count() == 4


def test_the_button_is_there_for_leaders_and_the_server_says_no_to_others(world: World) -> None:
    person = contact(world)
    assert "contacts/export" in words(logged_in(world.ben).get("/contacts"))
    assert "contacts/export" not in words(logged_in(world.cem).get("/contacts"))
    assert logged_in(world.cem).post("/contacts/export", {"format": "csv"}).status_code == 403
    assert logged_in(world.ben).get("/contacts/export").status_code == 405
    assert logged_in(world.rae).post("/contacts/export", {"format": "csv", "id": person.pk}).status_code == 404
