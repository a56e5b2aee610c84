"""What stops from outside the database, and so keeps START from being believed."""

from django.conf import settings

from allstop import stop_file
from allstop.actions.actor import Conflict


def refuse_start() -> None:
    """While the stop file is here, nothing would leave: a START that says otherwise would be a lie."""
    if stop_file.is_there(settings.HOME):
        words = stop_file.reason(settings.HOME)
        raise Conflict(
            f"The stop file {stop_file.path(settings.HOME)} stops this machine ({words}). "
            "Take the file away first; that alone starts nothing. Then press START."
        )
