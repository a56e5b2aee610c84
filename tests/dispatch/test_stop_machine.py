"""Any order of people's acts, workers' steps and deaths, on the real database: stops hold, nothing is lost or repeated.

The stopper's wait is taken apart into its steps here (fence, one lease, bury, confirm), so that anything can come in
between. All clocks are the machine's.
"""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from allstop.actions import contacts, jobs
from allstop.actions.contacts import mark, record_opt_in, record_opt_out, unmark
from allstop.actions.jobs import remove_jobs
from allstop.actions.switch import is_stopped, start_account, stop_account
from allstop.actions.unknown import Choice, settle
from allstop.dispatch import ears, lease
from allstop.dispatch.burial import bury_dead
from allstop.dispatch.lease import Lease
from allstop.dispatch.stops import StopsHeard
from allstop.rules.markers import MarkerKind
from allstop.store import claims, queue
from allstop.store.claims import Claimed, LaneKey
from allstop.store.models import Contact, Hold, Job, Lane, Message, QueueEntry, Status, Stop, Worker
from tests.conftest import NOON, clear_tables
from tests.dispatch.simulated import SimulatedWorker
from tests.kept_cast import the_cast
from tests.world import World, contact, job, texts

LEASE = timedelta(seconds=2)
MOST_WORKERS = 3
which = st.integers(0, 11)  # of however many there are


@dataclass(slots=True)
class Pressed:
    """A stop as its maker knows it."""

    number: int
    scope: str
    of: int
    is_confirmed: bool = False
    lifted: int | None = None  # the moment
    fenced: list[int] = field(default_factory=list)  # whom its stopper waits a lease for
    fenced_at: float = 0.0


class StopMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.seconds = 0.0
        self.moment = 0
        self.runner = asyncio.Runner()
        self.workers: list[SimulatedWorker] = []
        self.dead: list[int] = []  # process ids of those whose rows may still be there
        self.pids = iter(range(1, 1000))
        self.stops: list[Pressed] = []
        self.made = 0
        self.starts: Counter[int] = Counter()  # of messages, less those that a provider is known not to have taken
        self.again: Counter[int] = Counter()
        for module in (lease, ears):  # the fixture puts the real one back
            setattr(module, "steady", lambda: self.seconds)  # noqa: B010 - the type checker knows it as a function

    @initialize()
    def begin(self) -> None:
        self.line = self.runner.run(claims.connect())
        self.world: World = the_cast(NOON)
        self.lane = LaneKey(self.world.account.pk, "text", False)
        self.jobs: list[Job] = [job(self.world, "Old"), job(self.world, "New")]
        self.people: list[Contact] = [contact(self.world, name) for name in ("Pat Moreau", "Sam Lind", "Kim Iwu")]
        Contact.objects.filter(pk=self.people[2].pk).update(zones=[])  # until somebody sets one, it waits

    def teardown(self) -> None:
        if hasattr(self, "line"):
            self.runner.run(self.line.close())
        self.runner.close()
        clear_tables()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)

    def _pressed(self, number: int | None, scope: str, of: int) -> None:
        self.moment += 1
        if number is not None and all(stop.number != number for stop in self.stops):
            self.stops.append(Pressed(number, scope, of))

    def _lifted(self, scope: str, of: int) -> None:
        self.moment += 1
        for stop in self.stops:
            if (stop.scope, stop.of) == (scope, of) and stop.lifted is None:
                stop.lifted = self.moment

    # --- people

    @rule(person=which, of=which, count=st.integers(1, 4))
    def queue_messages(self, person: int, of: int, count: int) -> None:
        standing = [one for one in self.jobs if not Job.objects.get(pk=one.pk).removed_at]
        texts(
            self.world,
            count,
            to=self.people[person % 3],
            of=standing[of % len(standing)] if standing else None,
            due_at=self.now(),
        )
        self.made += count

    @rule()
    def stop(self) -> None:
        self._pressed(stop_account(self.world.admin, "", self.now()).number, "account", self.world.account.pk)

    @precondition(lambda self: is_stopped(self.world.account.pk))
    @rule()
    def start(self) -> None:
        start_account(self.world.admin, "", self.now())
        self._lifted("account", self.world.account.pk)

    @rule(of=which)
    def remove_job(self, of: int) -> None:
        chosen = self.jobs[of % 2].pk
        remove_jobs(self.world.member, [chosen], self.now())
        self._pressed(self._newest("job"), "job", chosen)

    @rule(person=which)
    def mark_contact(self, person: int) -> None:
        chosen = self.people[person % 3].pk
        if mark(self.world.member, [chosen], MarkerKind.STOP_ALL, "", self.now()):
            self._pressed(self._newest("contact"), "marked", chosen)

    @rule(person=which)
    def unmark_contact(self, person: int) -> None:
        chosen = self.people[person % 3].pk
        if unmark(self.world.member, [chosen], MarkerKind.STOP_ALL, "", self.now()):
            self._lifted("marked", chosen)

    @rule(person=which)
    def opt_out(self, person: int) -> None:
        chosen = self.people[person % 3]
        self._pressed(record_opt_out(chosen, None, "STOP", self.now()), "opted out", chosen.pk)

    @rule(person=which)
    def opt_in(self, person: int) -> None:
        chosen = self.people[person % 3]
        if record_opt_in(chosen, None, "START", self.now()):
            self._lifted("opted out", chosen.pk)

    @rule()
    def find_out_a_zone(self) -> None:
        Contact.objects.filter(zones=[]).update(zones=["Etc/GMT+5"])
        queue.lift(None, self.world.account.pk, "contact", self.now())

    @rule(choice=st.sampled_from(Choice))
    def settle_unknown(self, choice: Choice) -> None:
        ids = list(Message.objects.filter(status=Status.UNKNOWN, job__removed_at=None).values_list("id", flat=True))
        if ids:
            settle(self.world.member, ids, choice, "", self.now())
            self.again.update(ids)

    @staticmethod
    def _newest(scope: str) -> int | None:
        newest = Stop.objects.filter(scope=scope, is_lift=False).order_by("-number").first()
        return newest.number if newest else None

    # --- the stopper, step by step

    @precondition(lambda self: self._unconfirmed())
    @rule(of=which)
    def fence(self, of: int) -> None:
        stops = self._unconfirmed()
        stop = stops[of % len(stops)]
        stop.fenced, stop.fenced_at = queue.fence(stop.number), self.seconds

    @precondition(lambda self: any(stop.fenced for stop in self.stops))
    @rule(of=which)
    def wait_a_lease_and_bury(self, of: int) -> None:
        waiting = [stop for stop in self.stops if stop.fenced]
        stop = waiting[of % len(waiting)]
        self.seconds = max(self.seconds, stop.fenced_at + LEASE.total_seconds() * 1.05)
        queue.bury(stop.fenced, self.now())
        stop.fenced = []

    @precondition(lambda self: self._unconfirmed())
    @rule()
    def confirm(self) -> None:
        for stop in self._unconfirmed():
            if queue.confirm(stop.number, self.now()) is not None:
                stop.is_confirmed = True

    def _unconfirmed(self) -> list[Pressed]:
        return [stop for stop in self.stops if not stop.is_confirmed]

    # --- workers

    @precondition(lambda self: len(self.workers) < MOST_WORKERS)
    @rule()
    def register(self) -> None:
        pid = next(self.pids)
        self.workers.append(SimulatedWorker.register(self.runner, self.line, pid, self.now, Lease(LEASE)))

    @precondition(lambda self: any(not worker.is_ending for worker in self.workers))
    @rule(of=which, burst=st.integers(1, 5))
    def claim(self, of: int, burst: int) -> None:
        able = [worker for worker in self.workers if not worker.is_ending]
        self.moment += 1
        able[of % len(able)].claim(self.lane, burst, self.moment)

    @precondition(lambda self: self._of_all(started=False))
    @rule(of=which)
    def look_and_start(self, of: int) -> None:
        every = self._of_all(started=False)
        worker, id_ = every[of % len(every)]
        one = worker.in_hand[id_]
        if not worker.ears.may_leave(one.lane, one.claimed):
            worker.hand_back(id_)
            return
        message = Message.objects.get(id=id_)
        for stop in self.stops:
            reach = {"account": message.account_id, "job": message.job_id}.get(stop.scope, message.contact_id)
            if stop.of == reach and stop.is_confirmed and (stop.lifted is None or one.moment < stop.lifted):
                raise AssertionError(f"message {id_} starts though {stop} was confirmed")
        one.is_started = True
        self.starts[id_] += 1
        assert self.starts[id_] <= 1 + self.again[id_], f"message {id_} starts again, and nobody asked for it"

    @precondition(lambda self: self._of_all(started=True))
    @rule(of=which, answer=st.sampled_from(["accepted", "unknown", "not now"]))
    def hear_from_the_provider(self, of: int, answer: str) -> None:
        every = self._of_all(started=True)
        worker, id_ = every[of % len(every)]
        if answer == "not now":
            worker.put_back(id_, self.now() + timedelta(seconds=1))
            if QueueEntry.objects.filter(id=id_).exists():  # else it was buried before it could say so
                self.starts[id_] -= 1
        else:
            worker.finish(id_, Status.SENT if answer == "accepted" else Status.UNKNOWN)

    def _of_all(self, started: bool) -> list[tuple[SimulatedWorker, int]]:
        return [(w, id_) for w in self.workers for id_, one in w.in_hand.items() if one.is_started is started]

    @precondition(lambda self: self.workers)
    @rule(of=which)
    def beat(self, of: int) -> None:
        worker = self.workers[of % len(self.workers)]
        if not worker.is_ending:
            worker.beat()

    @precondition(lambda self: self.workers)
    @rule(of=which)
    def die(self, of: int) -> None:
        self.dead.append(self.workers.pop(of % len(self.workers)).pid)

    @precondition(lambda self: self.dead)
    @rule()
    def supervisor_buries(self) -> None:
        bury_dead("simulated", self.dead.pop(), self.now())

    @precondition(lambda self: self.workers)
    @rule(of=which)
    def leave(self, of: int) -> None:
        self.workers.pop(of % len(self.workers)).leave()

    @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 2.1]))
    def time_passes(self, seconds: float) -> None:
        self.seconds += seconds

    # --- what is always so

    @invariant()
    def what_waits_is_in_the_queue_and_nothing_else(self) -> None:
        if not hasattr(self, "lane"):
            return
        waiting = set(Message.objects.filter(status=Status.WAITING).values_list("id", flat=True))
        queued = dict(QueueEntry.objects.values_list("id", "worker_id"))
        assert waiting == set(queued)
        assert Message.objects.count() == self.made, "no message vanishes"
        there = set(Worker.objects.values_list("pk", flat=True))
        assert {worker for worker in queued.values() if worker is not None} <= there, "somebody answers for each"
        free = [id_ for id_, worker in queued.items() if worker is None]
        assert not [id_ for id_ in free if self.starts[id_] > self.again[id_]], "what has started is not in the queue"

    @invariant()
    def tallies_are_the_counts(self) -> None:
        counts = Counter(Message.objects.values_list("job_id", "status"))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT job_id, status, sum(count) FROM (SELECT job_id, status, count FROM tally UNION ALL"
                " SELECT job_id, status, count FROM tally_change) x GROUP BY 1, 2 HAVING sum(count) <> 0"
            )
            assert {(job_id, status): int(n) for job_id, status, n in cursor.fetchall()} == dict(counts)

    @invariant()
    def lanes_are_closed_while_a_stop_stands(self) -> None:
        if hasattr(self, "lane"):
            stands = Hold.objects.filter(account=self.world.account, scope="account", lifted_at=None).exists()
            opened = set(Lane.objects.filter(account_id=self.world.account.pk).values_list("is_open", flat=True))
            assert opened == {not stands}


@pytest.fixture(autouse=True)
def taken_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (contacts, jobs):  # the machine is the stopper, and takes its wait apart
        monkeypatch.setattr(module, "wait_until_confirmed", lambda number: None)
    for module in (lease, ears):
        monkeypatch.setattr(module, "steady", lambda: 0.0)


@pytest.mark.slow
def test_any_order_of_acts_and_deaths(committed_db: None) -> None:
    """TN3, TN6, 000-02, 000-10."""
    run_state_machine_as_test(
        StopMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=40,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )


# What the machine must find when something is broken, by the shortest way there:
def never_hears(self: StopsHeard, lane: LaneKey, message: Claimed) -> None:
    return None


def puts_back(workers: list[int], now: datetime) -> int:
    QueueEntry.objects.filter(worker_id__in=workers).update(worker_id=None)
    return Worker.objects.filter(pk__in=workers, fenced=True).delete()[0]


def obeys(machine: StopMachine) -> None:
    machine.stop()
    machine.beat(of=0)
    machine.confirm()
    machine.look_and_start(of=0)


def is_silent(machine: StopMachine) -> None:
    machine.stop()
    machine.fence(of=0)
    machine.wait_a_lease_and_bury(of=0)
    machine.confirm()
    machine.look_and_start(of=0)


def dies_at_work(machine: StopMachine) -> None:
    machine.look_and_start(of=0)
    machine.stop()
    machine.fence(of=0)
    machine.wait_a_lease_and_bury(of=0)
    machine.what_waits_is_in_the_queue_and_nothing_else()


@pytest.mark.parametrize(
    ("happens", "where", "name", "instead", "fault"),
    [
        pytest.param(obeys, StopsHeard, "against", never_hears, "was confirmed", id="acknowledged and not obeyed"),
        pytest.param(is_silent, Lease, "holds", lambda self: True, "was confirmed", id="no lease"),
        pytest.param(dies_at_work, queue, "bury", puts_back, "is not in the queue", id="buried into the queue"),
    ],
)
@pytest.mark.parametrize("is_broken", [True, False])
def test_the_machine_finds_what_is_broken(
    committed_db: None,
    monkeypatch: pytest.MonkeyPatch,
    happens: Callable[[StopMachine], None],
    where: object,
    name: str,
    instead: object,
    fault: str,
    is_broken: bool,
) -> None:
    if is_broken:
        monkeypatch.setattr(where, name, instead)
    machine = StopMachine()
    machine.begin()
    try:
        machine.queue_messages(person=0, of=0, count=1)
        machine.register()
        machine.claim(of=0, burst=1)
        with pytest.raises(AssertionError, match=fault) if is_broken else nullcontext():
            happens(machine)
    finally:
        machine.teardown()
