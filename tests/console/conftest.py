"""What is remembered between two requests of a process is forgotten between two tests."""

from collections.abc import Iterator

import pytest

from allstop.console.meters import forget_meters


@pytest.fixture(autouse=True)
def fresh_meters() -> Iterator[None]:
    forget_meters()
    yield
    forget_meters()
