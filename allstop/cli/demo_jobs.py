"""The jobs of the demo account: some done, one under way, one for later, and an old one that nobody removed.

Messages enter through queue.enqueue, so the tallies are right; what was sent in the past gets the attempts, receipts
and outbox entries that a worker would have left.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from allstop.rules import gate
from allstop.rules.facts import Channel, ContactFacts, Facts, MessageFacts, Purpose
from allstop.rules.holds import Effect, Scope
from allstop.rules.retry import Outcome
from allstop.rules.verdict import Refuse
from allstop.store import facts, ledger, queue
from allstop.store.models import (
    Account,
    Address,
    AddressKind,
    Attempt,
    Contact,
    Hold,
    Job,
    JobSource,
    Location,
    Message,
    OutboxItem,
    QueueEntry,
    Receipt,
    Status,
)

PRICE_LIST = "price list"  # a hold on one job, named by the account
_SENT_AS = {Channel.TEXT: "delivered", Channel.CALL: "answered", Channel.EMAIL: "sent"}
_KIND = {
    Channel.TEXT: AddressKind.PHONE,
    Channel.CALL: AddressKind.PHONE,
    Channel.EMAIL: AddressKind.EMAIL,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    name: str
    purpose: Purpose
    channel: Channel
    by: str
    made_at: datetime
    source: JobSource = JobSource.UPLOAD
    subject: str = ""
    body: str


@dataclass(frozen=True, slots=True)
class Line:
    """One message of a plan."""

    contact: Contact
    due_at: datetime
    appointment_at: datetime | None = None
    status: Status = Status.WAITING
    reason: str = ""


def write_jobs(account: Account, locations: Sequence[Location], contacts: Sequence[Contact], now: datetime) -> None:
    writer = _Writer(account, locations, now)
    today = now.astimezone(writer.zone).date()
    writer.finished(
        Plan(
            name=f"Appointment reminders {today - timedelta(days=1):%B} {(today - timedelta(days=1)).day}",
            purpose=Purpose.REMINDER,
            channel=Channel.TEXT,
            by="Cem Tanaka",
            made_at=writer.at(today - timedelta(days=2), 14, 40),
            body="Hello {name}, this is a reminder of your appointment at {place} tomorrow. Reply STOP to get no"
            " more texts.",
        ),
        contacts[0:180],
    )
    writer.finished(
        Plan(
            name="Balance notices",
            purpose=Purpose.BILLING,
            channel=Channel.EMAIL,
            by="Ben Weber",
            made_at=writer.at(today - timedelta(days=3), 9, 5),
            subject="Your balance at Northgate Dental",
            body="Hello {name},\n\nyour balance is due. If you have paid already, you need do nothing.\n\n{place}",
        ),
        contacts[200:340],
    )
    writer.old(contacts[400:550], today)
    writer.under_way(contacts[600:820], today)
    writer.later(contacts[900:1200], today)


class _Writer:
    def __init__(self, account: Account, locations: Sequence[Location], now: datetime) -> None:
        self.account = account
        self.zone = ZoneInfo(account.zone)
        self.places = {location.pk: location.name for location in locations}
        self.now = now
        self.addresses: dict[tuple[int, str], str] = {}
        for address in Address.objects.filter(account=account).order_by("-position", "-pk"):
            self.addresses[address.contact_id, address.kind] = address.value
        self.lanes = {channel: facts.lane_setup(account.pk, channel).facts for channel in Channel}

    def at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return datetime.combine(day, time(hour, minute), self.zone).astimezone(UTC)

    def finished(self, plan: Plan, contacts: Sequence[Contact]) -> None:
        """Sent from ten o'clock of the day after it was made, a few a minute, with the failures that happen."""
        start = self.at(plan.made_at.astimezone(self.zone).date() + timedelta(days=1), 10)
        lines = [
            Line(contact, start + timedelta(seconds=20 * number), start + timedelta(days=1), *_fate(number))
            for number, contact in enumerate(contacts)
        ]
        job = self._job(plan)
        ids = self._enqueue(job, plan, lines)
        self._history(plan, [(pk, line) for pk, line in ids if line.status in (Status.SENT, Status.FAILED)])

    def old(self, contacts: Sequence[Contact], today: date) -> None:
        """Held nine days ago and forgotten: most of its appointments have passed."""
        made_at = self.at(today - timedelta(days=9), 11, 20)
        plan = Plan(
            name="Recall calls, six months",
            purpose=Purpose.REMINDER,
            channel=Channel.CALL,
            by="Ben Weber",
            made_at=made_at,
            body="Hello {name}. This is {place}. It is time for your check-up. To get no more calls, press 9.",
        )
        job = self._job(plan)
        lines = [
            Line(contact, made_at, made_at + timedelta(days=2 + number % 10, minutes=15 * (number % 20)))
            for number, contact in enumerate(contacts)
        ]
        self._enqueue(job, plan, lines)
        # as the workers left it nine days ago: asked once, and held since then
        QueueEntry.objects.filter(account_id=self.account.pk, job_id=job.pk).update(held=PRICE_LIST)
        Message.objects.filter(account=self.account, job=job, status=Status.WAITING).update(reason=PRICE_LIST)
        reason = "the words name a price that changes soon"
        hold = Hold.objects.create(
            name=PRICE_LIST,
            scope=Scope.JOB,
            account=self.account,
            job=job,
            blocks=[Effect.SENDING],
            by=plan.by,
            reason=reason,
            at=made_at,
            lifted_by="",
        )
        queue.stop(hold.pk, made_at)
        ledger.append(
            account_id=self.account.pk, at=made_at, by=plan.by, act="hold", subject=f"job:{job.pk}", reason=reason
        )

    def under_way(self, contacts: Sequence[Contact], today: date) -> None:
        """Due now, then one a minute: something moves when the program starts."""
        plan = Plan(
            name=f"Appointment reminders {today + timedelta(days=1):%B} {(today + timedelta(days=1)).day}",
            purpose=Purpose.REMINDER,
            channel=Channel.TEXT,
            by="nightly upload",
            source=JobSource.COMMAND,
            made_at=self.now - timedelta(minutes=40),
            body="Hello {name}, this is a reminder of your appointment at {place} tomorrow. Reply STOP to get no"
            " more texts.",
        )
        tomorrow = self.at(today + timedelta(days=1), 8)
        lines = [
            Line(
                contact,
                self.now + timedelta(minutes=max(0, number - 40)),
                tomorrow + timedelta(minutes=15 * (number % 36)),
                Status.CANCELED if number % 31 == 30 else Status.WAITING,
                "appointment_cancelled" if number % 31 == 30 else "",
            )
            for number, contact in enumerate(contacts)
        ]
        self._enqueue(self._job(plan), plan, lines)

    def later(self, contacts: Sequence[Contact], today: date) -> None:
        plan = Plan(
            name="Spring offers: whitening",
            purpose=Purpose.PROMOTION,
            channel=Channel.EMAIL,
            by="Ada Okafor",
            source=JobSource.SEND,
            made_at=self.now - timedelta(hours=3),
            subject="Whitening at a spring price",
            body="Hello {name},\n\nuntil the end of the month whitening costs a third less.\n\n{place}",
        )
        due_at = self.at(today + timedelta(days=2), 10)
        self._enqueue(self._job(plan), plan, [Line(contact, due_at) for contact in contacts])

    def _job(self, plan: Plan) -> Job:
        return Job.objects.create(
            account=self.account,
            name=plan.name,
            source=plan.source,
            purpose=plan.purpose,
            created_by=plan.by,
            created_at=plan.made_at,
            removed_by="",
        )

    def _enqueue(self, job: Job, plan: Plan, lines: Iterable[Line]) -> list[tuple[int, Line]]:
        reachable = [line for line in lines if (line.contact.pk, _KIND[plan.channel]) in self.addresses]
        known = facts.contact_facts(line.contact.pk for line in reachable)
        messages = [self._message(job, plan, line, known[line.contact.pk]) for line in reachable]
        ids = queue.enqueue(messages, plan.made_at)
        return list(zip(ids, reachable, strict=True))

    def _message(self, job: Job, plan: Plan, line: Line, contact: ContactFacts) -> queue.NewMessage:
        said = Facts(
            MessageFacts(plan.channel, plan.purpose, use_by=line.appointment_at), contact, self.lanes[plan.channel]
        )
        verdict = gate.decide(said, line.due_at)
        status, reason = line.status, line.reason
        if status is Status.WAITING and isinstance(verdict, Refuse):
            status, reason = Status.REFUSED, verdict.reason
        place = self.places[line.contact.location_id] if line.contact.location_id else self.account.name
        return queue.NewMessage(
            account_id=self.account.pk,
            channel=plan.channel,
            purpose=plan.purpose,
            address=self.addresses[line.contact.pk, _KIND[plan.channel]],
            subject=plan.subject,
            body=plan.body.format(name=line.contact.given_name, place=place),
            due_at=facts.due_time(said, line.due_at) if status is Status.WAITING else line.due_at,
            contact_id=line.contact.pk,
            job_id=job.pk,
            location_id=line.contact.location_id,
            use_by=line.appointment_at,
            appointment_at=line.appointment_at,
            status=status,
            reason=reason,
        )

    def _history(self, plan: Plan, sent: Sequence[tuple[int, Line]]) -> None:
        messages = {one.id: one for one in Message.objects.filter(account=self.account, id__in=[pk for pk, _ in sent])}
        for pk, line in sent:
            messages[pk].finished_at = line.due_at + timedelta(seconds=1)
            messages[pk].receipt = _SENT_AS[plan.channel] if line.status is Status.SENT else ""
        Message.objects.bulk_update(messages.values(), ["finished_at", "receipt"], batch_size=500)
        Attempt.objects.bulk_create(_attempts(self.account, sent))
        delivered = [(messages[pk], line) for pk, line in sent if line.status is Status.SENT]
        Receipt.objects.bulk_create(
            Receipt(
                account=self.account,
                message_id=message.id,
                adapter="sandbox",
                ref=f"demo-{message.id}",
                state=message.receipt,
                code="",
                at=line.due_at + timedelta(seconds=3),
            )
            for message, line in delivered
        )
        OutboxItem.objects.bulk_create(
            OutboxItem(
                account=self.account,
                message_id=message.id,
                key=f"demo-{message.id}",
                channel=message.channel,
                to=message.address,
                sender="",
                subject=message.subject,
                body=message.body,
                at=line.due_at + timedelta(seconds=1),
            )
            for message, line in delivered
        )


def _attempts(account: Account, sent: Iterable[tuple[int, Line]]) -> Iterator[Attempt]:
    for pk, line in sent:
        failed = line.status is Status.FAILED
        yield Attempt(
            account=account,
            message_id=pk,
            number=1,
            worker_id=0,
            adapter="sandbox",
            started_at=line.due_at,
            ended_at=line.due_at + timedelta(seconds=1),
            outcome=Outcome.REJECTED if failed else Outcome.ACCEPTED,
            ref="" if failed else f"demo-{pk}",
            code=line.reason,
            detail="There is no such address." if failed else "",
        )


def _fate(number: int) -> tuple[Status, str]:
    """What became of a message of a job that is done."""
    if number % 29 == 28:
        return Status.FAILED, "sandbox:no_such_address"
    if number % 37 == 36:
        return Status.CANCELED, "appointment_cancelled"
    return Status.SENT, ""
