"""`allstop work` where it cannot begin: words and an exit code, as every command has them."""

import os
import subprocess
import sys

from tests.peers.database_proxy import database_proxy


def begun(url: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "allstop", "work"],
        env=os.environ | {"DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_database_without_the_tables_is_said(database_url: str) -> None:
    """As on the second machine when nobody has started `allstop serve` on the first."""
    path, _, query = database_url.partition("?")
    ran = begun(f"{path.rpartition('/')[0]}/template1?{query}")
    assert ran.returncode == 1
    assert "start allstop serve once" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_database_that_cannot_be_reached_is_said(database_url: str) -> None:
    with database_proxy(database_url) as proxy:
        proxy.cut()
        ran = begun(proxy.url)
    assert ran.returncode == 1
    assert "The database cannot be reached" in ran.stderr
    assert "Traceback" not in ran.stderr
