"""Every operation of the API with a call that works, for the tests that go through all of them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from allstop.actions.actor import Actor
from allstop.actions.bulk import Selection, Wish, change_contacts
from allstop.actions.contacts import mark
from allstop.actions.groups import create_group
from allstop.actions.imports import upload
from allstop.actions.jobs import remove_jobs
from allstop.actions.switch import stop_account
from allstop.actions.templates import save_template
from allstop.rules.facts import Channel, Purpose
from allstop.rules.markers import MarkerKind
from allstop.rules.roles import Role
from allstop.store import queue
from allstop.store.models import Account, ChangeKind, Job, JobSource, Stop, Template
from tests.doors.caller import Answer, Caller
from tests.world import World, actor, contact

FILE = (
    b"First Name,Last Name,Phone,Email,Date,Time\n"
    b"Pat,Moreau,212-555-0123,pat@example.org,2030-01-15,10:30\n"
    b"Sam,Ito,212-555-0124,sam@example.org,2030-01-15,11:00\n"
)


@dataclass(frozen=True)
class Things:
    """One of each, in one account."""

    contact: int
    job: int
    message: int
    source: int  # an import that waits to be confirmed
    template: int
    stop: int  # of another job, which was removed
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
    group = create_group(admin, "Recall", False, now)
    flagged = change_contacts(admin, Selection(ids=[person.pk]), Wish(kind=ChangeKind.STOP_ALL), now)
    return Things(person.pk, made.pk, message, source.pk, template.pk, removed_job(admin, now), group.pk, flagged.pk)


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


Call = tuple[str, str, Any]  # method, path, body

EMAIL = {
    "channel": "email",
    "to": {"address": "new@example.org"},
    "purpose": "personal",
    "subject": "Hello",
    "body": "Good day",
}

WORDING = {"name": "Long", "channel": "text", "purpose": "reminder", "body": "Hello {first_name}, see you on {when}."}

CALLS: dict[str, Callable[[Things], Call]] = {
    "get_account": lambda t: ("GET", "/account", None),
    "stop_account": lambda t: ("POST", "/account/stop", {"reason": "wrong file"}),
    "start_account": lambda t: ("POST", "/account/start", {"reason": "fixed"}),
    "list_stops": lambda t: ("GET", "/stops", None),
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
    "list_contacts": lambda t: ("GET", "/contacts", None),
    "create_contact": lambda t: ("POST", "/contacts", {"given_name": "Kim", "phones": ["212 555 0199"]}),
    "get_contact": lambda t: ("GET", f"/contacts/{t.contact}", None),
    "update_contact": lambda t: ("PATCH", f"/contacts/{t.contact}", {"family_name": "Marchetti"}),
    "mark_contact": lambda t: ("POST", f"/contacts/{t.contact}/markers", {"kind": "stop_all", "reason": "asked"}),
    "unmark_contact": lambda t: ("DELETE", f"/contacts/{t.contact}/markers/flag", None),
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
    "list_templates": lambda t: ("GET", "/templates", None),
    "save_template": lambda t: ("POST", "/templates", WORDING),
    "delete_template": lambda t: ("DELETE", f"/templates/{t.template}", None),
}

FORBIDDEN: dict[str, Role] = {  # the strongest role that may not
    "stop_account": Role.VIEWER,
    "start_account": Role.MEMBER,
    "remove_jobs": Role.VIEWER,
    "send_message": Role.VIEWER,
    "settle_messages": Role.VIEWER,
    "create_contact": Role.VIEWER,
    "update_contact": Role.VIEWER,
    "mark_contact": Role.VIEWER,
    "unmark_contact": Role.VIEWER,
    "change_contacts": Role.VIEWER,
    "undo_change": Role.VIEWER,
    "create_group": Role.VIEWER,
    "rename_group": Role.VIEWER,
    "delete_group": Role.VIEWER,
    "upload_import": Role.VIEWER,
    "confirm_import": Role.VIEWER,
    "save_template": Role.MEMBER,
    "delete_template": Role.MEMBER,
}


def prepare(world: World, operation: str) -> None:
    if operation == "start_account":
        stop_account(world.admin, "", datetime.now(UTC))


def make(ask: Caller, call: Call) -> Answer:
    method, path, body = call
    return ask.upload(body) if isinstance(body, bytes) else ask(method, path, body)
