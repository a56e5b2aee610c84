"""Setup, text provider: by what texts leave, whether it works, and the credits. It is changed in the setup wizard."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from allstop.actions.actor import Conflict, NotThere
from allstop.actions.credits import history, setup_of
from allstop.actions.provider_tests import ask_test, newest_test, test_of
from allstop.console.access import Desk, screen
from allstop.console.frame import leads_on, page
from allstop.console.setup_tabs import setup_tabs
from allstop.console.setup_words import leaves_by
from allstop.console.views.setup_wizard.ways import NAMES
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.rules.sending_check import not_heard


@screen("GET")
def text_provider(request: HttpRequest, desk: Desk) -> HttpResponse:
    return show(request, desk)


def show(request: HttpRequest, desk: Desk, *, problem: str = "", status: int = 200) -> HttpResponse:
    setup = setup_of(desk.actor)
    provider = NAMES.get(setup.provider, setup.provider)
    context: dict[str, Any] = {
        "tabs": setup_tabs("text-provider"),
        "setup": setup,
        "words": leaves_by("Texts", setup.provider, provider, "the Outbox shows them, and nobody gets one."),
        "provider": provider,
        "login": _login(setup.provider, setup.config),
        "not_heard": not_heard(setup.provider, setup.config),
        "test": newest_test(desk.actor, Channel.TEXT),
        "history": history(desk.actor),
        "why_not": desk.why_not(Act.EDIT_SETUP),
        "problem": problem,
    }
    return page(request, desk, "console/text_provider.html", context, at="tokens", status=status)


def _login(provider: str, config: dict[str, Any]) -> str:
    """Where texts go and as whom, without the secret."""
    match provider:
        case "smpp":
            return f"{config.get('system_id', '')} at {config.get('host', '')}, port {config.get('port', 2775)}"
        case "text_api":
            return f"{config.get('account_sid', '')} at {config.get('base_url', 'https://api.twilio.com')}"
        case _:
            return ""


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
    return render(
        request, "console/text_provider_test.html", {"test": found, "desk": desk, "setup": setup_of(desk.actor)}
    )
