"""Setup, Connections, Account Status: End Conversations, its progress, and integrators told after all.

/setup/connections/end          GET asks (?member=ID for one member's leads), POST ends
/setup/connections/end/ID       how far it is, and what came of it
/setup/connections/end/ID/replay  POST: webhooks are told after all
"""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from allstop.actions.actor import Invalid
from allstop.actions.mass_end import end_conversations, latest_mass_end, mass_end_of, what_would_end
from allstop.actions.mass_end_replay import replay_mass_end
from allstop.actions.mass_end_run import RUNS
from allstop.console.access import Desk, screen
from allstop.console.frame import ask, leads_on, page
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.leads import CONFIRM
from allstop.rules.roles import Act
from allstop.store.models import MassEnd, Member


class EndForm(forms.Form):
    confirm = forms.CharField(
        label=f"Type {CONFIRM}",
        max_length=40,
        error_messages={"required": f"Type {CONFIRM} in capital letters, without anything else."},
        strip=False,  # what was typed is compared as it is
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    member = forms.IntegerField(required=False, widget=forms.HiddenInput)


def context(desk: Desk) -> dict[str, Any]:
    """For the section of the page."""
    latest = latest_mass_end(desk.actor)
    return {
        "active": what_would_end(desk.actor).leads,
        "latest": latest,
        "is_ending": latest is not None and latest.state in RUNS.open_states,
        "members": Member.objects.select_related("user").filter(account_id=desk.account_id).order_by("user__name"),
        "why_not_end": desk.why_not(Act.END_CONVERSATIONS),
    }


@screen("GET", "POST")
def end(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = EndForm(request.POST if request.method == "POST" else None)
    asked = request.POST if request.method == "POST" else request.GET
    member_id = int(asked["member"]) if asked.get("member", "").isdecimal() else None
    if request.method == "POST" and form.is_valid():
        try:
            made = end_conversations(desk.actor, form.cleaned_data["confirm"], datetime.now(UTC), member_id)
        except Invalid as invalid:
            form.add_error("confirm", str(invalid))
        else:
            return leads_on(request, _words(made), reverse("mass-end", args=[made.pk]))
    shown = {
        "heading": "End the conversations of one member?" if member_id else "End all conversations?",
        "kind": "bad",
        "ahead": what_would_end(desk.actor, member_id),
        "members": Member.objects.filter(account_id=desk.account_id).count(),
        "member_id": member_id or "",
        "typed": CONFIRM,
        "form": form,
        "action_url": reverse("end-conversations"),
        "back": reverse("connections"),
        "why_not": desk.why_not(Act.END_CONVERSATIONS),
    }
    return ask(request, desk, "console/connections/end_confirm.html", shown, status=422 if form.errors else 200)


@screen("GET")
def ended(request: HttpRequest, desk: Desk, end_id: int) -> HttpResponse:
    shown = _progress(desk, mass_end_of(desk.actor, end_id)) | {"tabs": setup_tabs("connections")}
    return page(request, desk, "console/connections/ended.html", shown, at="tokens")


@screen("GET")
def progress(request: HttpRequest, desk: Desk, end_id: int) -> HttpResponse:
    return render(request, "console/connections/end_progress.html", _progress(desk, mass_end_of(desk.actor, end_id)))


@screen("POST")
def replay(request: HttpRequest, desk: Desk, end_id: int) -> HttpResponse:
    done = replay_mass_end(desk.actor, end_id, datetime.now(UTC))
    words = f"Webhooks are told of {done.replayed:,} leads." if done.replayed else "No webhook wants to hear of it."
    return leads_on(request, words, reverse("mass-end", args=[end_id]))


def _progress(desk: Desk, of: MassEnd) -> dict[str, Any]:
    return {"end": of, "is_open": of.state in RUNS.open_states, "why_not": desk.why_not(Act.END_CONVERSATIONS)}


def _words(made: MassEnd) -> str:
    if made.state in RUNS.open_states:
        return f"{made.total:,} conversations are being ended."
    return f"{made.ended:,} conversation{'' if made.ended == 1 else 's'} ended."
