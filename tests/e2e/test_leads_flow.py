"""A lead as a leader sees it, from the first message to End Conversations, while another program listens."""

import json
from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from allstop.actions.talk_hearing import QUIET
from allstop.store.models import Conversation, Lead, Message, Status, Talk, WebhookDelivery
from tests.dispatch.processes import wait_until
from tests.e2e.axe import in_both_themes
from tests.e2e.cast import never_quiet
from tests.e2e.visits import Visits
from tests.peers.listener import Listener, listening_beside
from tests.world import World

LEE = "+12125550144"
PLAYBOOK = """
unasked: service

step hello
    text: Hi {first_name|there}, shall we call you?
    if yes: go when
    if no: unqualify not-interested
    after 1 day: unqualify unresponsive

step when
    text: Great. Today or tomorrow?
    if today, tomorrow: hand over
    after 2 days text: Still there?
"""


def test_a_lead_is_worked_taken_over_and_ended_with_all_and_integrators_hear_of_it(
    visits: Visits, world: World
) -> None:
    never_quiet(world)
    with listening_beside() as listener:
        page = visits.by(world.ben, at="/setup/connections/webhooks")
        add_webhook(page, listener)
        turn_playbook_on(page)
        create_lead_by_hand(page)
        lead = Lead.objects.get(account=world.account)
        wait_until(lambda: sent(world) == ["Hi Lee, shall we call you?"], "the first message to leave")
        write(page, world, "yep!")
        wait_until(lambda: len(sent(world)) == 2, "the answer to leave")
        assert sent(world)[1] == "Great. Today or tomorrow?"
        take_over(page, world)
        end_all(page)
        lead.refresh_from_db()
        assert (lead.status, lead.reason) == ("unqualified", "mass_end")
        wait_until(lambda: {"lead_created", "message.sent", "inbound.received"} <= kinds(listener), "the events")
        waiting = WebhookDelivery.objects.filter(account_id=world.account.pk, state="waiting")
        wait_until(lambda: not waiting.exists(), "all of them to arrive")
        assert "lead_unqualify" not in kinds(listener), "001-13: an end of all is told to nobody"
        page.goto("/setup/connections/webhooks")
        page.get_by_role("link", name="Our CRM").click()
        expect(page.get_by_role("region", name="Log of deliveries")).to_contain_text("A lead was created")
        assert in_both_themes(page) == []


def add_webhook(page: Page, listener: Listener) -> None:
    page.get_by_label("Name").fill("Our CRM")
    page.get_by_label("Address").fill(listener.url("/crm"))
    for words in ("A lead was created", "A lead was unqualified", "A provider has accepted", "Somebody wrote"):
        page.get_by_label(words).check()
    assert in_both_themes(page) == []
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_role("heading", name="The secret")).to_be_visible()


def turn_playbook_on(page: Page) -> None:
    page.goto("/setup/playbook")
    page.get_by_label("Playbook", exact=True).fill(PLAYBOOK)
    page.get_by_label("New leads begin with it").check()
    page.get_by_role("button", name="Check and save").click()
    expect(page.get_by_text("Saved. New leads begin with it.")).to_be_visible()
    assert in_both_themes(page) == []


def create_lead_by_hand(page: Page) -> None:
    page.goto("/leads/new")
    page.get_by_label("Phone number").fill(LEE)
    page.get_by_label("Given name").fill("Lee")
    page.get_by_role("button", name="Create the lead").click()
    expect(page.get_by_text("Lead Created")).to_be_visible()
    assert in_both_themes(page) == []


def write(page: Page, world: World, words: str) -> None:
    """As Lee does, by the page of the sandbox. The playbook waits whether more comes: that time is made over."""
    page.goto("/outbox")
    page.get_by_text("Play somebody who writes to you").click()
    page.get_by_label("From").fill(LEE)
    page.get_by_label("Says").fill(words)
    page.get_by_role("button", name="Write", exact=True).click()
    wait_until(lambda: talk(world).heard_at is not None, "the playbook to have heard it")
    before = datetime.now(UTC) - QUIET - timedelta(seconds=1)
    Talk.objects.filter(pk=talk(world).pk).update(heard_at=before, due_at=before)


def take_over(page: Page, world: World) -> None:
    thread = Conversation.objects.get(account=world.account)
    page.goto(f"/inbox/{thread.pk}")
    banner = page.locator("#talk")
    expect(banner).to_contain_text("Allstop answers")
    assert in_both_themes(page) == []
    banner.get_by_role("button", name="Take over").click()
    expect(banner).to_contain_text("A person answers")


def end_all(page: Page) -> None:
    page.goto("/setup/connections")
    page.get_by_role("link", name="End Conversations").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("possibly destructive")
    expect(dialog).to_contain_text("1 active lead becomes unqualified")
    assert in_both_themes(page) == []
    dialog.get_by_label("Type CONFIRM").fill("CONFIRM")
    dialog.get_by_role("button", name="End Conversations").click()
    expect(page.get_by_text("1 conversation ended.").first).to_be_visible()
    assert in_both_themes(page) == []


def talk(world: World) -> Talk:
    return Talk.objects.get(account=world.account)


def sent(world: World) -> list[str]:
    found = Message.objects.filter(account=world.account, status=Status.SENT).order_by("id")
    return list(found.values_list("body", flat=True))


def kinds(listener: Listener) -> set[str]:
    return {json.loads(body)["type"] for _, _, body in list(listener.arrivals)}
