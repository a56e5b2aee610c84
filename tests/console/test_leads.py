"""Leads in the console: list, board, funnel, a new one by hand, one lead and its decisions."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.pausing import pause_intake
from allstop.rules.leads import LeadSource
from allstop.store.models import Lead, LeadImport, OptOut
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def made(world: World, number: int, name: str, source: LeadSource = LeadSource.API, **more: object) -> Lead:
    new = NewLead(source=source, phone=f"+1212555{number:04}", given_name=name, family_name="Ortiz", **more)  # type: ignore[arg-type]
    lead = create_lead(world.member, new, world.now).lead
    assert lead is not None
    return lead


def test_the_list_and_the_board_show_what_the_filters_say(world: World) -> None:
    lee = made(world, 166, "Lee", kind="buyer", comment="A price?")
    made(world, 167, "Kim", LeadSource.EMAIL, assigned_to_id=world.ben.pk)
    dot = logged_in(world.dot)
    page = dot.get("/leads").content.decode()
    assert all(
        words in page for words in ("Lee Ortiz", "Kim Ortiz", "A price?", "Ben Weber", f'href="/leads/{lee.pk}"')
    )
    assert "New lead" not in page.split("<main")[1]
    for query in ("source=email", f"owner={world.ben.pk}", "q=kim"):
        shown = dot.get(f"/leads?{query}").content.decode()
        assert ("Kim Ortiz" in shown, "Lee Ortiz" in shown) == (True, False), query
    assert "No leads" in dot.get("/leads?status=qualified").content.decode()
    board = logged_in(world.cem).get("/leads/board?owner=-1").content.decode()
    assert ("Lee Ortiz" in board, "Kim Ortiz" in board) == (True, False)
    assert f'data-to="qualified" draggable="false" href="/leads/{lee.pk}/qualify"' in board
    assert 'data-to="' not in dot.get("/leads/board").content.decode()
    assert "Lee" not in logged_in(world.rae).get("/leads").content.decode().split("<main")[1]


def test_a_lead_is_decided_on_the_board_with_a_reason(world: World) -> None:
    lee = made(world, 166, "Lee")
    cem = logged_in(world.cem)
    asked = cem.get(f"/leads/{lee.pk}/unqualify", headers=HTMX).content.decode()
    assert "Unqualify Lee Ortiz?" in asked
    assert "Never answered" in asked
    assert cem.post(f"/leads/{lee.pk}/unqualify", {"reason": "mass_end"}, headers=HTMX).status_code == 422
    done = cem.post(f"/leads/{lee.pk}/unqualify", {"reason": "unresponsive", "note": "Three calls"}, headers=HTMX)
    assert '"leads:changed"' in done["HX-Trigger"]
    page = cem.get(f"/leads/{lee.pk}").content.decode()
    assert all(words in page for words in ("Never answered", "Three calls", "Unqualified Lead", "Lead Created"))
    cem.post(f"/leads/{lee.pk}/qualify", {"note": "They called back"})
    lee.refresh_from_db()
    assert (lee.status, lee.note) == ("qualified", "They called back")
    assert logged_in(world.dot).post(f"/leads/{lee.pk}/qualify", {}).status_code == 403
    cem.post(f"/leads/{lee.pk}/notes", {"text": "Likes the garden"})
    cem.post(f"/leads/{lee.pk}/edit", {"kind": "seller", "comment": "", "location_id": world.north.pk})
    page = cem.get(f"/leads/{lee.pk}").content.decode()
    assert all(words in page for words in ("Likes the garden", "seller", "Northgate"))
    cem.post(f"/leads/{lee.pk}/dnc", {"note": "On the phone"})
    assert OptOut.objects.filter(contact_id=lee.contact_id, channel=None, lifted_at=None).exists()
    assert "Nothing leaves to them" in cem.get(f"/leads/{lee.pk}").content.decode()


def test_a_lead_by_hand_is_created_or_says_why_not(world: World) -> None:
    cem = logged_in(world.cem)
    created = cem.post("/leads/new", {"phone": "212 555 0166", "given_name": "Lee", "assigned_to_id": world.ben.pk})
    lee = Lead.objects.get(account=world.account)
    assert (created["Location"], lee.source, lee.contact.assigned_to) == (f"/leads/{lee.pk}", "manual", world.ben)
    again = cem.post("/leads/new", {"phone": "212 555 0166"})
    assert (again.status_code, f'href="/leads/{lee.pk}"' in again.content.decode()) == (409, True)
    assert cem.post("/leads/new", {"phone": "12"}).status_code == 422
    assert logged_in(world.dot).post("/leads/new", {"phone": "212 555 0167"}).status_code == 403
    pause_intake(world.leader, "CONFIRM", "", world.now)
    refused = cem.post("/leads/new", {"phone": "212 555 0167"})
    assert (refused.status_code, "The account is paused" in refused.content.decode()) == (409, True)
    assert "1 lead refused since paused: 1 by hand" in cem.get("/leads").content.decode()


def test_the_funnel_counts_by_week_and_source(world: World) -> None:
    made(world, 166, "Lee")
    made(world, 167, "Kim", LeadSource.EMAIL)
    cem = logged_in(world.cem)
    cem.post(f"/leads/{Lead.objects.get(source='api').pk}/qualify", {})
    page = cem.get("/leads/funnel").content.decode()
    assert "What became of the leads of each week" in page
    rows = page.split('id="funnel-table"')[1]
    assert ("API" in rows, "email" in rows) == (True, True)
    assert 'data-label="Qualified">1<' in rows
    only = cem.get("/leads/funnel?source=email").content.decode().split('id="funnel-table"')[1]
    assert ("API" in only, 'data-label="Qualified">1<' in only) == (False, False)


def test_a_file_is_handed_in_and_each_row_says_what_came_of_it(world: World) -> None:
    made(world, 166, "Lee")
    file = SimpleUploadedFile("fair.csv", b"Name,Phone\nLee Ortiz,2125550166\nKim Haddad,2125550167\n")
    cem = logged_in(world.cem)
    page = cem.post("/leads/import", {"file": file, "kind": "buyer"}, follow=True).content.decode()
    assert "1 of 2 rows became leads" in page
    assert "This contact has a lead that is new already." in page
    assert Lead.objects.get(source="file").kind == "buyer"
    kept = LeadImport.objects.get(file_name="fair.csv").pk
    address = f"/leads/import/{kept}"
    assert f'href="{address}"' in cem.get("/leads/import").content.decode(), "it is found again"
    everything = cem.get(f"{address}?all=1").content.decode()
    assert ("Kim Haddad" in everything, "Kim Haddad" in page) == (True, False)
    LeadImport.objects.filter(pk=kept).update(state="running", total=3)
    moving = cem.get(f"{address}/progress", headers=HTMX).content.decode()
    assert "You may leave this page" in moving and f'hx-get="{address}/progress"' in moving
    assert cem.get(f"{address}/progress").status_code == 302
    assert cem.get(f"{address}?after=x").status_code == 200
    assert cem.post("/leads/import", {}).status_code == 422
    assert logged_in(world.dot).post("/leads/import", {"file": file}).status_code in (403, 422)
