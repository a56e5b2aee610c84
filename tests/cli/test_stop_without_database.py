"""`allstop stop` when the database is slow, away, or back again; and with the web process down."""

import os
import resource
import socket
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from allstop import stop_file
from allstop.actions.switch import is_stopped, standing_stop
from allstop.rules.holds import INSTALLATION
from tests.dispatch.mail_run import arrived, began_after, mails_under_way
from tests.dispatch.processes import PATIENCE, wait_until, workers
from tests.peers.database_proxy import database_proxy
from tests.world import World

STOP = [sys.executable, "-m", "allstop", "stop", "--reason", "wrong file", "--account", "Northgate Dental"]


def environ(url: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": url, "ALLSTOP_ACCOUNT": ""}


def test_a_frozen_database_becomes_the_stop_file_and_the_command_ends(
    committed_world: World, database_url: str, tmp_path: Path
) -> None:
    with (
        database_proxy(database_url) as proxy,
        mails_under_way(committed_world, tmp_path, 6000) as catcher,
        workers(proxy.url, 1),
    ):
        wait_until(lambda: arrived(catcher) > 300, "some to arrive")
        proxy.freeze()
        began = time.monotonic()
        ran = subprocess.Popen([*STOP, "--json"], env=environ(proxy.url), stdout=-1, stderr=-1, text=True)
        wait_until(lambda: stop_file.is_there(tmp_path), "the file")
        print(f"the file was there {time.monotonic() - began:.2f} s after the command began")
        made_at = time.time()
        out, err = ran.communicate(timeout=PATIENCE)
        assert ran.returncode == 6
        assert '"code": "database"' in out
        assert f"STOP by the file {tmp_path / 'STOP'}" in err
        assert began_after(catcher, made_at + 1) == []
        proxy.mend()
        wait_until(lambda: standing_stop(INSTALLATION) is not None, "the workers to tell the database")
        hold = standing_stop(INSTALLATION)
        assert hold is not None
        assert hold.reason == "wrong file"


def test_a_database_that_is_away_becomes_the_stop_file_and_is_told_when_it_is_back(
    committed_world: World, database_url: str, tmp_path: Path
) -> None:
    with database_proxy(database_url) as proxy:
        proxy.cut()
        ran = subprocess.Popen(STOP, env=environ(proxy.url), stdout=-1, stderr=-1, text=True)
        wait_until(lambda: stop_file.is_there(tmp_path), "the file")
        proxy.mend()
        _, err = ran.communicate(timeout=PATIENCE)
    assert ran.returncode == 6
    assert "The database cannot be reached" in err
    assert "every account is stopped, receipt 1" in err
    assert standing_stop(INSTALLATION) is not None


def test_a_stop_that_something_blocks_is_first_a_file_and_then_both(
    committed_world: World, database_url: str, tmp_path: Path
) -> None:
    """A lane is held by a client that hangs: the watchdog of the stop ends it, the file does not wait for that."""
    with database_proxy(database_url) as proxy, psycopg.connect(database_url) as hanging:
        hanging.execute("SELECT * FROM account FOR UPDATE")
        ran = subprocess.run(STOP, env=environ(proxy.url), capture_output=True, text=True, check=False)
        assert ran.returncode in (0, 6), ran.stderr
        assert is_stopped(committed_world.account.pk)
        assert stop_file.is_there(tmp_path) == (ran.returncode == 6)
        with pytest.raises(psycopg.OperationalError):
            hanging.execute("SELECT 1")


def test_it_stops_with_no_web_process_and_leaves_no_file(
    committed_world: World, database_url: str, tmp_path: Path
) -> None:
    with mails_under_way(committed_world, tmp_path, 3000) as catcher, workers(database_url, 1):
        wait_until(lambda: arrived(catcher) > 100, "some to arrive")
        with socket.socket() as nobody_listens:
            nobody_listens.bind(("127.0.0.1", 0))
            ran = subprocess.run(STOP, env=environ(database_url), capture_output=True, text=True, check=False)
        done_at = time.time()
        assert ran.returncode in (0, 6), ran.stderr
        assert "STOPPED." in ran.stdout
        time.sleep(0.5)
        assert began_after(catcher, done_at) == []
    assert is_stopped(committed_world.account.pk)


SLOW = """
import sys, time
class Slow:  # every module of the actions is slow to load, as on a busy machine
    def find_spec(self, name, path=None, target=None):
        if name.startswith("allstop.actions."):
            time.sleep(0.1)
sys.meta_path.insert(0, Slow())
sys.argv[0] = "allstop"
from allstop.cli.program import main
main()
"""


def test_a_machine_that_is_slow_to_load_it_is_no_slow_database(
    committed_world: World, database_url: str, tmp_path: Path
) -> None:
    """Else a STOP of one account would stop all of them. The receipt counts from when the stop began, too."""
    with workers(database_url, 1):
        ran = subprocess.run(
            [sys.executable, "-c", SLOW, *STOP[3:], "--json"],
            env=environ(database_url),
            capture_output=True,
            text=True,
            check=False,
        )
    assert "did not answer" not in ran.stderr
    assert (ran.returncode, stop_file.is_there(tmp_path)) == (0, False), ran.stderr
    assert standing_stop(INSTALLATION) is None and is_stopped(committed_world.account.pk)


def test_a_folder_that_cannot_be_written_to_is_said(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    ran = subprocess.run(
        [sys.executable, "-m", "allstop", "stop", "--file"],
        env=os.environ | {"ALLSTOP_HOME": str(tmp_path / "home")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 1
    assert "cannot be made" in ran.stderr


@pytest.mark.parametrize("how", ["cut", "freeze"])
def test_a_stop_that_has_neither_database_nor_file_says_so_and_ends(
    how: str, committed_world: World, database_url: str, tmp_path: Path
) -> None:
    (tmp_path / "home").touch()  # nothing can be made in it
    keys = {"ALLSTOP_SECRET_KEY": "of a test, and long enough for one", "ALLSTOP_SUPPRESSION_KEY": "of a test"}
    with database_proxy(database_url) as proxy:
        getattr(proxy, how)()
        more = {"ALLSTOP_HOME": str(tmp_path / "home"), **keys}
        ran = subprocess.run(STOP, env=environ(proxy.url) | more, capture_output=True, text=True, check=False)
    assert ran.returncode == 1
    assert f"{tmp_path / 'home' / 'STOP'} cannot be made" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_full_disk_has_no_room_for_the_reason_and_still_for_the_stop(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "allstop", "stop", "--file", "--reason", "wrong file"],
        env=os.environ | {"ALLSTOP_HOME": str(tmp_path)},
        preexec_fn=no_file_grows,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ran.returncode, ran.stderr) == (0, "")
    assert [file.name for file in tmp_path.iterdir()] == ["STOP"]
    assert stop_file.reason(tmp_path) == stop_file.NO_REASON


def no_file_grows() -> None:
    """As on a full disk: names can be made, and nothing can be written into them."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
