"""Replies: what an account has set for them, those that a person has to read, and the conversation around one."""

from dataclasses import dataclass
from datetime import datetime

from allstop.rules.facts import Channel
from allstop.store.models import Inbound, Message, OptOut, ReplySetup, Settlement, Status, UnclearReply

AROUND = 4  # lines of the conversation before an unclear reply, and after it
NEVER_LEFT = (Status.REMOVED.value, Status.CANCELED.value, Status.REFUSED.value, Status.WAITING.value)


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said, by us or by them."""

    at: datetime
    is_ours: bool
    channel: Channel
    text: str
    is_it: bool = False  # the unclear reply itself


@dataclass(frozen=True, slots=True)
class UnclearRow:
    id: int
    contact_id: int
    name: str  # "" = the contact has none
    channel: Channel
    sender: str
    text: str
    at: datetime
    conversation: tuple[Line, ...]  # in the order of time
    opted_out: bool  # of the channel that it came on, already
    settlement: Settlement | None
    settled_by: str
    settled_at: datetime | None
    inbound_id: int


def reply_setup(account_id: int) -> ReplySetup:
    return ReplySetup.objects.filter(account_id=account_id).first() or ReplySetup(account_id=account_id)


def count_unclear(account_id: int) -> int:
    return UnclearReply.objects.filter(account_id=account_id, settled_at=None).count()  # unclear_reply_open


def unclear_replies(account_id: int, *, after: int | None = None, limit: int = 50) -> list[UnclearRow]:
    """Those that wait for a person, oldest first (unclear_reply_open)."""
    found = UnclearReply.objects.filter(account_id=account_id, settled_at=None)
    if after is not None:
        found = found.filter(pk__gt=after)
    return [_row(one) for one in found.select_related("inbound", "contact").order_by("pk")[:limit]]


def unclear_reply(account_id: int, reply_id: int) -> UnclearRow | None:
    """Also a settled one."""
    found = UnclearReply.objects.select_related("inbound", "contact").filter(account_id=account_id, pk=reply_id).first()
    return None if found is None else _row(found)


def unclear_of_contact(account_id: int, contact_id: int) -> int:
    """How many of those to read hold what would go to the contact."""
    waiting = UnclearReply.objects.filter(account_id=account_id, settled_at=None)
    return waiting.filter(held__contains=[contact_id]).count()


def _row(one: UnclearReply) -> UnclearRow:
    standing = OptOut.objects.filter(contact_id=one.contact_id, lifted_at=None)
    return UnclearRow(
        id=one.pk,
        contact_id=one.contact_id,
        name=one.contact.name,
        channel=Channel(one.inbound.channel),
        sender=one.inbound.sender,
        text=one.inbound.text,
        at=one.inbound.at,
        conversation=_conversation(one),
        opted_out=any(row.channel in (None, one.inbound.channel) for row in standing),
        settlement=Settlement(one.settlement) if one.settlement else None,
        settled_by=one.settled_by,
        settled_at=one.settled_at,
        inbound_id=one.inbound_id,
    )


def _conversation(one: UnclearReply) -> tuple[Line, ...]:
    """inbound_by_contact, message_by_contact."""
    at, it = one.inbound.at, one.inbound_id
    theirs = Inbound.objects.filter(account_id=one.account_id, contact_id=one.contact_id).exclude(pk=it)
    ours = Message.objects.filter(account_id=one.account_id, contact_id=one.contact_id).exclude(status__in=NEVER_LEFT)
    before = [
        *(_of_theirs(row) for row in theirs.filter(at__lte=at).order_by("-at", "-pk")[:AROUND]),
        *(_of_ours(row) for row in ours.filter(finished_at__lte=at).order_by("-id")[:AROUND]),
    ]
    after = [
        *(_of_theirs(row) for row in theirs.filter(at__gt=at).order_by("at", "pk")[:AROUND]),
        *(_of_ours(row) for row in ours.filter(finished_at__gt=at).order_by("id")[:AROUND]),
    ]
    return (
        *sorted(before, key=_when)[-AROUND:],
        Line(at, False, Channel(one.inbound.channel), one.inbound.text, is_it=True),
        *sorted(after, key=_when)[:AROUND],
    )


def _when(line: Line) -> datetime:
    return line.at


def _of_theirs(row: Inbound) -> Line:
    return Line(row.at, False, Channel(row.channel), row.text)


def _of_ours(row: Message) -> Line:
    assert row.finished_at is not None  # every other state is left out
    return Line(row.finished_at, True, Channel(row.channel), row.body)
