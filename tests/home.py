"""Loaded by pytest before Django's settings: tests run on a PostgreSQL of their own, never on somebody's data."""

import os
import sys
from pathlib import Path

os.environ["ALLSTOP_HOME"] = os.environ.get("ALLSTOP_TEST_HOME") or str(Path(__file__).parent.parent / ".allstop-test")

# Some images switch it on. Tests start hundreds of processes, and each would compile the whole program anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
# Programs that a test starts have a home of their own, and must open what the test has sealed.
os.environ["ALLSTOP_SEALING_KEY"] = "tests-tests-tests-tests-tests-tests-tests-0="
