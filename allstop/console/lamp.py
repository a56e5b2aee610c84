"""The signal lamp in words: drawn with each page, and sent by the live stream when it changes."""

from typing import TypedDict

from django.urls import reverse

from allstop.store.lists import SwitchState, jobs_version

LINES = {
    "running": "Messages may leave",
    "stopping": "Waiting for the workers",
    "stopped": "Nothing new leaves",
}


class Lamp(TypedDict):
    state: str
    line: str
    url: str
    version: str


STOPPED_BY = {"scheduled": "A scheduled stop", "brake": "By the automatic brake"}  # name of the hold: words


def lamp_of(state: SwitchState) -> Lamp:
    line = LINES[state.state]
    return {
        "state": state.state,
        "line": STOPPED_BY.get(state.name, line) if state.state == "stopped" else line,
        "url": reverse("switch"),
        "version": f"{state.state}.{state.number or 0}.{state.handed_back}",
    }


def jobs_topic(switch: SwitchState) -> str:
    """The version of a page with jobs: their states are words for the switch as well."""
    return f"{jobs_version(switch.account_id)}/{switch.state}"
