"""The switch: two dialogs that change nothing by being opened, and the two acts behind them.

RUNNING pressed ──► stop dialog ──► STOP ──► stop_account, then its state and receipt (views/reach.py)
STOPPED pressed ──► start dialog ─► START ─► start_as_planned
                         ├► /start, to choose what leaves
                         └► REMOVE of old jobs, and the dialog again with fresh totals
"""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.jobs import remove_jobs
from allstop.actions.plan import start_as_planned
from allstop.actions.switch import stop_account
from allstop.console.access import Desk, screen
from allstop.console.frame import ask
from allstop.console.requests import request_link
from allstop.console.selection import chosen_ids
from allstop.console.start_form import PATIENCE
from allstop.console.views.reach import stopped, stops_of
from allstop.console.views.start import after_start
from allstop.rules.facts import Channel
from allstop.rules.holds import whole_account
from allstop.rules.roles import Act
from allstop.store import lists

NOTHING_TO_LIFT = "No stop of this account itself stands: START here would lift nothing."


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        max_length=300,
        required=False,
        help_text="Everybody in the account can read it while sending is stopped.",
    )


@screen("GET")
def switch(request: HttpRequest, desk: Desk) -> HttpResponse:
    if "stop" in request.GET or lists.switch_state(desk.account_id).is_running:
        return ask_stop(request, desk, ReasonForm())
    return ask_start(request, desk)


@screen("POST")
def stop(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return ask_stop(request, desk, form, status=422)
    return stopped(request, desk, stop_account(desk.actor, form.cleaned_data["reason"], datetime.now(UTC)))


@screen("POST")
def start(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Without a plan: what is fresh is sent, what is stale is dropped, and the answer says how many."""
    return after_start(request, desk, start_as_planned(desk.actor, now=datetime.now(UTC), patience=PATIENCE))


@screen("POST")
def remove_old(request: HttpRequest, desk: Desk) -> HttpResponse:
    """REMOVE in the start dialog: the dialog comes back with fresh totals, and the account stays STOPPED."""
    ids = chosen_ids(request.POST)
    if not ids:
        return ask_start(request, desk, "Nothing was removed: select a job first.")
    removed = remove_jobs(desk.actor, ids, datetime.now(UTC))
    words = f"Removed {counted(removed.jobs, 'job')} with {counted(removed.messages, 'notification')}."
    return ask_start(request, desk, words)


def ask_stop(request: HttpRequest, desk: Desk, form: ReasonForm, *, status: int = 200) -> HttpResponse:
    context = {
        "heading": "Stop all communications?",
        "kind": "bad",
        "form": form,
        "action_url": reverse("stop"),
        "back": reverse("home"),
        "why_not": desk.why_not(Act.STOP),
        "account": desk.place.account,
        "stopped_already": stops_of(desk, whole_account(desk.account_id))["lifted"],
    }
    return ask(request, desk, "console/switch/stop.html", context | totals(desk), status=status)


def ask_start(request: HttpRequest, desk: Desk, words: str = "") -> HttpResponse:
    now = datetime.now(UTC)
    state = lists.switch_state(desk.account_id)
    old = lists.old_jobs(desk.account_id, now)
    stands = stops_of(desk, whole_account(desk.account_id))
    context = {
        "heading": "Start sending again?",
        "kind": "good",
        "wide": True,
        "words": words,
        **stands,
        "old_jobs": old,
        "past_use_by": sum(job.past_use_by for job in old),
        "automated": lists.automated_jobs_since(desk.account_id, state.since or now),
        "action_url": reverse("start"),
        "remove_url": reverse("remove-old-jobs"),
        "back": reverse("home"),
        "why_not": desk.why_not(Act.START) or ("" if stands["lifted"] else NOTHING_TO_LIFT),
        "why_no_removal": desk.why_not(Act.REMOVE_JOBS),
        "account": desk.place.account,
        "request_url": request_link(desk),
    }
    return ask(request, desk, "console/switch/start.html", context | totals(desk))


def totals(desk: Desk) -> dict[str, Any]:
    """Of pending and scheduled messages, for both dialogs."""
    found = lists.totals(desk.account_id)
    return {
        "totals": found,
        "by_channel": [(channel.value, found.by_channel[channel]) for channel in Channel],
        "by_location": [(name or "No location", count) for name, count in found.by_location],
    }


def counted(number: int, thing: str) -> str:
    return f"{number:,} {thing}{'' if number == 1 else 's'}"
