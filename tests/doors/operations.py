"""Every operation of the API with a call that works, for the tests that go through all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from allstop.actions.actor import Actor
from allstop.actions.bulk import Selection, Wish, change_contacts
from allstop.actions.contacts import mark
from allstop.actions.groups import create_group
from allstop.actions.imports import upload
from allstop.actions.jobs import remove_jobs
from allstop.actions.plan import start_as_planned
from allstop.actions.scheduled import schedule_stop
from allstop.actions.stop_links import make_link
from allstop.actions.stop_phones import set_phone
from allstop.actions.switch import stop, stop_account
from allstop.actions.templates import save_template
from allstop.rules.facts import Channel, Purpose
from allstop.rules.holds import one_channel, whole_account
from allstop.rules.markers import MarkerKind
from allstop.rules.plan import Age, Choice, Fate, Plan, Rest, Staleness
from allstop.rules.plans import Planned
from allstop.rules.ramp import RampChoice
from allstop.rules.roles import Role
from allstop.store import queue
from allstop.store.models import Account, ChangeKind, Contact, Inbound, Job, JobSource, Stop, Template, UnclearReply
from tests.doors.caller import Answer, Caller
from tests.world import World, actor, contact, texts

FILE = (
    b"First Name,Last Name,Phone,Email,Date,Time\n"
    b"Pat,Moreau,212-555-0123,pat@example.org,2030-01-15,10:30\n"
    b"Sam,Ito,212-555-0124,sam@example.org,2030-01-15,11:00\n"
)


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
    link: int
    phone: int  # of a member, that may stop
    group: int
    change: int  # of that contact, which can be undone


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
        reply=unclear_reply(account, person, now),
        link=link.pk,
        phone=phone.pk,
        group=create_group(admin, "Recall", False, now).pk,
        change=change_contacts(admin, Selection(ids=[person.pk]), Wish(kind=ChangeKind.STOP_ALL), now).pk,
    )


def planned_stop(admin: Actor, now: datetime) -> int:
    span = Planned(now + timedelta(1), now + timedelta(1, hours=2))
    return schedule_stop(admin, whole_account(admin.account_id), span, "", now).pk


def unclear_reply(account: Account, person: Contact, now: datetime) -> int:
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
    return UnclearReply.objects.create(
        account=account, inbound=inbound, contact=person, held=[person.pk], at=now, settled_by=""
    ).pk


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


Call = tuple[str, str, Any]  # method, path, body

EMAIL = {
    "channel": "email",
    "to": {"address": "new@example.org"},
    "purpose": "personal",
    "subject": "Hello",
    "body": "Good day",
}

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
    "list_unclear_replies": lambda t: ("GET", "/replies", None),
    "settle_unclear_reply": lambda t: ("POST", f"/replies/{t.reply}/settle", {"choice": "meant_nothing"}),
    "get_reply_setup": lambda t: ("GET", "/setup/replies", None),
    "change_reply_setup": lambda t: ("PATCH", "/setup/replies", {"words": ["basta"], "confirms": False}),
    "count_contacts": lambda t: ("GET", "/contacts/count", None),
    "change_contacts": lambda t: ("POST", "/contacts/change", {"kind": "flag", "ids": [t.contact]}),
    "get_change": lambda t: ("GET", f"/contacts/changes/{t.change}", None),
    "list_changed": lambda t: ("GET", f"/contacts/changes/{t.change}/contacts", None),
    "undo_change": lambda t: ("POST", f"/contacts/changes/{t.change}/undo", None),
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
    "test_call": lambda t: ("POST", "/calls/test", {"number": "+12125550123"}),
    "set_brake": lambda t: ("PUT", "/brakes/text", {"is_on": True, "bounce": 7.5}),
    "list_templates": lambda t: ("GET", "/templates", None),
    "save_template": lambda t: ("POST", "/templates", WORDING),
    "delete_template": lambda t: ("DELETE", f"/templates/{t.template}", None),
    "list_stop_links": lambda t: ("GET", "/stop-links", None),
    "make_stop_link": lambda t: ("POST", "/stop-links", {"name": "Fridge door"}),
    "revoke_stop_link": lambda t: ("DELETE", f"/stop-links/{t.link}", None),
    "list_stop_phones": lambda t: ("GET", "/stop-phones", None),
    "set_stop_phone": lambda t: ("POST", "/stop-phones", {"email": "ada@northgate.example", "phone": "+12125550177"}),
    "remove_stop_phone": lambda t: ("DELETE", f"/stop-phones/{t.phone}", None),
}

FORBIDDEN: dict[str, Role] = {  # the strongest role that may not
    "stop_account": Role.VIEWER,
    "start_account": Role.MEMBER,
    "create_stop": Role.VIEWER,
    "start_stop": Role.MEMBER,
    "set_reminder": Role.MEMBER,
    "schedule_stop": Role.MEMBER,
    "cancel_scheduled": Role.MEMBER,
    "cancel_start": Role.MEMBER,
    "end_ramp": Role.MEMBER,
    "remove_jobs": Role.VIEWER,
    "send_message": Role.VIEWER,
    "settle_messages": Role.VIEWER,
    "create_contact": Role.VIEWER,
    "update_contact": Role.VIEWER,
    "mark_contact": Role.VIEWER,
    "unmark_contact": Role.VIEWER,
    "add_note": Role.VIEWER,
    "merge_contacts": Role.VIEWER,
    "settle_unclear_reply": Role.VIEWER,
    "change_reply_setup": Role.MEMBER,
    "change_contacts": Role.VIEWER,
    "undo_change": Role.VIEWER,
    "create_group": Role.VIEWER,
    "rename_group": Role.VIEWER,
    "delete_group": Role.VIEWER,
    "upload_import": Role.VIEWER,
    "confirm_import": Role.VIEWER,
    "set_brake": Role.MEMBER,
    "set_trunk": Role.MEMBER,
    "set_rings": Role.MEMBER,
    "test_call": Role.MEMBER,
    "save_template": Role.MEMBER,
    "delete_template": Role.MEMBER,
    "make_stop_link": Role.MEMBER,
    "revoke_stop_link": Role.MEMBER,
    "set_stop_phone": Role.MEMBER,
    "remove_stop_phone": Role.MEMBER,
}


def prepare(world: World, operation: str) -> None:
    now = datetime.now(UTC)
    if operation in ("start_account", "cancel_start", "end_ramp"):
        stop_account(world.admin, "", now)
    if operation == "cancel_start":
        at = now + timedelta(hours=1)
        texts(world, 1)
        plan = Plan({Rest(age, Staleness.FRESH): Choice(Fate.LATER, at) for age in Age})
        start_as_planned(world.admin, plan, now=now, patience=timedelta(seconds=-1))
    if operation == "end_ramp":
        start_as_planned(world.admin, now=now, ramp=RampChoice(10, 15))


def make(ask: Caller, call: Call) -> Answer:
    method, path, body = call
    return ask.upload(body) if isinstance(body, bytes) else ask(method, path, body)
