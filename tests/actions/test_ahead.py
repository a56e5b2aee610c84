import threading
from collections.abc import Generator

import pytest

from allstop.actions.ahead import in_thread


def test_the_items_come_in_order_and_one_ahead() -> None:
    made: list[int] = []

    def items() -> Generator[int, None, None]:
        for number in range(6):
            made.append(number)
            yield number

    ahead = in_thread(items())
    assert next(ahead) == 0
    assert list(ahead) == [1, 2, 3, 4, 5]
    assert made == [0, 1, 2, 3, 4, 5]


def test_what_fails_in_the_thread_fails_here() -> None:
    def items() -> Generator[int, None, None]:
        yield 1
        raise ValueError("torn")

    ahead = in_thread(items())
    assert next(ahead) == 1
    with pytest.raises(ValueError, match="torn"):
        next(ahead)


def test_whoever_closes_it_ends_the_thread() -> None:
    closed = threading.Event()

    def items() -> Generator[int, None, None]:
        try:
            while True:
                yield 1
        finally:
            closed.set()

    ahead = in_thread(items())
    next(ahead)
    ahead.close()
    assert closed.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "ahead"]
