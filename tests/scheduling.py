"""Which process gets which file, when the tests run in several: `./run test` takes four on two processors, because many
tests wait for processes and clocks.

The longest files come first, so that none is left for the end while other processes have nothing to do. Browser tests
share a running program and a Chromium, which take many seconds to start: half of the processes begin with those, the
others take what is left of them when they have nothing else to do.
"""

import pytest
from xdist.scheduler import LoadFileScheduling
from xdist.workermanage import WorkerController

BROWSER = "tests/e2e/"

# By their seconds on a machine with nothing else to do; what is not here is short.
LONGEST = (
    "tests/bench/test_bench.py",
    "tests/bench/test_chaos.py",
    "tests/e2e/test_pages.py",
    "tests/dispatch/test_other_database.py",
    "tests/dispatch/test_worker.py",
    "tests/dispatch/test_stop_file.py",
    "tests/e2e/test_import.py",
    "tests/e2e/test_stop.py",
    "tests/e2e/test_messenger.py",
    "tests/e2e/test_phonebook.py",
    "tests/doors/test_every_operation.py",
    "tests/model/test_protocol.py",
    "tests/dispatch/test_start_plan.py",
    "tests/dispatch/test_smtp_run.py",
    "tests/dispatch/test_asking.py",
    "tests/e2e/test_support.py",
    "tests/e2e/test_inbox.py",
    "tests/clocked/test_day_in_life.py",
    "tests/dispatch/test_mailbox.py",
    "tests/dispatch/test_importing.py",
    "tests/dispatch/test_contact_importing.py",
    "tests/dispatch/test_database_outage.py",
    "tests/dispatch/test_stop_machine.py",
    "tests/dispatch/test_emails.py",
    "tests/cli/test_stop_without_database.py",
    "tests/console/test_pages.py",
    "tests/dispatch/test_upkeep.py",
    "tests/bench/test_bench_calls.py",
    "tests/bench/test_bench_intake.py",
    "tests/cli/test_demo.py",
    "tests/test_postgres.py",
)


def file_of(nodeid: str) -> str:
    return nodeid.split("::", 1)[0]


def longest_first(items: list[pytest.Item]) -> None:
    ranks = {file: rank for rank, file in enumerate(LONGEST)}
    items.sort(key=lambda item: ranks.get(file_of(item.nodeid), len(LONGEST)))


def next_file(waiting: list[str], *, prefers_browser: bool) -> str:
    """Of the files that nobody has begun, in their order."""
    return next((file for file in waiting if file.startswith(BROWSER) is prefers_browser), waiting[0])


class Scheduling(LoadFileScheduling):  # type: ignore[misc] # xdist has no types
    """A file is run by one process, which has one database."""

    def _assign_work_unit(self, node: WorkerController) -> None:
        is_even = int(node.gateway.id.removeprefix("gw")) % 2 == 0
        self.workqueue.move_to_end(next_file(list(self.workqueue), prefers_browser=is_even), last=False)
        super()._assign_work_unit(node)
