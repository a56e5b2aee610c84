"""Django's ORM is not for an event loop: it runs on one thread of its own, whose connection is kept open."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from django.db import close_old_connections, connection

P = ParamSpec("P")
R = TypeVar("R")

_store = ThreadPoolExecutor(1, thread_name_prefix="store")


async def in_store(act: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    def run() -> R:
        close_old_connections()  # one that the server has dropped is opened anew
        return act(*args, **kwargs)

    return await asyncio.get_running_loop().run_in_executor(_store, run)


async def aside(act: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """On a thread and a connection of its own, which end with it: for what may have to wait for others."""

    def run() -> R:
        try:
            return act(*args, **kwargs)
        finally:
            connection.close()

    return await asyncio.to_thread(run)
