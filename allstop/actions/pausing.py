"""Pause and Unpause Account: whether leads come in at all, for the whole team, until somebody unpauses.

The rules that it guards: when pause_intake returns, no lead comes into being by any path; and nothing but the word
CONFIRM, typed exactly, does either of the two. A pause ends no conversation and stops no message; ending conversations
pauses nothing.
"""

from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, require
from allstop.actions.holds import add_hold, columns_of, new_hold
from allstop.actions.intake import close_intake, refused_since
from allstop.rules.holds import PAUSED, whole_account
from allstop.rules.leads import CONFIRM, is_confirmed
from allstop.rules.roles import Act
from allstop.store import ledger
from allstop.store.models import Hold

LONGEST_REASON = 300


def check_confirmed(typed: str) -> None:
    if not is_confirmed(typed):
        raise Invalid(confirm=f"Type {CONFIRM}: in capitals, with nothing before or after it. Nothing was changed.")


@transaction.atomic
def pause_intake(actor: Actor, typed: str, reason: str, now: datetime) -> Hold:
    """Waits for the leads that are being created this moment. Paused already: the pause that stands is returned."""
    require(actor, Act.PAUSE_INTAKE)
    check_confirmed(typed)
    _check_reason(reason)
    close_intake(actor.account_id)
    standing = standing_pause(actor.account_id)
    if standing is not None:
        return standing
    hold = add_hold(new_hold(actor, PAUSED, whole_account(actor.account_id), now, reason=reason.strip()))
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="pause_intake",
        subject="account",
        before={"intake": "open"},
        after={"intake": "paused", "hold": hold.pk, "via": actor.via},
        personal={"reason": hold.reason},  # typed: it may name whom it was about
    )
    return hold


@transaction.atomic
def unpause_intake(actor: Actor, typed: str, reason: str, now: datetime) -> Hold:
    """What was refused meanwhile is not made up later; how many these were stays in the ledger."""
    require(actor, Act.PAUSE_INTAKE)
    check_confirmed(typed)
    _check_reason(reason)
    close_intake(actor.account_id)  # the count is final
    hold = standing_pause(actor.account_id)
    if hold is None:
        raise Conflict("The account is not paused: leads are created already.")
    hold.lifted_at, hold.lifted_by = now, actor.name
    hold.save(update_fields=["lifted_at", "lifted_by"])
    refused = {source.value: count for source, count in refused_since(hold.pk).items()}
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="unpause_intake",
        subject="account",
        before={"intake": "paused", "hold": hold.pk, "by": hold.by, "since": hold.at.isoformat()},
        after={"intake": "open", "refused": refused, "via": actor.via},
        personal={"reason": reason.strip()},
    )
    return hold


def standing_pause(account_id: int) -> Hold | None:
    return Hold.objects.filter(**columns_of(whole_account(account_id)), name=PAUSED, lifted_at=None).first()


def _check_reason(reason: str) -> None:
    if len(reason) > LONGEST_REASON:
        raise Invalid(reason=f"Use at most {LONGEST_REASON} characters.")
