"""Setup, Playbook: what Allstop says to new leads by itself, checked line by line and tried on an example."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from allstop.actions.actor import Invalid
from allstop.actions.playbooks import change_playbook, dry_run, playbook_of
from allstop.console.access import Desk, screen
from allstop.console.frame import leads_on, page
from allstop.console.meanwhile import remember, settle
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.leads import CHOSEN_REASONS
from allstop.rules.playbook_text import LONGEST
from allstop.rules.roles import Act

MOST_ANSWERS = 20


class PlaybookForm(forms.Form):
    text = forms.CharField(
        label="Playbook",
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 26, "spellcheck": "true", "class": "mono"}),
    )
    is_on = forms.BooleanField(label="New leads begin with it", required=False)


@screen("GET", "POST")
def playbook(request: HttpRequest, desk: Desk) -> HttpResponse:
    kept = playbook_of(desk.actor)
    stands = {"text": kept.text, "is_on": kept.is_on}
    form = PlaybookForm(request.POST if request.method == "POST" else None, initial=stands)
    remember(form, stands)
    if request.method == "GET":
        return _show(request, desk, form)
    if form.is_valid() and settle(form, stands):
        said = form.cleaned_data
        try:
            now_kept = change_playbook(desk.actor, said["text"], datetime.now(UTC), is_on=said["is_on"])
        except Invalid as invalid:
            for fault in str(invalid).splitlines():
                form.add_error("text", fault)
        else:
            words = (
                "Saved. New leads begin with it." if now_kept.is_on else "Saved. It is off: people answer your leads."
            )
            return leads_on(request, words, reverse("playbook"))
    return _show(request, desk, form, status=422)


@screen("POST")
def rehearse(request: HttpRequest, desk: Desk) -> HttpResponse:
    """An example conversation with what is in the form. Keeps and sends nothing."""
    text = request.POST.get("text", "")[: LONGEST + 1]
    answers = request.POST.get("answers", "").splitlines()[:MOST_ANSWERS]
    shown: dict[str, Any] = {}
    try:
        shown["lines"] = dry_run(desk.actor, text, answers, datetime.now(UTC))
    except Invalid as invalid:
        shown["faults"] = str(invalid).splitlines()
    return render(request, "console/playbook/rehearsal.html", shown)


def _show(request: HttpRequest, desk: Desk, form: PlaybookForm, *, status: int = 200) -> HttpResponse:
    context = {
        "tabs": setup_tabs("playbook"),
        "form": form,
        "kept": playbook_of(desk.actor),
        "reasons": [one.value for one in CHOSEN_REASONS],
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    return page(request, desk, "console/playbook/page.html", context, at="tokens", status=status)
