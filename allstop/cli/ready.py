"""What nearly every command needs first: a database that runs, and Django that knows it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django

from allstop import postgres


@contextmanager
def ready() -> Iterator[None]:
    """Starts the embedded PostgreSQL if nobody has, and stops it again if nobody else uses it at the end."""
    with postgres.running(postgres.home_folder(os.environ)):
        set_up_django()
        try:
            yield
        finally:
            close_connections()


def set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "allstop.settings")
    django.setup()


def close_connections() -> None:
    """Before the server is asked to stop, so that it logs no broken session."""
    from django.db import connections

    connections.close_all()
