"""That the list of the longest files names files, and that each process begins with its kind of them."""

from tests.conftest import ROOT
from tests.scheduling import LONGEST, next_file

WAITING = ["tests/bench/test_bench.py", "tests/e2e/test_pages.py", "tests/rules/test_gate.py"]


def test_the_longest_files_are_there() -> None:
    assert [file for file in LONGEST if not (ROOT / file).is_file()] == []


def test_browser_tests_are_begun_by_those_that_prefer_them_and_finished_by_all() -> None:
    assert next_file(WAITING, prefers_browser=True) == "tests/e2e/test_pages.py"
    assert next_file(WAITING, prefers_browser=False) == "tests/bench/test_bench.py"
    assert next_file(WAITING[1:2], prefers_browser=False) == "tests/e2e/test_pages.py"
    assert next_file(WAITING[2:], prefers_browser=True) == "tests/rules/test_gate.py"
