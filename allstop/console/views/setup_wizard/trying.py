"""Test, in the wizard: what the draft says is tried by a worker, before anything of it is in force."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from allstop.actions import setup_draft
from allstop.actions.actor import NotThere, require
from allstop.actions.credits import setup_of
from allstop.actions.provider_tests import ask_test, test_of
from allstop.actions.sending_setup import check, whole_way
from allstop.console.access import Desk, screen
from allstop.console.views.setup_wizard.pages import page_named
from allstop.console.views.setup_wizard.walk import form_of, kept, show, step_url
from allstop.rules.facts import Channel
from allstop.rules.roles import Act


@screen("POST")
def test(request: HttpRequest, desk: Desk) -> HttpResponse:
    require(desk.actor, Act.EDIT_SETUP)
    at, now = page_named("provider"), datetime.now(UTC)
    draft = setup_draft.draft_of(desk.actor, now)
    if draft is None:
        return redirect("setup-wizard")
    form = form_of(at, draft.settings, desk, request.POST)
    if not form.is_valid():
        return show(request, desk, at, draft, form, now, status=422)
    draft = kept(desk, draft, form, now)
    if form.tell(check(desk.actor, draft.settings, draft.passwords).problems):
        return show(request, desk, at, draft, form, now, status=422)
    way = whole_way(desk.actor, Channel.TEXT, draft.settings.text.way, draft.passwords.get(Channel.TEXT, ""))
    ask_test(desk.actor, Channel.TEXT, now, way)
    return redirect(f"{step_url(at)}#test-result")


@screen("GET")
def result(request: HttpRequest, desk: Desk, test_id: int) -> HttpResponse:
    """Asked for each second until a worker has a result; then the page is drawn again: it fixes the name."""
    try:
        found = test_of(desk.actor, test_id)
    except NotThere:
        return HttpResponse(status=404)
    answer = render(
        request, "console/setup_wizard/tested.html", {"test": found, "setup": setup_of(desk.actor), "desk": desk}
    )
    if found.done_at is not None:
        answer["HX-Refresh"] = "true"
    return answer
