"""End Conversations: every new lead of the account, or of one member, becomes unqualified, and nothing more is said.

The rule that it guards: one press ends each lead exactly once, also when its process is killed in the middle; what
waited for them is withdrawn; no integrator is told, and no automatic answer follows. It neither pauses the intake nor
does a pause end anything. docs/notes/0018-mass-end.md says how it stops thousands and delays no STOP.
"""

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.mass_end_run import RUNS, run_here
from allstop.rules.leads import is_confirmed
from allstop.rules.roles import Act
from allstop.store import ledger
from allstop.store.models import Account, EndState, MassEnd, Member
from allstop.store.talks import count_new_leads

AT_ONCE = 2000  # leads that the caller waits for; more are left to a process of their own


@dataclass(frozen=True, slots=True)
class Ahead:
    """What one press would end now."""

    leads: int
    member: str  # whose; "" = everybody's


def what_would_end(actor: Actor, member_id: int | None = None) -> Ahead:
    require(actor, Act.VIEW)
    name = _member_name(actor, member_id)
    return Ahead(count_new_leads(actor.account_id, member_id)[0], name)


def end_conversations(actor: Actor, typed: str, now: datetime, member_id: int | None = None) -> MassEnd:
    """`typed`: CONFIRM, exactly. Done when it returns, if they are few; otherwise a worker starts a process for it
    within a second. Not inside a transaction."""
    end = ask_to_end(actor, typed, now, member_id)
    return run_here(end.pk) if end.total <= AT_ONCE else end


@transaction.atomic
def ask_to_end(actor: Actor, typed: str, now: datetime, member_id: int | None = None) -> MassEnd:
    """Written down as queued, with its entry in the ledger. A lead that comes later is not meant."""
    require(actor, Act.END_CONVERSATIONS)
    name = _member_name(actor, member_id)
    if not is_confirmed(typed):
        raise Invalid(confirm="Type CONFIRM in capital letters, without anything else.")
    Account.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.account_id)  # of two, one at a time
    if RUNS.open().filter(account_id=actor.account_id).exists():
        raise Conflict("Conversations are being ended already. Wait until that is done.")
    total, newest = count_new_leads(actor.account_id, member_id)
    made = MassEnd.objects.create(
        account_id=actor.account_id,
        member_id=member_id,
        member_name=name,
        by=actor.name,
        via=actor.via,
        state=EndState.QUEUED,
        total=total,
        until_id=newest,
        created_at=now,
    )
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="end_conversations",
        subject=f"mass_end:{made.pk}",
        after={"leads": total, "member": member_id, "via": actor.via},
    )
    return made


def mass_end_of(actor: Actor, end_id: int) -> MassEnd:
    require(actor, Act.VIEW)
    found = MassEnd.objects.filter(account_id=actor.account_id, pk=end_id).first()
    if found is None:
        raise NotThere("Conversations were not ended under this number.")
    return found


def latest_mass_end(actor: Actor) -> MassEnd | None:
    require(actor, Act.VIEW)
    return MassEnd.objects.filter(account_id=actor.account_id).order_by("-pk").first()  # mass_end_list


def _member_name(actor: Actor, member_id: int | None) -> str:
    if member_id is None:
        return ""
    member = Member.objects.select_related("user").filter(account_id=actor.account_id, pk=member_id).first()
    if member is None:
        raise NotThere("There is no such member in this account.")
    return member.user.name
