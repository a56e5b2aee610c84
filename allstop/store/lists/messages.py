"""Messages, one message with all that is known of it, and the sandbox's outbox."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from allstop.rules.addresses import kept_forms, ungrouped
from allstop.rules.asking import Answer
from allstop.rules.facts import Channel
from allstop.rules.results import SAY_MORE, Result, result_of
from allstop.store.lists.attachments import AttachedFile, attachments_in
from allstop.store.lists.phonebook import some_ids
from allstop.store.lists.reading import rows, scalar
from allstop.store.models import (
    Attempt,
    CallStep,
    FamilyVisit,
    Inbound,
    LedgerEntry,
    Message,
    OutboxItem,
    Override,
    QueueEntry,
    Receipt,
    Status,
)

CONTACTS_SEARCHED = 500  # a search word that matches more contacts than this says too little


@dataclass(frozen=True, slots=True)
class Filters:
    job: int | None = None
    contact: int | None = None
    status: Status | None = None
    channel: Channel | None = None
    q: str = ""  # a message's id, or part of a contact's name, number or email
    show_canceled: bool = False  # those that the rules cancelled; asking for their status shows them as well


@dataclass(frozen=True, slots=True)
class MessageRow:
    id: int
    channel: Channel
    status: Status
    reason: str
    receipt: str
    address: str
    subject: str
    body: str
    due_at: datetime
    finished_at: datetime | None
    contact_id: int | None
    contact_name: str
    job_id: int | None
    job_name: str
    in_flight: bool
    asked_at: datetime | None  # while its outcome is unknown: when its provider was asked last; None: not yet
    answer: Answer
    said: str  # by the contact, of the appointment; "" = nothing
    told_by: int | None = None  # the message to somebody of the family that tells of it
    told_status: str = ""  # of that one
    told_receipt: str = ""

    @property
    def result(self) -> Result:
        """One of which another message tells counts as that one does."""
        if self.told_by is not None:
            return result_of(self.told_status, "", self.told_receipt, self.said)
        return result_of(self.status.value, self.reason, self.receipt, self.said)

    @property
    def shown(self) -> str:
        """The result where it says more than the state."""
        return self.result.value if self.result in SAY_MORE or self.told_by is not None else self.state

    @property
    def state(self) -> str:
        """The word for the screen: a receipt says more than "sent"."""
        if self.status is Status.SENT and self.receipt in ("delivered", "read", "answered"):
            return "delivered"
        return self.status.value


_COLUMNS = """
SELECT m.id, m.channel, m.status, m.reason, m.receipt, m.address, m.subject, left(m.body, 160), m.due_at,
       m.finished_at, m.contact_id,
       concat_ws(' ', NULLIF(contact.given_name, ''), NULLIF(contact.family_name, '')),
       m.job_id,
       COALESCE(job.name, ''), COALESCE(queue.worker_id IS NOT NULL, false), inquiry.asked_at,
       COALESCE(inquiry.answer, ''), COALESCE(said.kind, ''), carrier.id, COALESCE(carrier.status, ''),
       COALESCE(carrier.receipt, '')
  FROM chosen m LEFT JOIN contact ON contact.id = m.contact_id LEFT JOIN job ON job.id = m.job_id
  LEFT JOIN queue ON queue.account_id = m.account_id AND queue.id = m.id
  LEFT JOIN inquiry ON m.status = 'unknown' AND inquiry.account_id = m.account_id AND inquiry.message_id = m.id
                   AND inquiry.since = m.finished_at
  LEFT JOIN appointment_answer said ON said.account_id = m.account_id AND said.message_id = m.id
  LEFT JOIN family_visit together ON m.reason = 'with_family' AND together.account_id = m.account_id
                                 AND together.message_id = m.id AND NOT together.has_left
  LEFT JOIN message carrier ON carrier.account_id = m.account_id AND carrier.id = together.carrier_id
"""

# With a job: message_by_job, in the order of leaving. With a contact or a search: message_by_contact. A rare
# status: message_exceptions. Waiting: the queue's key. Else the table's key. Newest first, but within a job.
_CONDITIONS = {
    "job": "m.job_id = %(job)s",
    "contact": "m.contact_id = %(contact)s",
    "status": "m.status = %(status)s",
    "exception": "m.exception = %(status)s",
    "waiting": "EXISTS (SELECT FROM queue w WHERE w.account_id = m.account_id AND w.id = m.id)",
    "channel": "m.channel = %(channel)s",
    "q": "(m.contact_id = ANY (%(contacts)s::bigint[]) OR m.id = %(id)s)",
    "canceled": "(m.status <> 'canceled' OR m.reason = 'with_family')",
}


def messages(account_id: int, filters: Filters, *, after: int | None = None, limit: int = 50) -> list[MessageRow]:
    values: dict[str, Any] = {
        "account": account_id,
        "job": filters.job,
        "contact": filters.contact,
        "status": filters.status and filters.status.value,
        "channel": filters.channel and filters.channel.value,
        "after": after,
        "limit": limit,
    }
    names = [name for name in ("job", "contact", "status", "channel") if values[name] is not None]
    if filters.status is Status.WAITING:
        names.append("waiting")
    elif filters.status not in (None, Status.SENT):
        names.append("exception")
    if filters.status is None and not filters.show_canceled:
        names.append("canceled")
    if filters.q.strip():
        names.append("q")
        values |= _search(account_id, filters.q.strip())
    where = " AND ".join(["m.account_id = %(account)s", *(_CONDITIONS[name] for name in names)])
    order, beyond = _order(filters.job is not None)
    if after is not None:
        where += f" AND {beyond}"
    # Only the fixed texts above are put together here; every value is bound.
    page = f"SELECT * FROM message m WHERE {where} ORDER BY {order} LIMIT %(limit)s"  # noqa: S608
    return rows(_message_row, f"WITH chosen AS MATERIALIZED ({page}) {_COLUMNS} ORDER BY {order}", values)


def messages_of_ids(account_id: int, ids: Sequence[int]) -> list[MessageRow]:
    """Newest first; those of other accounts are not in it."""
    of_ids = "SELECT * FROM message m WHERE m.account_id = %(account)s AND m.id = ANY (%(ids)s::bigint[])"
    sql = f"WITH chosen AS MATERIALIZED ({of_ids}) {_COLUMNS} ORDER BY m.id DESC"
    return rows(_message_row, sql, {"account": account_id, "ids": list(ids)})


def _order(by_due: bool) -> tuple[str, str]:
    if by_due:
        last = "(SELECT due_at, id FROM message WHERE account_id = %(account)s AND id = %(after)s)"
        return "m.due_at, m.id", f"(m.due_at, m.id) > {last}"
    return "m.id DESC", "m.id < %(after)s"


def _search(account_id: int, words: str) -> dict[str, Any]:
    found = some_ids(account_id, words, CONTACTS_SEARCHED)
    is_id = words.isascii() and words.isdecimal() and len(words) < 19
    return {"contacts": found, "id": int(words) if is_id else None}


def _message_row(*columns: Any) -> MessageRow:
    identity, channel, status, *rest = columns
    rest[-5] = Answer(rest[-5])
    return MessageRow(identity, Channel(channel), Status(status), *rest)


@dataclass(frozen=True, slots=True)
class MessageDetail:
    message: Message
    row: MessageRow
    queued: QueueEntry | None  # None: it is finished
    attempts: list[Attempt]
    steps: list[CallStep]  # calls only
    receipts: list[Receipt]
    replies: list[Inbound]
    overrides: list[Override]
    ledger: list[LedgerEntry]
    attachments: list[AttachedFile]
    family: list[MessageRow]  # the appointments that the same message tells of


_ONE = """
WITH chosen AS MATERIALIZED (SELECT * FROM message m WHERE m.account_id = %(account)s AND m.id = %(id)s)
"""


def message(account_id: int, message_id: int) -> MessageDetail | None:
    """With its attempts, steps of calls, receipts, replies, overrides and ledger entries, each in the order of time."""
    known = Message.objects.select_related("contact", "job", "location")
    record = known.filter(account_id=account_id, id=message_id).first()
    if record is None:
        return None
    replies = Inbound.objects.filter(account_id=account_id, in_reply_to=message_id)
    if record.contact_id is not None:
        replies = replies.filter(contact_id=record.contact_id)  # inbound_by_contact
    entries = LedgerEntry.objects.filter(account_id=account_id, subject=f"message:{message_id}")
    of_it = {"account_id": account_id, "message_id": message_id}
    return MessageDetail(
        message=record,
        row=rows(_message_row, _ONE + _COLUMNS, {"account": account_id, "id": message_id})[0],
        queued=QueueEntry.objects.filter(account_id=account_id, id=message_id).first(),
        attempts=list(Attempt.objects.filter(**of_it).order_by("number")),
        steps=list(CallStep.objects.filter(**of_it).order_by("at", "id")),  # call_step_by_message
        receipts=list(Receipt.objects.filter(**of_it).order_by("at", "id")),  # receipt_by_message
        replies=list(replies.order_by("at", "id")),
        overrides=list(Override.objects.filter(**of_it).order_by("at")),
        ledger=list(entries.order_by("number")),  # ledger_of_subject
        attachments=attachments_in(account_id, record.attachment_set_id),
        family=_family(account_id, message_id),
    )


def _family(account_id: int, message_id: int) -> list[MessageRow]:
    """The other messages beside this one; family_visit_once, then family_visit_by_carrier."""
    rows_ = FamilyVisit.objects.filter(account_id=account_id, has_left=False)
    carrier = rows_.filter(message_id=message_id).values_list("carrier_id", flat=True).first()
    if carrier is None:
        return []
    others = rows_.filter(carrier_id=carrier).exclude(message_id=message_id).values_list("message_id", flat=True)
    return messages_of_ids(account_id, list(others))


def outbox(
    account_id: int, channel: Channel | None = None, q: str = "", *, after: int | None = None, limit: int = 50
) -> list[OutboxItem]:
    """What the sandbox delivered, newest first (outbox_list). A search reads the account's outbox through."""
    found = OutboxItem.objects.filter(account_id=account_id)
    if channel is not None:
        found = found.filter(channel=channel.value)
    if q.strip():
        word = q.strip()
        said = Q(subject__icontains=word) | Q(body__icontains=word)
        for form in kept_forms(ungrouped(word)):
            said |= Q(to__icontains=form)
        found = found.filter(said)
    if after is not None:
        found = found.filter(id__lt=after)
    return list(found.order_by("-id")[:limit])


def outbox_item(account_id: int, item_id: int) -> OutboxItem | None:
    return OutboxItem.objects.filter(account_id=account_id, id=item_id).first()


def outbox_version(account_id: int) -> int:
    """Grows with every delivery (outbox_list)."""
    sql = "SELECT COALESCE(max(id), 0) FROM outbox WHERE account_id = %(account)s"
    return int(scalar(sql, {"account": account_id}))
