"""What the rows of a feed's file mean beside its earlier files, and what follows from it.

    judge ──► withdraw (before the file's one transaction) ──► the import's run ──► remember (inside it)

The rule that it guards: nobody is told of an appointment twice, nor of one that has moved or is off. What is withdrawn
is wrong whatever becomes of the file; a run that dies after it is taken up again and finds the same rows changed,
because only its commit remembers them. Which rows mean what: rules/changed_rows.py.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from typing import NamedTuple, TypeVar

from django.db import transaction

from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.families import CHANGED, WITH_FAMILY, leave, still_told
from allstop.actions.import_planned import Planned
from allstop.actions.import_rows import Rows
from allstop.actions.standing_by import stand_down, standing_by
from allstop.rules.changed_rows import MAKES_MESSAGES, WITHDRAWS, Fate, Known, Said, fate, is_gone
from allstop.store import (
    any_of,  # noqa: F401 - registers the look-up
    queue,
    withdrawing,
)
from allstop.store.copying import copy_rows
from allstop.store.models import FeedAppointment, FeedFile, FeedFileState, Message, Status

MOVED = "appointment_moved"
OFF = "appointment_cancelled"
MISSING = "appointment_missing"
KEPT = timedelta(days=31)  # after the appointment
ASKED_AT_ONCE = 5000  # keys
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Judged:
    """By row number. Only rows that name an appointment are in it; all others count as new."""

    fates: Mapping[int, Fate]
    keys: Mapping[int, str]
    withdraws: Mapping[str, Sequence[int]] = field(default_factory=dict)  # reason -> messages of earlier files
    gone: Sequence[str] = ()  # keys of appointments that are missing, and count as cancelled

    def canceled(self, row: int) -> str:
        """Why its messages are recorded and never leave; "" = they may."""
        means = self.fates.get(row, Fate.NEW)
        return "" if means in MAKES_MESSAGES else means.value


NOTHING = Judged({}, {})


class _Before(NamedTuple):
    """Of a FeedAppointment what is asked of it: a model takes five times as long to make."""

    key: str
    core: str
    is_cancelled: bool
    file_id: int
    messages: list[int]


def judge(file: FeedFile, read: Rows) -> Judged:
    rows = list(_keyed(file, read.planned))
    before = _before(file, [key for key, _ in rows])
    gone = _gone(file, read, before)
    known = [*(one.messages for one in before.values()), *(one.messages for one in gone)]
    waiting = _waiting(file.account_id, known)
    in_queue = waiting.keys() | standing_by(file.account_id, known)
    fates: dict[int, Fate] = {}
    withdraws: dict[str, list[int]] = {MOVED: [], OFF: []}
    withdraws[MISSING] = [number for one in gone for number in one.messages if number in in_queue]
    for key, one in rows:
        old = before.get(key)
        goes_to = one.reaches or frozenset((message.channel.value, message.address) for message in one.messages)
        said = Said(one.core, one.is_cancelled, goes_to, in_steps=bool(one.reaches))
        means = fate(said, _known(old, waiting), file.pk)
        fates[one.row] = means
        if means in WITHDRAWS and old is not None:
            withdraws[OFF if means is Fate.OFF else MOVED] += [number for number in old.messages if number in in_queue]
    return Judged(fates, {one.row: key for key, one in rows}, withdraws, [one.key for one in gone])


def _gone(file: FeedFile, read: Rows, named: Mapping[str, _Before]) -> list[FeedAppointment]:
    """Appointments ahead that neither this file nor the one before names, where files hold everything."""
    if not file.feed.holds_all or not read.is_whole:
        return []
    earlier = FeedFile.objects.filter(feed_id=file.feed_id, state=FeedFileState.DONE, pk__lt=file.pk)
    before = earlier.order_by("-pk").values_list("pk", flat=True).first()
    unusable = {_digest(file, key, 1) for key in read.unusable if key}
    ahead = FeedAppointment.objects.filter(
        feed_id=file.feed_id,
        ends_at__gt=file.arrived_at,  # feed_appointment_old
        is_cancelled=False,
    )
    return [
        one
        for one in ahead.iterator()
        if is_gone(one.file_id, before) and one.key not in named and one.key not in unusable
    ]


def withdraw(account_id: int, judged: Judged, now: datetime) -> int:
    """Messages of earlier files leave the queue; how many did. What is leaving at this moment is left to its end.

    Not inside a transaction. Done twice, it does no harm.
    """
    gone = 0
    for reason, ids in judged.withdraws.items():
        if not ids:
            continue
        stand_down(account_id, ids)
        told_by = set(leave(account_id, ids, reason, now)).difference(ids)
        gone += _withdraw(account_id, ids, reason, now)
        if told_by:  # each tells the rest of its family anew: families.word_anew
            stand_down(account_id, sorted(told_by))
            _withdraw(account_id, sorted(told_by), CHANGED, now)
    return gone


def _withdraw(account_id: int, ids: Sequence[int], reason: str, now: datetime) -> int:
    gone = withdrawing.withdraw_free(account_id, ids, reason, now)
    with transaction.atomic(), queue.impatient():
        held = withdrawing.last_moment_is(account_id, ids, now)
        number = queue.announce_contacts(account_id, now) if held else None
    if number is not None:
        wait_until_confirmed(number)
        # What workers had claimed and not started has come back meanwhile: it goes the same way.
        gone += withdrawing.withdraw_free(account_id, held, reason, now)
    return gone


def remember(file: FeedFile, judged: Judged, planned: Iterable[Planned], made: Mapping[int, Sequence[int]]) -> None:
    """In the transaction of the run. `made`: row -> its messages."""
    rows = [one for one in planned if one.row in judged.keys]
    of_file = {judged.keys[one.row]: one for one in rows}  # a repeated row was refused before
    new = [key for key, one in of_file.items() if judged.fates[one.row] in MAKES_MESSAGES]
    same = [key for key, one in of_file.items() if judged.fates[one.row] is Fate.UNCHANGED]
    mine = FeedAppointment.objects.filter(feed_id=file.feed_id)
    for part in _parts(new):
        mine.filter(key__any_of=part).delete()
    copy_rows(
        FeedAppointment,
        ("account_id", "feed_id", "key", "core", "is_cancelled", "file_id", "ends_at", "messages", "named"),
        (
            (
                file.account_id,
                file.feed_id,
                key,
                one.core,
                one.is_cancelled,
                file.pk,
                _ends_at(one, file),
                made[one.row],
                one.named,
            )
            for key in new
            for one in [of_file[key]]
        ),
    )
    for part in _parts(same):
        mine.filter(key__any_of=part).update(file_id=file.pk)
    for part in _parts(judged.gone):
        mine.filter(key__any_of=part).update(is_cancelled=True)  # one that comes again is on again
    mine.filter(ends_at__lt=file.arrived_at - KEPT).delete()


def _ends_at(one: Planned, file: FeedFile) -> datetime:
    return one.use_by or file.arrived_at


def _keyed(file: FeedFile, planned: Iterable[Planned]) -> Iterable[tuple[str, Planned]]:
    """One that several rows of the file name is told apart by their order."""
    times: Counter[str] = Counter()
    for one in planned:
        if one.key:
            times[one.key] += 1
            yield _digest(file, one.key, times[one.key]), one


def _digest(file: FeedFile, key: str, time: int) -> str:
    return sha256(f"{file.feed_id}\n{key}\n{time}".encode()).hexdigest()


def _before(file: FeedFile, keys: Sequence[str]) -> dict[str, _Before]:
    found: dict[str, _Before] = {}
    for part in _parts(keys):
        rows = FeedAppointment.objects.filter(feed_id=file.feed_id, key__any_of=part)  # feed_appointment_once
        found |= {row[0]: _Before._make(row) for row in rows.values_list(*_Before._fields)}
    return found


def _waiting(account_id: int, messages: Iterable[Sequence[int]]) -> dict[int, tuple[str, str] | None]:
    """Those that wait, with channel and address. Withdrawn by a run that died: None, since nobody made others."""
    found: dict[int, tuple[str, str] | None] = {}
    elsewhere: dict[int, tuple[str, str]] = {}  # told of by the message of another one of the family
    for part in _parts([number for ids in messages for number in ids]):
        rows = Message.objects.filter(account_id=account_id, id__any_of=part)
        for number, status, reason, channel, address in rows.values_list(
            "id", "status", "reason", "channel", "address"
        ):
            if status == Status.WAITING:
                found[number] = (channel, address)
            elif status == Status.CANCELED and reason == MOVED:
                found[number] = None
            elif status == Status.CANCELED and reason == WITH_FAMILY:
                elsewhere[number] = (channel, address)
    return found | {number: elsewhere[number] for number in still_told(account_id, elsewhere)}


def _known(old: _Before | None, waiting: Mapping[int, tuple[str, str] | None]) -> Known | None:
    if old is None:
        return None
    still = [waiting[number] for number in old.messages if number in waiting]
    at = frozenset(one for one in still if one is not None) if still else None
    return Known(old.file_id, old.core, old.is_cancelled, at)


def _parts(of: Sequence[T]) -> Iterable[list[T]]:
    return (list(of[start : start + ASKED_AT_ONCE]) for start in range(0, len(of), ASKED_AT_ONCE))
