"""The run of a confirmed import: contacts, job and messages in one transaction, or nothing at all.

The rule that it guards: every row of the file is accounted for, as messages (waiting, canceled or refused) or as a
problem in words; and a run that dies leaves nothing behind, because only its last commit makes anything.

Whoever runs an import holds a lock of the database as long as it lives (Progress). So nobody runs one twice, and
that one has died is known without comparing clocks.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import transaction

from allstop.actions import follow_ups
from allstop.actions.attachments import chosen
from allstop.actions.confirming import complete_lifts
from allstop.actions.families import STANDS_BY, WITH_FAMILY
from allstop.actions.feed_files import count_withdrawn, fail_file, finish_file, rules_of
from allstop.actions.feed_rows import NOTHING, Judged, judge, remember, withdraw
from allstop.actions.import_families import NOBODY, Families, families_of
from allstop.actions.import_file import OpenFile, open_file
from allstop.actions.import_planned import Outgoing, Planned
from allstop.actions.import_progress import Progress
from allstop.actions.import_rows import plan_rows, without_repeats
from allstop.actions.import_visits import keep_steps
from allstop.actions.imports import check_options, options_of
from allstop.actions.matching import Known, Phonebook
from allstop.actions.own_windows import Proposal, as_json, own_windows
from allstop.actions.people import chunks
from allstop.formats.table import RowProblem, Unreadable
from allstop.rules import gate
from allstop.rules.facts import ANY_LANE, Channel, ContactFacts, Facts, MessageFacts, Purpose
from allstop.rules.message_plan import Condition
from allstop.rules.verdict import Refuse
from allstop.store import facts, ledger, queue
from allstop.store import own_windows as store
from allstop.store.copying import copy_rows
from allstop.store.models import (
    FeedFile,
    Import,
    ImportProblem,
    ImportState,
    Job,
    Marker,
    Message,
    OptOut,
    Status,
)

DIED_ONCE = "The program that imported this file ended in the middle. Nothing was imported; it is tried again."
DIED_TWICE = (
    "The program that imported this file ended in the middle, twice. Nothing was imported. Press Import to try it"
    " again, or split the file into smaller ones."
)
ROW_COUNTS_AS = (Status.WAITING, Status.CANCELED, Status.REFUSED)  # a row with several messages: as the first of these
SILENCE = timedelta(seconds=15)  # time for a process to start before anybody asks whether it lives
WRITTEN_AT_ONCE = 2000  # rows


@dataclass(frozen=True, slots=True)
class Imported:
    job_id: int
    rows: int
    messages: dict[Status, int]
    problems: int  # rows that became no message
    by_row: dict[Status, int]  # the rows that became some, by what becomes of them: waiting, canceled or refused


def run_import(import_id: int, now: datetime) -> Imported | None:
    """None: it failed with words, is run by somebody else, or was not confirmed."""
    with Progress(import_id) as progress:
        if not progress.lock() or not take(import_id, now, (ImportState.QUEUED, ImportState.RUNNING)):
            return None
        source = Import.objects.select_related("account").get(pk=import_id)
        file = _opened(source, now)
        if isinstance(file, str):
            _fail(import_id, file, now)
            return None
        feed_file = FeedFile.objects.select_related("feed").filter(source=source).first()
        rows = plan_rows(source.account, file, rules_of(feed_file), now, progress.report)
        planned, problems = rows.planned, rows.problems
        judged = judge(feed_file, rows) if feed_file is not None else NOTHING
        # Before the one transaction: a claim that wants one of these would wait for it, and a stop for the claim.
        if feed_file is not None:
            count_withdrawn(feed_file, withdraw(source.account_id, judged, now))
        with transaction.atomic():
            run = _Run(source, file, now, judged)
            imported = run.write(planned, problems, progress, feed_file)
            if feed_file is not None:
                finish_file(feed_file, imported.rows, imported.by_row, imported.problems)
        complete_lifts(source.account_id, now)
        follow_ups.end_booked(source.account_id, run.booked, now)
        return imported


def take(import_id: int, now: datetime, states: Sequence[ImportState] = (ImportState.QUEUED,)) -> bool:
    """Make it this process's. False: somebody else was quicker."""
    found = Import.objects.filter(pk=import_id, state__in=states)
    return found.update(state=ImportState.RUNNING, taken_at=now) == 1


def put_back(import_id: int) -> None:
    """A run that was asked to end in the middle: the next worker takes it."""
    Import.objects.filter(pk=import_id, state=ImportState.RUNNING).update(state=ImportState.QUEUED, rows_done=0)


def has_died(import_id: int) -> bool:
    """Whether no process runs it."""
    with Progress(import_id) as progress:
        return progress.lock()


def after_death(import_id: int, now: datetime) -> bool:
    """Queue an import again whose process died; the second time it fails with words. True: it is queued again."""
    found = Import.objects.filter(pk=import_id, state=ImportState.RUNNING)
    if found.filter(failure="").update(state=ImportState.QUEUED, failure=DIED_ONCE, rows_done=0) == 1:
        return True
    _fail(import_id, DIED_TWICE, now)
    return False


@transaction.atomic
def _fail(import_id: int, words: str, now: datetime) -> None:
    found = Import.objects.filter(pk=import_id, state=ImportState.RUNNING)
    if found.update(state=ImportState.FAILED, failure=words, finished_at=now) == 1:
        fail_file(import_id, words, now)


def _opened(source: Import, now: datetime) -> OpenFile | str:
    """The file, or why it cannot be imported: its choices were right when it was confirmed, but much can change."""
    options = options_of(source)
    file = open_file(source, source.account, options, now)
    if isinstance(file, Unreadable):
        return file.reason
    wrong = check_options(source.account, options, file.table)
    return " ".join(wrong.values()) if wrong else file


class _Run:
    def __init__(self, source: Import, file: OpenFile, now: datetime, judged: Judged = NOTHING) -> None:
        self.source = source
        self.account = source.account
        self.options = file.options
        self.rows_total = file.rows_total
        self.now = now
        self.judged = judged
        self.counts: Counter[Status] = Counter()
        self.by_row: Counter[Status] = Counter()
        self.made: defaultdict[int, list[int]] = defaultdict(list)  # row -> its messages
        self.refused: defaultdict[str, list[int]] = defaultdict(list)
        self.lanes = {channel: facts.lane_setup(self.account.pk, channel).facts for channel in Channel}
        self._when_allowed = lru_cache(maxsize=65536)(self._due)
        self._files: int | None = None  # the set that every email takes along
        self._families: Families = NOBODY
        self.booked: set[int] = set()  # contacts with an appointment ahead
        self._new: set[int] = set()  # contacts to whom nothing was ever sent
        self._slots: dict[tuple[int, Channel], datetime] = {}  # of a list with a window of its own, by row

    def write(
        self,
        planned: list[Planned],
        problems: list[RowProblem],
        progress: Progress,
        feed_file: FeedFile | None = None,
    ) -> Imported:
        phonebook = Phonebook(self.account, [one.person for one in planned])
        placed = without_repeats(planned, phonebook, problems)
        self._new = {id(known) for _, known in placed if known.id is None}
        zones_found = phonebook.write(self.now)
        self._new |= self._never_written_to(known for _, known in placed if id(known) not in self._new)
        job = self._job()
        letter = self.options.wording.get(Channel.EMAIL)
        self._files = chosen(self.account.pk, letter.attachments, self.now) if letter else None
        standing = self._standing(placed)
        self._families = self._told_together(placed, standing)
        if self.options.window is not None:
            self._lay_out(job, self.options.window, placed)
        written = 0
        for chunk in chunks(placed, WRITTEN_AT_ONCE):
            self._enqueue(job, chunk, standing)
            written += len(chunk)
            progress.report((self.rows_total + written) // 2)
        self._families.keep(self.account.pk, self.made)
        notes = [one.note for one, _ in placed if one.note is not None]
        self._write_problems([*problems, *notes])
        if feed_file is not None:
            remember(feed_file, self.judged, planned, self.made)
        # From here on it holds locks that a stop needs: nothing slow may come after.
        queue.check_references()
        if zones_found:
            queue.lift(None, self.account.pk, "contact", self.now)
        result = Imported(job.pk, self.rows_total, dict(self.counts), len(problems), dict(self.by_row))
        self._finish(result)
        return result

    def _job(self) -> Job:
        return Job.objects.create(
            account=self.account,
            name=self.options.name.strip(),
            source=self.source.source,
            purpose=self.options.purpose,
            created_by=self.source.created_by,
            created_at=self.now,
            removed_by="",
        )

    def _standing(self, placed: Sequence[tuple[Planned, Known]]) -> dict[int, ContactFacts]:
        """The contacts of the file against whom something stands: few, so all others are spared the question."""
        marked = Marker.objects.filter(account=self.account).values_list("contact_id", flat=True)
        opted_out = OptOut.objects.filter(account=self.account, lifted_at=None).values_list("contact_id", flat=True)
        named = {known.id for _, known in placed if known.id is not None}
        return facts.contact_facts(named.intersection({*marked, *opted_out}))

    def _enqueue(self, job: Job, placed: Sequence[tuple[Planned, Known]], standing: dict[int, ContactFacts]) -> None:
        rows = [(one, list(self._messages(job, one, known, standing))) for one, known in placed]
        messages = [message for _, of_row in rows for message in of_row]
        numbers = queue.enqueue(messages, self.now)
        ids = iter(numbers)
        for one, of_row in rows:
            for message in of_row:
                message_id = next(ids)
                self.made[one.row].append(message_id)
                self.counts[message.status] += 1
                if message.status is Status.REFUSED:
                    self.refused[message.reason].append(message_id)
            found = {Status.WAITING if one.reason == WITH_FAMILY else one.status for one in of_row}
            self.by_row[next(status for status in ROW_COUNTS_AS if status in found)] += 1
        self.booked = follow_ups.booked(messages, self.now)
        if self.options.plan_id is not None:
            made = zip(numbers, messages, strict=True)
            standing_by = {number: message.due_at for number, message in made if message.reason == STANDS_BY}
            going = ((one, self.made[one.row]) for one, _ in rows if not self._canceled(one))
            keep_steps(self.account.pk, self.options.plan_id, going, standing_by)

    def _messages(
        self, job: Job, one: Planned, known: Known, standing: dict[int, ContactFacts]
    ) -> Iterator[queue.NewMessage]:
        assert known.id is not None  # written
        purpose: Purpose = self.options.purpose
        contact = standing.get(known.id) or ContactFacts(zones=known.zones)
        canceled = self._canceled(one)
        for message in one.messages[:1] if canceled and self.options.plan_id else one.messages:
            status, reason = Status.WAITING, ""
            if canceled:
                status, reason = Status.CANCELED, canceled
            elif refusal := self._refusal(one, message, contact):
                status, reason = Status.REFUSED, refusal
            elif self._families.tells_elsewhere(one.row, message.step):
                status, reason = Status.CANCELED, WITH_FAMILY
            elif message.condition is Condition.FAILED:
                status, reason = Status.CANCELED, STANDS_BY
            subject, body = self._words(one, message, known, status)
            yield queue.NewMessage(
                account_id=self.account.pk,
                channel=message.channel,
                purpose=purpose,
                address=message.address,
                subject=subject,
                body=body,
                attachment_set=self._files if message.channel is Channel.EMAIL else None,
                due_at=self._slots.get((one.row, message.channel))
                or self._when_allowed(message.asked, message.channel, contact.zones),
                by_hand=self.options.window is not None,
                contact_id=known.id,
                job_id=job.pk,
                location_id=one.location_id,
                use_by=one.use_by,
                appointment_at=one.use_by,  # of an imported reminder they are the same
                status=status,
                reason=reason,
            )

    def _refusal(self, one: Planned, message: Outgoing, contact: ContactFacts) -> str:
        """Why the gate would never let it leave; "" = it may."""
        said = MessageFacts(message.channel, self.options.purpose, use_by=one.use_by)
        verdict = gate.decide(Facts(said, contact, ANY_LANE), message.asked)
        return verdict.reason if isinstance(verdict, Refuse) else ""

    def _told_together(self, placed: Sequence[tuple[Planned, Known]], standing: dict[int, ContactFacts]) -> Families:
        known = {one.row: who for one, who in placed}

        def may_leave(one: Planned, message: Outgoing) -> bool:
            who = known[one.row]
            contact = standing.get(who.id or 0) or ContactFacts(zones=who.zones)
            return not self._canceled(one) and not self._refusal(one, message, contact)

        found = families_of((one for one, _ in placed), may_leave)
        self._new -= {id(known[row]) for row in found.rows}  # a welcome is for one
        return found

    def _words(self, one: Planned, message: Outgoing, known: Known, status: Status) -> tuple[str, str]:
        """The first message ever to a contact may be a welcome; only the first."""
        if (together := self._families.words(one.row, message.step)) is not None:
            return together
        if message.welcome is not None and status is Status.WAITING and id(known) in self._new:
            self._new.discard(id(known))
            return message.welcome
        return message.subject, message.body

    def _never_written_to(self, known: Iterable[Known]) -> set[int]:
        if self.options.plan_id is None:
            return set()
        asked = {one.id: id(one) for one in known if one.id is not None}
        written: set[int | None] = set()
        for part in chunks(list(asked), WRITTEN_AT_ONCE):
            found = Message.objects.filter(account=self.account, contact_id__in=part)  # message_by_contact
            written |= set(found.values_list("contact_id", flat=True).distinct())
        return {which for contact, which in asked.items() if contact not in written}

    def _canceled(self, one: Planned) -> str:
        return one.canceled or self.judged.canceled(one.row)

    def _lay_out(self, job: Job, chosen: Proposal, placed: Sequence[tuple[Planned, Known]]) -> None:
        """Each message of a list with a window of its own gets its slot: rules/own_window.py."""
        windows = own_windows(self.account.pk, self.options.channels, chosen)
        store.keep(self.account.pk, job.pk, self.account.zone, windows, self.now)
        for channel in self.options.channels:
            line = [
                (one, known, message)
                for one, known in placed
                for message in one.messages
                if message.channel is channel and not self._canceled(one)
            ]

            def allowed(number: int, at: datetime, line: Any = line, channel: Channel = channel) -> datetime:
                return self._when_allowed(at, channel, line[number][1].zones)

            due = store.slots_for(self.account.pk, job.pk, channel, [one.asked for _, _, one in line], allowed)
            assert due is not None  # its window was kept a moment ago
            self._slots |= {(one.row, channel): at for (one, _, _), at in zip(line, due, strict=True)}

    def _due(self, asked: datetime, channel: Channel, zones: tuple[str, ...]) -> datetime:
        """Not in quiet hours: thousands of messages would be asked about only to be held."""
        said = MessageFacts(channel, self.options.purpose)
        return facts.due_time(Facts(said, ContactFacts(zones=zones), self.lanes[channel]), asked)

    def _write_problems(self, problems: Sequence[RowProblem]) -> None:
        ImportProblem.objects.filter(source=self.source).delete()  # of a run that failed
        copy_rows(
            ImportProblem,
            ("import_id", "row", "column", "value", "problem"),
            (
                (self.source.pk, one.row, (one.column or "")[:120], one.value[:300], one.problem[:300])
                for one in problems
            ),
        )

    def _finish(self, result: Imported) -> None:
        Import.objects.filter(pk=self.source.pk, state=ImportState.RUNNING).update(
            state=ImportState.DONE,
            job_id=result.job_id,
            rows_total=result.rows,
            rows_done=result.rows,
            rows_refused=result.problems,
            messages_made=sum(result.messages.values()),
            failure="",
            finished_at=datetime.now(UTC),
        )
        # One entry with the ids of all that the gate refused: it locks the end of the account's chain, which a
        # stop needs as well, so it must not take as long as thousands of entries would.
        ledger.append(
            account_id=self.account.pk,
            at=self.now,
            by=self.source.created_by,
            act="import",
            subject=f"job:{result.job_id}",
            personal={"after": {"file": self.source.file_name}},
            after={
                "rows": result.rows,
                "problems": result.problems,
                "messages": {status.value: count for status, count in result.messages.items()},
                "refused": dict(self.refused),
                **({"window": as_json(self.options.window)} if self.options.window is not None else {}),
            },
        )
