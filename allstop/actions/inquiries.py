"""What providers say of messages whose outcome is unknown: the worker asks (dispatch/asking.py), here it is kept.

The rule that it guards: a message is settled by what its provider knows for certain, or by a person, and never by a
guess. Who settled it is in the ledger.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction

from allstop.rules.asking import FIRST, PAUSES, Answer, Conclusion, Known, conclude, next_asking
from allstop.rules.words import Channel
from allstop.store import ledger, settling
from allstop.store.models import Attempt, ChannelSetup, Inquiry, Job, LedgerEntry, Message, Status

THE_PROVIDER = "the provider"  # who did it, when nobody of the staff did


@dataclass(frozen=True, slots=True)
class Question:
    account_id: int
    message_id: int
    channel: Channel
    since: datetime


@dataclass(frozen=True, slots=True)
class Said:
    answer: Answer
    adapter: str
    ref: str = ""  # of what is there
    is_final: bool = False


# message_unknown; a question is taken by moving its next time on, so that of several workers one asks.
_TAKE = """
WITH due AS (
    SELECT m.account_id, m.id, m.channel, m.finished_at FROM message m
      LEFT JOIN inquiry i ON i.account_id = m.account_id AND i.message_id = m.id
     WHERE m.exception = 'unknown' AND m.finished_at <= %(first)s AND m.channel = ANY (%(channels)s)
       AND (i.message_id IS NULL OR i.since <> m.finished_at OR i.next_at <= %(now)s)
     ORDER BY m.finished_at LIMIT %(limit)s),
taken AS (
    INSERT INTO inquiry AS i (account_id, message_id, since, times, asked_at, next_at, answer)
    SELECT account_id, id, finished_at, 1, %(now)s, %(later)s, '' FROM due
    ON CONFLICT (account_id, message_id) DO UPDATE
       SET times = CASE WHEN i.since = EXCLUDED.since THEN i.times + 1 ELSE 1 END,
           since = EXCLUDED.since, asked_at = %(now)s, next_at = %(later)s, answer = ''
     WHERE i.since <> EXCLUDED.since OR i.next_at <= %(now)s
    RETURNING i.account_id, i.message_id, i.since)
SELECT taken.account_id, message_id, due.channel, since
  FROM taken JOIN due ON due.account_id = taken.account_id AND due.id = message_id
"""


def take_due(now: datetime, channels: Iterable[Channel] = tuple(Channel), limit: int = 100) -> list[Question]:
    """The messages of these channels whose provider shall be asked now, each by whoever gets it here."""
    asked: dict[str, Any] = {"now": now, "first": now - FIRST, "later": now + PAUSES[0], "limit": limit}
    asked["channels"] = [channel.value for channel in channels]
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, asked)
        return [Question(account, message, Channel(channel), since) for account, message, channel, since in cursor]


def write_down(question: Question, said: Said, now: datetime) -> Conclusion:
    """The answer, and what follows from it. Whatever somebody has decided on meanwhile stays as it is."""
    with transaction.atomic():
        locked = Message.objects.select_for_update(of=("self",), no_key=True)
        message = locked.filter(
            account_id=question.account_id,
            id=question.message_id,
            status=Status.UNKNOWN,
            finished_at=question.since,
        ).first()
        if message is None:
            return Conclusion.A_PERSON_DECIDES
        inquiry = Inquiry.objects.get(account_id=question.account_id, message_id=question.message_id)
        Inquiry.objects.filter(account_id=question.account_id, message_id=question.message_id).update(
            answer=said.answer, next_at=next_asking(said.answer, inquiry.times, now)
        )
        conclusion = conclude(said.answer, _known(message, question, said), now)
        if conclusion is Conclusion.SENT:
            settling.found_sent(message.account_id, message.id, said.adapter, said.ref, now)
            _write(message, "provider_has_it", now, {"status": "sent", "adapter": said.adapter}, said.ref)
        elif conclusion is Conclusion.AGAIN:
            settling.send_again(message.account_id, [message.id], now)
            _write(message, "provider_lacks_it", now, {"status": "waiting", "adapter": said.adapter})
    return conclusion


def _known(message: Message, question: Question, said: Said) -> Known:
    """Holds the job's row: a removal that comes meanwhile waits, and then withdraws what was queued here."""
    jobs = Job.objects.select_for_update(no_key=True).filter(pk=message.job_id or 0)
    changed = LedgerEntry.objects.filter(
        account_id=message.account_id,
        subject=f"channel:{message.channel}",
        act="set_channel",
        at__gte=message.created_at,
    )
    tried = Attempt.objects.filter(account_id=message.account_id, message_id=message.id).exclude(adapter="")
    others = tried.exclude(adapter=said.adapter)
    setup = ChannelSetup.objects.get(account_id=message.account_id, channel=message.channel)
    return Known(
        since=question.since,
        is_final=said.is_final,
        same_provider=setup.provider == said.adapter and not changed.exists() and not others.exists(),
        is_removed=any(job.removed_at is not None for job in jobs),
    )


def _write(message: Message, act: str, now: datetime, after: dict[str, Any], ref: str = "") -> None:
    ledger.append(
        account_id=message.account_id,
        at=now,
        by=THE_PROVIDER,
        act=act,
        subject=f"message:{message.id}",
        before={"status": Status.UNKNOWN.value},
        after=after,
        personal={"after": {"ref": ref}} if ref else None,  # by which the provider finds the person
        contact=message.contact_id,
    )
