"""Every address: behind the log-in, closed to other accounts, and what each page tells."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.core import mail
from django.test import Client
from django.urls import URLPattern, reverse
from django.utils import timezone

from allstop.actions import attachments
from allstop.actions.accounts import add_member
from allstop.actions.actor import Actor, Operator
from allstop.actions.bill_runs import bill_run
from allstop.actions.bulk import Selection, Wish, change_contacts
from allstop.actions.components import add_component
from allstop.actions.contact_imports import upload
from allstop.actions.contact_lists import ListChoice, save_list
from allstop.actions.erase import erase_person
from allstop.actions.groups import create_group
from allstop.actions.intake import create_lead
from allstop.actions.jobs import remove_jobs
from allstop.actions.lead_details import NewLead
from allstop.actions.lead_import import import_leads
from allstop.actions.mass_end import end_conversations
from allstop.actions.message_plans import PlanChoice, save_plan, usual_steps
from allstop.actions.messenger import Letter, One, To, send
from allstop.actions.packages import PackageSaid, save_package
from allstop.actions.payments import PaymentSaid, record_payment
from allstop.actions.play import play_inbound
from allstop.actions.scheduled import schedule_stop
from allstop.actions.status_plans import plan_change
from allstop.actions.status_types import add_reason
from allstop.actions.statuses import Wish as StatusWish
from allstop.actions.stop_links import make_link
from allstop.actions.stop_phones import set_phone
from allstop.actions.switch import stop, stop_account
from allstop.actions.tickets import open_ticket
from allstop.actions.webhooks import WebhookDetails, create_webhook, ping_webhook
from allstop.console.templatetags.words import ORIGINS
from allstop.console.urls import urlpatterns
from allstop.rules.facts import Channel, Purpose
from allstop.rules.gate import CHECKS as GATE
from allstop.rules.holds import one_channel, whole_account
from allstop.rules.leads import LeadSource
from allstop.rules.plans import Planned
from allstop.rules.reasons import CHECKS, REASONS
from allstop.rules.roles import Role
from allstop.store.models import (
    ChangeKind,
    Contact,
    Conversation,
    Feed,
    Hold,
    Import,
    Inbound,
    InboundFile,
    Invoice,
    Job,
    JobSource,
    Marker,
    Message,
    OptOut,
    OutboxItem,
    ProviderTest,
    Receipt,
    Status,
    StatusType,
    Stop,
    Template,
    Token,
    UnclearReply,
    User,
)
from tests.console.desk import HTMX, logged_in
from tests.kept_cast import the_cast
from tests.world import PASSWORD, World, contact, finish, job, texts


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: pages read the clock."""
    return the_cast(timezone.now())


def billed(world: World) -> dict[str, int]:
    by = Operator("Olu (operator)", "console")
    package = save_package(by, None, PackageSaid(name="Basic", price="30"), world.now)
    component = add_component(by, world.account.pk, package.pk, 1, None, world.now)
    run = bill_run(by, None, world.now)
    return {
        "package_id": package.pk,
        "component_id": component.pk,
        "payment_id": record_payment(by, world.account.pk, PaymentSaid("5"), world.now).pk,
        "bill_run_id": run.pk,
        "invoice_id": Invoice.objects.get(bill_run=run).pk,
    }


def webhook(world: World) -> dict[str, int]:
    details = WebhookDetails(name="CRM", url="https://crm.example/hooks", kinds=["opt_out"])
    made, _ = create_webhook(world.admin, details, world.now)
    return {"webhook_id": made.pk, "delivery_id": ping_webhook(world.admin, made.pk, world.now).pk}


def one_of_each(world: World) -> dict[str, int]:
    """Northgate's rows, by the name that an address has for them."""
    person = contact(world)
    made = job(world)
    [message] = texts(world, 1, of=made, to=person)
    delivered = OutboxItem.objects.create(
        account=world.account,
        message_id=message,
        key="1",
        channel="text",
        to="+12125550123",
        sender="",
        subject="",
        body="Hello Pat",
        at=world.now,
    )
    taken = Import.objects.create(
        account=world.account,
        file_name="monday.csv",
        format="csv",
        content=b"a,b",
        source="upload",
        state="done",
        rows_total=1,
        options={},
        created_by="Cem Tanaka",
        created_at=world.now,
    )
    token = Token.objects.create(
        account=world.account, member=world.ada, name="scheduler", digest="0" * 64, created_at=world.now
    )
    template = Template.objects.create(
        account=world.account, name="Short", channel="text", purpose="reminder", subject="", body="See you"
    )
    return {
        **billed(world),
        "list_id": save_list(world.admin, ListChoice(name="Recall"), world.now).pk,
        "plan_id": save_plan(world.admin, PlanChoice(name="Steps", steps=usual_steps()), world.now).pk,
        "feed_id": Feed.objects.create(
            account=world.account,
            name="Practice",
            kind="push",
            settings={},
            options={},
            columns=[],
            rhythm={},
            created_by="Ben Weber",
            created_at=world.now,
        ).pk,
        "job_id": made.pk,
        "message_id": message,
        "item_id": delivered.pk,
        "contact_id": person.pk,
        "import_id": taken.pk,
        "token_id": token.pk,
        "template_id": template.pk,
        "attachment_id": attachments.upload(world.member, "form.pdf", b"%PDF-1.7", world.now).id,
        "stop_id": removed_job(world),
        "reply_id": unclear_reply(world, person),
        "inbound_id": UnclearReply.objects.get(account=world.account).inbound_id,
        "conversation_id": conversation(world),
        "link_id": make_link(world.admin, "Fridge door", 30, world.now)[0].pk,
        "phone_id": set_phone(world.admin, world.ada.pk, "+12125550177", "", world.now)[0].pk,
        "group_id": create_group(world.member, "Recall", False, world.now).pk,
        "change_id": flagged(world, person.pk),
        "test_id": ProviderTest.objects.create(
            account=world.account, channel="text", asked_by="somebody", asked_at=world.now
        ).pk,
        "contact_import_id": upload(world.member, "people.csv", [b"Name,Phone\nAnn,2125550101\n"], world.now).pk,
        "hold_id": texts_stopped(world),
        "send_id": sent_from_the_messenger(world, person.pk),
        "scheduled_id": planned_stop(world),
        "erasure_id": erased(world),
        "file_id": attached(world, person),
        "lead_id": new_lead(world),
        "lead_import_id": import_leads(world.member, "fair.csv", [b"Name,Phone\nKim,2125550187\n"], "", world.now).pk,
        "any_account_id": world.account.pk,
        "status_type_id": world.account.status_type_id,
        "status_change_id": planned_status(world),
        "ticket_id": open_ticket(world.admin, world.account.pk, "Ours", "Hello", world.now).ticket.pk,
        "end_id": end_conversations(world.leader, "CONFIRM", world.now).pk,
        **webhook(world),
    }


def new_lead(world: World) -> int:
    taken = create_lead(world.member, NewLead(source=LeadSource.API, phone="+12125550199"), world.now)
    assert taken.lead is not None
    return taken.lead.pk


def planned_status(world: World) -> int:
    """Of the account; only operators see it."""
    operator = Operator("Olu", "console")
    add_reason(operator, "Past due", world.now)
    wish = StatusWish(StatusType.objects.get(status="suspended").pk, "Past due")
    return plan_change(operator, world.account.pk, wish, world.now.date() + timedelta(days=3), world.now).pk


def attached(world: World, person: Contact) -> int:
    inbound = Inbound.objects.create(
        account=world.account,
        contact=person,
        channel="email",
        adapter="smtp",
        provider_id="with a file",
        sender="pat@example.org",
        recipient="desk@northgate.example",
        text="See the picture",
        at=world.now,
    )
    made = InboundFile.objects.create(
        account=world.account, inbound=inbound, number=1, name="a.png", type="image/png", size=1, content=b"x"
    )
    return made.pk


def erased(world: World) -> int:
    return erase_person(world.admin, contact(world, "Gone Now").pk, "CONFIRM", world.now).pk


def unclear_reply(world: World, person: Contact) -> int:
    inbound = Inbound.objects.create(
        account=world.account,
        contact=person,
        channel="text",
        adapter="sandbox",
        provider_id="an unclear one",
        sender="+12125550123",
        recipient="",
        text="please stop",
        at=world.now,
    )
    return UnclearReply.objects.create(
        account=world.account, inbound=inbound, contact=person, held=[person.pk], at=world.now, settled_by=""
    ).pk


def sent_from_the_messenger(world: World, person: int) -> int:
    letter = Letter(channel=Channel.EMAIL, purpose=Purpose.PERSONAL, subject="Hello", body="Good day")
    return send(world.member, To(ones=(One(contact_id=person),)), letter, world.now).send.pk


def conversation(world: World) -> int:
    """With somebody whom nobody knows."""
    play_inbound(world.leader, Channel.TEXT, "+12125559988", "Do you take new patients?", world.now)
    return Conversation.objects.get(contact=None).pk


def texts_stopped(world: World) -> int:
    """The hold of a standing stop."""
    stop(world.member, one_channel(world.account.pk, Channel.TEXT), "", world.now)
    return Hold.objects.get(scope="channel").pk


def planned_stop(world: World) -> int:
    span = Planned(world.now + timedelta(days=1), world.now + timedelta(days=1, hours=2))
    return schedule_stop(world.leader, whole_account(world.account.pk), span, "", world.now).pk


def flagged(world: World, person: int) -> int:
    """The number of a bulk change."""
    return change_contacts(world.member, Selection(ids=[person]), Wish(kind=ChangeKind.FLAG), world.now).pk


def removed_job(world: World) -> int:
    """The number of its stop."""
    gone = job(world, "Removed")
    remove_jobs(world.member, [gone.pk], world.now)
    return Stop.objects.get(job_id=gone.pk).number


NAMES = {"name": "text", "slug": "schedule"}  # what an address takes that is no number: a channel, a page


def addresses(ids: dict[str, int]) -> Iterator[tuple[str, list[str]]]:
    """Each address of the console, filled in, with the names that it takes."""
    for pattern in urlpatterns:
        assert isinstance(pattern, URLPattern)
        names = list(pattern.pattern.converters)
        assert pattern.name is not None
        yield reverse(pattern.name, kwargs={name: NAMES.get(name) or ids[name] for name in names}), names


def test_nobody_sees_any_page_without_logging_in(world: World) -> None:
    for path, _names in addresses(one_of_each(world)):
        for answer in (Client().get(path), Client().post(path)):
            assert answer.status_code == 302, path
            assert answer["Location"].startswith("/accounts/login/?next="), path


def test_whoever_presses_when_the_session_has_ended_is_told_that_it_was_not_done(world: World) -> None:
    """Logging in led to the address of the button: an empty page, and nothing was stopped."""
    came_from = {"Referer": "http://testserver/messages?status=held"}
    answer = Client().post("/switch/stop", headers=came_from)
    assert answer["Location"] == "/accounts/login/?next=/messages%3Fstatus%3Dheld&undone=1"
    assert "so what you pressed was not done" in Client().get(answer["Location"]).content.decode()
    assert "so what you pressed" not in Client().get("/accounts/login/?next=/").content.decode()
    elsewhere = Client().post("/switch/stop", headers={"Referer": "https://evil.example/x"})
    assert elsewhere["Location"] == "/accounts/login/?next=/&undone=1"
    came = logged_in(world.ada).get("/switch/stop")  # by a reload, or an old bookmark
    assert (came.status_code, came["Allow"]) == (405, "POST")
    assert "This is the address of a button." in came.content.decode()


def test_no_page_shows_or_changes_another_accounts_rows(world: World) -> None:
    ids = one_of_each(world)
    client = logged_in(world.rae)
    asked = 0
    for path, names in addresses(ids):
        if set(names) - set(NAMES):  # an account's own channels have no ids
            answers = {client.get(path).status_code, client.post(path, {"name": "x"}).status_code}
            assert answers <= {404, 405}, (path, answers)
            assert 404 in answers, path
            asked += 1
    assert asked >= 8
    assert Token.objects.get(pk=ids["token_id"]).revoked_at is None


def test_every_page_opens_for_a_viewer_or_says_that_it_takes_only_post(world: World) -> None:
    client = logged_in(world.dot)
    for path, _names in addresses(one_of_each(world)):
        allowed: tuple[int, ...] = (403,) if path == reverse("confirm-database") else (200, 302, 405)  # operators only
        allowed = (404, 405) if path.startswith("/operator/") else allowed  # to all others these do not exist
        allowed = (403, 405) if path.startswith("/help/tickets") else allowed  # admins only
        assert client.get(path).status_code in allowed, path


def test_no_page_has_an_inline_style_or_script(world: World) -> None:
    client = logged_in(world.ada)
    for path, _names in addresses(one_of_each(world)):
        answer = client.get(path)
        words = b"".join(answer).decode(errors="replace")  # a file comes in pieces, a sound is none of words
        assert " style=" not in words, path
        assert "<style" not in words, path
        assert " onclick=" not in words, path


def test_no_two_things_on_a_page_have_one_id(world: World) -> None:
    """A label names its field by the id: pressed, that of the second form led into the first one."""
    User.objects.filter(pk=world.ada.user_id).update(is_operator=True)
    client = logged_in(world.ada)
    for path, _names in addresses(one_of_each(world)):
        answer = client.get(path)
        if answer.headers["Content-Type"].startswith("text/html"):
            ids = re.findall(r'<[a-z][^<>]*? id="([^"]+)"', b"".join(answer).decode())
            assert sorted(set(ids)) == sorted(ids), path


def test_somebody_who_belongs_to_no_account_is_told_so(db: None) -> None:
    lost = User.objects.create_user("lost@example.org", PASSWORD, name="Lost Soul")
    client = Client()
    client.force_login(lost, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = client.get("/")
    assert answer.status_code == 403
    assert "You belong to no account yet" in answer.content.decode()


def test_a_person_of_two_accounts_chooses_between_them(world: World) -> None:
    founder = Actor(world.rival.pk, "the tests", Role.ADMIN, "command")
    add_member(founder, "ada@northgate.example", "Ada Okafor", Role.VIEWER, None, world.now)
    client = logged_in(world.ada)
    assert "Northgate Dental" in client.get("/").content.decode()
    client.post("/switch-account", {"account": world.rival.pk})
    home = client.get("/").content.decode()
    assert "Rival Motors: Ada Okafor, viewer" in home


def test_an_account_that_one_does_not_belong_to_cannot_be_chosen(world: World) -> None:
    client = logged_in(world.ada)
    assert client.post("/switch-account", {"account": world.rival.pk}).status_code == 404
    assert "Northgate Dental" in client.get("/").content.decode()


def test_a_message_says_why_it_waits_who_set_that_and_until_when(world: World) -> None:
    stop_account(world.leader, "fire drill", world.now)
    [message] = texts(world, 1, of=job(world))
    words = logged_in(world.dot).get(f"/messages/{message}").content.decode()
    assert "Why it does not leave" in words
    assert "The account is STOPPED." in words
    assert "Ben Weber" in words
    assert "fire drill" in words
    for check in CHECKS.values():
        assert check.replace("'", "&#x27;") in words


def test_a_message_that_the_gate_would_refuse_names_the_marker_and_who_set_it(world: World) -> None:
    person = contact(world)
    Marker.objects.create(
        account=world.account, contact=person, kind="stop_all", set_by="Cem Tanaka", set_at=world.now, reason="asked"
    )
    [message] = texts(world, 1, to=person)
    words = logged_in(world.dot).get(f"/messages/{message}").content.decode()
    assert "Stop All is set on the contact" in words
    assert "It will never leave." in words
    assert "Cem Tanaka" in words


def test_a_finished_message_shows_its_receipts_and_replies(world: World) -> None:
    person = contact(world)
    [message] = texts(world, 1, to=person)
    Message.objects.filter(account=world.account, id=message).update(
        status=Status.SENT, finished_at=world.now, receipt="delivered"
    )
    Receipt.objects.create(
        account=world.account, message_id=message, adapter="sandbox", ref="r1", state="delivered", code="", at=world.now
    )
    Inbound.objects.create(
        account=world.account,
        contact=person,
        channel=Channel.TEXT,
        adapter="sandbox",
        provider_id="1",
        sender="+12125550123",
        recipient="",
        text="Thank you!",
        in_reply_to=message,
        at=world.now,
    )
    words = logged_in(world.dot).get(f"/messages/{message}").content.decode()
    assert "delivered" in words
    assert "Thank you!" in words
    assert "1 SMS part," in words
    assert "Why it" not in words


def test_messages_are_searched_by_name(world: World) -> None:
    texts(world, 1, to=contact(world, "Zoe Ahmadi"))
    client = logged_in(world.dot)
    assert "Zoe Ahmadi" in client.get("/messages?q=ahmadi").content.decode()
    assert "Zoe Ahmadi" not in client.get("/messages?q=moreau").content.decode()


def test_what_a_message_says_is_shown_and_never_run(world: World) -> None:
    one_of_each(world)
    OutboxItem.objects.update(body="<script>alert(1)</script>")
    words = logged_in(world.dot).get(f"/outbox/{OutboxItem.objects.get().pk}").content.decode()
    assert "<script>alert(1)" not in words
    assert "&lt;script&gt;alert(1)" in words


def test_the_outbox_is_filtered_by_channel_and_words(world: World) -> None:
    one_of_each(world)
    client = logged_in(world.dot)
    assert "Hello Pat" in client.get("/outbox?channel=text&q=hello").content.decode()
    assert "Hello Pat" not in client.get("/outbox?channel=email").content.decode()
    assert "Hello Pat" not in client.get("/outbox?q=goodbye").content.decode()


def test_a_contact_shows_what_stands_against_writing_to_them(world: World) -> None:
    person = contact(world, "Pat Moreau")
    OptOut.objects.create(
        account=world.account, contact=person, channel="text", address="+12125550123", words="STOP", at=world.now
    )
    words = logged_in(world.dot).get(f"/contacts/{person.pk}").content.decode()
    assert "Said no to texts</b>" in words
    assert ", from +1 212-555-0123" in words
    assert "The contact has said no to texts." in words


def test_a_no_to_everything_that_came_from_no_address_says_just_that(world: World) -> None:
    person = contact(world, "Pat Moreau")
    OptOut.objects.create(account=world.account, contact=person, channel=None, address="", words="STOP", at=world.now)
    words = logged_in(world.dot).get(f"/contacts/{person.pk}").content.decode()
    assert "Said no to everything</b>" in words
    assert ", from" not in words


def test_numbers_are_shown_in_groups_and_found_as_they_are_shown(world: World) -> None:
    ids = one_of_each(world)
    client = logged_in(world.dot)
    listed = ("/contacts", "/messages", "/outbox")
    single = (f"/contacts/{ids['contact_id']}", f"/messages/{ids['message_id']}", f"/outbox/{ids['item_id']}")
    for path in (*listed, *single, *(f"{path}?q=%2B1+212-555-0123" for path in listed)):
        words = client.get(path).content.decode()
        assert "+1 212-555-0123" in re.sub("<input[^>]*>", "", words), path
        assert "+12125550123" not in words, path


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("upload", "Uploaded by Cem Tanaka"),
        ("send", "Sent by Cem Tanaka"),
        ("api", "Handed in by a program, Cem Tanaka"),
        ("command", "Imported by command, Cem Tanaka"),
    ],
)
def test_a_job_says_how_it_came_in(world: World, source: str, words: str) -> None:
    made = job(world)
    Job.objects.filter(pk=made.pk).update(source=source)
    for path in ("/", f"/jobs/{made.pk}"):
        assert words in logged_in(world.dot).get(path).content.decode(), path


def test_there_are_words_for_every_way_in_which_a_job_comes_in() -> None:
    assert set(ORIGINS) == {source.value for source in JobSource}


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/2fa/",
        "/accounts/2fa/totp/activate/",
        "/accounts/password/change/",
        "/accounts/email/",
        "/accounts/logout/",
        "/accounts/reauthenticate/",
        "/accounts/password/reset/",
        "/api/v1/docs",
        "/no-such-page",
        "/jobs/999999",
    ],
)
def test_the_lamp_is_on_every_page_that_a_member_sees_and_on_none_of_the_others(world: World, path: str) -> None:
    """000-04: also on the pages that are not the console's own."""
    stop_account(world.leader, "fire drill", world.now)
    client = Client()
    client.login(email="ada@northgate.example", password=PASSWORD)
    page = client.get(path, follow=True).content.decode()
    assert 'data-events="/events"' in page
    assert re.search(r">STOPPING<.*Waiting for the workers", page, re.DOTALL)
    assert 'aria-label="Main"' in page
    outside = Client().get(path, follow=True).content.decode()
    assert "STOPPING" not in outside
    assert "<main" in outside


def test_a_refusal_keeps_the_lamp_in_sight(world: World) -> None:
    refused = logged_in(world.dot).post("/switch/stop", {"reason": ""})
    assert refused.status_code == 403
    assert 'data-events="/events"' in refused.content.decode()


def test_logging_in_and_out_is_said_in_the_words_of_the_product(world: World) -> None:
    client = Client()
    home = client.post("/accounts/login/", {"login": "ada@northgate.example", "password": PASSWORD}, follow=True)
    assert "You are logged in as Ada Okafor." in home.content.decode()
    client.post("/accounts/logout/")
    assert "You are logged out." in client.get("/accounts/login/").content.decode()


@pytest.mark.parametrize("typed", ["eva@bücher.example", "Eva@xn--bcher-kva.example"])
def test_a_domain_in_letters_logs_in_and_gets_a_new_password(world: World, typed: str) -> None:
    add_member(world.admin, "eva@xn--bcher-kva.example", "Eva", Role.VIEWER, PASSWORD, world.now)
    said = Client().post("/accounts/login/", {"login": typed, "password": PASSWORD}, follow=True)
    assert "You are logged in as Eva." in said.content.decode()
    Client().post("/accounts/password/reset/", {"email": typed})
    (asked,) = mail.outbox
    assert asked.to == ["eva@xn--bcher-kva.example"]
    assert "/accounts/password/reset/key/" in asked.body


def test_the_plot_tells_the_hours_of_the_account(world: World) -> None:
    assert f'data-zone="{world.account.zone}"' in logged_in(world.dot).get("/").content.decode()


def test_contacts_are_searched_and_paged(world: World) -> None:
    Contact.objects.bulk_create(
        Contact(
            account=world.account,
            given_name=f"Given{i:03}",
            family_name="Same",
            external_id="",
            language="",
            country="",
            zone="",
            zones=[],
            created_at=world.now,
        )
        for i in range(51)
    )
    client = logged_in(world.dot)
    page = client.get("/contacts").content.decode()
    assert "Same, Given049" in page
    assert "Same, Given050" not in page
    last = Contact.objects.get(given_name="Given049").pk
    assert "Same, Given050" in client.get(f"/contacts?after={last}").content.decode()
    assert "Same, Given007" in client.get("/contacts?q=007").content.decode()


def test_a_new_token_is_shown_once(world: World) -> None:
    client = logged_in(world.ada)
    made = client.post("/setup/tokens", {"name": "scheduler"})
    assert "Copy it now." in made.content.decode()
    assert made["Cache-Control"] == "no-store"
    key = made.content.decode().split('data-copy="')[1].split('"')[0]
    assert key not in client.get("/setup/tokens").content.decode()


def test_a_token_without_a_name_is_said_at_its_field(world: World) -> None:
    answer = logged_in(world.ada).post("/setup/tokens", {"name": " "})
    assert answer.status_code == 422
    assert 'id="id_name_error"' in answer.content.decode()
    assert not Token.objects.exists()


def test_a_token_is_revoked_by_an_admin_and_by_nobody_else(world: World) -> None:
    ids = one_of_each(world)
    path = f"/setup/tokens/{ids['token_id']}/revoke"
    assert logged_in(world.ben).post(path).status_code == 403
    assert logged_in(world.ada).get(path).status_code == 405
    assert Token.objects.get(pk=ids["token_id"]).revoked_at is None
    for _ in range(2):
        assert logged_in(world.ada).post(path).status_code == 302
    assert Token.objects.get(pk=ids["token_id"]).revoked_at is not None


def test_the_figures_of_home_are_todays(world: World) -> None:
    ids = texts(world, 3)
    finish(world, ids[:1], Status.SENT)
    finish(world, ids[1:2], Status.SENT, world.now - timedelta(days=2))
    words = logged_in(world.dot).get("/").content.decode()
    assert '<dd data-live="figures.sent">1</dd>' in words


def test_the_panel_under_the_lamp_is_what_the_live_stream_asks_for(world: World) -> None:
    stop_account(world.admin, "fire drill", world.now)
    part = logged_in(world.dot).get("/switch/panel", headers=HTMX).content.decode()
    assert "fire drill" in part
    assert "<html" not in part


def test_every_check_of_the_gate_has_a_name_for_people() -> None:
    assert list(CHECKS) == [check.__name__ for check in GATE]


def test_every_reason_reads_as_a_sentence() -> None:
    assert all(words[0].isupper() and words.endswith(".") for words in REASONS.values())
