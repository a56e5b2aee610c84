"""The signal lamp in words: drawn with each page, and sent by the live stream when it changes."""

from datetime import datetime, timedelta
from typing import TypedDict

from django.urls import reverse

from allstop.rules.reminders import age_words
from allstop.store.lists import SwitchState, jobs_version

NAMED = 2  # narrower stops that the line names; more of them are counted


class Lamp(TypedDict):
    state: str
    line: str
    url: str
    in_flight: int
    version: str


def lamp_of(state: SwitchState, now: datetime) -> Lamp:
    return {
        "state": state.state,
        "line": _line(state, now),
        "url": reverse("switch"),
        "in_flight": state.in_flight_now,
        "version": lamp_version(state),
    }


def _line(state: SwitchState, now: datetime) -> str:
    match state.state:
        case "stopping" if state.in_flight_now:
            return f"{state.in_flight_now:,} in flight"
        case "stopping":
            return "Waiting for the workers"
        case "stopped" if state.calls_now:
            return f"{state.calls_now:,} call{'' if state.calls_now == 1 else 's'} still in progress"
        case "stopped" if state.in_flight_now:
            return f"{state.in_flight_now:,} still leaving"
        case "stopped":
            return _owner_and_age(state, now)
        case _:
            return _narrower(state) or "Messages may leave"


def _owner_and_age(state: SwitchState, now: datetime) -> str:
    """A stop that nobody sees is one that nobody lifts."""
    if state.since is None:
        return "Nothing new leaves"
    age = now - state.since
    return f"{state.by}, {age_words(age) if age >= timedelta(minutes=1) else 'just now'}"


def _narrower(state: SwitchState) -> str:
    """A narrower stop leaves the lamp RUNNING, but nobody shall overlook it."""
    stops = state.narrower
    if not stops:
        return ""
    if len(stops) > NAMED:
        return f"{len(stops)} parts are stopped"
    is_one_thing = len(stops) == 1 and stops[0].reach.channel is None
    return f"{' and '.join(one.words for one in stops)} {'is' if is_one_thing else 'are'} stopped"


def lamp_version(state: SwitchState) -> str:
    """Whatever a panel about stops shows is in it. Of a stop of the installation no count: that is for operators."""
    own = "" if state.whole_installation else f".{state.handed_back}"
    narrower = "".join(f"/{one.number}.{one.is_confirmed:d}.{one.in_flight_now}" for one in state.narrower)
    return f"{state.state}.{state.number or 0}.{state.in_flight_now}{own}{narrower}"


def jobs_topic(switch: SwitchState) -> str:
    """The version of a page with jobs: their states are words for the switch as well."""
    narrower = ".".join(str(one.number) for one in switch.narrower)
    return f"{jobs_version(switch.account_id)}/{switch.state}/{narrower}"
