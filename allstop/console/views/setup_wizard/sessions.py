"""Days and times of a channel in the wizard: sessions are added and deleted, never edited (TX4)."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from allstop.actions import setup_draft
from allstop.actions.actor import NotThere, require
from allstop.actions.setup_draft import Draft
from allstop.console.access import Desk, screen
from allstop.console.frame import ask, leads_on
from allstop.console.views.setup_wizard.page import SetupPage
from allstop.console.views.setup_wizard.pages import page_named
from allstop.console.views.setup_wizard.walk import CHANNELS, form_of, kept, looks_only, step_url, with_sessions
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.rules.session_words import session_words
from allstop.rules.windows import MIDNIGHT, WEEKDAYS, Session

CLOCK = forms.TimeInput(attrs={"type": "time"}, format="%H:%M")


class SessionsForm(forms.Form):
    days = forms.TypedMultipleChoiceField(
        label="Days", choices=list(enumerate(WEEKDAYS)), coerce=int, widget=forms.CheckboxSelectMultiple
    )
    starts = forms.TimeField(label="From", widget=CLOCK)
    ends = forms.TimeField(label="Until", widget=CLOCK, help_text="00:00 is the end of the day.")

    def clean(self) -> dict[str, Any]:
        said = dict(super().clean() or {})
        starts, ends = said.get("starts"), said.get("ends")
        if starts is not None and ends is not None and ends != MIDNIGHT and ends <= starts:
            self.add_error("ends", "The end must be after the start. For a time past midnight add two sessions.")
        return said

    def sessions(self) -> set[Session]:
        said = self.cleaned_data
        starts, ends = (said[name].replace(second=0, microsecond=0) for name in ("starts", "ends"))
        return {Session(day, starts, ends) for day in said["days"]}


@screen("GET", "POST")
def add(request: HttpRequest, desk: Desk, slug: str) -> HttpResponse:
    """+1 opens it: Add Sessions."""
    if looks_only(request, desk):
        return redirect("sending-setup")
    at, channel, draft, now = _place(desk, slug)
    form = SessionsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        sessions = tuple(sorted({*draft.settings.of(channel).sessions, *form.sessions()}))
        setup_draft.keep(desk.actor, with_sessions(draft.settings, channel, sessions), draft.passwords, now)
        return leads_on(request, "Added to the draft.", step_url(at))  # an address with # would not draw the page anew
    context = {
        "heading": f"Add sessions for {CHANNELS[channel]}",
        "kind": "",
        "form": form,
        "action_url": reverse("setup-sessions-add", args=[slug]),
        "back": step_url(at),
    }
    return ask(request, desk, "console/setup_wizard/add_sessions.html", context, status=422 if form.errors else 200)


@screen("POST")
def delete(request: HttpRequest, desk: Desk, slug: str) -> HttpResponse:
    """A button of the page's own form: what was typed there is kept as well, if it can be."""
    at, channel, draft, now = _place(desk, slug)
    form = form_of(at, draft.settings, desk, request.POST)
    if form.is_valid():
        draft = kept(desk, draft, form, now)
    gone = request.POST.get("session", "")
    sessions = tuple(one for one in draft.settings.of(channel).sessions if session_words(one) != gone)
    setup_draft.keep(desk.actor, with_sessions(draft.settings, channel, sessions), draft.passwords, now)
    return redirect(f"{step_url(at)}#sessions")


def _place(desk: Desk, slug: str) -> tuple[SetupPage, Channel, Draft, datetime]:
    require(desk.actor, Act.EDIT_SETUP)
    at, now = page_named(slug), datetime.now(UTC)
    if at.sessions is None:
        raise Http404("This page has no days and times.")
    draft = setup_draft.draft_of(desk.actor, now)
    if draft is None:
        raise NotThere("There is no unfinished setup: begin it anew.")
    return at, at.sessions, draft, now
