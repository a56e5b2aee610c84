"""What an account wants of its intake: the lead address, how long the same person is the same lead, and strangers."""

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, require
from allstop.rules.addresses import parse_email
from allstop.rules.leads import LONGEST_REPEAT_DAYS
from allstop.rules.roles import Act
from allstop.rules.words import Problem
from allstop.store import ledger
from allstop.store.models import Account, LeadSetup, Mailbox, StrangersBecome


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeSetup:
    address: str = ""  # mails to it are leads; it must reach the account's mailbox. "" = none
    repeat_days: int = 0
    strangers: StrangersBecome = StrangersBecome.NOTHING


def intake_setup(account_id: int) -> IntakeSetup:
    found = LeadSetup.objects.filter(account_id=account_id).first()
    if found is None:
        return IntakeSetup()
    return IntakeSetup(address=found.address, repeat_days=found.repeat_days, strangers=StrangersBecome(found.strangers))


@transaction.atomic
def set_intake_setup(actor: Actor, wanted: IntakeSetup, now: datetime) -> IntakeSetup:
    require(actor, Act.EDIT_SETUP)
    Account.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.account_id)
    before = intake_setup(actor.account_id)
    after = _checked(actor, wanted)
    if after == before:
        return before
    LeadSetup.objects.update_or_create(account_id=actor.account_id, defaults=asdict(after))
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="set_lead_setup",
        subject="account",
        before=asdict(before),
        after={**asdict(after), "via": actor.via},
    )
    return after


def _checked(actor: Actor, wanted: IntakeSetup) -> IntakeSetup:
    address = wanted.address.strip().lower()
    if address:
        email = parse_email(address)
        if isinstance(email, Problem):
            raise Invalid(address=email.text)
        address = email.address.lower()
        if not Mailbox.objects.filter(account_id=actor.account_id).exists():
            raise Invalid(address="Set up the mailbox first (Setup, Email): this address must deliver into it.")
    if not 0 <= wanted.repeat_days <= LONGEST_REPEAT_DAYS:
        raise Invalid(repeat_days=f"Give a number of days from 0 to {LONGEST_REPEAT_DAYS}.")
    return IntakeSetup(address=address, repeat_days=wanted.repeat_days, strangers=wanted.strangers)
