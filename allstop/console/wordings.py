"""Saved wording for one message to one contact: only what can be filled in from the contact."""

from collections.abc import Sequence
from dataclasses import dataclass

from allstop.console.attaching import with_files
from allstop.rules.facts import Channel
from allstop.rules.wording import fill, parse_template
from allstop.rules.words import Problem
from allstop.store import lists
from allstop.store.models import Account, Contact

NAMES = ("first_name", "last_name", "name", "account", "location")


@dataclass(frozen=True, slots=True)
class WordingChoice:
    id: int
    name: str
    channel: str
    files: str  # ids of its attachments, with a space between them


def usable_wordings(account_id: int, channels: Sequence[Channel]) -> list[WordingChoice]:
    """Wording that names an appointment or an amount is for files, and left out."""
    usable = [
        one
        for one in lists.templates(account_id)
        if one.channel in [channel.value for channel in channels]
        and not isinstance(parse_template(one.body, NAMES), Problem)
    ]
    return [
        WordingChoice(one.template.pk, one.template.name, one.template.channel, one.files)
        for one in with_files(account_id, usable)
    ]


def wording_for(account_id: int, contact_id: int | None, template_id: int) -> str:
    """Filled in; empty where there is no such wording."""
    saved = next((one for one in lists.templates(account_id) if one.pk == template_id), None)
    template = parse_template(saved.body, NAMES) if saved else None
    if template is None or isinstance(template, Problem):
        return ""
    known = Contact.objects.select_related("location").filter(account_id=account_id, pk=contact_id or 0).first()
    account = Account.objects.get(pk=account_id).name
    values = {
        "first_name": known.given_name if known else "",
        "last_name": known.family_name if known else "",
        "name": known.name if known else "",
        "account": account,
        "location": known.location.name if known and known.location else account,
    }
    text = fill(template, values)
    return "" if isinstance(text, Problem) else text
