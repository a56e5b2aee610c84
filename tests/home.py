"""Loaded by pytest before Django's settings: tests run on a PostgreSQL of their own, never on somebody's data."""

import os
from pathlib import Path

os.environ["ALLSTOP_HOME"] = os.environ.get("ALLSTOP_TEST_HOME") or str(Path(__file__).parent.parent / ".allstop-test")
# Programs that a test starts have a home of their own, and must open what the test has sealed.
os.environ["ALLSTOP_SEALING_KEY"] = "tests-tests-tests-tests-tests-tests-tests-0="
