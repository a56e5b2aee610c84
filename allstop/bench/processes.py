"""The processes that are measured: workers of Allstop as `allstop work` runs them, with an adapter that sends nothing;
or loops of the ceiling. One says "ready" on its standard output, and ends when its standard input is closed: so none
outlives the benchmark, even when that is killed.
"""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from allstop.bench.scratch import environment

PATIENCE = 10  # seconds for a process to end


@contextmanager
def processes(module: str, address: str, count: int, slots: int, *, some_may_fail: bool = False) -> Iterator[list[int]]:
    """Yields their process ids when all of them are ready. `some_may_fail`: one is killed."""
    with ExitStack() as ends:
        started = [ends.enter_context(_process(module, address, number, slots)) for number in range(1, count + 1)]
        for process in started:
            assert process.stdout is not None
            if process.stdout.readline() != b"ready\n":
                raise RuntimeError(f"A process of {module} ended before it was ready.")
        yield [process.pid for process in started]
        for process in started:
            assert process.stdin is not None
            process.stdin.close()
        for process in started:
            code = process.wait(PATIENCE)
            if code and not some_may_fail:
                raise RuntimeError(f"A process of {module} ended with code {code}.")


@contextmanager
def _process(module: str, address: str, number: int, slots: int) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", module, str(number), str(slots)]
    process = subprocess.Popen(
        command, env=environment(address), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
