"""The signal lamp in words: drawn with each page, and sent by the live stream when it changes."""

from datetime import datetime, timedelta
from typing import TypedDict

from django.urls import reverse

from allstop.rules.reminders import age_words
from allstop.store.lists import SwitchState, jobs_version

LINES = {
    "running": "Messages may leave",
    "stopping": "Waiting for the workers",
    "stopped": "Nothing new leaves",  # unless it is known since when
}


class Lamp(TypedDict):
    state: str
    line: str
    url: str
    version: str


def lamp_of(state: SwitchState, now: datetime) -> Lamp:
    """A stop shows whose it is and how old: one that nobody sees is one that nobody lifts."""
    line = LINES[state.state]
    if state.state == "stopped" and state.since is not None:
        age = now - state.since
        line = f"{state.by}, {age_words(age) if age >= timedelta(minutes=1) else 'just now'}"
    return {
        "state": state.state,
        "line": line,
        "url": reverse("switch"),
        "version": f"{state.state}.{state.number or 0}.{state.handed_back}",
    }


def jobs_topic(switch: SwitchState) -> str:
    """The version of a page with jobs: their states are words for the switch as well."""
    return f"{jobs_version(switch.account_id)}/{switch.state}"
