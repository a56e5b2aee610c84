"""What contacts said of the appointments of a feed: kept for it, and told to where its files come from.

    an answer ──► note_answer (in its transaction) ──► take_to_tell ──► tell: a file beside the others, or FHIR

The rule that it guards: each word once. An answer is kept in the transaction that records it. A file of answers has its
name and its rows before it is written, so one that is written again is the same; an AppointmentResponse is posted under
an identifier of its own, with which a server can tell that it has it.
"""

import csv
import io
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Max

from allstop.actions.actor import Actor, require
from allstop.actions.feeds import feed_of
from allstop.rules.feedback import MOST_ATTEMPTS, PARTICIPATION, is_news, pause
from allstop.rules.roles import Act
from allstop.rules.wallclock import zone_clock
from allstop.store.models import (
    AnswerKind,
    Contact,
    Feed,
    FeedAnswer,
    FeedAppointment,
    FeedFile,
    Message,
)

SOON = timedelta(seconds=20)  # several answers share a file
HELD = timedelta(minutes=5)  # by whoever tells; after a crash somebody else tells then
FOLDER = "answers"
AT_ONCE = 1000
HEADS = ("Appointment ID", "Answer", "Answered at", "By", "Message")


def note_answer(message: Message, kind: AnswerKind, channel: str, now: datetime) -> str | None:
    """In the transaction that records the answer. Returns how the source calls the appointment; None: it came from no
    feed, has no id there, or has moved since, of which nothing is told."""
    found = _appointment(message)
    if found is None:
        return None
    # Whoever has told the last one waits here, and sees this one.
    feed = Feed.objects.select_for_update(no_key=True).get(pk=found.feed_id)
    last = FeedAnswer.objects.filter(feed_id=feed.pk, key=found.key).order_by("-pk").first()  # feed_answer_last
    if not is_news(last.kind if last else "", kind.value):
        return found.named
    FeedAnswer.objects.create(
        account_id=message.account_id,
        feed_id=feed.pk,
        key=found.key,
        named=found.named,
        kind=kind.value,
        channel=channel,
        message_id=message.id,
        at=now,
    )
    if feed.tells_answers and feed.is_on and feed.tell_at is None:
        Feed.objects.filter(pk=feed.pk).update(tell_at=now + SOON)
    return found.named


def _appointment(message: Message) -> FeedAppointment | None:
    if message.job_id is None or message.appointment_at is None:
        return None
    file = FeedFile.objects.filter(source__job_id=message.job_id).only("feed_id").first()
    if file is None:
        return None
    there = FeedAppointment.objects.filter(
        feed_id=file.feed_id, ends_at=message.appointment_at, messages__contains=[message.id]
    )  # feed_appointment_old
    return there.exclude(named="").first()


def has_moved(message: Message) -> bool:
    """The newest file that names its appointment says another time, or that it is off."""
    file = FeedFile.objects.filter(source__job_id=message.job_id).only("feed_id").first() if message.job_id else None
    if file is None or message.appointment_at is None:
        return False
    known = FeedAppointment.objects.filter(feed_id=file.feed_id)
    there = known.filter(ends_at=message.appointment_at, messages__contains=[message.id]).first()
    if there is not None:
        return there.is_cancelled
    return known.filter(file_id__gte=file.pk).exists()  # else its files name no appointments, and nobody can tell


@transaction.atomic
def take_to_tell(now: datetime) -> Feed | None:
    """One that has something to tell, for this process alone; None: none has."""
    due = Feed.objects.select_for_update(skip_locked=True, of=("self",)).filter(tell_at__lte=now)  # feed_to_tell
    feed = due.order_by("tell_at").first()
    if feed is not None:
        Feed.objects.filter(pk=feed.pk).update(tell_at=now + HELD)
    return feed


def untold(feed: Feed) -> list[FeedAnswer]:
    """Oldest first; without those that are given up."""
    open_ = FeedAnswer.objects.filter(feed=feed, told_at=None, attempts__lt=MOST_ATTEMPTS)  # feed_answer_to_tell
    return list(open_.order_by("pk")[:AT_ONCE])


def next_batch(feed: Feed) -> list[FeedAnswer]:
    """The answers of the oldest file that is not written yet; which they are is known before it is written."""
    with transaction.atomic():
        Feed.objects.select_for_update(no_key=True).get(pk=feed.pk)
        found = untold(feed)
        if not found:
            return []
        first = found[0].batch
        if first is None:
            loose = [one.pk for one in found if one.batch is None]
            FeedAnswer.objects.filter(pk__in=loose).update(batch=(first := loose[0]))
    return list(FeedAnswer.objects.filter(feed=feed, batch=first).order_by("pk"))


def file_of(answers: Iterable[FeedAnswer], zone: str) -> bytes:
    """For the program that keeps the appointments, by its own ids."""
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(HEADS)
    clock = zone_clock(zone)
    for one in answers:
        at = one.at.astimezone(clock).isoformat(timespec="seconds")
        writer.writerow((one.named, one.kind, at, one.channel or "member", one.message_id))
    return text.getvalue().encode("utf-8-sig")


def response_of(answer: FeedAnswer) -> dict[str, object]:
    """FHIR R4 and R5. Who it is: as the server called them when the appointment came."""
    mine = Message.objects.filter(account_id=answer.account_id, id=answer.message_id).values("contact_id")
    person = Contact.objects.filter(pk__in=mine).values_list("external_id", flat=True).first()
    who = {"actor": {"reference": f"Patient/{person}"}} if person else {"participantType": [{"text": "Patient"}]}
    by = {"text": "by text", "email": "by email", "call": "on a call"}.get(answer.channel, "to a member of the staff")
    return {
        "resourceType": "AppointmentResponse",
        "identifier": [{"system": IDENTIFIERS, "value": identifier_of(answer)}],
        "appointment": {"reference": f"Appointment/{answer.named}"},
        **who,
        "participantStatus": PARTICIPATION[answer.kind],
        "comment": f"{answer.kind}, {by}",
    }


IDENTIFIERS = "urn:allstop:answer"


def identifier_of(answer: FeedAnswer) -> str:
    return f"{answer.key[:16]}-{answer.pk}"


def told(answers: Iterable[FeedAnswer], now: datetime) -> None:
    FeedAnswer.objects.filter(pk__in=[one.pk for one in answers]).update(told_at=now)


def not_told(answers: Iterable[FeedAnswer]) -> None:
    FeedAnswer.objects.filter(pk__in=[one.pk for one in answers]).update(attempts=F("attempts") + 1)


@transaction.atomic
def end_telling(feed: Feed, failure: str, now: datetime) -> None:
    """Whoever notes an answer at this moment waits for the row, or has it: nothing stays untold unseen."""
    there = Feed.objects.select_for_update(no_key=True).get(pk=feed.pk)
    left = FeedAnswer.objects.filter(feed=feed, told_at=None, attempts__lt=MOST_ATTEMPTS)
    most = left.aggregate(most=Max("attempts"))["most"]
    again = now + pause(most) if most is not None and there.tells_answers and there.is_on else None
    Feed.objects.filter(pk=feed.pk).update(tell_at=again, tell_failure=failure[:300])


def answers_file(actor: Actor, feed_id: int) -> bytes:
    """All that was said of the feed's appointments, to be downloaded."""
    require(actor, Act.VIEW)
    feed = feed_of(actor, feed_id)
    return file_of(FeedAnswer.objects.filter(feed=feed).order_by("pk").iterator(), feed.account.zone)
