"""Setup, Connections, Account Status: Pause Account and Unpause Account.

/setup/connections/pause    GET asks, POST pauses
/setup/connections/unpause  GET asks, POST unpauses
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.actor import Invalid
from allstop.actions.pausing import LONGEST_REASON, pause_intake, unpause_intake
from allstop.console.access import Desk, screen
from allstop.console.frame import ask, leads_on
from allstop.console.views.connections import end_conversations
from allstop.console.views.connections.parts import Section
from allstop.rules.leads import CONFIRM
from allstop.rules.roles import Act
from allstop.store import lists


class ConfirmForm(forms.Form):
    confirm = forms.CharField(
        label=f"Type {CONFIRM}",
        max_length=40,
        error_messages={"required": f"Type {CONFIRM} in capital letters, without anything else."},
        strip=False,  # what was typed is compared as it is
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}),
    )
    reason = forms.CharField(label="Reason", max_length=LONGEST_REASON, required=False)


def _context(desk: Desk, form: Any) -> Mapping[str, Any]:
    intake = lists.intake(desk.account_id)
    age = datetime.now(UTC) - intake.since if intake.since else None
    return {"intake": intake, "age": age, "why_not": desk.why_not(Act.PAUSE_INTAKE), **end_conversations.context(desk)}


SECTION = Section("account_status", "console/connections/account_status.html", _context)


@screen("GET", "POST")
def pause(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            pause_intake(desk.actor, form.cleaned_data["confirm"], form.cleaned_data["reason"], datetime.now(UTC))
        except Invalid as invalid:
            form.add_error("confirm", str(invalid))
        else:
            return leads_on(request, "Your team is now paused. No new lead is created.", reverse("connections"))
    return _ask(request, desk, form, heading="Pause the account?", button="Pause Account", name="pause-account")


@screen("GET", "POST")
def unpause(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = ConfirmForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            unpause_intake(desk.actor, form.cleaned_data["confirm"], form.cleaned_data["reason"], datetime.now(UTC))
        except Invalid as invalid:
            form.add_error("confirm", str(invalid))
        else:
            return leads_on(request, "Your team is unpaused. New leads are created again.", reverse("connections"))
    return _ask(request, desk, form, heading="Unpause the account?", button="Unpause Account", name="unpause-account")


def _ask(request: HttpRequest, desk: Desk, form: ConfirmForm, *, heading: str, button: str, name: str) -> HttpResponse:
    intake = lists.intake(desk.account_id)
    context = {
        "heading": heading,
        "button": button,
        "kind": "bad" if name == "pause-account" else "good",
        "pauses": name == "pause-account",
        "intake": intake,
        "typed": CONFIRM,
        "form": form,
        "action_url": reverse(name),
        "back": reverse("connections"),
        "why_not": desk.why_not(Act.PAUSE_INTAKE),
    }
    return ask(request, desk, "console/connections/confirm.html", context, status=422 if form.errors else 200)
