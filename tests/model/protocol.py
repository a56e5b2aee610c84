"""The stop protocol as a model, small enough to explore every order in which its steps can happen.

Two workers, two messages in one lane, and a script of what people do (a stop, a lift, a second stop). One step stands
for one statement of the database, or for what a process does between two awaits:

| step | code |
|---|---|
| registers, is registered | `claims.register`: the number is read by a snapshot that may be old at the commit |
| acknowledges and is told | `queue_beat` in `Ears.beat`: what was heard so far, the newest number |
| hears | `StopsHeard.hear`, of `claims.stops_after` |
| acknowledges | the second `_beat` in `Ears.beat` |
| renewal counts | `Lease.renewed(asked_at)` |
| claim reads | `queue_step`: the worker's row and the lane locked, the number and what stands against the message |
| claim commits | its commit, also when the worker that asked for it is gone by then |
| looks and starts | `Ears.may_leave` and the one instruction after it |
| hands back, refuses, finishes | `queue_hand_back`, `queue_finish` |
| gives up, leaves | `Fenced` in `Ears.beat`; `claims.leave` |
| dies, is cut off | kill -9; a database connection that was cut, perhaps by `queue.impatient` |
| STOP, START, mark, unmark | `queue_stop`, `queue_lift`, `queue_announce`, `contacts.unmark` |
| fences; waits and buries; confirms | `confirming.wait_until_confirmed` |
| its stopper dies | another one begins afresh: `confirm_forgotten` |
| the supervisor buries | `burial.bury_dead` |

There is no clock. When a stopper has waited one lease, all that its fenced workers had asked for before has run out.
That a lease may run out sooner takes nothing but starts away; and handing back, which it brings about, is possible at
any time here. A frozen process takes no step for a while, which is one of the orders explored: so freezing and thawing
need no steps of their own.

Left out: pace, retries, putting back for a change, what a person sends again.
"""

from collections.abc import Iterator

from tests.model.state import (
    ENDING,
    GONE,
    LIVE,
    MARK,
    NOBODY,
    NONE,
    REFUSED,
    SENT,
    STOP,
    UNBORN,
    UNKNOWN,
    WAITING,
    WORKERS,
    Beat,
    Broken,
    Claim,
    Does,
    Hand,
    Message,
    State,
    Steps,
    Stopper,
    Worker,
    put,
)


class Protocol:
    def __init__(self, script: tuple[Does, ...], broken: Broken | None = None, messages: int = 1) -> None:
        self.script = script
        self.broken = broken
        self.messages = range(messages)
        self.lines = range(len(script))
        # The gate's number when so many lines are done. Taking a marker away is the one act that takes none.
        self.gate = [0]
        for does in script:
            self.gate.append(self.gate[-1] + (does.act == "stop" or does.wide))
        standing = [list(self._standing(line)) for line in range(len(script) + 1)]
        self._is_open = [not any(does.wide for does in stops) for stops in standing]
        self._is_marked = [any(not does.wide for does in stops) for stops in standing]
        self._lifted_at = [
            next((i for i, does in enumerate(script) if does.lifts == stop), None) for stop in self.lines
        ]

    def first(self) -> State:
        """One worker is at work, the other is not there yet."""
        nothing = (None,) * len(self.messages)
        workers = (Worker(nothing, LIVE, acked=0, lease=0), Worker(nothing))
        return State(workers, tuple(Message() for _ in self.messages))

    def _standing(self, line: int) -> Iterator[Does]:
        """The stops that stand when so many lines are done."""
        lifted = {does.lifts for does in self.script[:line] if does.act == "lift"}
        return (does for i, does in enumerate(self.script[:line]) if does.act == "stop" and i not in lifted)

    def _reaching(self, message: int, line: int) -> list[int]:
        """The lines, done so far, with a stop that reaches the message."""
        return [i for i in range(line) if self.script[i].act == "stop" and (self.script[i].wide or message == 0)]

    def _newest(self, state: State) -> int:
        return self.gate[state.line + state.early]

    # --- all that may happen next

    def steps(self, state: State) -> Steps:
        yield from self._people(state)
        for i in range(len(state.stoppers)):
            yield from self._stopper(state, i)
        for w in WORKERS:
            worker = state.workers[w]
            yield from self._birth(state, w, worker)
            yield from self._beat(state, w, worker)
            yield from self._claim(state, w, worker)
            for m in self.messages:
                if (hand := worker.hands[m]) is not None:
                    yield from self._in_hand(state, w, m, hand)
            yield from self._end(state, w, worker)

    def _people(self, state: State) -> Steps:
        if state.line == len(self.script):
            return
        does = self.script[state.line]
        early = self.broken is Broken.NUMBER_TAKEN_BEFORE_THE_LANES_ARE_LOCKED
        if early and does == STOP and not state.early:
            yield "STOP takes its number", state._replace(early=True)
            return
        if does.wide and state.claim is not None:
            return  # it waits for the lock of the lane; `impatient` cuts off who holds it too long
        number = self.gate[state.line + 1]
        words = {STOP: f"STOP {number}", MARK: f"mark {number}"}.get(does, "START" if does.wide else "unmark")
        stoppers = (*state.stoppers, Stopper(confirmed=does.act == "lift"))
        yield words, state._replace(line=state.line + 1, early=False, stoppers=stoppers)

    # --- the stopper, confirming.wait_until_confirmed

    def _stopper(self, state: State, i: int) -> Steps:
        stopper, number = state.stoppers[i], self.gate[i + 1]
        if stopper.confirmed:
            return
        silent = tuple(w for w in WORKERS if NONE < state.workers[w].acked < number)
        if not silent:
            yield f"{number} is confirmed", self._stopped(state, i, Stopper(confirmed=True))
        if stopper.fenced:
            if not any(self._holds_its_row(state, w) for w in stopper.fenced):
                later = self._one_lease_later(state, stopper.fenced)
                buried = self._stopped(self._buried(later, stopper.fenced), i, Stopper())
                yield f"{number}: one lease was waited, {stopper.fenced} buried", buried
            yield f"the stopper of {number} dies", self._stopped(state, i, Stopper())
        elif silent:
            fenced = state
            for w in silent:
                fenced = self._worker(fenced, w, state.workers[w]._replace(fenced=True))
            yield f"{number}: {silent} fenced", self._stopped(fenced, i, Stopper(fenced=silent))

    def _one_lease_later(self, state: State, fenced: tuple[int, ...]) -> State:
        """All that these workers had asked for before the fence has run out, answered or not."""
        if self.broken is Broken.STOPPER_DOES_NOT_WAIT_A_LEASE:
            return state
        for w in fenced:
            worker = state.workers[w]
            old = worker.beat and worker.beat._replace(is_fresh=False)
            state = self._worker(state, w, worker._replace(lease=NONE, beat=old))
        return state

    def _holds_its_row(self, state: State, w: int) -> bool:
        """An open claim has locked the worker's row, so whoever deletes that row waits for it."""
        return (
            self.broken is not Broken.BURIAL_OVERTAKES_A_CLAIM and state.claim is not None and state.claim.worker == w
        )

    def _buried(self, state: State, dead: tuple[int, ...]) -> State:
        """queue_bury."""
        dead = tuple(w for w in dead if state.workers[w].fenced and state.workers[w].acked != NONE)
        puts_back = self.broken is Broken.BURIAL_PUTS_BACK_IN_THE_QUEUE
        lost = WAITING if puts_back else UNKNOWN
        for w in dead:
            state = self._worker(state, w, state.workers[w]._replace(acked=NONE, fenced=False))
        return state._replace(
            messages=tuple(
                one._replace(place=lost, worker=NOBODY) if one.worker in dead else one for one in state.messages
            )
        )

    # --- a worker

    def _birth(self, state: State, w: int, worker: Worker) -> Steps:
        if worker.life != UNBORN:
            return
        if worker.beat is None:
            yield f"{w} registers", self._worker(state, w, worker._replace(beat=Beat("registers", self._newest(state))))
        else:
            number = worker.beat.number
            yield (
                f"{w} is registered",
                self._worker(state, w, worker._replace(life=LIVE, acked=number, heard=number, beat=None)),
            )

    def _beat(self, state: State, w: int, worker: Worker) -> Steps:
        beat = worker.beat
        if worker.life != LIVE:
            return
        if beat is None or beat.stage == "heard":
            if worker.fenced or worker.acked == NONE:
                gives_up = worker._replace(life=ENDING, lease=NONE, beat=None)
                yield f"{w} learns that it is fenced", self._worker(state, w, gives_up)
            elif beat is not None:
                obeys = worker._replace(acked=worker.heard, beat=beat._replace(stage="acknowledged"))
                yield f"{w} acknowledges {worker.heard}", self._worker(state, w, obeys)
            elif not worker.lease == worker.heard == worker.acked == self._newest(state):  # else it changes nothing
                yield self._renewal(state, w, worker)
        elif beat.stage == "answered" and beat.number > worker.heard:
            heard = worker._replace(heard=beat.number, beat=beat._replace(stage="heard"))
            yield f"{w} hears {beat.number}", self._worker(state, w, heard)
        else:
            counts = beat.is_fresh or self.broken is Broken.LEASE_BEGINS_WITH_THE_ANSWER
            renewed = worker._replace(lease=beat.number if counts else NONE, beat=None)
            yield f"the renewal of {w} counts", self._worker(state, w, renewed)

    def _renewal(self, state: State, w: int, worker: Worker) -> tuple[str, State]:
        """queue_beat."""
        newest, lease, acked = self._newest(state), worker.lease, worker.heard
        if self.broken is Broken.ACKNOWLEDGES_BEFORE_IT_OBEYS:
            acked = newest
        if self.broken is Broken.RENEWAL_COUNTS_BEFORE_THE_STOP_IS_HEARD:
            lease = newest
        answered = worker._replace(acked=acked, lease=lease, beat=Beat("answered", newest))
        return f"{w} acknowledges {acked} and is told {newest}", self._worker(state, w, answered)

    def _claim(self, state: State, w: int, worker: Worker) -> Steps:
        claim = state.claim
        if claim is None:
            if worker.life == LIVE and worker.acked != NONE and not worker.fenced and self._is_open[state.line]:
                for m in self.messages:
                    if state.messages[m].place == WAITING and state.messages[m].worker == NOBODY:
                        reads = Claim(w, m, state.line, self._newest(state))
                        yield f"a claim of {w} reads {m}, number {reads.number}", state._replace(claim=reads)
        elif claim.worker == w:
            m = claim.message
            held = state.messages[m]._replace(worker=w)
            commits = state._replace(claim=None, messages=put(state.messages, m, held))
            if worker.life in (LIVE, ENDING):
                commits = self._took(commits, w, m, Hand(claim.line, claim.number))
            yield f"the claim of {w} commits", commits
            cut_off = self._worker(state._replace(claim=None), w, _dead(worker))
            yield f"{w} is cut off in its claim", cut_off

    def _in_hand(self, state: State, w: int, m: int, hand: Hand) -> Steps:
        mine = state.messages[m].worker == w  # else it was buried: whatever this worker says of it is too late
        over = self._took(state, w, m, None)

        def said(place: str) -> State:
            return over._replace(messages=put(over.messages, m, state.messages[m]._replace(place=place, worker=NOBODY)))

        if hand.stage == "started":
            yield f"{w} finishes {m}", said(SENT) if mine else over
        elif hand.stage == "looked":
            yield self._starts(state, w, m, hand)
        elif m == 0 and self._is_marked[hand.line]:
            yield f"{w} refuses {m}", said(REFUSED) if mine else over
        else:
            yield f"{w} hands back {m}", said(WAITING) if mine else over
            if self._may_leave(state, w, m, hand):
                looked = self._took(state, w, m, hand._replace(stage="looked"))
                early = self.broken is Broken.LOOKS_EARLY
                yield (f"{w} looks at {m}", looked) if early else self._starts(state, w, m, hand)

    def _may_leave(self, state: State, w: int, m: int, hand: Hand) -> bool:
        worker = state.workers[w]
        return worker.lease != NONE and not any(
            hand.number < self.gate[i + 1] <= worker.heard and not self._forgot(worker, i)
            for i in self._reaching(m, state.line)
        )

    def _forgot(self, worker: Worker, stop: int) -> bool:
        lift = self._lifted_at[stop]
        clears = self.broken is Broken.LIFT_CLEARS_WHAT_WAS_STOPPED
        return clears and lift is not None and self.gate[lift + 1] <= worker.heard

    def _starts(self, state: State, w: int, m: int, hand: Hand) -> tuple[str, State]:
        message, lease = state.messages[m], state.workers[w].lease
        started = self._took(state, w, m, hand._replace(stage="started"))
        messages = put(started.messages, m, message._replace(starts=message.starts + 1))
        return f"{w} starts {m}", started._replace(messages=messages, wrong=self._fault(state, m, hand, lease))

    def _end(self, state: State, w: int, worker: Worker) -> Steps:
        holds_nothing = all(one.worker != w for one in state.messages)
        asks = state.claim is not None and state.claim.worker == w
        if worker.life in (LIVE, ENDING):
            yield f"{w} dies", self._worker(state, w, _dead(worker))
        if worker.life == ENDING and holds_nothing and not asks and not any(worker.hands):
            yield f"{w} leaves", self._worker(state, w, _dead(worker._replace(acked=NONE, fenced=False)))
        if worker.life == GONE and worker.acked != NONE and not self._holds_its_row(state, w):
            fenced = self._worker(state, w, worker._replace(fenced=True))
            yield f"the supervisor buries {w}", self._buried(fenced, (w,))

    @staticmethod
    def _worker(state: State, w: int, worker: Worker) -> State:
        return state._replace(workers=put(state.workers, w, worker))

    @staticmethod
    def _stopped(state: State, i: int, stopper: Stopper) -> State:
        return state._replace(stoppers=put(state.stoppers, i, stopper))

    def _took(self, state: State, w: int, m: int, hand: Hand | None) -> State:
        worker = state.workers[w]
        return self._worker(state, w, worker._replace(hands=put(worker.hands, m, hand)))

    # --- what must never be

    def _fault(self, state: State, m: int, hand: Hand, lease: int) -> str:
        for stop in self._reaching(m, state.line):
            number, lift = self.gate[stop + 1], self._lifted_at[stop]
            if lift is not None and lift < hand.line:
                continue  # it was claimed after the lift
            if state.stoppers[stop].confirmed:
                return f"{m} starts after stop {number} was confirmed"
            if lease >= number:
                return f"{m} starts by a lease that was granted after stop {number}"
        return ""

    def wrong(self, state: State) -> str:
        if state.wrong:
            return state.wrong
        for m, message in enumerate(state.messages):
            if message.starts > 1:
                return f"{m} starts twice"
            if message.place == WAITING and message.worker == NOBODY and message.starts:
                return f"{m} is in the queue again, though it has started"
            if message.worker != NOBODY and state.workers[message.worker].acked == NONE:
                return f"{m} is lost: nobody will ever say what became of it"
        return ""

    def wrong_at_end(self, state: State) -> str:
        for i, stopper in enumerate(state.stoppers):
            if not stopper.confirmed:
                return f"stop {self.gate[i + 1]} is never confirmed"
        for m, message in enumerate(state.messages):
            if message.worker != NOBODY:
                return f"{m} stays in the hands of {message.worker}"
        return ""


def _dead(worker: Worker) -> Worker:
    return Worker((None,) * len(worker.hands), GONE, worker.acked, worker.fenced)
