"""What stops from outside the switch, and so keeps START from being believed."""

from django.conf import settings

from allstop import stop_file
from allstop.actions.actor import Conflict
from allstop.actions.identity import standing_change


def refuse_start() -> None:
    """While one of them stands, nothing would leave: a START that says otherwise would be a lie."""
    if stop_file.is_there(settings.HOME):
        words = stop_file.reason(settings.HOME)
        raise Conflict(
            f"The stop file {stop_file.path(settings.HOME)} stops this machine ({words}). "
            "Take the file away first; that alone starts nothing. Then press START."
        )
    if (change := standing_change()) is not None:
        raise Conflict(
            f"The database has changed: {change.reason} Nothing leaves before an operator has looked and confirmed it, "
            "on the page /setup/emergency or with allstop confirm-database."
        )
