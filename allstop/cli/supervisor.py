"""Keeps the processes of one installation alive, and ends them together.

The rule that it guards: no process outlives its parent, and Ctrl-C is over within three seconds: two for
the children to finish by themselves, then they are killed. What a killed worker held is found out by its
successors.
"""

import ctypes
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

SECONDS_TO_FINISH = 2.0
LONGEST_PAUSE = 30.0
HEALTHY_AFTER = 60.0
LOOK_EVERY = 0.1
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None)


@dataclass
class Child:
    """One process, and its successors when it dies."""

    name: str
    command: Sequence[str]
    pass_fds: Sequence[int] = ()
    on_death: Callable[[int], None] = lambda pid: None
    blameless: int | None = None  # an exit code that says nothing of what comes after it: it starts again soon
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    deaths: int = 0
    next_start_at: float = field(default=0.0)

    def tend(self, now: float, say: Callable[[str], None]) -> None:
        """Starts the process if it does not run, after a pause that doubles with each early death."""
        if self.process is None:
            if now >= self.next_start_at:
                self.start(now)
            return
        if (code := self.process.poll()) is None:
            return
        self.deaths = 1 if now - self.started_at > HEALTHY_AFTER or code == self.blameless else self.deaths + 1
        pause = min(LONGEST_PAUSE, 0.5 * 2 ** (self.deaths - 1))
        self.next_start_at = now + pause
        say(f"The {self.name} (process {self.process.pid}) {ended(code)}. It starts again in {pause:g} s.")
        pid, self.process = self.process.pid, None
        self.on_death(pid)

    def start(self, now: float, waiting: bool = False) -> None:
        """A waiting process has its standard input open until `release`; how it waits on that is its own affair."""
        self.started_at = now
        self.process = subprocess.Popen(
            self.command,
            pass_fds=self.pass_fds,
            stdin=subprocess.PIPE if waiting else subprocess.DEVNULL,
            preexec_fn=die_with_parent,  # noqa: PLW1509 - this program has no second thread when it forks
        )

    def release(self) -> None:
        if self.process is not None and self.process.stdin is not None:
            self.process.stdin.close()


def die_with_parent() -> None:
    """Runs in the child: after kill -9 of the parent nobody would be left to end it. Linux only."""
    if sys.platform == "linux":
        libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def ended(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"


def keep_alive(children: list[Child], watch: Callable[[], None], say: Callable[[str], None]) -> None:
    """Until the program is interrupted. `watch` is called about once a second."""
    watched_at = time.monotonic()
    while True:
        now = time.monotonic()
        for child in children:
            child.tend(now, say)
        if now - watched_at > 1:
            watch()
            watched_at = now
        time.sleep(LOOK_EVERY)


def make_interruptible() -> None:
    """SIGTERM and a closed terminal end the program in the same orderly way as Ctrl-C."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:  # else started with nohup
        signal.signal(signal.SIGHUP, signal.default_int_handler)


def stop(children: list[Child]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave half of it running
    alive = [child.process for child in children if child.process is not None]
    for process in alive:
        process.terminate()
    deadline = time.monotonic() + SECONDS_TO_FINISH
    while any(process.poll() is None for process in alive) and time.monotonic() < deadline:
        time.sleep(0.02)
    for process in alive:
        if process.poll() is None:
            process.kill()
            process.wait()
