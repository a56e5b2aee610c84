"""Messages: the list, sending one, one with its history, and why it may or may not leave."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpResponse
from ninja import Path, Query, Router, Schema, Status
from pydantic import Field

from allstop.actions.actor import NotThere
from allstop.actions.audio import message_audio
from allstop.actions.failed import FailedChoice, decide_failed
from allstop.actions.messages import Accepted, Draft, send_message
from allstop.actions.unknown import Choice, settle
from allstop.doors.api.addresses import Address
from allstop.doors.api.attachments import IDS, Attached, AttachmentOut
from allstop.doors.api.errors import refusals
from allstop.doors.api.request import Call, Id, Key, Line, Paged, Strict, Text, Timestamp
from allstop.doors.api.why import WhyOut, why_shape
from allstop.rules.facts import Channel, Purpose
from allstop.rules.reasons import in_words
from allstop.rules.verdict import word_of
from allstop.store import lists
from allstop.store.models import Status as MessageStatus

router = Router(tags=["messages"])


class MessagesAsked(Paged):
    job: Id | None = Field(None, description="Of this job, in the order of leaving; other lists are newest first.")
    contact: Id | None = Field(None, description="To this contact.")
    status: MessageStatus | None = None
    channel: Channel | None = None
    q: Annotated[Text, Field(max_length=200)] = Field(
        "", description="A message's id, or part of a contact's name, number or email."
    )
    show_canceled: bool = Field(False, description="Those that the rules canceled as well.")


class MessageRowOut(Schema):
    id: int
    status: str = Field(description="waiting, sent, failed, refused, unknown, removed or canceled")
    reason: str = Field(description='A stable code; "" while nothing is wrong.')
    receipt: str = Field(description='The provider\'s latest word, such as delivered; "" = none yet.')
    channel: str
    address: Address
    subject: str
    excerpt: str = Field(description="The first 160 characters of the body.")
    due_at: datetime
    finished_at: datetime | None
    contact_id: int | None
    contact: str
    job_id: int | None
    job: str
    in_flight: bool = Field(description="A worker holds it: it may be leaving now.")
    asked_at: datetime | None = Field(description="While unknown: when its provider was asked what became of it.")
    answer: str = Field(description='there, not_there, cannot_tell; "" = none yet.')
    told_by: int | None = Field(description="The message to somebody of the family that tells of this appointment.")
    result: str = Field(description="What came of it, in one word: docs/results.md.")


class MessagePage(Schema):
    items: list[MessageRowOut]
    next: int | None = Field(description="For `after`; null on the last page.")


class AttemptOut(Schema):
    number: int
    adapter: str
    outcome: str = Field(description="accepted, rejected, throttled or unknown")
    started_at: datetime | None
    ended_at: datetime | None
    code: str
    detail: str = Field(description="The provider's own words.")
    before_reset: bool = Field(description="The message was reset since: it no longer counts.")


class ReceiptWord(Schema):
    state: str
    at: datetime
    code: str


class CallStepOut(Schema):
    at: datetime
    attempt: int
    kind: str = Field(description="dialled, ringing, answered, digit, speech_done or hangup")
    data: str = Field(description="The key; how it ended; SIP's own name for the call.")


class Reply(Schema):
    at: datetime
    sender: Address
    text: str


class OverrideOut(Schema):
    check: str
    by: str
    reason: str
    at: datetime


class MessageOut(Schema):
    id: int
    status: str
    reason: str
    words: str = Field(description="The reason for people.")
    receipt: str
    channel: str
    purpose: str
    address: Address
    subject: str
    body: str
    recipients: int
    by_hand: bool
    due_at: datetime
    use_by: datetime | None
    appointment_at: datetime | None = Field(description="What it reminds of.")
    created_at: datetime
    finished_at: datetime | None
    contact_id: int | None
    job_id: int | None
    location_id: int | None
    in_flight: bool
    attempts: list[AttemptOut]
    call_steps: list[CallStepOut] = Field(description="What happened in the call; [] for others.")
    receipts: list[ReceiptWord]
    replies: list[Reply]
    overrides: list[OverrideOut]
    attachments: list[AttachmentOut] = Field(description="Files that it takes along.")


class To(Strict):
    contact_id: Id | None = Field(None, description="A contact; the first address that the channel reaches is taken.")
    address: Line = Field("", description="A phone number or an email address; with a contact, one of theirs.")


class MessageIn(Strict):
    channel: Channel
    to: To = Field(description="A contact, an address, or both. An address that nobody has becomes a contact.")
    purpose: Purpose
    subject: Line = Field("", description="Emails only, and they need one.")
    body: Annotated[Text, Field(max_length=100_000)] = Field(description="Sent as it stands; nothing is filled in.")
    due_at: Timestamp | None = Field(None, description="When it should leave; now when left out.")
    use_by: Timestamp | None = Field(None, description="It never leaves after this.")
    appointment_at: Timestamp | None = Field(
        None, description="What it reminds of. Without `use_by` it never leaves after that."
    )
    by_hand: bool = Field(False, description="Skip the account's window and pace. Recorded with your name.")
    reason: Line = Field("", description="Why by hand.")
    attachments: Attached = Field([], description=IDS)

    def draft(self) -> Draft:
        return Draft(
            channel=self.channel,
            purpose=self.purpose,
            body=self.body,
            subject=self.subject,
            contact_id=self.to.contact_id,
            address=self.to.address,
            due_at=self.due_at,
            use_by=self.use_by,
            appointment_at=self.appointment_at,
            by_hand=self.by_hand,
            reason=self.reason,
            attachments=tuple(self.attachments),
        )


class AcceptedOut(Schema):
    id: int
    status: str = Field(description="waiting or refused; of a repeated request, what has become of the message")
    verdict: Literal["send", "hold", "refuse"] = Field(
        description="The gate's early answer. It is asked again when the message leaves."
    )
    reason: str = Field(description='A stable code; "" with the verdict send.')
    words: str = Field(description="The reason for people.")
    earliest: datetime | None = Field(
        description="When it can leave if nothing changes; null: not before somebody acts."
    )
    is_repeat: bool = Field(description="The Idempotency-Key was used before: this is the message made then.")


class ToSettle(Strict):
    ids: list[Id] = Field(min_length=1, max_length=1_000)
    choice: Choice = Field(description="send_again: it waits once more; leave: it is failed, and nothing is sent.")
    reason: Line = Field("", description="Kept in the ledger with your name.")


class OfFailed(Strict):
    ids: list[Id] = Field(min_length=1, max_length=1_000)
    choice: FailedChoice = Field(description="reset: it waits again; delete: it never leaves.")
    reason: Line = Field("", description="Kept in the ledger with your name.")


class SettledOut(Schema):
    count: int = Field(description="How many of them were unknown, or failed, until now.")


def row_shape(row: lists.MessageRow) -> MessageRowOut:
    return MessageRowOut(
        id=row.id,
        status=row.status.value,
        reason=row.reason,
        receipt=row.receipt,
        channel=row.channel.value,
        address=row.address,
        subject=row.subject,
        excerpt=row.body,
        due_at=row.due_at,
        finished_at=row.finished_at,
        contact_id=row.contact_id,
        contact=row.contact_name,
        job_id=row.job_id,
        job=row.job_name,
        in_flight=row.in_flight,
        asked_at=row.asked_at,
        answer=row.answer.value,
        told_by=row.told_by,
        result=row.result.value,
    )


def message_page(account_id: int, filters: lists.Filters, after: int | None, limit: int) -> MessagePage:
    rows = lists.messages(account_id, filters, after=after, limit=limit + 1)
    shown = rows[:limit]
    return MessagePage(items=[row_shape(row) for row in shown], next=shown[-1].id if len(rows) > limit else None)


def message_shape(account_id: int, message_id: int) -> MessageOut:
    found = lists.message(account_id, message_id)
    if found is None:
        raise NotThere("There is no such message.")
    record = found.message
    return MessageOut(
        id=record.id,
        status=record.status,
        reason=record.reason,
        words=in_words(record.reason),
        receipt=record.receipt,
        channel=record.channel,
        purpose=record.purpose,
        address=record.address,
        subject=record.subject,
        body=record.body,
        recipients=record.recipients,
        by_hand=bool(found.overrides),
        due_at=record.due_at,
        use_by=record.use_by,
        appointment_at=record.appointment_at,
        created_at=record.created_at,
        finished_at=record.finished_at,
        contact_id=record.contact_id,
        job_id=record.job_id,
        location_id=record.location_id,
        in_flight=found.row.in_flight,
        attempts=[AttemptOut.from_orm(one) for one in found.attempts],
        call_steps=[CallStepOut.from_orm(one) for one in found.steps],
        receipts=[ReceiptWord.from_orm(one) for one in found.receipts],
        replies=[Reply.from_orm(one) for one in found.replies],
        overrides=[
            OverrideOut(check=one.check_name, by=one.by, reason=one.reason, at=one.at) for one in found.overrides
        ],
        attachments=[AttachmentOut.from_orm(one) for one in found.attachments],
    )


def accepted_shape(accepted: Accepted) -> AcceptedOut:
    return AcceptedOut(
        id=accepted.id,
        status=accepted.status.value,
        verdict=word_of(accepted.verdict),
        reason=accepted.reason,
        words=in_words(accepted.reason),
        earliest=accepted.earliest,
        is_repeat=accepted.is_repeat,
    )


@router.get("/messages", response={200: MessagePage, **refusals()}, operation_id="list_messages")
def list_messages(request: Call, asked: Query[MessagesAsked]) -> MessagePage:
    """Newest first; of a job, in the order of leaving."""
    filters = lists.Filters(asked.job, asked.contact, asked.status, asked.channel, asked.q, asked.show_canceled)
    return message_page(request.auth.account_id, filters, asked.after, asked.limit)


@router.post(
    "/messages",
    response={201: AcceptedOut, 200: AcceptedOut, **refusals(400, 403, 404, 409)},
    operation_id="send_message",
)
def send(
    request: Call,
    message: MessageIn,
    idempotency_key: Key,
) -> Status[AcceptedOut]:
    """Send one message. 201 means that it is accepted: it leaves when the gate lets it, also if the account is STOPPED.

    A message that may never leave (Stop All, an opt-out, too late) is recorded with the status refused and the reason.
    200 with `is_repeat` answers a repeated Idempotency-Key; 409 one that was used for another message. Roles: admin,
    leader, member.
    """
    accepted = send_message(request.auth, message.draft(), request.now, idempotency_key)
    return Status(200 if accepted.is_repeat else 201, accepted_shape(accepted))


@router.post(
    "/messages/settle", response={200: SettledOut, **refusals(400, 403, 404, 409)}, operation_id="settle_messages"
)
def settle_unknown(request: Call, chosen: ToSettle) -> SettledOut:
    """Decide on messages whose outcome is unknown: they may have arrived, and are never sent again by themselves.

    Sent again, a message passes the gate like any other and keeps its key. Those that are not unknown stay as they
    are. All ids must exist, else nothing changes; 409 when a message of a removed job should be sent again. Roles:
    admin, leader, member.
    """
    return SettledOut(count=settle(request.auth, chosen.ids, chosen.choice, chosen.reason, request.now).count)


@router.post(
    "/messages/failed", response={200: SettledOut, **refusals(400, 403, 404, 409)}, operation_id="decide_failed"
)
def failed(request: Call, chosen: OfFailed) -> SettledOut:
    """Reset or delete messages that have failed: nothing else sends them again.

    Reset, a message waits and passes the gate like any other. Those that have not failed stay as they are. All ids must
    exist, else nothing changes; 409 when a message of a removed job should be reset. Roles: admin, leader, member.
    """
    return SettledOut(count=decide_failed(request.auth, chosen.ids, chosen.choice, chosen.reason, request.now))


@router.get("/messages/{int:message_id}", response={200: MessageOut, **refusals(404)}, operation_id="get_message")
def get_message(request: Call, message_id: Path[Id]) -> MessageOut:
    """One message with its attempts, what happened in calls, receipts, replies and overrides."""
    return message_shape(request.auth.account_id, message_id)


@router.get("/messages/{int:message_id}/why", response={200: WhyOut, **refusals(404)}, operation_id="why_message")
def why(request: Call, message_id: Path[Id]) -> WhyOut:
    """Why it may or may not leave now: the answer of each check of the gate, who set it, and the earliest time."""
    return why_shape(request.auth.account_id, message_id, request.now)


@router.get(
    "/messages/{int:message_id}/audio",
    response={200: bytes, **refusals(404)},
    operation_id="get_message_audio",
    openapi_extra={
        "responses": {200: {"description": "OK", "content": {"audio/wav": {"schema": {"type": "string"}}}}},
    },
)
def audio(request: Call, message_id: Path[Id]) -> HttpResponse:
    """How it sounds as a call: a WAV file of what is spoken until a key is pressed. 422: it cannot be spoken."""
    return HttpResponse(message_audio(request.auth, message_id), content_type="audio/wav")
