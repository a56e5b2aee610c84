"""Ticks on recall lists: who is done with, and until when. Written here by whoever decides it: a person, or a send."""

from collections.abc import Sequence
from datetime import datetime

from allstop.actions.actor import Actor, NotThere, require
from allstop.rules.months import months_ahead
from allstop.rules.roles import Act
from allstop.store.models import ContactList, ContactListTick

AT_ONCE = 2000


def check_ticks(actor: Actor, list_id: int) -> None:
    """Whether they may tick on this list."""
    require(actor, Act.EDIT_CONTACTS)
    if not ContactList.objects.filter(account_id=actor.account_id, pk=list_id).exists():
        raise NotThere("There is no such list.")


def write_ticks(kept: ContactList, ids: Sequence[int], by: str, now: datetime) -> datetime:
    """In the caller's transaction. They are off the list until the moment that it returns."""
    until = months_ahead(now, kept.back_after_months)
    ContactListTick.objects.filter(list=kept, contact_id__in=ids).delete()  # of earlier times
    ticks = (
        ContactListTick(account_id=kept.account_id, list=kept, contact_id=one, by=by, at=now, until=until)
        for one in ids
    )
    ContactListTick.objects.bulk_create(ticks, batch_size=AT_ONCE)
    return until


def tick_reached(account_id: int, list_id: int, ids: Sequence[int], by: str, now: datetime) -> None:
    """Whoever gets a message of a send. A list that was deleted meanwhile has nothing to tick."""
    kept = ContactList.objects.select_for_update().filter(account_id=account_id, pk=list_id).first()
    if kept is not None:
        write_ticks(kept, ids, by, now)
