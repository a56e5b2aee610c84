"""Setup, Messenger: whether whoever sends to five or fewer becomes the owner of those contacts."""

from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, require
from allstop.rules.roles import Act
from allstop.store import ledger
from allstop.store.models import Account


def takes_ownership(actor: Actor) -> bool:
    require(actor, Act.VIEW)
    return Account.objects.values_list("takes_ownership", flat=True).get(pk=actor.account_id)


@transaction.atomic
def set_ownership(actor: Actor, is_on: bool, now: datetime) -> bool:
    """In force for the next send. Returns what stands now."""
    require(actor, Act.EDIT_SETUP)
    changed = Account.objects.filter(pk=actor.account_id, takes_ownership=not is_on).update(takes_ownership=is_on)
    if changed:
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="set_ownership",
            subject="account",
            before={"takes_ownership": not is_on},
            after={"takes_ownership": is_on, "via": actor.via},
        )
    return is_on
