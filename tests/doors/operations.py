"""Every operation of the API with a call that works, for the tests that go through all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings as site

from allstop.actions import attachments, contact_imports
from allstop.actions.actor import Actor
from allstop.actions.bulk import Selection, Wish, change_contacts
from allstop.actions.contact_lists import ListChoice, save_list
from allstop.actions.contacts import mark
from allstop.actions.erase import erase_person
from allstop.actions.feeds import save_feed
from allstop.actions.groups import create_group
from allstop.actions.imports import upload
from allstop.actions.intake import create_lead
from allstop.actions.jobs import remove_jobs
from allstop.actions.lead_details import NewLead
from allstop.actions.lead_import import import_leads
from allstop.actions.mail_server import make_signing_key
from allstop.actions.mailbox import set_mailbox
from allstop.actions.mass_end import end_conversations
from allstop.actions.message_plans import save_plan
from allstop.actions.messenger import Letter, One, To, send
from allstop.actions.pausing import pause_intake
from allstop.actions.plan import start_as_planned
from allstop.actions.play import play_inbound
from allstop.actions.playbooks import EXAMPLE, change_playbook
from allstop.actions.scheduled import schedule_stop
from allstop.actions.sending_setup import read
from allstop.actions.setup import ChannelChoice, set_channel
from allstop.actions.stop_links import make_link
from allstop.actions.stop_phones import set_phone
from allstop.actions.switch import stop, stop_account
from allstop.actions.templates import save_template
from allstop.actions.tickets import open_ticket
from allstop.actions.webhooks import WebhookDetails, create_webhook, ping_webhook
from allstop.doors.api.feeds import FeedIn
from allstop.doors.api.message_plans import MessagePlanIn
from allstop.rules.facts import Channel, Purpose
from allstop.rules.holds import one_channel, whole_account
from allstop.rules.leads import LeadSource
from allstop.rules.markers import MarkerKind
from allstop.rules.plan import Age, Choice, Fate, Plan, Rest, Staleness
from allstop.rules.plans import Planned
from allstop.rules.ramp import RampChoice
from allstop.rules.roles import Role
from allstop.rules.sending_data import as_data
from allstop.store import queue
from allstop.store.models import (
    Account,
    ChangeKind,
    Contact,
    ContactImport,
    Conversation,
    Import,
    Inbound,
    Job,
    JobSource,
    Lead,
    ProviderTest,
    Stop,
    Template,
    UnclearReply,
    User,
)
from tests.doors.caller import Answer, Caller
from tests.doors.operator_calls import OPERATOR_CALLS, status_things
from tests.world import World, actor, contact, texts

HELLO = Letter(channel=Channel.EMAIL, purpose=Purpose.PERSONAL, subject="Hello", body="Good day")
MAILBOX = {"host": "imap.test", "user": "desk", "password": "s3cret"}
FILE = (
    b"First Name,Last Name,Phone,Email,Date,Time\n"
    b"Pat,Moreau,212-555-0123,pat@example.org,2030-01-15,10:30\n"
    b"Sam,Ito,212-555-0124,sam@example.org,2030-01-15,11:00\n"
)


PLAN: dict[str, Any] = {
    "name": "Three steps",
    "steps": [{"channel": "text", "days": 2, "clock": "10:00", "words": [{"body": "See you on {when}"}]}],
}
HOOK = {"name": "CRM", "url": "https://crm.example/hooks", "kinds": ["message.sent", "opt_out"]}
SPAN = {"since": "2026-01-01T00:00:00Z", "until": "2026-02-01T00:00:00Z"}


@dataclass(frozen=True)
class Things:
    """One of each, in one account."""

    contact: int
    double: int  # another contact, the same person
    job: int
    message: int
    source: int  # an import that waits to be confirmed
    template: int
    stop: int  # of another job, which was removed
    switch: int  # the stop of emails, which stands
    scheduled: int  # a stop that comes in a day
    reply: int  # an unclear one
    inbound: int  # the same, as it came
    link: int
    phone: int  # of a member, that may stop
    group: int
    test: int  # of a provider
    change: int  # of that contact, which can be undone
    send: int
    erasure: int  # of somebody who is gone
    conversation: int  # with that contact
    stranger: int  # a conversation with somebody whom nobody knows
    mass_end: int  # of no lead
    people: int  # a file of contacts that waits to be confirmed
    people_done: int  # one that was imported a moment ago
    attachment: int
    like: int  # an import that feeds read like
    feed: int  # a watched folder
    pushed: int  # a feed that is handed its files
    plan: int  # a message plan
    contact_list: int
    webhook: int
    delivery: int  # of that webhook
    lead: int
    account: int  # itself: operators name it
    reason: int  # of the list for changes of a status
    spare_type: int  # a status type that no account has
    suspended: int  # the type
    planned_status: int  # a change of status that is to come
    ticket: int
    lead_import: int


def things(world: World, account: Account) -> Things:
    now = datetime.now(UTC)
    admin = world.admin if account == world.account else actor(world.rae)
    person = contact(world, account=account)
    mark(admin, [person.pk], MarkerKind.FLAG, "", now)
    made = Job.objects.create(
        account=account,
        name="Reminders",
        source=JobSource.UPLOAD,
        purpose=Purpose.REMINDER,
        created_by="somebody",
        created_at=now,
        removed_by="",
    )
    (message,) = queue.enqueue(
        [
            queue.NewMessage(
                account_id=account.pk,
                channel=Channel.EMAIL,
                purpose=Purpose.REMINDER,
                address="pat@example.org",
                subject="Tomorrow",
                body="See you tomorrow",
                due_at=now,
                appointment_at=now + timedelta(days=1),
                contact_id=person.pk,
                job_id=made.pk,
            )
        ],
        now,
    )
    source = upload(admin, "reminders.csv", FILE, now, JobSource.UPLOAD)
    template = save_template(
        admin, Template(name="Short", channel="text", purpose="reminder", subject="", body="See you"), now
    )
    play_inbound(admin, Channel.TEXT, "+12125550123", "Can I come at 3?", now)
    play_inbound(admin, Channel.TEXT, "+12125559988", "Do you take new patients?", now)
    talks = Conversation.objects.filter(account=account)
    double = contact(world, "Patrick Moreau", account=account)
    link, _ = make_link(admin, "Fridge door", 30, now)
    whose = world.cem if account == world.account else world.rae
    phone, _ = set_phone(admin, whose.pk, f"+121255501{account.pk % 100:02}", "", now)
    return Things(
        contact=person.pk,
        double=double.pk,
        job=made.pk,
        message=message,
        source=source.pk,
        template=template.pk,
        stop=removed_job(admin, now),
        switch=stopped_emails(admin, now),
        scheduled=planned_stop(admin, now),
        **unclear_reply(account, person, now),
        link=link.pk,
        phone=phone.pk,
        group=create_group(admin, "Recall", False, now).pk,
        test=ProviderTest.objects.create(account=account, channel="text", asked_by="somebody", asked_at=now).pk,
        conversation=talks.get(contact=person).pk,
        stranger=talks.get(contact=None).pk,
        change=change_contacts(admin, Selection(ids=[person.pk]), Wish(kind=ChangeKind.STOP_ALL), now).pk,
        send=send(admin, To(ones=(One(contact_id=double.pk),)), HELLO, now).send.pk,
        erasure=erase_person(admin, gone(world, account).pk, "CONFIRM", now).pk,
        mass_end=end_conversations(admin, "CONFIRM", now).pk,
        people=people_of(admin, now),
        people_done=done_people(admin, now),
        attachment=attachments.upload(admin, "form.pdf", b"%PDF-1.7", now).id,
        contact_list=save_list(admin, ListChoice(name="Recall"), now).pk,
        plan=save_plan(admin, MessagePlanIn(**PLAN).choice(), now).pk,
        **webhook(admin, now),
        lead=new_lead(admin, now),
        lead_import=import_leads(admin, "leads.csv", [b"Name,Phone\nKim Haddad,212-555-0187\n"], "", now).pk,
        **feeds_of(admin, now),
        **status_things(account, now),
        ticket=open_ticket(admin, account.pk, "Our invoice", "Why 40?", now).ticket.pk,
    )


def feeds_of(admin: Actor, now: datetime) -> dict[str, int]:
    like = upload(admin, "like.csv", FILE, now, JobSource.UPLOAD).pk
    Import.objects.filter(pk=like).update(state="done")
    push = {"name": "By a program", "kind": "push", "like_import": like}
    made = [save_feed(admin, FeedIn(**said).choice(), now).pk for said in (feed_like(admin.account_id, like), push)]
    return {"like": like, "feed": made[0], "pushed": made[1]}


def feed_like(account_id: int, like: int) -> dict[str, Any]:
    folder = site.FEED_FOLDERS[0].replace("{account}", str(account_id))
    return {"name": "Practice system", "kind": "folder", "settings": {"path": f"{folder}/in"}, "like_import": like}


def webhook(admin: Actor, now: datetime) -> dict[str, int]:
    made, _ = create_webhook(admin, WebhookDetails(name="CRM", url=str(HOOK["url"]), kinds=["opt_in"]), now)
    return {"webhook": made.pk, "delivery": ping_webhook(admin, made.pk, now).pk}


def gone(world: World, account: Account) -> Contact:
    return contact(world, "Gone Now", phone="+12125550188", email="", account=account)


def people_of(admin: Actor, now: datetime) -> int:
    return contact_imports.upload(admin, "people.csv", [b"Name,Phone\nSam Ito,212-555-0124\n"], now).pk


def done_people(admin: Actor, now: datetime) -> int:
    """As its run leaves it; that has a connection of its own, which does not see what a test has not committed."""
    source = people_of(admin, now)
    ContactImport.objects.filter(pk=source).update(state="done", added=1, finished_at=now, rows_total=10**6)
    return source


def planned_stop(admin: Actor, now: datetime) -> int:
    span = Planned(now + timedelta(1), now + timedelta(1, hours=2))
    return schedule_stop(admin, whole_account(admin.account_id), span, "", now).pk


def unclear_reply(account: Account, person: Contact, now: datetime) -> dict[str, int]:
    inbound = Inbound.objects.create(
        account=account,
        contact=person,
        channel=Channel.EMAIL,
        adapter="sandbox",
        provider_id=f"reply {account.pk}",
        sender="pat@example.org",
        recipient="",
        text="please stop",
        at=now,
    )
    made = UnclearReply.objects.create(
        account=account, inbound=inbound, contact=person, held=[person.pk], at=now, settled_by=""
    )
    return {"reply": made.pk, "inbound": inbound.pk}


def removed_job(admin: Actor, now: datetime) -> int:
    """The number of its stop."""
    gone = Job.objects.create(
        account_id=admin.account_id,
        name="Removed",
        source=JobSource.UPLOAD,
        purpose=Purpose.REMINDER,
        created_by="somebody",
        created_at=now,
        removed_by="",
    )
    remove_jobs(admin, [gone.pk], now)
    return Stop.objects.get(job_id=gone.pk).number


def stopped_emails(admin: Actor, now: datetime) -> int:
    return stop(admin, one_channel(admin.account_id, Channel.EMAIL), "wrong letterhead", now).number


def new_lead(admin: Actor, now: datetime) -> int:
    taken = create_lead(admin, NewLead(source=LeadSource.MANUAL, phone="+12125550199"), now)
    assert taken.lead is not None
    return taken.lead.pk


def public(lead: int) -> UUID:
    """As addresses have it; of none, one that nobody has."""
    return Lead.objects.filter(pk=lead).values_list("public_id", flat=True).first() or UUID(int=lead)


Call = tuple[str, str, Any]  # method, path, body

EMAIL = {
    "channel": "email",
    "to": {"address": "new@example.org"},
    "purpose": "personal",
    "subject": "Hello",
    "body": "Good day",
}

SEND = {
    "to": {"contacts": [{"address": "new@example.org"}, {"address": "other@example.org"}]},
    "channel": "email",
    "purpose": "personal",
    "subject": "Hello",
    "body": "Good day",
}
ANSWER = {"channel": "text", "body": "Yes, see you at 3."}

WORDING = {"name": "Long", "channel": "text", "purpose": "reminder", "body": "Hello {first_name}, see you on {when}."}

NIGHT = {"starts_at": "2027-06-01T22:00:00-04:00", "ends_at": "2027-06-02T06:00:00-04:00", "reason": "maintenance"}

CALLS: dict[str, Callable[[Things], Call]] = {
    "get_account": lambda t: ("GET", "/account", None),
    "stop_account": lambda t: ("POST", "/account/stop", {"reason": "wrong file"}),
    "start_account": lambda t: ("POST", "/account/start", {"reason": "fixed"}),
    "list_standing": lambda t: ("GET", "/stops/standing", None),
    "set_reminder": lambda t: ("PUT", "/account/reminder", {"hours": 48}),
    "list_scheduled": lambda t: ("GET", "/stops/scheduled", None),
    "schedule_stop": lambda t: ("POST", "/stops/scheduled", NIGHT),
    "cancel_scheduled": lambda t: ("POST", f"/stops/scheduled/{t.scheduled}/cancel", None),
    "get_backlog": lambda t: ("GET", "/account/backlog", None),
    "preview_start": lambda t: ("POST", "/account/start/preview", {"ramp": {"per_minute": 10, "minutes": 15}}),
    "get_forecast": lambda t: ("GET", "/forecast", None),
    "rehearse": lambda t: ("POST", "/forecast/rehearse", {"changes": [{"channel": "text", "every_minutes": 3}]}),
    "forecast_import": lambda t: ("GET", f"/imports/{t.source}/forecast", None),
    "forecast_send": lambda t: ("POST", "/sends/forecast", {**SEND, "to": {"groups": [t.group]}}),
    "cancel_start": lambda t: ("POST", "/account/start/cancel", None),
    "end_ramp": lambda t: ("POST", "/account/start/all-now", None),
    "list_stops": lambda t: ("GET", "/stops", None),
    "create_stop": lambda t: ("POST", "/stops", {"scope": "channel", "channel": "text", "reason": "doubles"}),
    "start_stop": lambda t: ("POST", f"/stops/{t.switch}/start", {"reason": "fixed"}),
    "get_stop": lambda t: ("GET", f"/stops/{t.stop}", None),
    "verify_stop": lambda t: ("GET", f"/stops/{t.stop}/verify", None),
    "list_jobs": lambda t: ("GET", "/jobs", None),
    "get_job": lambda t: ("GET", f"/jobs/{t.job}", None),
    "remove_jobs": lambda t: ("POST", "/jobs/remove", {"ids": [t.job]}),
    "list_messages": lambda t: ("GET", "/messages", None),
    "send_message": lambda t: ("POST", "/messages", EMAIL),
    "settle_messages": lambda t: ("POST", "/messages/settle", {"ids": [t.message], "choice": "leave", "reason": "old"}),
    "send_to_many": lambda t: ("POST", "/sends", SEND),
    "preview_send": lambda t: ("POST", "/sends/preview", {**SEND, "to": {"groups": [t.group]}}),
    "upload_attachment": lambda t: ("POST", "/attachments", FILE),
    "upload_attachment_base64": lambda t: ("POST", "/attachments/base64", {"name": "a.txt", "content": "aGVsbG8="}),
    "get_attachment": lambda t: ("GET", f"/attachments/{t.attachment}", None),
    "get_attachment_content": lambda t: ("GET", f"/attachments/{t.attachment}/content", None),
    "list_sends": lambda t: ("GET", "/sends", None),
    "get_send": lambda t: ("GET", f"/sends/{t.send}", None),
    "list_left_behind": lambda t: ("GET", f"/sends/{t.send}/left-behind", None),
    "get_messenger_setup": lambda t: ("GET", "/setup/messenger", None),
    "change_messenger_setup": lambda t: ("PATCH", "/setup/messenger", {"takes_ownership": False}),
    "get_message": lambda t: ("GET", f"/messages/{t.message}", None),
    "why_message": lambda t: ("GET", f"/messages/{t.message}/why", None),
    "get_message_audio": lambda t: ("GET", f"/messages/{t.message}/audio", None),
    "list_contacts": lambda t: ("GET", "/contacts", None),
    "create_contact": lambda t: ("POST", "/contacts", {"given_name": "Kim", "phones": ["212 555 0199"]}),
    "get_contact": lambda t: ("GET", f"/contacts/{t.contact}", None),
    "update_contact": lambda t: ("PATCH", f"/contacts/{t.contact}", {"family_name": "Marchetti"}),
    "mark_contact": lambda t: ("POST", f"/contacts/{t.contact}/markers", {"kind": "stop_all", "reason": "asked"}),
    "unmark_contact": lambda t: ("DELETE", f"/contacts/{t.contact}/markers/flag", None),
    "contact_history": lambda t: ("GET", f"/contacts/{t.contact}/history", None),
    "add_note": lambda t: ("POST", f"/contacts/{t.contact}/notes", {"text": "Prefers mornings"}),
    "merge_contacts": lambda t: ("POST", f"/contacts/{t.contact}/merge", {"other_id": t.double}),
    "export_contact": lambda t: ("GET", f"/contacts/{t.contact}/export", None),
    "erase_contact": lambda t: ("POST", f"/contacts/{t.double}/erase", {"confirm": "CONFIRM"}),
    "get_erasure": lambda t: ("GET", f"/erasures/{t.erasure}", None),
    "list_conversations": lambda t: ("GET", "/conversations", None),
    "get_conversation": lambda t: ("GET", f"/conversations/{t.conversation}", None),
    "read_conversation": lambda t: ("POST", f"/conversations/{t.conversation}/read", {}),
    "close_conversation": lambda t: ("POST", f"/conversations/{t.conversation}/close", None),
    "reopen_conversation": lambda t: ("POST", f"/conversations/{t.conversation}/reopen", None),
    "assign_conversation": lambda t: ("POST", f"/conversations/{t.conversation}/assign", {"member_id": None}),
    "answer_conversation": lambda t: ("POST", f"/conversations/{t.conversation}/answer", ANSWER),
    "know_sender": lambda t: ("POST", f"/conversations/{t.stranger}/sender", {"given_name": "Stan"}),
    "play_inbound": lambda t: (
        "POST",
        "/sandbox/inbound",
        {"channel": "text", "sender": "+12125559989", "text": "Hello?"},
    ),
    "list_leads": lambda t: ("GET", "/leads", None),
    "create_lead": lambda t: ("POST", "/leads", {"phone": "212 555 0166", "given_name": "Lee", "kind": "buyer"}),
    "import_leads": lambda t: ("POST", "/leads/imports", FILE),
    "list_lead_imports": lambda t: ("GET", "/leads/imports", None),
    "get_lead_import": lambda t: ("GET", f"/leads/imports/{t.lead_import}", None),
    "list_lead_import_rows": lambda t: ("GET", f"/leads/imports/{t.lead_import}/rows", None),
    "lead_funnel": lambda t: ("GET", "/leads/funnel", None),
    "get_lead": lambda t: ("GET", f"/leads/{public(t.lead)}", None),
    "update_lead": lambda t: ("PATCH", f"/leads/{public(t.lead)}", {"kind": "seller"}),
    "qualify_lead": lambda t: ("POST", f"/leads/{public(t.lead)}/qualify", {"note": "Wants a visit"}),
    "unqualify_lead": lambda t: ("POST", f"/leads/{public(t.lead)}/unqualify", {"reason": "unresponsive"}),
    "dnc_lead": lambda t: ("POST", f"/leads/{public(t.lead)}/dnc", {"note": "On the phone"}),
    "note_lead": lambda t: ("POST", f"/leads/{public(t.lead)}/notes", {"text": "Likes the garden"}),
    "get_lead_setup": lambda t: ("GET", "/setup/leads", None),
    "set_lead_setup": lambda t: ("PUT", "/setup/leads", {"repeat_days": 30, "strangers": "leads"}),
    "get_intake": lambda t: ("GET", "/intake", None),
    "pause_intake": lambda t: ("POST", "/intake/pause", {"confirm": "CONFIRM", "reason": "the portal sends doubles"}),
    "unpause_intake": lambda t: ("POST", "/intake/unpause", {"confirm": "CONFIRM"}),
    "count_conversations_to_end": lambda t: ("GET", "/mass-ends/ahead", None),
    "end_conversations": lambda t: ("POST", "/mass-ends", {"confirm": "CONFIRM"}),
    "get_mass_end": lambda t: ("GET", f"/mass-ends/{t.mass_end}", None),
    "replay_mass_end": lambda t: ("POST", f"/mass-ends/{t.mass_end}/replay", None),
    "get_playbook": lambda t: ("GET", "/playbook", None),
    "put_playbook": lambda t: ("PUT", "/playbook", {"text": EXAMPLE, "is_on": True}),
    "rehearse_playbook": lambda t: ("POST", "/playbook/rehearse", {"text": EXAMPLE, "answers": ["yes", ""]}),
    "take_over_conversation": lambda t: ("POST", f"/conversations/{t.conversation}/take-over", None),
    "hand_back_conversation": lambda t: ("POST", f"/conversations/{t.conversation}/hand-back", None),
    "list_unclear_replies": lambda t: ("GET", "/replies", None),
    "list_reply_appointments": lambda t: ("GET", f"/inbound/{t.inbound}/appointments", None),
    "match_reply": lambda t: (
        "POST",
        f"/inbound/{t.inbound}/appointment",
        {"message_id": t.message, "answer": "confirmed"},
    ),
    "settle_unclear_reply": lambda t: ("POST", f"/replies/{t.reply}/settle", {"choice": "meant_nothing"}),
    "get_reply_setup": lambda t: ("GET", "/setup/replies", None),
    "change_reply_setup": lambda t: ("PATCH", "/setup/replies", {"words": ["basta"], "confirms": False}),
    "count_contacts": lambda t: ("GET", "/contacts/count", None),
    "change_contacts": lambda t: ("POST", "/contacts/change", {"kind": "flag", "ids": [t.contact]}),
    "get_change": lambda t: ("GET", f"/contacts/changes/{t.change}", None),
    "list_changed": lambda t: ("GET", f"/contacts/changes/{t.change}/contacts", None),
    "undo_change": lambda t: ("POST", f"/contacts/changes/{t.change}/undo", None),
    "upload_contacts": lambda t: ("POST", "/contacts/imports", FILE),
    "get_contact_import": lambda t: ("GET", f"/contacts/imports/{t.people}", None),
    "confirm_contact_import": lambda t: ("POST", f"/contacts/imports/{t.people}/confirm", None),
    "list_refused_contacts": lambda t: ("GET", f"/contacts/imports/{t.people}/refused", None),
    "undo_contact_import": lambda t: ("POST", f"/contacts/imports/{t.people_done}/undo", None),
    "export_contacts": lambda t: ("GET", "/contacts/export?format=vcard4", None),
    "list_groups": lambda t: ("GET", "/groups", None),
    "create_group": lambda t: ("POST", "/groups", {"name": "Spring offers", "is_sales": True}),
    "rename_group": lambda t: ("PATCH", f"/groups/{t.group}", {"name": "Recall 6 months"}),
    "delete_group": lambda t: ("DELETE", f"/groups/{t.group}", None),
    "upload_import": lambda t: ("POST", "/imports", FILE),
    "get_import": lambda t: ("GET", f"/imports/{t.source}", None),
    "confirm_import": lambda t: ("POST", f"/imports/{t.source}/confirm", None),
    "list_import_problems": lambda t: ("GET", f"/imports/{t.source}/problems", None),
    "list_brakes": lambda t: ("GET", "/brakes", None),
    "get_call_setup": lambda t: ("GET", "/calls/setup", None),
    "set_trunk": lambda t: ("PUT", "/calls/setup/trunk", {"caller": "+12125550100", "settings": {"host": "sip.test"}}),
    "set_rings": lambda t: ("PUT", "/calls/setup/rings", {"rings": 3, "ring_minutes": 20}),
    "get_sending_setup": lambda t: ("GET", "/sending-setup", None),
    "set_sending_setup": lambda t: ("PUT", "/sending-setup", sending(t)),
    "check_sending_setup": lambda t: ("POST", "/sending-setup/check", {"settings": sending(t)["settings"]}),
    "send_now": lambda t: ("POST", "/channels/email/send-now", None),
    "test_call": lambda t: ("POST", "/calls/test", {"number": "+12125550123"}),
    "set_brake": lambda t: ("PUT", "/brakes/text", {"is_on": True, "bounce": 7.5}),
    "get_credits": lambda t: ("GET", "/credits", None),
    "top_up_credits": lambda t: ("POST", "/credits/top-ups", {"credits": 500, "note": "Invoice 17"}),
    "test_provider": lambda t: ("POST", "/provider-tests", {"channel": "text"}),
    "get_provider_test": lambda t: ("GET", f"/provider-tests/{t.test}", None),
    "get_email": lambda t: ("GET", "/email", None),
    "make_signing_key": lambda t: ("POST", "/email/signing-key", None),
    "sign_emails": lambda t: ("PUT", "/email/signing", {"on": True}),
    "set_mailbox": lambda t: ("PUT", "/email/mailbox", MAILBOX),
    "drop_mailbox": lambda t: ("DELETE", "/email/mailbox", None),
    "set_email_limits": lambda t: ("PUT", "/email/limits", {"minute": 30, "day": 10000}),
    "list_templates": lambda t: ("GET", "/templates", None),
    "save_template": lambda t: ("POST", "/templates", WORDING),
    "delete_template": lambda t: ("DELETE", f"/templates/{t.template}", None),
    "decide_failed": lambda t: ("POST", "/messages/failed", {"ids": [t.message], "choice": "reset"}),
    "list_contact_lists": lambda t: ("GET", "/contact-lists", None),
    "make_contact_list": lambda t: ("POST", "/contact-lists", {"name": "Another", "no_visit_months": 6}),
    "change_contact_list": lambda t: ("PUT", f"/contact-lists/{t.contact_list}", {"name": "Renamed"}),
    "delete_contact_list": lambda t: ("DELETE", f"/contact-lists/{t.contact_list}", None),
    "list_on_list": lambda t: ("GET", f"/contact-lists/{t.contact_list}/contacts", None),
    "list_followed_up": lambda t: ("GET", f"/contact-lists/{t.contact_list}/followed-up", None),
    "tick_on_list": lambda t: ("POST", f"/contact-lists/{t.contact_list}/ticks", {"contacts": [t.double]}),
    "send_to_list": lambda t: (
        "POST",
        f"/contact-lists/{t.contact_list}/sends",
        {"channel": "email", "purpose": "personal", "subject": "Hello", "body": "Come again"},
    ),
    "preview_send_to_list": lambda t: (
        "POST",
        f"/contact-lists/{t.contact_list}/sends/preview",
        {"channel": "text", "purpose": "reminder", "body": "Hello {names}", "for_family": True},
    ),
    "get_report": lambda t: ("GET", "/report?by=channel", None),
    "export_report": lambda t: ("GET", "/report/file?format=xlsx", None),
    "list_message_plans": lambda t: ("GET", "/message-plans", None),
    "make_message_plan": lambda t: ("POST", "/message-plans", {**PLAN, "name": "Another"}),
    "get_message_plan": lambda t: ("GET", f"/message-plans/{t.plan}", None),
    "change_message_plan": lambda t: ("PUT", f"/message-plans/{t.plan}", PLAN),
    "delete_message_plan": lambda t: ("DELETE", f"/message-plans/{t.plan}", None),
    "rehearse_message_plan": lambda t: ("GET", f"/message-plans/{t.plan}/dates", None),
    "answer_appointment": lambda t: ("POST", f"/messages/{t.message}/answer", {"answer": "confirmed"}),
    "list_feeds": lambda t: ("GET", "/feeds", None),
    "make_feed": lambda t: ("POST", "/feeds", {"name": "Another", "kind": "push", "like_import": t.like}),
    "get_feed": lambda t: ("GET", f"/feeds/{t.feed}", None),
    "change_feed": lambda t: ("PUT", f"/feeds/{t.pushed}", {"name": "By a program", "kind": "push"}),
    "delete_feed": lambda t: ("DELETE", f"/feeds/{t.feed}", None),
    "look_at_feed": lambda t: ("POST", f"/feeds/{t.feed}/look", None),
    "list_feed_files": lambda t: ("GET", f"/feeds/{t.feed}/files", None),
    "list_feed_answers": lambda t: ("GET", f"/feeds/{t.feed}/answers", None),
    "push_feed_file": lambda t: ("POST", f"/feeds/{t.pushed}/files", FILE),
    "show_my_mails": lambda t: ("GET", "/my/mails", None),
    "set_my_mails": lambda t: ("PUT", "/my/mails", {"written": "digest", "assigned": "never", "digest_hour": 7}),
    "list_webhooks": lambda t: ("GET", "/webhooks", None),
    "create_webhook": lambda t: ("POST", "/webhooks", HOOK),
    "show_webhook": lambda t: ("GET", f"/webhooks/{t.webhook}", None),
    "update_webhook": lambda t: ("PUT", f"/webhooks/{t.webhook}", HOOK),
    "remove_webhook": lambda t: ("DELETE", f"/webhooks/{t.webhook}", None),
    "rotate_webhook_secret": lambda t: ("POST", f"/webhooks/{t.webhook}/secret", None),
    "switch_webhook": lambda t: ("POST", f"/webhooks/{t.webhook}/switch", {"on": False}),
    "test_webhook": lambda t: ("POST", f"/webhooks/{t.webhook}/test", None),
    "list_deliveries": lambda t: ("GET", f"/webhooks/{t.webhook}/deliveries", None),
    "webhook_health": lambda t: ("GET", f"/webhooks/{t.webhook}/health", None),
    "resend_delivery": lambda t: ("POST", f"/webhooks/{t.webhook}/deliveries/{t.delivery}/resend", None),
    "resend_failed": lambda t: ("POST", f"/webhooks/{t.webhook}/resend", SPAN),
    "list_stop_links": lambda t: ("GET", "/stop-links", None),
    "make_stop_link": lambda t: ("POST", "/stop-links", {"name": "Fridge door"}),
    "revoke_stop_link": lambda t: ("DELETE", f"/stop-links/{t.link}", None),
    "list_stop_phones": lambda t: ("GET", "/stop-phones", None),
    "set_stop_phone": lambda t: ("POST", "/stop-phones", {"email": "ada@northgate.example", "phone": "+12125550177"}),
    "remove_stop_phone": lambda t: ("DELETE", f"/stop-phones/{t.phone}", None),
    "list_tickets": lambda t: ("GET", "/tickets", None),
    "open_ticket": lambda t: ("POST", "/tickets", {"subject": "Our invoice", "text": "Why 40?"}),
    "get_ticket": lambda t: ("GET", f"/tickets/{t.ticket}", None),
    "answer_ticket": lambda t: ("POST", f"/tickets/{t.ticket}/answers", {"text": "Thanks"}),
    "close_ticket": lambda t: ("POST", f"/tickets/{t.ticket}/close", None),
    **OPERATOR_CALLS,
}

FORBIDDEN: dict[str, Role] = {  # the strongest role that may not
    "stop_account": Role.VIEWER,
    "start_account": Role.MEMBER,
    "create_stop": Role.VIEWER,
    "start_stop": Role.MEMBER,
    "set_reminder": Role.MEMBER,
    "create_lead": Role.VIEWER,
    "import_leads": Role.VIEWER,
    "update_lead": Role.VIEWER,
    "qualify_lead": Role.VIEWER,
    "unqualify_lead": Role.VIEWER,
    "dnc_lead": Role.VIEWER,
    "note_lead": Role.VIEWER,
    "set_lead_setup": Role.MEMBER,
    "pause_intake": Role.MEMBER,
    "unpause_intake": Role.MEMBER,
    "end_conversations": Role.MEMBER,
    "replay_mass_end": Role.MEMBER,
    "put_playbook": Role.MEMBER,
    "take_over_conversation": Role.VIEWER,
    "hand_back_conversation": Role.VIEWER,
    "schedule_stop": Role.MEMBER,
    "cancel_scheduled": Role.MEMBER,
    "cancel_start": Role.MEMBER,
    "end_ramp": Role.MEMBER,
    "remove_jobs": Role.VIEWER,
    "send_message": Role.VIEWER,
    "settle_messages": Role.VIEWER,
    "send_to_many": Role.VIEWER,
    "upload_attachment": Role.VIEWER,
    "upload_attachment_base64": Role.VIEWER,
    "change_messenger_setup": Role.MEMBER,
    "create_contact": Role.VIEWER,
    "update_contact": Role.VIEWER,
    "mark_contact": Role.VIEWER,
    "unmark_contact": Role.VIEWER,
    "add_note": Role.VIEWER,
    "merge_contacts": Role.VIEWER,
    "erase_contact": Role.MEMBER,
    "read_conversation": Role.VIEWER,
    "close_conversation": Role.VIEWER,
    "reopen_conversation": Role.VIEWER,
    "assign_conversation": Role.VIEWER,
    "answer_conversation": Role.VIEWER,
    "know_sender": Role.VIEWER,
    "play_inbound": Role.MEMBER,
    "settle_unclear_reply": Role.VIEWER,
    "match_reply": Role.VIEWER,
    "change_reply_setup": Role.MEMBER,
    "change_contacts": Role.VIEWER,
    "undo_change": Role.VIEWER,
    "upload_contacts": Role.VIEWER,
    "confirm_contact_import": Role.VIEWER,
    "undo_contact_import": Role.VIEWER,
    "export_contacts": Role.MEMBER,
    "create_group": Role.VIEWER,
    "rename_group": Role.VIEWER,
    "delete_group": Role.VIEWER,
    "upload_import": Role.VIEWER,
    "confirm_import": Role.VIEWER,
    "set_brake": Role.MEMBER,
    "list_webhooks": Role.MEMBER,
    "create_webhook": Role.MEMBER,
    "show_webhook": Role.MEMBER,
    "update_webhook": Role.MEMBER,
    "remove_webhook": Role.MEMBER,
    "rotate_webhook_secret": Role.MEMBER,
    "switch_webhook": Role.MEMBER,
    "test_webhook": Role.MEMBER,
    "list_deliveries": Role.MEMBER,
    "webhook_health": Role.MEMBER,
    "resend_delivery": Role.MEMBER,
    "resend_failed": Role.MEMBER,
    "set_sending_setup": Role.MEMBER,
    "send_now": Role.VIEWER,
    "set_trunk": Role.MEMBER,
    "set_rings": Role.MEMBER,
    "test_call": Role.MEMBER,
    "top_up_credits": Role.MEMBER,  # and of the others only operators
    "test_provider": Role.MEMBER,
    "make_signing_key": Role.MEMBER,
    "sign_emails": Role.MEMBER,
    "set_mailbox": Role.MEMBER,
    "drop_mailbox": Role.MEMBER,
    "set_email_limits": Role.MEMBER,
    "save_template": Role.MEMBER,
    "delete_template": Role.MEMBER,
    "make_message_plan": Role.MEMBER,
    "change_message_plan": Role.MEMBER,
    "delete_message_plan": Role.MEMBER,
    "answer_appointment": Role.VIEWER,
    "decide_failed": Role.VIEWER,
    "make_contact_list": Role.VIEWER,
    "change_contact_list": Role.VIEWER,
    "delete_contact_list": Role.VIEWER,
    "tick_on_list": Role.VIEWER,
    "send_to_list": Role.VIEWER,
    "make_feed": Role.MEMBER,
    "change_feed": Role.MEMBER,
    "delete_feed": Role.MEMBER,
    "look_at_feed": Role.VIEWER,
    "push_feed_file": Role.VIEWER,
    "make_stop_link": Role.MEMBER,
    "revoke_stop_link": Role.MEMBER,
    "set_stop_phone": Role.MEMBER,
    "remove_stop_phone": Role.MEMBER,
    "list_tickets": Role.MEMBER,
    "open_ticket": Role.MEMBER,
    "get_ticket": Role.MEMBER,
    "answer_ticket": Role.MEMBER,
    "close_ticket": Role.MEMBER,
}


def sending(t: Things) -> dict[str, Any]:
    """The setup of the account as it is, with the phone ringing another number of times."""
    setup = read(Actor(Job.objects.get(pk=t.job).account_id, "the tests", Role.VIEWER, "api"))
    data = as_data(setup.settings)
    data["call"]["rings"] = 7
    return {"version": setup.version, "settings": data}


def prepare(world: World, operation: str) -> None:
    now = datetime.now(UTC)
    if operation == "top_up_credits" or operation in OPERATOR_CALLS:
        User.objects.filter(pk=world.ada.pk).update(is_operator=True)
    if operation in ("make_signing_key", "sign_emails"):
        choice = ChannelChoice(provider="smtp", config={"host": "mail.test"}, sender="desk@clinic.test", sender_name="")
        set_channel(world.admin, Channel.EMAIL, choice, now)
    if operation == "sign_emails":
        make_signing_key(world.admin, now)
    if operation == "drop_mailbox":
        set_mailbox(world.admin, MAILBOX, now)
    if operation in ("start_account", "cancel_start", "end_ramp"):
        stop_account(world.admin, "", now)
    if operation == "cancel_start":
        at = now + timedelta(hours=1)
        texts(world, 1)
        plan = Plan({Rest(age, Staleness.FRESH): Choice(Fate.LATER, at) for age in Age})
        start_as_planned(world.admin, plan, now=now, patience=timedelta(seconds=-1))
    if operation == "unpause_intake":
        pause_intake(world.admin, "CONFIRM", "", now)
    if operation in ("take_over_conversation", "hand_back_conversation"):
        change_playbook(world.admin, EXAMPLE, now, is_on=True)
        person = Conversation.objects.get(account=world.account, contact__isnull=False).contact_id
        create_lead(world.admin, NewLead(source=LeadSource.MANUAL, contact_id=person), now)
    if operation == "end_ramp":
        start_as_planned(world.admin, now=now, ramp=RampChoice(10, 15))


def make(ask: Caller, call: Call) -> Answer:
    method, path, body = call
    return ask.upload(body, path=path) if isinstance(body, bytes) else ask(method, path, body)
