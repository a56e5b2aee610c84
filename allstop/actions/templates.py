"""Wording: what an account has saved, and what Allstop proposes for a file until somebody writes their own.

The proposal uses only what the file has, so that it never makes a row a problem for want of a value.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.actions.attachments import chosen, for_the_ledger, ids_in, problem_of
from allstop.formats.mapping import Field
from allstop.rules import answer_link
from allstop.rules.facts import Channel, Purpose
from allstop.rules.roles import Act
from allstop.rules.wording import parse_template
from allstop.rules.words import Problem
from allstop.store import ledger
from allstop.store.models import Template

LONGEST_NAME = 120
LONGEST_SUBJECT = 300

PLACEHOLDERS = {
    "first_name": "First name",
    "last_name": "Last name",
    "name": "Full name",
    "account": "Your organisation",
    "location": "Location, or your organisation where a row names none",
    "when": "Day and time of the appointment",
    "date": "Day of the appointment",
    "time": "Time of the appointment",
    "provider": "Provider",
    "appointment_type": "Appointment type",
    "amount": "Amount",
    "due_date": "Day on which the amount is due",
    "answer_link": "Link by which they say whether they come; emails only",
}
"""What wording may name, whatever the file calls its columns; the file's own columns may be named as well."""


@dataclass(frozen=True, slots=True)
class Wording:
    body: str
    subject: str = ""  # emails only
    new_body: str = ""  # for new patients ("-NEW" in the type of appointment); "" = as for all
    new_subject: str = ""
    attachments: tuple[int, ...] = ()  # ids of files; emails only


@dataclass(frozen=True, slots=True)
class Keep:
    """Wording of an import that is to be saved under a name."""

    channel: Channel
    name: str
    replaces: int | None  # the saved wording that was chosen for this channel


def proposed_wording(purpose: Purpose, channel: Channel, has: Collection[Field]) -> Wording:
    """`has` are the fields that the file has columns for. Empty where nothing sensible can be proposed."""
    hello = "Hello {first_name}" if {Field.GIVEN_NAME, Field.FULL_NAME} & set(has) else "Hello"
    match purpose:
        case Purpose.REMINDER:
            return _reminder(channel, hello)
        case Purpose.BILLING:
            return _bill(channel, hello, set(has))
        case Purpose.PERSONAL | Purpose.PROMOTION | Purpose.SERVICE:
            return Wording("")


def _reminder(channel: Channel, hello: str) -> Wording:
    match channel:
        case Channel.TEXT:
            stop = "Reply STOP to get no more texts."
            return Wording(
                f"{hello}, this is a reminder of your appointment at {{location}} on {{when}}. {stop}",
                new_body=f"{hello}, welcome to {{location}}. Your first appointment is on {{when}}. {stop}",
            )
        case Channel.CALL:
            stop = "To get no more calls, press 9. Goodbye."
            return Wording(
                f"{hello}. This is {{account}} with a reminder of your appointment at {{location}} on {{when}}. {stop}",
                new_body=f"{hello}. This is {{account}}. Welcome. Your first appointment is on {{when}}. {stop}",
            )
        case Channel.EMAIL:
            close = "If you cannot come, please call us.\n\n{account}"
            return Wording(
                f"{hello},\n\nthis is a reminder of your appointment at {{location}} on {{when}}.\n\n{close}",
                "Your appointment on {date}",
                f"{hello},\n\nwelcome to {{location}}. Your first appointment is on {{when}}. Please come ten minutes"
                f" early, so that there is time for the forms.\n\n{close}",
                "Welcome: your first appointment on {date}",
            )


def family_wording(channel: Channel) -> tuple[str, str]:
    """Subject and body of a message that tells of several of a family."""
    match channel:
        case Channel.TEXT:
            return "", "Hello, on {date} we see at {location}: {visits}. Reply STOP to get no more texts."
        case Channel.CALL:
            stop = "To get no more calls, press 9. Goodbye."
            return "", f"Hello. This is {{account}}. On {{date}} we see at {{location}}: {{visits}}. {stop}"
        case Channel.EMAIL:
            body = "Hello,\n\non {date} we see at {location}: {visits}.\n\nIf somebody cannot come, please call us."
            return "Your appointments on {date}", f"{body}\n\n{{account}}"


def _bill(channel: Channel, hello: str, has: set[Field]) -> Wording:
    amount = "your balance of {amount}" if Field.AMOUNT in has else "your balance"
    due = "is due on {due_date}" if Field.DUE_DATE in has else "is due"
    match channel:
        case Channel.TEXT:
            return Wording(f"{hello}, {amount} at {{account}} {due}. Reply STOP to get no more texts.")
        case Channel.CALL:
            return Wording(f"{hello}. This is {{account}}. We are calling because {amount} {due}. Goodbye.")
        case Channel.EMAIL:
            return Wording(
                f"{hello},\n\n{amount} {due}. If you have paid already, you need do nothing.\n\n{{account}}",
                "Your balance at {account}",
            )


@transaction.atomic
def save_template(
    actor: Actor,
    template: Template,
    now: datetime,
    known: Collection[str] = tuple(PLACEHOLDERS),
    *,
    replaces: int | None = None,
    attachments: Sequence[int] | None = None,
) -> Template:
    """Save wording under its name; give an unsaved Template. Only what `replaces` names is written over.

    `attachments`: ids of uploaded files that go along, emails only; None: as they were."""
    require(actor, Act.EDIT_SETUP)
    name = template.name.strip()
    problems = check_wording(Channel(template.channel), template.purpose, template.subject, template.body, known)
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        problems["name"] = f"Give the wording a name of at most {LONGEST_NAME} characters."
    if template.subject and template.channel != Channel.EMAIL:
        problems["subject"] = "Only emails have a subject."
    if len(template.subject) > LONGEST_SUBJECT:
        problems["subject"] = f"A subject has at most {LONGEST_SUBJECT} characters."
    if why := problem_of(actor.account_id, attachments or (), [Channel(template.channel)]):
        problems["attachments"] = why
    if problems:
        raise Invalid(**problems)
    words: dict[str, Any] = {"purpose": template.purpose, "subject": template.subject, "body": template.body}
    if attachments is not None:
        words["attachment_set_id"] = chosen(actor.account_id, attachments, now)
    saved, is_new = Template.objects.get_or_create(
        account_id=actor.account_id, channel=template.channel, name__iexact=name, defaults={"name": name, **words}
    )
    if not is_new:
        if saved.pk != replaces:
            raise Invalid(name=f"There is saved wording named {saved.name}. Choose it to replace it, or another name.")
        Template.objects.filter(pk=saved.pk).update(**words)
        saved.refresh_from_db()
    _record(actor, "save_template", saved, now)
    return saved


@transaction.atomic
def attach_to_template(actor: Actor, template_id: int, attachments: Sequence[int], now: datetime) -> Template:
    """Whoever uses the wording for an email from now on sends these files along. None: no files."""
    require(actor, Act.EDIT_SETUP)
    template = template_of(actor, template_id)
    if why := problem_of(actor.account_id, attachments, [Channel(template.channel)]):
        raise Invalid(attachments=why)
    template.attachment_set_id = chosen(actor.account_id, attachments, now)
    template.save(update_fields=["attachment_set_id"])
    _record(actor, "attach_to_template", template, now)
    return template


@transaction.atomic
def delete_template(actor: Actor, template_id: int, now: datetime) -> Template:
    """Files that took its words keep them. Returned as it was."""
    require(actor, Act.EDIT_SETUP)
    template = template_of(actor, template_id)
    if not Template.objects.filter(pk=template_id).delete()[0]:
        raise NotThere("There is no such wording.")
    _record(actor, "delete_template", template, now)
    return template


def template_of(actor: Actor, template_id: int) -> Template:
    template = Template.objects.filter(account_id=actor.account_id, pk=template_id).first()
    if template is None:
        raise NotThere("There is no such wording.")
    return template


def _record(actor: Actor, act: str, template: Template, now: datetime) -> None:
    files, names = for_the_ledger(actor.account_id, ids_in(actor.account_id, template.attachment_set_id))
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act=act,
        subject=f"template:{template.pk}",
        after={"name": template.name, "channel": template.channel, **files, "via": actor.via},
        personal={"after": names},
    )


def check_wording(channel: Channel, purpose: str, subject: str, body: str, known: Collection[str]) -> dict[str, str]:
    """Field -> what is wrong with it."""
    problems: dict[str, str] = {}
    if not body.strip():
        problems["body"] = "Write what the message says."
    if channel is Channel.EMAIL and not subject.strip():
        problems["subject"] = "Write the subject of the email."
    for field, text in (("subject", subject), ("body", body)):
        parsed = parse_template(text, known)
        if isinstance(parsed, Problem):
            problems[field] = parsed.text
        elif fault := answer_link.fault_of(parsed, channel, purpose, in_subject=field == "subject"):
            problems[field] = fault
    return problems
