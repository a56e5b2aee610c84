"""The account's playbook: read, changed, turned on and off.

The rule that it guards: only what the machine can play is kept, so no lead is told nonsense. Turned off, no new lead
begins with it, and whoever is due goes to a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, require
from allstop.actions.talks import REASONS
from allstop.rules.playbook import Playbook as Rules
from allstop.rules.playbook_rehearsal import Line, rehearse
from allstop.rules.playbook_text import read_playbook
from allstop.rules.roles import Act
from allstop.store import ledger
from allstop.store.models import Account, Playbook

EXAMPLE = """\
# What a new lead hears from us, and what we do with the answers.
unasked: promotion

step hello
    text: Hi {first_name|there}, this is {account}. You asked about {kind|our services}. Shall we call you?
    if yes, sure, please, ok: go when
    if no, not interested, stop asking: unqualify not-interested
    after 1 day text: Hi {first_name|there}, {account} again. Shall we call you about {kind|our services}?
    after 4 days: unqualify unresponsive

step when
    text: Great. What suits you better, today or tomorrow?
    if today, now, asap, tomorrow: go bye
    otherwise: hand over
    after 1 day: hand over

step bye
    text: Thank you. Somebody of {account} calls you.
    then: qualify
"""


@dataclass(frozen=True, slots=True)
class Kept:
    text: str
    is_on: bool
    changed_by: str  # "" = never: `text` is the example
    changed_at: datetime | None


def playbook_of(actor: Actor) -> Kept:
    """Of an account that has none, the example, turned off."""
    require(actor, Act.VIEW)
    row = Playbook.objects.filter(account_id=actor.account_id).first()
    return Kept(EXAMPLE, False, "", None) if row is None else Kept(row.text, row.is_on, row.changed_by, row.changed_at)


def checked(text: str) -> Rules:
    """Invalid: every fault with its line and what to do."""
    found = read_playbook(text, REASONS)
    if isinstance(found, Rules):
        return found
    raise Invalid(text="\n".join(map(str, found)))


@transaction.atomic
def change_playbook(actor: Actor, text: str, now: datetime, *, is_on: bool) -> Kept:
    """Leads that have begun go on by the new one, from the step of the same name."""
    require(actor, Act.EDIT_SETUP)
    text = "\n".join(line.rstrip() for line in text.splitlines()) + "\n"
    checked(text)
    before = playbook_of(actor)
    if (before.text, before.is_on) == (text, is_on) and before.changed_at is not None:
        return before
    Playbook.objects.update_or_create(
        account_id=actor.account_id,
        defaults={"text": text, "is_on": is_on, "changed_by": actor.name, "changed_at": now},
    )
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="change_playbook",
        subject="playbook",
        before={"is_on": before.is_on},
        after={"is_on": is_on, "lines": len(text.splitlines()), "via": actor.via},
    )
    return playbook_of(actor)


def dry_run(actor: Actor, text: str, answers: Sequence[str], now: datetime) -> list[Line]:
    """A conversation as it would go. Nothing is kept, nothing leaves. Invalid: as change_playbook has it."""
    require(actor, Act.VIEW)
    account = Account.objects.get(pk=actor.account_id)
    values = {"first_name": "Pat", "last_name": "Moreau", "kind": "", "member": actor.name, "account": account.name}
    return rehearse(checked(text), answers, values, now)
