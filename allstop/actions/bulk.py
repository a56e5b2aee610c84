"""Changing many contacts with one press: flags, stops, groups, members, deletion; and taking it back.

The rule that it guards: one press is one change, for three contacts or a million. It knows its contacts by their ids or
by the filter that showed them, goes through them in short transactions, survives the end of its process, tells what it
changed, has one entry in the ledger, and can be undone for ten minutes, contact by contact.

A marker that stops is committed together with a stop number for its slice, and the change is done only when workers
have confirmed the last one: docs/notes/0009-many-contacts.md says why the account is announced, not each contact.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, NotThere, require
from allstop.actions.bulk_run import run_here
from allstop.rules.roles import Act
from allstop.store import ledger
from allstop.store.lists.contact_filter import ContactFilter
from allstop.store.lists.phonebook import count_contacts, ids_that_match, newest_contact
from allstop.store.models import (
    BulkChange,
    ChangeKind,
    ChangeState,
    Contact,
    ContactList,
    Group,
    Location,
    Marker,
    Member,
)

AT_ONCE = 2000  # contacts that the caller waits for; more are left to a process of their own
MOST_IDS = 10_000  # of a selection by ids; more are selected by a filter
UNDO_FOR = timedelta(minutes=10)
MARKS = frozenset(
    {
        ChangeKind.FLAG,
        ChangeKind.UNFLAG,
        ChangeKind.STOP_ALL,
        ChangeKind.OK_TO_SEND,
        ChangeKind.STOP_PROMOTIONS,
        ChangeKind.OK_FOR_SALES,
    }
)


@dataclass(frozen=True, slots=True)
class Selection:
    """Contacts by their ids; or, with a filter, all that match it `without` some, up to the one that is newest now."""

    ids: Sequence[int] = ()
    filter: ContactFilter | None = None
    without: Sequence[int] = ()
    until: int | None = None  # the newest contact when the question was asked

    def as_json(self) -> dict[str, Any]:
        if self.filter is None:
            return {"ids": sorted(set(self.ids))}
        return {"filter": self.filter.as_json(), "except": sorted(set(self.without))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What shall become of them."""

    kind: ChangeKind
    member_id: int | None = None  # of ASSIGN; None = nobody
    group_id: int | None = None  # of ADD_TO_GROUP and REMOVE_FROM_GROUP
    reason: str = ""


def count_selected(actor: Actor, selection: Selection) -> int:
    """How many contacts are meant. NotThere: one of the ids is not in the account."""
    require(actor, Act.VIEW)
    if selection.filter is not None:
        found = count_contacts(actor.account_id, selection.filter, until=selection.until)
        without = Contact.objects.filter(account_id=actor.account_id, pk__in=selection.without)
        return found - (count_of_ids(actor.account_id, selection.filter, without) if selection.without else 0)
    ids = set(selection.ids)
    if len(ids) > MOST_IDS:
        raise Invalid(ids=f"Name at most {MOST_IDS:,} contacts one by one; for more give a filter.")
    if Contact.objects.filter(account_id=actor.account_id, pk__in=ids).count() != len(ids):
        raise NotThere("One of these contacts does not exist. Reload the page and select again.")
    return len(ids)


def count_of_ids(account_id: int, wanted: ContactFilter, contacts: Iterable[Contact]) -> int:
    """How many of these match: exceptions that match no more take nothing away from the count."""
    ids = [contact.pk for contact in contacts]
    if not ids:
        return 0
    low, high = min(ids), max(ids)
    between = ids_that_match(account_id, wanted, beyond=low - 1, until=high, without=[], limit=10**9)
    return len(set(between) & set(ids))


def flag_or_unflag(actor: Actor, selection: Selection) -> ChangeKind:
    """What [Flag On-Off] does to a selection: flags all unless all are flagged."""
    require(actor, Act.VIEW)
    if selection.filter is None:
        flagged = Marker.objects.filter(contact_id__in=selection.ids, kind="flag").count()
        return ChangeKind.UNFLAG if flagged == len(set(selection.ids)) else ChangeKind.FLAG

    flagged = count_selected(actor, replace(selection, filter=replace(selection.filter, flag=True)))
    return ChangeKind.UNFLAG if flagged == count_selected(actor, selection) else ChangeKind.FLAG


def change_contacts(actor: Actor, selection: Selection, wish: Wish, now: datetime) -> BulkChange:
    """Done when it returns, if they are few; otherwise queued: a worker starts a process for it within a second."""
    change = ask_for_change(actor, selection, wish, now)
    return run_here(change.pk) if change.total <= AT_ONCE else change  # queued changes of that size are the caller's


@transaction.atomic
def ask_for_change(actor: Actor, selection: Selection, wish: Wish, now: datetime) -> BulkChange:
    """Write it down as queued. Whoever is selected later was not meant."""
    require(actor, Act.MARK_CONTACTS if wish.kind in MARKS else Act.EDIT_CONTACTS)
    _check(actor, selection, wish)
    return BulkChange.objects.create(
        account_id=actor.account_id,
        kind=wish.kind,
        member_id=wish.member_id,
        group_id=wish.group_id,
        selection=selection.as_json(),
        until_id=newest_contact(actor.account_id) if selection.until is None else selection.until,
        ledger_number=ledger.newest(actor.account_id),
        reason=wish.reason[:300],
        by=actor.name,
        via=actor.via,
        state=ChangeState.QUEUED,
        total=count_selected(actor, selection),
        created_at=now,
    )


def undo_change(actor: Actor, change_id: int, now: datetime) -> BulkChange:
    """Take back what a change did, but for what somebody has changed since. Conflict: too late, or done already."""
    undo = ask_for_undo(actor, change_id, now)
    return run_here(undo.pk) if undo.total <= AT_ONCE else undo


@transaction.atomic
def ask_for_undo(actor: Actor, change_id: int, now: datetime) -> BulkChange:
    of = change_of(actor, change_id, lock=True)
    require(actor, Act.MARK_CONTACTS if of.kind in MARKS else Act.EDIT_CONTACTS)
    if why_not := why_no_undo(of, now):
        raise Conflict(why_not)
    return BulkChange.objects.create(
        account_id=actor.account_id,
        kind=ChangeKind.UNDO,
        undoes=of,
        selection={"change": of.pk},
        until_id=0,
        ledger_number=ledger.newest(actor.account_id),
        reason="",
        by=actor.name,
        via=actor.via,
        state=ChangeState.QUEUED,
        total=of.changed,
        created_at=now,
    )


def why_no_undo(change: BulkChange, now: datetime) -> str:
    """ "" = it can be undone."""
    if change.kind == ChangeKind.UNDO:
        return "An undo is not undone. Do the change again instead."
    if change.state not in (ChangeState.DONE, ChangeState.FAILED):
        return "This change is still under way. Wait until it is done."
    if BulkChange.objects.filter(undoes=change).exists():
        return "This change was undone already."
    if change.finished_at is None or now > change.finished_at + UNDO_FOR:
        return "A change can be undone for ten minutes. This one is older."
    return "" if change.changed else "This change has changed nobody."


def change_of(actor: Actor, change_id: int, lock: bool = False) -> BulkChange:
    found = BulkChange.objects.filter(account_id=actor.account_id, pk=change_id)
    change = (found.select_for_update(of=("self",)) if lock else found).first()
    if change is None:
        raise NotThere("There is no such change.")
    return change


def _check(actor: Actor, selection: Selection, wish: Wish) -> None:
    account_id, kind = actor.account_id, wish.kind
    if kind is ChangeKind.UNDO:
        raise Invalid(kind="An undo is asked for by the number of the change.")
    if (wish.group_id is not None) != (kind in (ChangeKind.ADD_TO_GROUP, ChangeKind.REMOVE_FROM_GROUP)):
        raise Invalid(group_id="Name a group to add to or to remove from, and none for anything else.")
    if wish.member_id is not None and kind is not ChangeKind.ASSIGN:
        raise Invalid(member_id="A member is named only to assign contacts to.")
    if wish.group_id is not None and not Group.objects.filter(account_id=account_id, pk=wish.group_id).exists():
        raise NotThere("There is no such group.")
    if wish.member_id is not None and not Member.objects.filter(account_id=account_id, pk=wish.member_id).exists():
        raise NotThere("There is no such member in this account.")
    if selection.filter is not None:
        check_filter(account_id, selection.filter)
    elif not selection.ids:
        raise Invalid(ids="No contact is selected.")


def check_filter(account_id: int, wanted: ContactFilter) -> None:
    """NotThere: it names a group, member or location that the account does not have."""
    named: tuple[tuple[int | None, Callable[[int], bool], str], ...] = (
        (wanted.group, lambda pk: Group.objects.filter(account_id=account_id, pk=pk).exists(), "group"),
        (wanted.location, lambda pk: Location.objects.filter(account_id=account_id, pk=pk).exists(), "location"),
        (wanted.not_ticked, lambda pk: ContactList.objects.filter(account_id=account_id, pk=pk).exists(), "list"),
        (wanted.assigned_to, lambda pk: Member.objects.filter(account_id=account_id, pk=pk).exists(), "member"),
    )
    for value, exists, word in named:
        if value is not None and value > 0 and not exists(value):
            raise NotThere(f"There is no such {word}.")


def who_was(actor: Actor, change_id: int, *, refused: bool = False, after: int = 0, limit: int = 200) -> list[int]:
    """The contacts that a change changed (or refused), by id."""
    require(actor, Act.VIEW)
    change = change_of(actor, change_id)
    column = "refused" if refused else "changed"
    found: list[int] = []
    for ids in change.slices.order_by("number").values_list(column, flat=True):
        found += [one for one in sorted(ids) if one > after]
        if len(found) >= limit:
            break
    return found[:limit]
