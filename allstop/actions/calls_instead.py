"""A reminder by text that is refused, since its contact has said no to texts, goes out as a call, where so set.

The rule that it guards: one call for each such text, to the same number, and only where a call may be made: whoever
has said no to calls or to everything, or has a marker, is not called. The call is a message like any other: the gate
judges it when it leaves, with the quiet hours of calls. A message plan that has a step for when the text fails keeps
to its plan.

What may become one is written down with the refusal (queue_finish, queue.enqueue); this chore decides, soon after.
"""

from datetime import datetime, timedelta

from django.db import transaction

from allstop.actions.answers import BY_ITSELF
from allstop.formats.dates import MONTH_FIRST_COUNTRIES
from allstop.rules import gate
from allstop.rules.calls_instead import spoken
from allstop.rules.day_words import clock_words, day_words
from allstop.rules.facts import Channel, MessageFacts, Purpose
from allstop.rules.family import Said, read_said
from allstop.rules.verdict import Refuse
from allstop.rules.wallclock import zone_clock
from allstop.store import facts, ledger, lists, queue
from allstop.store.models import CallInstead, FamilyVisit, FeedAppointment, FeedFile, Job, Message, PlanStep, Status

AT_ONCE = 200


def call_instead(now: datetime) -> None:
    """A chore: each that nobody has decided yet."""
    while _decide_some(now) == AT_ONCE:
        pass


@transaction.atomic
def _decide_some(now: datetime) -> int:
    rows = CallInstead.objects.select_for_update(skip_locked=True, of=("self",)).filter(look_at__lte=now)
    due = list(rows.order_by("look_at", "pk")[:AT_ONCE])  # call_instead_to_decide
    for one in due:
        text = _text(one, now)
        call_id = _call(text, now) if text is not None and _may_call(text, now) else None
        CallInstead.objects.filter(pk=one.pk).update(look_at=None, call_id=call_id)
    for one in CallInstead.objects.filter(pk__in=[one.pk for one in due], call_id__isnull=False).order_by("pk"):
        ledger.append(
            account_id=one.account_id,
            at=now,
            by=BY_ITSELF,
            act="call_instead",
            subject=f"message:{one.call_id}",
            after={"of": one.message_id},
        )
    return len(due)


def _text(one: CallInstead, now: datetime) -> Message | None:
    """None: it need not be told any more. Its job's row is held: a removal that comes meanwhile withdraws the call."""
    found = Message.objects.select_related("account", "contact", "location")
    text = found.filter(account_id=one.account_id, id=one.message_id, status=Status.REFUSED).first()
    if text is None or text.contact is None or not text.address or text.appointment_at is None:
        return None
    if text.appointment_at <= now or (text.use_by is not None and text.use_by <= now):
        return None
    if text.job_id is not None:
        job = Job.objects.select_for_update(no_key=True).get(pk=text.job_id)
        if job.removed_at is not None:
            return None
    return text


def _may_call(text: Message, now: datetime) -> bool:
    if not lists.reply_setup(text.account_id).calls_instead or _has_step_for_it(text):
        return False
    assert text.contact_id is not None
    asked = MessageFacts(Channel.CALL, Purpose.REMINDER, use_by=text.use_by)
    known = facts.facts_before(text.account_id, asked, facts.contact_facts([text.contact_id])[text.contact_id])
    return not isinstance(gate.decide(known, max(now, text.due_at)), Refuse)


def _has_step_for_it(text: Message) -> bool:
    mine = PlanStep.objects.filter(account_id=text.account_id)
    visits = mine.filter(message_id=text.id).values("visit")
    return mine.filter(visit__in=visits, after=text.id).exists()


def _call(text: Message, now: datetime) -> int:
    rows = FamilyVisit.objects.filter(account_id=text.account_id, carrier_id=text.id, has_left=False)
    family = [read_said(one.says) for one in rows.order_by("at", "message_id") if one.says]
    said = family or [_said(text)]
    (call_id,) = queue.enqueue(
        [
            queue.NewMessage(
                account_id=text.account_id,
                channel=Channel.CALL,
                purpose=Purpose.REMINDER,
                address=text.address,
                body=spoken(lists.reply_setup(text.account_id).call_words, text.body, said),
                due_at=max(now, text.due_at),
                use_by=text.use_by,
                appointment_at=text.appointment_at,
                contact_id=text.contact_id,
                job_id=text.job_id,
                location_id=text.location_id,
            )
        ],
        now,
    )
    _takes_its_place(text, call_id)
    return call_id


def _takes_its_place(text: Message, call_id: int) -> None:
    """An answer to the call, or an appointment that moves, finds it where the text would have been found."""
    steps = PlanStep.objects.filter(account_id=text.account_id, message_id=text.id)
    for step in steps:
        step.pk, step.message_id = None, call_id
    PlanStep.objects.bulk_create(steps)
    told = FamilyVisit.objects.filter(account_id=text.account_id, carrier_id=text.id)
    told.filter(message_id=text.id).update(message_id=call_id)
    told.update(carrier_id=call_id)
    file = FeedFile.objects.filter(source__job_id=text.job_id).only("feed_id").first() if text.job_id else None
    if file is not None and text.appointment_at is not None:
        known = FeedAppointment.objects.select_for_update().filter(feed_id=file.feed_id, ends_at=text.appointment_at)
        for one in known.filter(messages__contains=[text.id]):
            FeedAppointment.objects.filter(pk=one.pk).update(messages=[*one.messages, call_id])


def _said(text: Message) -> Said:
    """As a row of a file would say it. Where only the day is known, the message has its end: midnight."""
    assert text.appointment_at is not None and text.contact is not None
    at = text.appointment_at.astimezone(zone_clock(text.account.zone))
    month_first = text.account.country in MONTH_FIRST_COUNTRIES
    is_day = (at.hour, at.minute) == (0, 0)
    day = (at - timedelta(days=1)).date() if is_day else at.date()
    name = text.contact.given_name or text.contact.family_name
    return Said(
        name=name,
        full_name=f"{text.contact.given_name} {text.contact.family_name}".strip(),
        clock="" if is_day else clock_words(at, month_first),
        place=text.location.name if text.location else text.account.name,
        date=day_words(day, month_first),
        account=text.account.name,
        language=text.contact.language,
    )
