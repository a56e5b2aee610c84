"""The stop file, by real worker processes and a real mail server: within a second, whatever the database does."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from allstop import stop_file
from allstop.actions.actor import Conflict, Operator
from allstop.actions.switch import standing_stop, start
from allstop.rules.holds import INSTALLATION
from allstop.store.models import Hold, LedgerEntry, Message, QueueEntry, Status, Stop, Worker
from tests.dispatch.mail_run import arrived, began_after, mails_under_way, queue_mails
from tests.dispatch.processes import wait_until, workers
from tests.e2e.program import serving
from tests.peers.database_proxy import database_proxy
from tests.world import World

OPERATOR = Operator("Olu Operator", "console")
MANY = 6000
WITHIN = 1.0  # seconds


def quiet_after(catcher_count: Callable[[], int], seconds: float = 0.5) -> int:
    """How many had arrived when none came any more."""
    while True:
        before = catcher_count()
        time.sleep(seconds)
        if catcher_count() == before:
            return before


def start_now() -> int:
    return start(OPERATOR, INSTALLATION, "", datetime.now(UTC))


def test_touching_the_file_stops_everything_and_becomes_a_stop_that_lasts(
    committed_world: World, database_url: str, tmp_path: Path, settings: object
) -> None:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    with mails_under_way(committed_world, tmp_path, MANY) as catcher, workers(database_url, 2):
        wait_until(lambda: arrived(catcher) > 300, "some to arrive")
        made_at = time.time()
        subprocess.run(["touch", tmp_path / "STOP"], check=True)
        wait_until(lambda: standing_stop(INSTALLATION) is not None, "the stop in the database")
        wait_until(lambda: not QueueEntry.objects.filter(worker_id__isnull=False).exists(), "empty hands")
        sent = quiet_after(lambda: arrived(catcher))
        late = began_after(catcher, made_at)
        print(f"the last one began {late[-1] if late else 0:.3f} s after the file")
        assert not late or late[-1] < WITHIN
        hold = Hold.objects.get(scope="installation", lifted_at=None)
        assert hold.by.startswith("stop file on ")
        assert hold.reason == stop_file.NO_REASON
        wait_until(lambda: Stop.objects.get(hold_id=hold.pk).confirmed_at is not None, "the confirmation")
        [entry] = LedgerEntry.objects.filter(act="stop")
        assert (entry.account_id, entry.after and entry.after["via"]) == (None, "file")
        assert Message.objects.filter(status=Status.SENT).count() == sent < MANY
        with pytest.raises(Conflict, match="Take the file away first"):
            start_now()
        # Taking the file away starts nothing; START, a person's act, starts everything.
        (tmp_path / "STOP").unlink()
        time.sleep(1)
        assert arrived(catcher) == sent
        start_now()
        wait_until(lambda: arrived(catcher) > sent + 300, "more to arrive")
    assert not stop_file.is_unsettled(tmp_path)
    assert not Message.objects.filter(status=Status.UNKNOWN).exists()


def test_it_stops_within_a_second_while_the_database_answers_nothing(
    committed_world: World, database_url: str, tmp_path: Path
) -> None:
    with (
        database_proxy(database_url) as proxy,
        mails_under_way(committed_world, tmp_path, MANY) as catcher,
        workers(proxy.url, 1),
    ):
        wait_until(lambda: arrived(catcher) > 300, "some to arrive")
        proxy.freeze()
        made_at = time.time()
        stop_file.make(tmp_path, "wrong file")
        time.sleep(2)
        late = began_after(catcher, made_at)
        assert not late or late[-1] < WITHIN
        assert standing_stop(INSTALLATION) is None, "nobody could tell the database yet"
        assert stop_file.is_unsettled(tmp_path)
        # The file is taken away too early: the worker has not forgotten it.
        (tmp_path / "STOP").unlink()
        proxy.mend()
        wait_until(lambda: standing_stop(INSTALLATION) is not None, "the stop in the database")
        assert Hold.objects.get(scope="installation").reason == "wrong file"
        assert began_after(catcher, made_at + WITHIN) == []


def test_a_worker_that_starts_beside_the_file_claims_nothing(
    committed_world: World, database_url: str, tmp_path: Path
) -> None:
    queue_mails(committed_world, 3)
    (tmp_path / "STOP").mkdir()  # it cannot even be read
    with workers(database_url, 1):
        wait_until(lambda: standing_stop(INSTALLATION) is not None, "the stop in the database")
        wait_until(Worker.objects.exists, "the worker")
    assert Hold.objects.get(scope="installation").reason == stop_file.UNREADABLE
    assert QueueEntry.objects.filter(worker_id=None).count() == 3
    assert Message.objects.filter(status=Status.WAITING).count() == 3


def test_a_start_on_another_machine_does_not_last_while_the_file_is_here(
    committed_world: World, database_url: str, tmp_path: Path, settings: object
) -> None:
    settings.HOME = tmp_path / "another machine"  # type: ignore[attr-defined]
    with workers(database_url, 1):
        stop_file.make(tmp_path, "wrong file")
        wait_until(lambda: standing_stop(INSTALLATION) is not None, "the stop in the database")
        first = standing_stop(INSTALLATION)
        start_now()
        wait_until(lambda: standing_stop(INSTALLATION) not in (None, first), "another stop")


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"", stop_file.NO_REASON),
        (b"  wrong\nfile \n", "wrong file"),
        (b"\xff\x00x", "\ufffd x"),
        (b"a" * 5000, "a" * 300),
    ],
)
def test_what_the_file_says_is_the_reason(tmp_path: Path, said: bytes, reason: str) -> None:
    stop_file.path(tmp_path).write_bytes(said)
    assert stop_file.is_there(tmp_path)
    assert stop_file.reason(tmp_path) == reason


def test_whatever_cannot_be_looked_at_counts_as_there(tmp_path: Path) -> None:
    assert not stop_file.is_there(tmp_path)
    assert not stop_file.is_there(tmp_path / "no such folder")
    stop_file.path(tmp_path).symlink_to(tmp_path / "nowhere")
    assert stop_file.is_there(tmp_path)
    assert stop_file.reason(tmp_path) == stop_file.UNREADABLE
    (tmp_path / "file").touch()
    assert stop_file.is_there(tmp_path / "file"), "the home is no folder"


def test_a_file_that_is_there_keeps_its_words(tmp_path: Path) -> None:
    stop_file.make(tmp_path, "first")
    stop_file.make(tmp_path, "second")
    assert stop_file.reason(tmp_path) == "first"
    assert [one.name for one in tmp_path.iterdir()] == ["STOP"]


def test_the_command_makes_it_without_a_database(tmp_path: Path) -> None:
    environ = os.environ | {"ALLSTOP_HOME": str(tmp_path), "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    command = [sys.executable, "-m", "allstop", "stop", "--file", "--reason", "wrong file"]
    ran = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert str(tmp_path / "STOP") in ran.stdout
    assert stop_file.reason(tmp_path) == "wrong file"


def children(pid: int) -> dict[str, int]:
    """Command line -> process, of the program's own children."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return {Path(f"/proc/{one}/cmdline").read_bytes().replace(b"\0", b" ").decode(): int(one) for one in found}


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="finds the web process as Linux tells it")
def test_it_stops_the_whole_program_while_the_web_process_hangs(
    committed_world: World, database_url: str, tmp_path: Path
) -> None:
    with (
        mails_under_way(committed_world, tmp_path, MANY) as catcher,
        serving(database_url, tmp_path / "log") as program,
    ):
        wait_until(lambda: arrived(catcher) > 300, "some to arrive")
        assert f"The stop file is {tmp_path / 'STOP'}" in program.log.read_text()
        [web] = [pid for line, pid in children(program.process.pid).items() if "allstop.cli.web" in line]
        os.kill(web, signal.SIGSTOP)
        try:
            made_at = time.time()
            subprocess.run(["touch", tmp_path / "STOP"], check=True)
            wait_until(lambda: standing_stop(INSTALLATION) is not None, "the stop in the database")
            quiet_after(lambda: arrived(catcher))
            assert began_after(catcher, made_at + WITHIN) == []
            assert Message.objects.filter(status=Status.WAITING).exists()
        finally:
            os.kill(web, signal.SIGCONT)
