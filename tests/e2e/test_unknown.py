"""Outcome unknown, in a browser: from Home to the list, select, say why, and see it go."""

from datetime import UTC, datetime

from playwright.sync_api import expect

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.switch import stop_account
from allstop.store.models import Inquiry, LedgerEntry, Message
from tests.e2e.visits import Visits
from tests.world import World, contact, lose, texts


def asked_in_vain(world: World) -> None:
    """The provider was asked and does not have them, but an hour later: a person decides."""
    Inquiry.objects.bulk_create(
        Inquiry(
            account_id=world.account.pk,
            message_id=one.id,
            since=one.finished_at or world.now,
            times=9,
            asked_at=datetime.now(UTC),
            answer="not_there",
        )
        for one in Message.objects.filter(account_id=world.account.pk, status="unknown")
    )


def test_selected_messages_are_sent_again_and_one_is_left(visits: Visits, world: World) -> None:
    wait_until_confirmed(stop_account(world.leader, "", datetime.now(UTC)).number)  # so that they stay where they are
    first, second, third = lose(world, texts(world, 3, to=contact(world)))
    asked_in_vain(world)
    page = visits.by(world.cem, at="/")
    page.get_by_role("link", name="Outcome unknown").click()
    again = page.get_by_role("button", name="Send again")
    expect(again).to_be_disabled()
    rows = page.locator("#unknown-grid tbody tr")
    expect(rows).to_have_count(3)
    expect(rows.first).to_contain_text("the provider does not have it")
    page.locator(f"#message-{first} .pick").click()
    page.locator(f"#message-{second} .pick").click()
    again.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("It may have arrived.")
    dialog.get_by_label("Reason").fill("Asked them")
    dialog.get_by_role("button", name="Send again").click()
    expect(page.get_by_text("2 messages will be sent again")).to_be_visible()
    expect(rows).to_have_count(1)
    rows.get_by_role("link").first.click()
    page.get_by_role("button", name="Leave it").click()
    dialog.get_by_role("button", name="Leave it").click()
    expect(page.get_by_text("1 message left. Nothing was sent.")).to_be_visible()
    expect(page.get_by_role("button", name="Leave it")).to_have_count(0)
    statuses = dict(Message.objects.filter(account_id=world.account.pk).values_list("id", "status"))
    assert statuses == {first: "waiting", second: "waiting", third: "failed"}
    assert LedgerEntry.objects.filter(act="send_again", reason="Asked them").count() == 2
