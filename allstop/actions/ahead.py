"""The next item made while this one is worked on: for work that mostly waits for the database."""

import queue
import threading
from collections.abc import Generator, Iterator
from typing import TypeVar

from django.db import connections

Item = TypeVar("Item")
_OVER = object()
LOOK_EVERY = 0.5  # seconds: whether anybody still wants the next item


def in_thread(items: Generator[Item, None, None]) -> Generator[Item, None, None]:
    """The same items, made one ahead by a thread. Whoever closes this ends the thread, and closes `items` in it."""
    made: queue.Queue[tuple[object, BaseException | None]] = queue.Queue(maxsize=1)
    unwanted = threading.Event()
    thread = threading.Thread(target=_make, args=(items, made, unwanted), name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            item, failure = made.get()
            if failure is not None:
                raise failure
            if item is _OVER:
                return
            yield item  # type: ignore[misc]
    finally:
        unwanted.set()
        thread.join()


def _make(
    items: Generator[Item, None, None],
    made: "queue.Queue[tuple[object, BaseException | None]]",
    unwanted: threading.Event,
) -> None:
    try:
        for item in _until(items, unwanted):
            _put(made, (item, None), unwanted)
        _put(made, (_OVER, None), unwanted)
    except BaseException as failure:
        _put(made, (_OVER, failure), unwanted)
    finally:
        items.close()
        connections.close_all()  # those of this thread


def _until(items: Iterator[Item], unwanted: threading.Event) -> Iterator[Item]:
    for item in items:
        if unwanted.is_set():
            return
        yield item


def _put(
    made: "queue.Queue[tuple[object, BaseException | None]]",
    one: tuple[object, BaseException | None],
    unwanted: threading.Event,
) -> None:
    while not unwanted.is_set():
        try:
            made.put(one, timeout=LOOK_EVERY)
            return
        except queue.Full:
            continue
