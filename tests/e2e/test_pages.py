"""Every page, in both themes, at a desk and on a phone: the lamp upper left, no barrier, nothing sticks out."""

from datetime import UTC, datetime, timedelta

from playwright.sync_api import Page, expect

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.contact_lists import ListChoice, save_list
from allstop.actions.contacts import mark
from allstop.actions.feed_files import take_file
from allstop.actions.feeds import FeedChoice, save_feed
from allstop.actions.imports import confirm, upload
from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.lead_import import import_leads
from allstop.actions.message_plans import PlanChoice, save_plan, usual_follow_up, usual_steps
from allstop.actions.notices import notify
from allstop.actions.scheduled import schedule_stop
from allstop.actions.stop_links import make_link
from allstop.actions.switch import stop, stop_account
from allstop.actions.tickets import open_ticket
from allstop.actions.tokens import create_token
from allstop.actions.webhooks import WebhookDetails, create_webhook
from allstop.rules.facts import Channel
from allstop.rules.holds import one_channel, whole_account
from allstop.rules.leads import LeadSource
from allstop.rules.markers import MarkerKind
from allstop.rules.message_plan import CountsFrom
from allstop.rules.plans import Planned
from allstop.store.models import (
    FeedKind,
    Import,
    ImportState,
    JobSource,
    NoticeKind,
    OutboxItem,
    Status,
    Webhook,
    WebhookDelivery,
)
from tests.dispatch.processes import wait_until
from tests.e2e.axe import Faults, faults, in_both_themes
from tests.e2e.cast import TOMORROW, notifications, unclear_reply, with_status
from tests.e2e.test_import import BAD_ROWS
from tests.e2e.test_import import TOMORROW as TOMORROWS_DATE
from tests.e2e.visits import PHONE, Visits
from tests.formats.notify_file import notify_csv
from tests.world import World, contact, job


def failed_delivery(webhook: Webhook, now: datetime) -> None:
    said = {"account_id": webhook.account_id, "kind": "message.sent", "at": now, "tried_at": now}
    WebhookDelivery.objects.create(webhook=webhook, state="failed", code=500, answer="no", tries=10, took_ms=9, **said)


def inhabited(world: World) -> list[str]:
    """Something of everything in the account; returns the addresses of its pages."""
    now = datetime.now(UTC)
    person = contact(world, "Flora Flagged")
    mark(world.member, [person.pk], MarkerKind.STOP_ALL, "Asked at the desk", now)
    tomorrow = job(world, "Tomorrow's reminders")
    for channel in Channel:
        notifications(world, 3, of=tomorrow, channel=channel, at=world.north, due=TOMORROW)
        notifications(world, 2, of=job(world, f"By {channel}"), channel=channel, at=world.south)
    (held,) = notifications(world, 1, of=tomorrow, due=TOMORROW)
    notifications(world, 1, to=person)
    wait_until(lambda: with_status(world, Status.SENT) == 6, "six messages to leave")
    unclear_reply(contact(world, "Una Clear", phone="+12125550166"), "+12125550166")
    make_link(world.admin, "The owner's phone", 30, now)
    create_token(world.admin, "Front desk scheduler", now, world.ada.user_id)
    file = notify_csv(12, TOMORROWS_DATE) + BAD_ROWS
    done = upload(world.member, "Done.csv", file, now, JobSource.UPLOAD)
    confirm(world.member, done.pk, now)
    wait_until(lambda: Import.objects.get(pk=done.pk).state == ImportState.DONE, "the import")
    choice = FeedChoice(name="Practice", kind=FeedKind.PUSH, settings={}, like_import=done.pk, rhythm={"sun": ["mon"]})
    recall = save_list(world.leader, ListChoice(name="Six months without a visit"), now)
    plan = save_plan(world.leader, PlanChoice(name="Three steps", steps=usual_steps()), now)
    save_plan(world.leader, PlanChoice(name="R", steps=usual_follow_up(), counts_from=CountsFrom.SENDING), now)
    feed = save_feed(world.leader, choice, now)
    take_file(feed, "Again.csv", file, now)
    to_confirm = upload(world.member, "Reminders.csv", file, now, JobSource.UPLOAD)
    sent = OutboxItem.objects.filter(account=world.account).order_by("pk")[0]
    stop(world.leader, one_channel(world.account.pk, Channel.CALL), "The line crackles", now)
    night = Planned(now + timedelta(hours=20), now + timedelta(hours=30))
    schedule_stop(world.leader, whole_account(world.account.pk), night, "New phone system", now)
    notify(NoticeKind.BRAKE, "The brake has stopped a job", "12 of 20.", now, account_id=world.account.pk, url="/stops")
    hears = WebhookDetails(name="CRM", url="https://crm.example/hooks", kinds=["opt_out"])
    webhook, _ = create_webhook(world.admin, hears, now)
    failed_delivery(webhook, now)
    asked = NewLead(source=LeadSource.API, phone="+12125550188", given_name="Lee", comment="What does it cost?")
    lead = create_lead(world.member, asked, now).lead
    assert lead is not None
    handed_in = import_leads(world.member, "fair.csv", [b"Name,Phone\nKim,2125550187\nNobody,12\n"], "buyer", now)
    return [
        "/",
        "/leads",
        "/leads/board",
        "/leads/funnel",
        "/leads/new",
        "/leads/import",
        f"/leads/import/{handed_in.pk}",
        f"/leads/{lead.pk}",
        "/setup/connections/webhooks",
        f"/setup/connections/webhooks/{webhook.pk}",
        "/inbox",
        "/stops/standing",
        "/stops/scheduled",
        "/forecast",
        "/notices",
        "/setup/brake",
        "/reports?by=channel",
        "/contacts/lists",
        "/contacts/lists/new",
        f"/contacts/lists/{recall.pk}",
        f"/contacts/lists/{recall.pk}/plan",
        "/setup/plans",
        "/setup/plans/new",
        "/setup/plans/new?for=list",
        f"/setup/plans/{plan.pk}",
        "/setup/feeds",
        "/setup/feeds/new?kind=folder",
        f"/setup/feeds/{feed.pk}",
        f"/jobs/{tomorrow.pk}",
        "/messages",
        f"/messages/{held}",
        f"/messages/{sent.message_id}",
        "/import",
        f"/import/{done.pk}",
        f"/import/{to_confirm.pk}",
        "/outbox",
        f"/outbox/{sent.pk}",
        "/contacts",
        "/contacts/import",
        f"/contacts/{person.pk}",
        "/messenger",
        "/setup/messenger",
        "/replies",
        "/setup/sending",
        "/setup/sending/wizard",
        "/setup/tokens",
        "/setup/connections",
        "/setup/connections/end",
        "/setup/playbook",
        "/setup/replies",
        "/setup/text-provider",
        "/setup/calls",
        "/setup/email",
        "/setup/templates",
        "/setup/emergency",
        "/inbox/answer-times",
        "/leads/import",
        "/help/remove-jobs",
        "/help/tickets",
        f"/help/tickets/{open_ticket(world.admin, world.account.pk, 'Our invoice', 'Why 40?', now).ticket.pk}",
    ]


OWN_LOG_IN = ("/accounts/2fa/", "/accounts/password/change/", "/accounts/logout/")


def test_every_page_has_the_green_lamp_upper_left_and_no_barrier_and_nothing_sticks_out(
    visits: Visits, world: World
) -> None:
    """000-04, for the lamp."""
    page = visits.by(world.ada)
    lamp = page.locator("#lamp")
    without = []
    found: Faults = {}
    for path in (*inhabited(world), *OWN_LOG_IN):
        page.goto(path)
        found |= faults(page, path)
        box = lamp.bounding_box() if lamp.count() else None
        if box is None or box["x"] > 40 or box["y"] > 40 or not is_green(page):
            without.append(path)
            continue
        expect(lamp).to_contain_text("RUNNING")
        expect(lamp.locator(".lens-running")).to_be_visible()
    assert without == []
    assert found == {}


def test_on_a_phone_the_rarer_places_are_behind_more(visits: Visits, world: World) -> None:
    page = visits.by(world.ada, width=PHONE)
    page.goto("/")
    places = page.get_by_role("navigation", name="Main")
    expect(places.get_by_role("link")).to_have_text(["Home", "Inbox", "Phonebook", "Messenger"])
    places.get_by_role("button", name="More").press("Enter")
    assert in_both_themes(page) == []
    places.get_by_role("link", name="Outbox").press("Enter")
    expect(page.get_by_role("heading", name="Outbox", level=1)).to_be_visible()
    expect(places.get_by_role("button", name="More")).to_have_attribute("aria-current", "true")
    page.goto("/setup/emergency")
    expect(page.locator(".tabs a[aria-current]")).to_be_in_viewport(ratio=1)  # the last of fourteen


def test_no_dialog_has_a_barrier_or_sticks_out(visits: Visits, world: World) -> None:
    old = job(world, "Last week")
    notifications(world, 3, of=old, due=TOMORROW, at=world.north)
    page = visits.by(world.ada)
    page.locator("#lamp").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found = faults(page, "stop dialog")
    page.keyboard.press("Escape")
    page.locator(f"#job-{old.pk} td").nth(3).click()
    page.locator("#jobs").get_by_role("button", name="REMOVE").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    found |= faults(page, "remove dialog")
    page.keyboard.press("Escape")
    notifications(world, 3, of=old, channel=Channel.EMAIL, due=TOMORROW, use_by=-timedelta(hours=1))
    wait_until_confirmed(stop_account(world.leader, "Bad upload", datetime.now(UTC)).number)
    expect(page.locator("#lamp")).to_have_attribute("data-state", "stopped")
    found |= faults(page, "home, STOPPED")
    page.locator("#lamp").click()
    expect(page.get_by_role("dialog").locator(".old-jobs")).to_be_visible()
    found |= faults(page, "start dialog")
    page.keyboard.press("Escape")
    page.locator(".who").click()
    found |= faults(page, "member menu")
    assert found == {}


def test_the_log_in_has_no_barrier_and_does_not_stick_out(visits: Visits) -> None:
    page = visits.by_nobody()
    found: Faults = {}
    for path in ("/accounts/login/", "/accounts/password/reset/"):
        page.goto(path)
        found |= faults(page, path)
    assert found == {}


def is_green(page: Page) -> bool:
    """The tokens are in oklch: lightness, chroma, hue; greens have a hue of about 145 degrees."""
    colour = page.locator("#lamp").evaluate("lamp => getComputedStyle(lamp).backgroundColor")
    assert colour.startswith("oklch("), colour
    _lightness, chroma, hue = (float(word) for word in colour[6:-1].split()[:3])
    return chroma > 0.08 and 130 < hue < 165
