"""Setup, text provider: by what texts leave, whether it works, and the credits."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from allstop.actions.actor import Conflict, NotThere
from allstop.actions.credits import history, setup_of
from allstop.actions.provider_tests import ask_test, newest_test, test_of
from allstop.actions.setup import shown
from allstop.console.access import Desk, screen
from allstop.console.frame import leads_on, page
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.facts import Channel
from allstop.rules.roles import Act

PROVIDERS = {"sandbox": "Sandbox", "smpp": "SMPP", "text_api": "Text API over HTTP", "": "None"}


@screen("GET")
def text_provider(request: HttpRequest, desk: Desk) -> HttpResponse:
    return show(request, desk)


def show(request: HttpRequest, desk: Desk, *, problem: str = "", status: int = 200) -> HttpResponse:
    setup = setup_of(desk.actor)
    context = {
        "tabs": setup_tabs("text-provider"),
        "setup": setup,
        "provider": PROVIDERS.get(setup.provider, setup.provider),
        "settings": shown(setup)["config"],
        "test": newest_test(desk.actor, Channel.TEXT),
        "history": history(desk.actor),
        "why_not": desk.why_not(Act.EDIT_SETUP),
        "problem": problem,
    }
    return page(request, desk, "console/text_provider.html", context, at="tokens", status=status)


@screen("POST")
def test(request: HttpRequest, desk: Desk) -> HttpResponse:
    try:
        ask_test(desk.actor, Channel.TEXT, datetime.now(UTC))
    except Conflict as conflict:
        return show(request, desk, problem=str(conflict), status=409)
    return leads_on(request, "The text provider is being tried.", reverse("text-provider"))


@screen("GET")
def result(request: HttpRequest, desk: Desk, test_id: int) -> HttpResponse:
    """The part of the page that asks again each second until a worker has a result."""
    try:
        found = test_of(desk.actor, test_id)
    except NotThere:
        return HttpResponse(status=404)
    return render(request, "console/text_provider_test.html", {"test": found, "desk": desk})
