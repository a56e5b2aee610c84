"""Changes of many contacts at once, their progress and their undo."""

from datetime import UTC, datetime
from typing import Annotated

from ninja import Path, Query, Router, Schema
from pydantic import ConfigDict, Field

from allstop.actions import bulk
from allstop.actions.actor import Actor, Invalid
from allstop.doors.api.contacts import Filtered
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Asked, Call, Id, Line, Paged, Strict
from allstop.store import lists
from allstop.store.models import BulkChange, ChangeKind

router = Router(tags=["contacts"])

Ids = Annotated[list[Id], Field(max_length=bulk.MOST_IDS)]


class FilterIn(Filtered):
    model_config = ConfigDict(extra="forbid")


class CountOut(Schema):
    count: int


class ContactChangeIn(Strict):
    kind: ChangeKind = Field(description="What shall become of them; `undo` has an operation of its own.")
    ids: Ids | None = Field(None, description="Contacts one by one. Either this or `filter`.")
    filter: FilterIn | None = Field(None, description="All that match; {} = everybody in the Phonebook.")
    without: Ids = Field([], description="With `filter`: all but these.")
    member_id: Id | None = Field(None, description="Of `assign`: a member of the account; null = nobody.")
    group_id: Id | None = Field(None, description="Of `add_to_group` and `remove_from_group`.")
    reason: Line = ""

    def selection(self) -> bulk.Selection:
        if (self.ids is None) == (self.filter is None):
            raise Invalid(ids="Name contacts by ids or by a filter, not both.")
        if self.filter is not None:
            return bulk.Selection(filter=self.filter.filter(), without=self.without)
        return bulk.Selection(ids=self.ids or [])


class ContactChangeOut(Schema):
    id: int
    kind: str
    state: str = Field(description="queued, running, confirming, done or failed")
    total: int = Field(description="Contacts that were meant when it was asked for.")
    done: int = Field(description="Of these, how many it has come to.")
    changed: int
    refused: int = Field(
        description="Not for a sales group, out by their own word, or (undo) changed by somebody since."
    )
    undoes: int | None = Field(description="Of an undo: the change that it takes back.")
    by: str
    reason: str
    failure: str
    created_at: datetime
    finished_at: datetime | None
    undo_until: datetime | None = Field(description="null: it cannot be undone (any more).")


class WhoAsked(Paged):
    refused: bool = Field(False, description="Those that were refused, not those that were changed.")


class WhoOut(Schema):
    ids: list[int] = Field(description="Contacts, by id.")
    next: int | None = Field(description="For `after`; null on the last page.")


def change_shape(change: BulkChange) -> ContactChangeOut:
    may_undo = change.finished_at is not None and not bulk.why_no_undo(change, datetime.now(UTC))
    return ContactChangeOut(
        id=change.pk,
        kind=change.kind,
        state=change.state,
        total=change.total,
        done=change.done,
        changed=change.changed,
        refused=change.refused,
        undoes=change.undoes_id,
        by=change.by,
        reason=change.reason,
        failure=change.failure,
        created_at=change.created_at,
        finished_at=change.finished_at,
        undo_until=change.finished_at + bulk.UNDO_FOR if may_undo and change.finished_at else None,
    )


def count_shape(actor: Actor, wanted: lists.ContactFilter) -> CountOut:
    bulk.check_filter(actor.account_id, wanted)
    return CountOut(count=lists.count_contacts(actor.account_id, wanted))


class CountAsked(Filtered, Asked):
    pass


@router.get("/contacts/count", response={200: CountOut, **refusals(404)}, operation_id="count_contacts")
def count(request: Call, asked: Query[CountAsked]) -> CountOut:
    """How many contacts match a filter, exactly."""
    return count_shape(request.auth, asked.filter())


@router.post(
    "/contacts/change", response={200: ContactChangeOut, **refusals(400, 403, 404)}, operation_id="change_contacts"
)
def change(request: Call, wanted: ContactChangeIn) -> ContactChangeOut:
    """Change many contacts with one call: done when it answers for up to 2,000 of them; otherwise it is `queued`.

    A Stop All or Stop Promotions is obeyed by every worker when its state is `done`. Roles: admin, leader, member.
    """
    wish = bulk.Wish(kind=wanted.kind, member_id=wanted.member_id, group_id=wanted.group_id, reason=wanted.reason)
    return change_shape(bulk.change_contacts(request.auth, wanted.selection(), wish, request.now))


@router.get(
    "/contacts/changes/{int:change_id}", response={200: ContactChangeOut, **refusals(404)}, operation_id="get_change"
)
def get_change(request: Call, change_id: Path[Id]) -> ContactChangeOut:
    """How far a change is, and what it did."""
    return change_shape(bulk.change_of(request.auth, change_id))


@router.get(
    "/contacts/changes/{int:change_id}/contacts", response={200: WhoOut, **refusals(404)}, operation_id="list_changed"
)
def list_changed(request: Call, change_id: Path[Id], asked: Query[WhoAsked]) -> WhoOut:
    """Whom a change has changed, or refused."""
    ids = bulk.who_was(request.auth, change_id, refused=asked.refused, after=asked.after or 0, limit=asked.limit + 1)
    shown = ids[: asked.limit]
    return WhoOut(ids=shown, next=shown[-1] if len(ids) > asked.limit else None)


@router.post(
    "/contacts/changes/{int:change_id}/undo",
    response={200: ContactChangeOut, **refusals(403, 404, 409)},
    operation_id="undo_change",
)
def undo(request: Call, change_id: Path[Id]) -> ContactChangeOut:
    """Take a change back within ten minutes, but for what somebody has changed since. Answers with the undo.

    Roles: admin, leader, member.
    """
    return change_shape(bulk.undo_change(request.auth, change_id, request.now))
