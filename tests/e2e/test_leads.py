"""The board of leads in a browser: a card is dragged, another decided by the keyboard, and a program's lead appears."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.rules.leads import LeadSource
from allstop.store.models import Lead
from tests.e2e.axe import in_both_themes
from tests.e2e.visits import Visits
from tests.world import World


def test_cards_are_dragged_or_decided_by_keys_and_new_ones_appear(visits: Visits, world: World) -> None:
    def new(number: int, name: str) -> Lead:
        asked = NewLead(source=LeadSource.API, phone=f"+1212555{number:04}", given_name=name, family_name="Ortiz")
        lead = create_lead(world.member, asked, datetime.now(UTC)).lead
        assert lead is not None
        return lead

    lee, kim = new(166, "Lee"), new(167, "Kim")
    page = visits.by(world.cem, at="/leads/board")
    column = {status: page.locator(f"[data-column={status}]") for status in ("new", "qualified", "unqualified")}
    page.locator(f"#lead-{lee.pk}").drag_to(column["unqualified"])
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Unqualify Lee Ortiz?")).to_be_visible()
    assert in_both_themes(page) == []
    dialog.get_by_label("Why").select_option(label="Never answered")
    dialog.get_by_role("button", name="Unqualify").click()
    expect(column["unqualified"].get_by_role("link", name="Lee Ortiz", exact=True)).to_be_visible()
    lee.refresh_from_db()
    assert (lee.status, lee.reason) == ("unqualified", "unresponsive")
    column["new"].get_by_role("link", name="Kim Ortiz", exact=True).focus()
    page.keyboard.press("q")
    dialog.get_by_role("button", name="Qualify").press("Enter")
    expect(column["qualified"].get_by_role("link", name="Kim Ortiz", exact=True)).to_be_visible()
    kim.refresh_from_db()
    assert kim.status == "qualified"
    new(168, "Noor")
    expect(column["new"].get_by_role("link", name="Noor Ortiz", exact=True)).to_be_visible()
