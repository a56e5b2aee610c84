"""Stops narrower or wider than the account: one channel, one location, and, for operators, everything.

The same two dialogs as the account's switch (views/switch.py), and what all of them show once STOP was pressed: the
state, live, and the receipt.
"""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions import confirming, switch
from allstop.actions.actor import NotThere
from allstop.actions.receipts import receipt
from allstop.actions.starting import start_reach
from allstop.console.access import Desk, screen
from allstop.console.frame import ask as ask_in_frame
from allstop.console.frame import done, is_htmx
from allstop.console.lamp import lamp_version
from allstop.console.start_form import PATIENCE
from allstop.console.views.start import after_start
from allstop.rules.facts import Channel
from allstop.rules.holds import INSTALLATION, Reach, Scope, one_channel, one_location
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import Location

ANSWERED_WITHIN = timedelta(milliseconds=150)  # then the person sees STOPPING, and the wait goes on aside


class ReachReason(forms.Form):
    reason = forms.CharField(
        label="Reason", max_length=300, required=False, help_text="Everybody whom it stops can read it."
    )


class ReachForm(forms.Form):
    """Which switch: as its address and the hidden fields of its dialogs say it."""

    scope = forms.ChoiceField(choices=[(one.value, "") for one in (Scope.INSTALLATION, Scope.CHANNEL, Scope.LOCATION)])
    channel = forms.ChoiceField(choices=[(one.value, "") for one in Channel], required=False)
    location = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)


@screen("GET")
def ask(request: HttpRequest, desk: Desk) -> HttpResponse:
    if "scope" not in request.GET:
        return redirect("stops")
    reach = _reach(desk, request.GET)
    if "stop" in request.GET or not switch.standing_stops(reach):
        return _ask_stop(request, desk, reach, ReachReason())
    return _ask_start(request, desk, reach)


@screen("POST")
def stop(request: HttpRequest, desk: Desk) -> HttpResponse:
    reach = _reach(desk, request.POST)
    form = ReachReason(request.POST)
    if not form.is_valid():
        return _ask_stop(request, desk, reach, form, status=422)
    return stopped(request, desk, switch.stop(desk.actor, reach, form.cleaned_data["reason"], datetime.now(UTC)))


@screen("POST")
def start(request: HttpRequest, desk: Desk) -> HttpResponse:
    reach = _reach(desk, request.POST)
    by = desk.actor.as_operator() if reach.scope is Scope.INSTALLATION else desk.actor
    outcome = start_reach(by, reach, "", datetime.now(UTC), PATIENCE)
    still = [one for one in lists.standing_stops([desk.account_id])[desk.account_id] if one.scope is not Scope.LOCATION]
    others = f" Still stopped: {', '.join(one.words for one in still)}." if still else ""
    words = f"STARTED {_name(desk, reach)}. What is due leaves now."
    return after_start(request, desk, outcome, words, back="stops", more=others)


@screen("GET")
def state(request: HttpRequest, desk: Desk, stop_id: int) -> HttpResponse:
    """The part that tells how far a stop is, as the live stream asks for it."""
    found = receipt(desk.actor, stop_id)
    if not is_htmx(request):
        return redirect("stop-receipt", stop_id)
    return render(request, "console/switch/outcome.html", outcome(desk, found))


def stopped(request: HttpRequest, desk: Desk, made: confirming.StopReceipt) -> HttpResponse:
    """After STOP: the receipt at once, or STOPPING with what is in flight while a worker is silent."""
    if made.confirmed_at is None:
        made = confirming.wait_until_confirmed(made, ANSWERED_WITHIN)
    if made.confirmed_at is None:
        confirming.confirm_aside(made.number)
    found = receipt(desk.actor, made.number)
    name = _name(desk, made.reach)
    if is_htmx(request):
        context = {"heading": f"STOP of {name}", "kind": "bad", "asked_in": "parts/dialog.html"}
        return render(request, "console/switch/stopped.html", context | outcome(desk, found))
    if made.confirmed_at is None:
        words = "STOPPING. Nothing new is taken up; a worker has not answered yet. Reload to see when the last one has."
        return done(request, words, reverse("stop-receipt", args=[made.number]), kind="wait")
    return done(request, f"STOPPED. Nothing new leaves {name}.", reverse("stop-receipt", args=[made.number]))


def outcome(desk: Desk, found: lists.StopRow) -> dict[str, Any]:
    """How far the stop is. What is in flight of the installation is told to its operators alone."""
    reach = Reach(
        scope=found.scope,
        account_id=found.account_id,
        channel=Channel(found.channel) if found.scope is Scope.CHANNEL else None,
        location_id=found.location_id,
    )
    may_count = found.scope in switch.SWITCHES and (found.account_id is not None or desk.actor.is_operator)
    now = lists.in_flight(reach) if may_count and found.until is None else 0
    stands = found.until is None
    return {
        "stop": found,
        "stop_state": ("stopped" if found.confirmed_at else "stopping") if stands else "running",
        "took_ms": None if found.took is None else round(found.took.total_seconds() * 1000),
        "in_flight_now": now,
        "calls_now": lists.in_flight(reach, Channel.CALL) if now else 0,
        "is_pending": stands and (found.confirmed_at is None or now > 0),
        "lamp_version": lamp_version(lists.switch_state(desk.account_id)),
    }


def address(reach: Reach, *, to_stop: bool = False) -> str:
    """Of the question about this switch. The account has its own. `to_stop`: by hand, what something else has stopped
    already."""
    asked = {"stop": "1"} if to_stop else {}
    if reach.scope is not Scope.ACCOUNT:
        asked = {**dict(_fields(reach)), **asked}
    path = reverse("switch" if reach.scope is Scope.ACCOUNT else "reach-ask")
    return f"{path}?{urlencode(asked)}" if asked else path


def stops_of(desk: Desk, reach: Reach) -> dict[str, Any]:
    """For the dialogs: what START of this reach lifts, and what goes on standing over it and in it."""
    found = lists.standing_stops([desk.account_id])[desk.account_id]
    leading = list({one.reach: one for one in reversed(found)}.values())[::-1]  # of each reach
    is_wide = reach.scope in (Scope.INSTALLATION, Scope.ACCOUNT)
    narrow = (Scope.CHANNEL, Scope.LOCATION)
    return {
        "lifted": [one for one in found if one.reach == reach and one.may_be_started],
        "wider": [one for one in leading if one.reach != reach and _is_over(one, reach)],
        "narrower": [one for one in leading if is_wide and one.reach != reach and one.scope in narrow],
    }


def _is_over(one: lists.StandingStop, reach: Reach) -> bool:
    """Whether it holds all of the reach. The account's is no reason why the installation would not run."""
    wider = {Scope.INSTALLATION: (), Scope.ACCOUNT: (Scope.INSTALLATION,)}
    return one.scope in wider.get(reach.scope, (Scope.INSTALLATION, Scope.ACCOUNT))


def _ask_stop(request: HttpRequest, desk: Desk, reach: Reach, form: forms.Form, *, status: int = 200) -> HttpResponse:
    name = _name(desk, reach)
    context = {
        "heading": "Stop every account?" if reach.scope is Scope.INSTALLATION else f"Stop {name}?",
        "kind": "bad",
        "form": form,
        "fields": _fields(reach),
        "reach": reach,
        "name": name,
        "action_url": reverse("reach-stop"),
        "back": reverse("stops"),
        "why_not": _why_not(desk, Act.STOP, reach),
        "stopped_already": stops_of(desk, reach)["lifted"],
    }
    return ask_in_frame(request, desk, "console/switch/stop_reach.html", context | _totals(reach), status=status)


def _ask_start(request: HttpRequest, desk: Desk, reach: Reach) -> HttpResponse:
    name = _name(desk, reach)
    context = {
        "heading": "Start every account again?" if reach.scope is Scope.INSTALLATION else f"Start {name} again?",
        "kind": "good",
        "fields": _fields(reach),
        "reach": reach,
        "name": name,
        "action_url": reverse("reach-start"),
        "back": reverse("stops"),
        "why_not": _why_not(desk, Act.START, reach),
    }
    context |= stops_of(desk, reach) | _totals(reach)
    return ask_in_frame(request, desk, "console/switch/start_reach.html", context)


def _totals(reach: Reach) -> dict[str, Any]:
    found = lists.totals_of(reach)
    by_channel = [(one.value, found.by_channel[one]) for one in Channel if reach.channel in (None, one)]
    is_all = reach.scope is Scope.INSTALLATION
    by_location = found.by_account if is_all else found.by_location if reach.channel else []
    return {
        "totals": found,
        "by_channel": by_channel,
        "by_location": [(name or "No location", count) for name, count in by_location],
        "by_title": "By account" if is_all else "By location",
    }


def _why_not(desk: Desk, act: Act, reach: Reach) -> str:
    if reach.scope is not Scope.INSTALLATION:
        return desk.why_not(act)
    return "" if desk.actor.is_operator else "This concerns every account: only operators of the installation may."


def _reach(desk: Desk, said: QueryDict) -> Reach:
    form = ReachForm(said)
    if form.is_valid():
        scope, channel, location = (form.cleaned_data[name] for name in ("scope", "channel", "location"))
        if scope == Scope.INSTALLATION:
            return INSTALLATION
        if scope == Scope.CHANNEL and channel:
            return one_channel(desk.account_id, Channel(channel))
        if scope == Scope.LOCATION and Location.objects.filter(account_id=desk.account_id, pk=location).exists():
            return one_location(desk.account_id, location)
    raise NotThere("There is nothing like that to stop.")


def _fields(reach: Reach) -> list[tuple[str, str]]:
    said = [("scope", reach.scope.value)]
    if reach.channel is not None:
        said.append(("channel", reach.channel.value))
    if reach.location_id is not None:
        said.append(("location", str(reach.location_id)))
    return said


def _name(desk: Desk, reach: Reach) -> str:
    """What is stopped, inside a sentence."""
    match reach.scope:
        case Scope.CHANNEL:
            return f"{reach.channel}s of {desk.place.account}"
        case Scope.LOCATION:
            return Location.objects.filter(pk=reach.location_id or 0).values_list("name", flat=True).get()
        case Scope.INSTALLATION:
            return "every account"
        case _:
            return desk.place.account
