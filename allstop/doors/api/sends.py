"""Sends: one message to each of many contacts, by name, by group, or all that match a filter."""

from datetime import datetime
from typing import Annotated

from ninja import Header, Path, Query, Router, Schema, Status
from pydantic import Field

from allstop.actions import messenger
from allstop.actions.actor import Actor, Invalid
from allstop.actions.messenger_setup import set_ownership, takes_ownership
from allstop.actions.request_keys import LONGEST_KEY
from allstop.doors.api.attachments import IDS, Attached
from allstop.doors.api.bulk import FilterIn, Ids
from allstop.doors.api.errors import refusals
from allstop.doors.api.own_window import WindowIn
from allstop.doors.api.request import Call, Id, Line, Paged, Strict, Text, Timestamp
from allstop.rules.facts import Channel, Purpose
from allstop.rules.messenger import count_line
from allstop.rules.reasons import in_words
from allstop.store import lists
from allstop.store.models import LeftBehind, MessengerSend

router = Router(tags=["sends"])


class RecipientIn(Strict):
    contact_id: Id | None = Field(None, description="A contact; the first address that the channel reaches is taken.")
    address: Line = Field("", description="A phone number or an email address; with a contact, one of theirs.")
    channel: Channel | None = Field(None, description="For this one; the send's own when left out.")


class ManyIn(Strict):
    filter: FilterIn = Field(description="All that match; {} = everybody in the Phonebook.")
    without: Ids = Field([], description="All but these.")


class ToIn(Strict):
    contacts: Annotated[list[RecipientIn], Field(max_length=messenger.MOST_ONES)] = []
    groups: Annotated[list[Id], Field(max_length=100)] = Field([], description="Whom the Phonebook shows in them.")
    filters: Annotated[list[ManyIn], Field(max_length=20)] = []

    def to(self) -> messenger.To:
        return messenger.To(
            ones=tuple(
                messenger.One(contact_id=one.contact_id, address=one.address, channel=one.channel)
                for one in self.contacts
            ),
            groups=tuple(self.groups),
            filters=tuple(lists.Many(filter=one.filter.filter(), without=tuple(one.without)) for one in self.filters),
        )


class LetterIn(Strict):
    to: ToIn = Field(description="Who is named twice gets one message.")
    channel: Channel = Field(description="For those who have none of their own.")
    purpose: Purpose
    subject: Line = Field("", description="Emails only, and they need one.")
    body: Annotated[Text, Field(max_length=100_000)] = Field(
        "", description="{first_name}, {last_name}, {name}, {names}, {account} and {location} are filled in."
    )
    template_id: Id | None = Field(None, description="Saved wording, in place of `subject` and `body`.")
    attachments: Attached = Field([], description=f"{IDS} Those of saved wording come first.")
    despite_stop_promotions: bool = Field(
        False,
        description="Those with Stop Promotions get it all the same. Kept with the token's name. Needs a `reason`.",
    )
    reason: Line = ""

    def letter(self, actor: Actor, due_at: datetime | None = None, window: WindowIn | None = None) -> messenger.Letter:
        if self.template_id is not None and (self.body or self.subject):
            raise Invalid(template_id="Send wording of your own or saved wording, not both.")
        said = messenger.Letter(
            channel=self.channel,
            purpose=self.purpose,
            body=self.body,
            subject=self.subject,
            due_at=due_at,
            despite_stop_promotions=self.despite_stop_promotions,
            reason=self.reason,
            window=None if window is None else window.proposal(),
            attachments=tuple(self.attachments),
        )
        return said if self.template_id is None else messenger.in_the_words_of(actor, self.template_id, said)


class SendIn(LetterIn):
    due_at: Timestamp | None = Field(None, description="When it should leave; now when left out.")
    window: WindowIn | None = Field(None, description="For this send alone; null: the account's window and pace.")


class LeftOut(Schema):
    contact_id: int
    name: str
    reason: str = Field(description="A stable code.")
    words: str = Field(description="The reason for people.")


class SendOut(Schema):
    id: int
    state: str = Field(description="queued, running, done or failed")
    total: int = Field(description="Contacts that were meant, before anybody was left behind.")
    done: int = Field(description="Of these, how many it has come to.")
    accepted: int = Field(description="Messages made. Each is asked about again when it leaves.")
    left_behind: int = Field(description="Contacts who get nothing.")
    messages: list[int] = Field(description="Their ids, of up to 2,000; of more see the job.")
    job_id: int | None = Field(description="Of a send to six or more, and of one for later.")
    channel: str
    purpose: str
    due_at: datetime | None
    despite_stop_promotions: bool
    reason: str
    by: str
    failure: str
    created_at: datetime
    finished_at: datetime | None
    is_repeat: bool = Field(description="The Idempotency-Key was used before: this is the send made then.")


class LetterPreviewOut(Schema):
    people: int
    will_get_it: int
    left_behind: dict[str, int] = Field(description="Reason code: how many.")
    words: str


class SendPage(Schema):
    items: list[SendOut]
    next: int | None = Field(description="For `after`; null on the last page.")


class LeftPage(Schema):
    items: list[LeftOut]
    next: int | None = Field(description="For `after`; null on the last page.")


class MessengerSetup(Strict):
    takes_ownership: bool = Field(description="Whoever sends to five contacts or fewer is assigned those who get it.")


def send_shape(send: MessengerSend, *, is_repeat: bool = False) -> SendOut:
    return SendOut(
        id=send.pk,
        state=send.state,
        total=send.total,
        done=send.done,
        accepted=send.accepted,
        left_behind=send.stayed,
        messages=send.message_ids,
        job_id=send.job_id,
        channel=send.channel,
        purpose=send.purpose,
        due_at=send.due_at,
        despite_stop_promotions=send.despite_stop_promotions,
        reason=send.reason,
        by=send.by,
        failure=send.failure,
        created_at=send.created_at,
        finished_at=send.finished_at,
        is_repeat=is_repeat,
    )


def preview_shape(actor: Actor, to: messenger.To, letter: messenger.Letter, now: datetime) -> LetterPreviewOut:
    counted = messenger.count_to(actor, to, letter, now)
    return LetterPreviewOut(
        people=counted.people,
        will_get_it=counted.people - sum(counted.left.values()),
        left_behind=counted.left,
        words=count_line(counted.people, counted.left, letter.purpose),
    )


def send_page(actor: Actor, after: int | None, limit: int) -> SendPage:
    found = MessengerSend.objects.filter(account_id=actor.account_id).order_by("-id")
    rows = list((found if after is None else found.filter(id__lt=after))[: limit + 1])
    items = [send_shape(row) for row in rows[:limit]]
    return SendPage(items=items, next=items[-1].id if len(rows) > limit else None)


def left_page(actor: Actor, send_id: int, after: int | None, limit: int) -> LeftPage:
    send = messenger.send_of(actor, send_id)
    found = LeftBehind.objects.filter(send=send, contact_id__gt=after or 0).select_related("contact")
    rows = list(found.order_by("contact_id")[: limit + 1])
    items = [
        LeftOut(contact_id=row.contact_id, name=row.contact.name, reason=row.reason, words=in_words(row.reason))
        for row in rows[:limit]
    ]
    return LeftPage(items=items, next=items[-1].contact_id if len(rows) > limit else None)


@router.post(
    "/sends", response={201: SendOut, 200: SendOut, **refusals(400, 403, 404, 409)}, operation_id="send_to_many"
)
def send(
    request: Call,
    wanted: SendIn,
    idempotency_key: Annotated[
        Line,
        Header(
            "",
            alias="Idempotency-Key",
            description=f"Of your choice, up to {LONGEST_KEY} characters: the same request with the same key sends"
            " nothing more.",
        ),
    ],
) -> Status[SendOut]:
    """Send one message to each of many: done when it answers for up to 2,000 contacts; otherwise it is `queued`.

    Stop All is always left behind, Stop Promotions in a send to six or more, and with the purpose promotion. 200 with
    `is_repeat` answers a repeated Idempotency-Key; 409 one that was used for something else. Roles: admin, leader,
    member.
    """
    letter = wanted.letter(request.auth, wanted.due_at, wanted.window)
    pressed = messenger.send(request.auth, wanted.to.to(), letter, request.now, idempotency_key)
    return Status(200 if pressed.is_repeat else 201, send_shape(pressed.send, is_repeat=pressed.is_repeat))


@router.post("/sends/preview", response={200: LetterPreviewOut, **refusals(400, 404)}, operation_id="preview_send")
def preview(request: Call, wanted: LetterIn) -> LetterPreviewOut:
    """Who would be left behind, and why. Sends nothing. Of groups and filters a landline is counted as a phone."""
    return preview_shape(request.auth, wanted.to.to(), wanted.letter(request.auth), request.now)


@router.get("/sends", response={200: SendPage, **refusals()}, operation_id="list_sends")
def list_sends(request: Call, asked: Query[Paged]) -> SendPage:
    """Newest first."""
    return send_page(request.auth, asked.after, asked.limit)


@router.get("/sends/{int:send_id}", response={200: SendOut, **refusals(404)}, operation_id="get_send")
def get_send(request: Call, send_id: Path[Id]) -> SendOut:
    """How far a send is, and what it made."""
    return send_shape(messenger.send_of(request.auth, send_id))


@router.get(
    "/sends/{int:send_id}/left-behind", response={200: LeftPage, **refusals(404)}, operation_id="list_left_behind"
)
def list_left_behind(request: Call, send_id: Path[Id], asked: Query[Paged]) -> LeftPage:
    """Who got nothing, and why."""
    return left_page(request.auth, send_id, asked.after, asked.limit)


@router.get("/setup/messenger", response={200: MessengerSetup, **refusals()}, operation_id="get_messenger_setup")
def get_setup(request: Call) -> MessengerSetup:
    """What sending does beside sending."""
    return MessengerSetup(takes_ownership=takes_ownership(request.auth))


@router.patch(
    "/setup/messenger", response={200: MessengerSetup, **refusals(400, 403)}, operation_id="change_messenger_setup"
)
def change_setup(request: Call, wanted: MessengerSetup) -> MessengerSetup:
    """It counts from the next send on. Roles: admin, leader."""
    return MessengerSetup(takes_ownership=set_ownership(request.auth, wanted.takes_ownership, request.now))
