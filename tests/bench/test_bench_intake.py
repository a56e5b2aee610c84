"""`allstop bench intake`: nothing is created after the acknowledgement, and what was refused was counted."""

import json
import subprocess
import sys
from typing import Any

import pytest


@pytest.mark.slow
def test_no_lead_comes_into_being_after_the_acknowledgement(server: str) -> None:
    small = ("--clients", "8", "--processes", "2", "--rounds", "1", "--seconds", "1", "--json")
    bench = subprocess.run(
        [sys.executable, "-m", "allstop", "bench", "intake", *small], capture_output=True, check=True
    )
    report: dict[str, Any] = json.loads(bench.stdout)
    assert (report["created_after"], report["failed"], report["pause"]["tries"]) == (0, 0, 1)
    assert report["created"] > 0
    assert report["refused"] == report["refused_counted"] > 0
