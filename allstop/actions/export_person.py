"""Everything that is known of one person, to be handed to them or taken elsewhere (GDPR articles 15 and 20)."""

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.db.models import Model

from allstop.actions.actor import Actor, NotThere, require
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import (
    Address,
    Attempt,
    CallStep,
    Contact,
    Group,
    Inbound,
    LedgerEntry,
    Marker,
    Message,
    Note,
    OptOut,
    Receipt,
)


def export_person(actor: Actor, contact_id: int, now: datetime) -> dict[str, Any]:
    """As JSON holds it: times in ISO 8601, oldest first. It reads all messages of the person at once."""
    require(actor, Act.VIEW)
    account_id = actor.account_id
    contact = Contact.objects.filter(account_id=account_id, pk=contact_id).first()
    if contact is None:
        raise NotThere("There is no such contact.")
    messages = Message.objects.filter(account_id=account_id, contact_id=contact_id).order_by("id")
    ids = [message.id for message in messages]
    of_them = {"account_id": account_id, "message_id__any_of": ids}
    return {
        "exported_at": now.isoformat(),
        "contact": _columns(contact, without=("account", "location")),
        "location": contact.location.name if contact.location else None,
        "assigned_to": contact.assigned_to.user.name if contact.assigned_to else None,
        "addresses": _all(Address.objects.filter(contact=contact).order_by("pk")),
        "groups": list(Group.objects.filter(contacts=contact).order_by("name").values_list("name", flat=True)),
        "markers": _all(Marker.objects.filter(contact=contact).order_by("pk")),
        "opt_outs": _all(OptOut.objects.filter(contact=contact).order_by("pk")),
        "notes": _all(Note.objects.filter(contact=contact).order_by("pk")),
        "messages": _all(messages),
        "attachments": {
            str(message_id): [asdict(one) for one in files]
            for message_id, files in lists.attachments_of(account_id, ids).items()
        },
        "attempts": _all(Attempt.objects.filter(**of_them).order_by("message_id", "number")),
        "call_steps": _all(CallStep.objects.filter(**of_them).order_by("at", "pk")),
        "receipts": _all(Receipt.objects.filter(**of_them).order_by("at", "pk")),
        "replies": _all(Inbound.objects.filter(account_id=account_id, contact=contact).order_by("pk")),
        "ledger": _all(
            LedgerEntry.objects.filter(account_id=account_id, subject=f"contact:{contact_id}").order_by("number")
        ),
    }


def _all(found: Iterable[Model]) -> list[dict[str, Any]]:
    return [_columns(one, without=("account", "contact")) for one in found]


def _columns(row: Model, without: tuple[str, ...]) -> dict[str, Any]:
    return {
        field.attname: _as_json(getattr(row, field.attname))
        for field in row._meta.concrete_fields
        if field.name not in without
    }


def _as_json(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
