"""Recall and contact lists: questions about contacts that are kept."""

from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Any

from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from allstop.actions import contact_lists as actions
from allstop.actions.actor import Actor
from allstop.actions.messenger import Letter
from allstop.actions.messenger_preview import SeriesForecast
from allstop.doors.api.addresses import Address
from allstop.doors.api.bulk import FilterIn
from allstop.doors.api.errors import refusals
from allstop.doors.api.forecast import ListForecastOut
from allstop.doors.api.forecast import list_shape as leaves_shape
from allstop.doors.api.own_window import WindowIn
from allstop.doors.api.request import Call, Id, Line, Paged, Strict, Text
from allstop.doors.api.sends import SendOut, send_shape
from allstop.rules.facts import Channel, Purpose
from allstop.rules.message_plan import Condition
from allstop.store import lists
from allstop.store.models import ContactList

MOST_FOLLOWED_UP = 200
router = Router(tags=["contact lists"])


class ListIn(Strict):
    name: Annotated[Text, Field(max_length=100)]
    filter: FilterIn | None = Field(None, description="As the Phonebook's; null = everybody.")
    no_visit_months: int | None = Field(None, description="Were here, but not for so many months, and none is ahead.")
    not_written_days: int | None = Field(None, description="No message has left to them for so many days.")
    back_after_months: int = Field(6, description="Whoever is ticked is on it again then.")
    for_family: bool = Field(False, description="Those who share a number or an address get one message.")

    def choice(self) -> actions.ListChoice:
        return actions.ListChoice(
            name=self.name,
            filter=self.filter.filter() if self.filter else lists.ContactFilter(),
            no_visit_months=self.no_visit_months,
            not_written_days=self.not_written_days,
            back_after_months=self.back_after_months,
            for_family=self.for_family,
        )


class ListOut(Schema):
    id: int
    name: str
    filter: dict[str, Any]
    no_visit_months: int | None
    not_written_days: int | None
    back_after_months: int
    for_family: bool
    count: int = Field(description="Who is on it now.")


class ListsOut(Schema):
    items: list[ListOut]


class OnListOut(Schema):
    id: int
    name: str
    phone: str
    email: Address


class OnListPage(Schema):
    items: list[OnListOut]
    next: int | None


class FollowedUpOut(Schema):
    id: int = Field(description="Of the contact.")
    name: str
    channel: Channel = Field(description="Of the next message.")
    due_at: datetime


class FollowedUpPage(Schema):
    total: int
    items: list[FollowedUpOut] = Field(description="The first 200, by their next message.")


class TickIn(Strict):
    contacts: list[Id] | None = Field(None, description="null: everybody who is on it.")


class TickOut(Schema):
    count: int = Field(description="How many of them were on it.")


class ListSendIn(Strict):
    channel: Channel | None = Field(None, description="Needed without a plan.")
    purpose: Purpose
    subject: Line = ""
    body: Annotated[Text, Field(max_length=100_000)] = Field(
        "", description="{names} is the first name, or a family's."
    )
    plan: Id | None = Field(None, description="A message plan that counts from the sending: its steps are sent.")
    for_family: bool | None = Field(None, description="One message for those who share an address; null: as the list.")
    window: WindowIn | None = Field(None, description="For this send alone; null: the account's window and pace.")
    tick: bool = Field(False, description="Whoever gets a message is ticked as complete.")

    def letter(self, actor: Actor) -> Letter:
        said = actions.Saying(
            channel=self.channel,
            purpose=self.purpose,
            subject=self.subject,
            body=self.body,
            plan_id=self.plan,
            window=None if self.window is None else self.window.proposal(),
        )
        return said.letter(actor)


class StepDayOut(Schema):
    day: date = Field(description="On the account's clock.")
    step: int
    channel: Channel
    condition: Condition
    people: int = Field(description="At most: who answers before gets no later step.")
    messages: int = Field(description="Fewer than people where a family gets one.")


class PreviewOut(Schema):
    people: int
    counted: int = Field(description="Of more, only so many were looked at.")
    reached: int
    messages: int
    days: list[StepDayOut]
    left_behind: dict[str, int] = Field(description="By the reason code.")
    leaves: ListForecastOut = Field(description="When they leave, behind all that waits. Of many people, estimated.")


def followed_up_shape(kept: ContactList, now: datetime) -> FollowedUpPage:
    found = lists.followed_up(kept.account_id, kept.pk, now, MOST_FOLLOWED_UP)
    items = [FollowedUpOut(id=one.id, name=one.name, channel=one.channel, due_at=one.due_at) for one in found]
    return FollowedUpPage(total=found[0].total if found else 0, items=items)


def preview_shape(found: SeriesForecast, now: datetime) -> PreviewOut:
    shown = found.preview
    days = [StepDayOut.model_validate(asdict(one)) for one in shown.days]
    return PreviewOut(
        people=shown.people,
        counted=shown.counted,
        reached=shown.reached,
        messages=shown.messages,
        days=days,
        left_behind=shown.left,
        leaves=leaves_shape(found.leaves, now),
    )


def list_shape(kept: ContactList, count: int) -> ListOut:
    return ListOut(
        id=kept.pk,
        name=kept.name,
        filter=kept.filter,
        no_visit_months=kept.no_visit_months,
        not_written_days=kept.not_written_days,
        back_after_months=kept.back_after_months,
        for_family=kept.for_family,
        count=count,
    )


@router.get("/contact-lists", response={200: ListsOut, **refusals()}, operation_id="list_contact_lists")
def list_lists(request: Call) -> ListsOut:
    """All of them on one page, by name, with how many are on each now."""
    kept = lists.contact_lists(request.auth.account_id)
    return ListsOut(items=[list_shape(one, actions.count_of(one, request.now)) for one in kept])


@router.post("/contact-lists", response={201: ListOut, **refusals(400, 403, 404)}, operation_id="make_contact_list")
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


@router.get(
    "/contact-lists/{int:list_id}/followed-up",
    response={200: FollowedUpPage, **refusals(404)},
    operation_id="list_followed_up",
)
def followed_up(request: Call, list_id: Path[Id]) -> FollowedUpPage:
    """To whom more of a plan that this list has sent will leave, unless they answer. A tick ends it."""
    return followed_up_shape(actions.list_of(request.auth, list_id), request.now)


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
    """One message to each who is on it now, as a send of the Messenger, or the steps of a plan. A plan leaves behind
    whom a plan of this list follows up already. Roles: admin, leader, member."""
    letter = said.letter(request.auth)
    pressed = actions.send_to_list(
        request.auth, list_id, letter, request.now, ticks=said.tick, for_family=said.for_family
    )
    return Status(201, send_shape(pressed.send))


@router.post(
    "/contact-lists/{int:list_id}/sends/preview",
    response={200: PreviewOut, **refusals(400, 404)},
    operation_id="preview_send_to_list",
)
def preview(request: Call, list_id: Path[Id], said: ListSendIn) -> PreviewOut:
    """What would be sent, on which day, to how many, if it were sent now. Makes nothing."""
    found = actions.preview_list(request.auth, list_id, said.letter(request.auth), request.now, said.for_family)
    return preview_shape(found, request.now)
