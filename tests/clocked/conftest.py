"""A program of each test's own, on a clock that the test moves."""

import os
from pathlib import Path

import pytest

from tests.clocked.moving import Clock


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent) + os.sep
    for item in items:
        if str(item.path).startswith(here):  # thousands of paths take seconds to be taken to pieces
            item.add_marker(pytest.mark.browser)


@pytest.fixture
def clock(tmp_path: Path) -> Clock:
    return Clock(tmp_path / "clock")
