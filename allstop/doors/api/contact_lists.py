"""Recall and contact lists: questions about contacts that are kept."""

from typing import Annotated, Any

from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from allstop.actions import contact_lists as actions
from allstop.actions.messenger import Letter
from allstop.doors.api.bulk import FilterIn
from allstop.doors.api.errors import refusals
from allstop.doors.api.own_window import WindowIn
from allstop.doors.api.request import Call, Id, Line, Paged, Strict, Text
from allstop.doors.api.sends import SendOut, send_shape
from allstop.rules.facts import Channel, Purpose
from allstop.store import lists
from allstop.store.models import ContactList

router = Router(tags=["contact lists"])


class ListIn(Strict):
    name: Annotated[Text, Field(max_length=100)]
    filter: FilterIn | None = Field(None, description="As the Phonebook's; null = everybody.")
    no_visit_months: int | None = Field(None, description="Were here, but not for so many months, and none is ahead.")
    not_written_days: int | None = Field(None, description="No message has left to them for so many days.")
    back_after_months: int = Field(6, description="Whoever is ticked is on it again then.")

    def choice(self) -> actions.ListChoice:
        return actions.ListChoice(
            name=self.name,
            filter=self.filter.filter() if self.filter else lists.ContactFilter(),
            no_visit_months=self.no_visit_months,
            not_written_days=self.not_written_days,
            back_after_months=self.back_after_months,
        )


class ListOut(Schema):
    id: int
    name: str
    filter: dict[str, Any]
    no_visit_months: int | None
    not_written_days: int | None
    back_after_months: int
    count: int = Field(description="Who is on it now.")


class ListsOut(Schema):
    items: list[ListOut]


class OnListOut(Schema):
    id: int
    name: str
    phone: str
    email: str


class OnListPage(Schema):
    items: list[OnListOut]
    next: int | None


class TickIn(Strict):
    contacts: list[Id] | None = Field(None, description="null: everybody who is on it.")


class TickOut(Schema):
    count: int = Field(description="How many of them were on it.")


class ListSendIn(Strict):
    channel: Channel
    purpose: Purpose
    subject: Line = ""
    body: Annotated[Text, Field(max_length=100_000)]
    window: WindowIn | None = Field(None, description="For this send alone; null: the account's window and pace.")
    tick: bool = Field(False, description="Whoever gets a message is ticked as complete.")

    def letter(self) -> Letter:
        return Letter(
            channel=self.channel,
            purpose=self.purpose,
            subject=self.subject,
            body=self.body,
            window=None if self.window is None else self.window.proposal(),
        )


def list_shape(kept: ContactList, count: int) -> ListOut:
    return ListOut(
        id=kept.pk,
        name=kept.name,
        filter=kept.filter,
        no_visit_months=kept.no_visit_months,
        not_written_days=kept.not_written_days,
        back_after_months=kept.back_after_months,
        count=count,
    )


@router.get("/contact-lists", response={200: ListsOut, **refusals()}, operation_id="list_contact_lists")
def list_lists(request: Call) -> ListsOut:
    """All of them on one page, by name, with how many are on each now."""
    kept = lists.contact_lists(request.auth.account_id)
    return ListsOut(items=[list_shape(one, actions.count_of(one, request.now)) for one in kept])


@router.post("/contact-lists", response={201: ListOut, **refusals(400, 403)}, operation_id="make_contact_list")
def make(request: Call, wanted: ListIn) -> Status[ListOut]:
    """Roles: admin, leader, member."""
    kept = actions.save_list(request.auth, wanted.choice(), request.now)
    return Status(201, list_shape(kept, actions.count_of(kept, request.now)))


@router.put(
    "/contact-lists/{int:list_id}",
    response={200: ListOut, **refusals(400, 403, 404)},
    operation_id="change_contact_list",
)
def change(request: Call, list_id: Path[Id], wanted: ListIn) -> ListOut:
    """All of it anew; who is ticked stays so. Roles: admin, leader, member."""
    kept = actions.save_list(request.auth, wanted.choice(), request.now, list_id)
    return list_shape(kept, actions.count_of(kept, request.now))


@router.delete(
    "/contact-lists/{int:list_id}", response={200: ListOut, **refusals(403, 404)}, operation_id="delete_contact_list"
)
def delete(request: Call, list_id: Path[Id]) -> ListOut:
    """Answers what was deleted. Its contacts stay. Roles: admin, leader, member."""
    count = actions.count_of(actions.list_of(request.auth, list_id), request.now)
    return list_shape(actions.delete_list(request.auth, list_id, request.now), count)


@router.get(
    "/contact-lists/{int:list_id}/contacts", response={200: OnListPage, **refusals(404)}, operation_id="list_on_list"
)
def contacts(request: Call, list_id: Path[Id], asked: Query[Paged]) -> OnListPage:
    """Who is on it now, by name."""
    kept = actions.list_of(request.auth, list_id)
    wanted = actions.filter_of(kept, request.now)
    page = lists.phonebook(request.auth.account_id, wanted, after=asked.after, limit=asked.limit)
    items = [OnListOut(id=row.id, name=row.name, phone=row.phone, email=row.email) for row in page.rows]
    return OnListPage(items=items, next=items[-1].id if len(items) == asked.limit else None)


@router.post(
    "/contact-lists/{int:list_id}/ticks",
    response={200: TickOut, **refusals(400, 403, 404)},
    operation_id="tick_on_list",
)
def tick(request: Call, list_id: Path[Id], said: TickIn) -> TickOut:
    """Tick contacts as complete: they are off the list until its months have passed. Roles: admin, leader, member."""
    return TickOut(count=actions.tick(request.auth, list_id, said.contacts, request.now))


@router.post(
    "/contact-lists/{int:list_id}/sends",
    response={201: SendOut, **refusals(400, 403, 404, 409)},
    operation_id="send_to_list",
)
def send(request: Call, list_id: Path[Id], said: ListSendIn) -> Status[SendOut]:
    """One message to each who is on it now, as a send of the Messenger. Roles: admin, leader, member."""
    pressed = actions.send_to_list(request.auth, list_id, said.letter(), request.now, ticks=said.tick)
    return Status(201, send_shape(pressed.send))
