"""Groups of contacts. Nobody marked Stop Promotions can be added to a sales group."""

from collections.abc import Collection
from datetime import datetime

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.rules.markers import MarkerKind
from allstop.rules.roles import Act
from allstop.store import ledger
from allstop.store.models import Contact, Group, GroupContact, Marker


@transaction.atomic
def create_group(actor: Actor, name: str, is_sales: bool, now: datetime) -> Group:
    require(actor, Act.EDIT_CONTACTS)
    name = _checked(actor, name, own_id=None)
    group = Group.objects.create(account_id=actor.account_id, name=name, is_sales=is_sales)
    _write(actor, now, "create_group", group.pk, None, {"name": name, "is_sales": is_sales})
    return group


@transaction.atomic
def rename_group(actor: Actor, group_id: int, name: str, now: datetime) -> Group:
    """Whether it is a sales group stays: those with Stop Promotions would be in it."""
    require(actor, Act.EDIT_CONTACTS)
    group = _group(actor, group_id)
    name = _checked(actor, name, own_id=group_id)
    Group.objects.filter(pk=group_id).update(name=name)
    _write(actor, now, "rename_group", group_id, {"name": group.name}, {"name": name})
    return _group(actor, group_id)


@transaction.atomic
def delete_group(actor: Actor, group_id: int, now: datetime) -> Group:
    """The group goes, its contacts stay. This is not undone. Returns what it was."""
    require(actor, Act.EDIT_CONTACTS)
    group = _group(actor, group_id)
    GroupContact.objects.filter(group_id=group_id)._raw_delete("default")  # a million places without reading them
    Group.objects.filter(pk=group_id).delete()
    _write(actor, now, "delete_group", group_id, {"name": group.name, "is_sales": group.is_sales}, None)
    return group


def _checked(actor: Actor, name: str, own_id: int | None) -> str:
    name = name.strip()
    if not name or len(name) > 120:
        raise Invalid(name="Give the group a name of at most 120 characters.")
    if Group.objects.filter(account_id=actor.account_id, name__iexact=name).exclude(pk=own_id or 0).exists():
        raise Invalid(name=f"There is a group {name} already.")
    return name


def _write(
    actor: Actor,
    now: datetime,
    act: str,
    group_id: int,
    before: dict[str, object] | None,
    after: dict[str, object] | None,
) -> None:
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act=act,
        subject=f"contact_group:{group_id}",
        before=before,
        after={**(after or {}), "via": actor.via},
    )


@transaction.atomic
def add_to_group(actor: Actor, group_id: int, contact_ids: Collection[int], now: datetime) -> int:
    """Returns how many were not in it yet. One contact that may not be in it keeps all of them out."""
    require(actor, Act.EDIT_CONTACTS)
    group = _group(actor, group_id)
    wanted = set(contact_ids)
    # locked, so that nobody marks them in between
    contacts = list(
        Contact.objects.select_for_update(no_key=True).filter(account_id=actor.account_id, pk__in=wanted).order_by("pk")
    )
    if len(contacts) != len(wanted):
        raise NotThere("One of these contacts does not exist. Reload the page and select again.")
    if group.is_sales:
        _refuse_marked(group, contacts)
    before = GroupContact.objects.filter(group=group).count()
    GroupContact.objects.bulk_create(
        (GroupContact(group=group, contact=contact) for contact in contacts), ignore_conflicts=True
    )
    return GroupContact.objects.filter(group=group).count() - before


def _refuse_marked(group: Group, contacts: Collection[Contact]) -> None:
    marked = Marker.objects.filter(contact__in=contacts, kind=MarkerKind.STOP_PROMOTIONS)
    names = [marker.contact.name for marker in marked.select_related("contact").order_by("contact_id")[:4]]
    if names:
        who = ", ".join(names[:3]) + (" and others" if len(names) > 3 else "")
        raise Conflict(f"{group.name} is a sales group and {who} has Stop Promotions. Nobody was added.")


def _group(actor: Actor, group_id: int) -> Group:
    group = Group.objects.filter(account_id=actor.account_id, pk=group_id).first()
    if group is None:
        raise NotThere("There is no such group.")
    return group
