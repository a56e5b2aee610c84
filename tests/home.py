"""Loaded by pytest before Django's settings: tests run on a PostgreSQL of their own, never on somebody's data."""

import os
from pathlib import Path

os.environ["ALLSTOP_HOME"] = os.environ.get("ALLSTOP_TEST_HOME") or str(Path(__file__).parent.parent / ".allstop-test")
