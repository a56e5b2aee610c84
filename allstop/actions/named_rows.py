"""What people name and keep (feeds, message plans, recall lists): saved under a name that is free, and written down."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, models, transaction

from allstop.actions.actor import Actor, Invalid
from allstop.store import ledger


def save_named(row: models.Model, kind: str) -> None:
    """`kind`: what it is called. The table's own rule says which names are free; any other is looked at before."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as taken:
        raise Invalid(name=f"There is a {kind} of this name already. Choose another name.") from taken


def write_down(
    actor: Actor, act: str, subject: str, before: Mapping[str, Any], after: Mapping[str, Any], now: datetime
) -> None:
    """A change of a setting, in the ledger of the actor's account."""
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act=act,
        subject=subject,
        before=dict(before),
        after={**after, "via": actor.via},
    )
