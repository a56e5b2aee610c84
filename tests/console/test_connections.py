"""Setup, Connections: the sections, and Pause and Unpause Account with the typed word."""

import pytest
from django.utils import timezone

from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.rules.leads import LeadSource
from allstop.store.models import Hold
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import World


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def paused() -> bool:
    return Hold.objects.filter(name="paused", lifted_at=None).exists()


def test_pause_and_unpause_ask_for_the_word_and_say_what_they_do(world: World) -> None:
    """001-01, 001-03 (a team leader does it alone), 001-05 (until somebody unpauses), 001-06, 001-08, 001-09"""
    create_lead(world.member, NewLead(source=LeadSource.MANUAL, phone="+12125550123"), world.now)
    ben = logged_in(world.ben)
    page = ben.get("/setup/connections").content.decode()
    assert "Account Status" in page
    assert "Pause Account" in page
    dialog = ben.get("/setup/connections/pause", headers=HTMX).content.decode()
    for words in ("possibly destructive", "entire team of 4 members", "<b>1</b> active lead", "Pause Account"):
        assert words in dialog
    for typed in ("", "confirm", "CONFIRM "):
        refused = ben.post("/setup/connections/pause", {"confirm": typed}, headers=HTMX)
        assert (refused.status_code, paused()) == (422, False)
        assert "Type CONFIRM" in refused.content.decode()
    done = ben.post("/setup/connections/pause", {"confirm": "CONFIRM", "reason": "doubles"}, headers=HTMX)
    assert (done["HX-Redirect"], paused()) == ("/setup/connections", True)
    create_lead(world.member, NewLead(source=LeadSource.API, phone="+12125550124"), world.now)
    page = ben.get("/setup/connections").content.decode()
    for words in ("Your team is now paused", "Unpause Account", "1 lead refused since paused: 1 API", "Ben Weber"):
        assert words in page
    standing = ben.get("/stops/standing").content.decode()
    assert "Pause of new leads" in standing
    assert 'href="/setup/connections/unpause"' in standing
    assert "when somebody unpauses" in standing
    assert (
        "<b>1</b> lead that was refused is not made up later" in ben.get("/setup/connections/unpause").content.decode()
    )
    assert ben.post("/setup/connections/unpause", {"confirm": "Confirm"}).status_code == 422
    assert paused()
    after = ben.post("/setup/connections/unpause", {"confirm": "CONFIRM"}, follow=True).content.decode()
    assert "Your team is unpaused" in after
    assert not paused()
    assert ben.post("/setup/connections/unpause", {"confirm": "CONFIRM"}).status_code == 409


def test_a_member_sees_why_the_buttons_are_not_theirs(world: World) -> None:
    """001-02"""
    cem = logged_in(world.cem)
    page = cem.get("/setup/connections").content.decode()
    assert "this needs the role admin or leader" in page
    assert "/setup/connections/pause" not in page
    assert cem.post("/setup/connections/pause", {"confirm": "CONFIRM"}).status_code == 403
    assert cem.post("/setup/connections/unpause", {"confirm": "CONFIRM"}).status_code == 403
    assert not paused()
