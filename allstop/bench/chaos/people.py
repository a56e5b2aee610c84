"""What people do meanwhile: STOP and START, remove a job, mark a contact, send again what is unknown.

Each act runs on a thread of its own, since a stop that waits for a frozen worker must not hold up what goes wrong next.
The moment of its acknowledgement is taken when its action has returned, and when the mail server has read all that had
reached it by then.
"""

import random
import smtplib
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.db import OperationalError, connection

from allstop.actions.actor import Actor, Conflict, Operator
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.contacts import mark, unmark
from allstop.actions.jobs import remove_jobs
from allstop.actions.switch import standing_stops, start, stop
from allstop.actions.unknown import Choice, settle
from allstop.bench.chaos.judge import Stop
from allstop.rules.holds import INSTALLATION, Reach, one_channel, one_location, whole_account
from allstop.rules.markers import MarkerKind
from allstop.rules.words import Channel
from allstop.store.models import Contact, Job, Location, Message, Status

T = TypeVar("T")

TRIES = 5  # at an act: the watchdog of somebody else's stop may have cut it off
AGAIN_AT_ONCE = 20
PATIENCE = timedelta(seconds=30)


class Sink:
    """A line to the mail server, to ask whether it has read everything."""

    def __init__(self, port: int) -> None:
        self._port = port

    def catch_up(self) -> None:
        """It reads its lines in rounds: two answers later, what came before this call has its time."""
        for _ in range(int(PATIENCE / timedelta(seconds=0.01))):
            try:
                with smtplib.SMTP("127.0.0.1", self._port, local_hostname="director") as line:
                    line.noop()
                    line.noop()
                    return
            except (smtplib.SMTPException, OSError):  # this line was cut like the others
                time.sleep(0.01)
        raise RuntimeError(f"The mail server did not answer within {PATIENCE}.")


class People:
    def __init__(self, actor: Actor, sink: Sink, chance: random.Random) -> None:
        self._actor = actor
        self._sink = sink
        self._chance = chance
        self._threads = ThreadPoolExecutor(8, thread_name_prefix="person")
        self._acts: list[Future[Any]] = []
        self._lock = threading.Lock()
        self._windows: list[Stop] = []
        self._stopping: tuple[Reach, Future[float]] | None = None  # ends with the moment of the acknowledgement
        self._marked: dict[int, float] = {}  # contact -> when its mark was acknowledged
        self.acknowledged: Counter[str] = Counter()

    # --- in the rounds

    def press_stop(self) -> bool:
        if self._stopping is not None:
            return False
        reach = self._chance.choice(self._reaches())
        self._stopping = reach, self._do(lambda: self._stop(reach))
        return True

    def press_start(self) -> bool:
        """Mostly when the stop is acknowledged; sometimes somebody is quicker than that."""
        if self._stopping is None:
            return False
        reach, stopping = self._stopping
        if not stopping.done() and not standing_stops(reach):
            return False
        if self._chance.random() < 0.8:
            stopping.result()
            time.sleep(self._chance.uniform(0.02, 0.3))
        self._start()
        return True

    def remove_job(self) -> bool:
        waiting = Job.objects.filter(removed_at=None, account_id=self._actor.account_id).order_by("-pk")
        jobs = list(waiting.values_list("pk", flat=True)[:3])  # the newest, which still have something to send
        if jobs:
            job = self._chance.choice(jobs)
            self._do(lambda: self._remove(job))
        return bool(jobs)

    def mark_contact(self) -> bool:
        free = [pk for pk in Contact.objects.values_list("pk", flat=True) if pk not in self._marked]
        if free:
            contact = self._chance.choice(free)
            self._marked[contact] = float("inf")
            self._do(lambda: self._mark(contact))
        return bool(free)

    def unmark_contact(self) -> bool:
        marked = [pk for pk, at in self._marked.items() if at < time.monotonic()]
        if marked:
            self._unmark(self._chance.choice(marked))
        return bool(marked)

    def send_again(self) -> bool:
        unknown = Message.objects.filter(status=Status.UNKNOWN, job__removed_at=None)
        ids = list(unknown.values_list("id", flat=True)[:AGAIN_AT_ONCE])
        if ids:
            self._do(lambda: self._send_again(ids))
        return bool(ids)

    def all_stops(self) -> list[Stop]:
        """When everybody is done. Raises what went wrong for one of them."""
        self._threads.shutdown()
        for act in self._acts:
            act.result()
        if self._stopping is not None:
            self._start()
        return self._windows + [Stop("contact", contact, at) for contact, at in self._marked.items()]

    # --- each act

    def _do(self, act: Callable[[], T]) -> Future[T]:
        future = self._threads.submit(_on_a_connection, act)
        self._acts.append(future)
        return future

    def _keep(self, window: Stop) -> None:
        with self._lock:
            self._windows.append(window)

    def _now_acknowledged(self, scope: str) -> float:
        self._sink.catch_up()
        with self._lock:
            self.acknowledged[scope] += 1
        return time.monotonic()

    def _reaches(self) -> list[Reach]:
        """What a person can stop and start again, but for jobs and contacts, which have acts of their own."""
        account_id = self._actor.account_id
        locations = Location.objects.filter(account_id=account_id).values_list("pk", flat=True)
        return [
            INSTALLATION,
            whole_account(account_id),
            one_channel(account_id, Channel.EMAIL),
            *(one_location(account_id, location) for location in locations),
        ]

    def _whose(self, reach: Reach) -> Actor | Operator:
        return Operator("chaos", "command") if reach == INSTALLATION else self._actor

    def _stop(self, reach: Reach) -> float:
        receipt = _tried(lambda: stop(self._whose(reach), reach, "chaos", datetime.now(UTC)))
        _tried(lambda: self._confirmed(receipt.number))
        return self._now_acknowledged(reach.scope)

    def _confirmed(self, number: int) -> None:
        if wait_until_confirmed(number, PATIENCE).confirmed_at is None:
            raise RuntimeError(f"Stop {number} was not confirmed within {PATIENCE}.")

    def _start(self) -> None:
        """The stop that it lifts holds until this begins; it may not be acknowledged yet."""
        until = time.monotonic()
        assert self._stopping is not None
        (reach, stopping), self._stopping = self._stopping, None
        with suppress(Conflict):  # it runs already: the first try was cut off after its commit
            _tried(lambda: start(self._whose(reach), reach, "chaos", datetime.now(UTC)))
        self._keep(Stop(reach.scope, reach.location_id or 0, stopping.result(), until))

    def _remove(self, job: int) -> None:
        _tried(lambda: remove_jobs(self._actor, [job], datetime.now(UTC)))
        self._keep(Stop("job", job, self._now_acknowledged("job")))

    def _mark(self, contact: int) -> None:
        _tried(lambda: mark(self._actor, [contact], MarkerKind.STOP_ALL, "chaos", datetime.now(UTC)))
        self._marked[contact] = self._now_acknowledged("contact")

    def _unmark(self, contact: int) -> None:
        self._keep(Stop("contact", contact, self._marked.pop(contact), time.monotonic()))
        _tried(lambda: unmark(self._actor, [contact], MarkerKind.STOP_ALL, "chaos", datetime.now(UTC)))

    def _send_again(self, ids: list[int]) -> None:
        with suppress(Conflict):  # its job was removed meanwhile
            _tried(lambda: settle(self._actor, ids, Choice.SEND_AGAIN, "chaos", datetime.now(UTC)))


def _on_a_connection(act: Callable[[], T]) -> T:
    """Of its thread's own."""
    try:
        return act()
    finally:
        connection.close()


def _tried(act: Callable[[], T]) -> T:
    for tries_left in reversed(range(TRIES)):
        try:
            return act()
        except OperationalError:
            connection.close()
            if not tries_left:
                raise
    raise AssertionError("not reached")
