"""The web process's application: pages as WSGI on a pool of threads, the event stream as ASGI.

The rule that it guards: only paths under /events are asynchronous. Django's ORM blocks, so a page on the
event loop would stop every open stream; and a stream on a thread would take one thread for each open
browser.
"""

import os
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

from a2wsgi import WSGIMiddleware
from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allstop.settings")

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Sending = Callable[[Mapping[str, Any]], Awaitable[None]]

# Each thread keeps one connection to the database; PostgreSQL's limit is shared with the workers.
THREADS = 12

wsgi: Any = get_wsgi_application()  # sets Django up. Its types and a2wsgi's say the same in different words
pages: Any = WSGIMiddleware(wsgi, workers=THREADS)

from allstop.console.live import application as streams  # noqa: E402 - needs Django set up


async def application(scope: Scope, receive: Receive, send: Sending) -> None:
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
    elif scope["path"].startswith("/events"):
        await streams(scope, receive, send)
    else:
        await pages(scope, receive, send)


async def lifespan(receive: Receive, send: Sending) -> None:
    """Neither side has anything to open or to close."""
    while True:
        event = (await receive())["type"]
        await send({"type": f"{event}.complete"})
        if event == "lifespan.shutdown":
            return
