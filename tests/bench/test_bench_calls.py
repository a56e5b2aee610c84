"""`allstop bench channel call`: both sides make all calls. How fast it is, is never asserted."""

import json
import subprocess
import sys
from typing import Any

import pytest


@pytest.mark.slow
def test_all_calls_are_made_on_both_sides(server: str) -> None:
    command = [sys.executable, "-m", "allstop", "bench", "channel", "call", "--calls", "2", "--seconds", "2", "--json"]
    bench = subprocess.run(command, stdout=subprocess.PIPE, text=True, timeout=600, check=True)
    report: dict[str, Any] = json.loads(bench.stdout)
    assert report["plan"] == {"calls": 2, "seconds": 2.0}
    assert {"cores", "system", "python", "server_version"} <= set(report["machine"])
    for side in ("ours", "ceiling"):
        assert report[side]["answered"] == 2
        assert report[side]["call_seconds"] > 2 * 1.5
        assert report[side]["cpu_seconds_per_call_minute"] > 0
        heard = report[side]["heard"]
        assert (heard["streams"], heard["at_once"]) == (2, 2)
        assert heard["frames"] + heard["unseen"] > 2 * 1.5 * 50
        assert heard["late_p50_ms"] <= heard["late_p99_ms"] <= heard["late_max_ms"]
