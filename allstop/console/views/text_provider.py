"""Setup, text provider: by what texts leave, whether it works, and the credits."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from allstop.actions.actor import Conflict, Invalid, NotThere
from allstop.actions.credits import history, setup_of
from allstop.actions.provider_tests import ask_test, newest_test, test_of
from allstop.actions.text_setup import set_text_provider
from allstop.console.access import Desk, screen
from allstop.console.frame import leads_on, page
from allstop.console.setup_tabs import setup_tabs
from allstop.console.text_provider_forms import NAMES, WORDS, form_for, what_is_not_heard
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.store.sealing import SECRETS


@screen("GET")
def text_provider(request: HttpRequest, desk: Desk) -> HttpResponse:
    by = request.GET.get("by")
    return show(request, desk, by=by if by in NAMES else None)


@screen("POST")
def save(request: HttpRequest, desk: Desk) -> HttpResponse:
    provider = request.POST.get("provider", "")
    form = form_for(provider if provider in NAMES else "", request.POST)
    if not form.is_valid():
        return show(request, desk, by=provider, form=form, status=422)
    try:
        made = set_text_provider(desk.actor, form.said(), datetime.now(UTC))
    except (Invalid, Conflict) as refused:
        problems = refused.problems if isinstance(refused, Invalid) else {"": str(refused)}
        for name, words in problems.items():
            form.add_error(name if name in form.fields and name != "provider" else None, words)
        return show(request, desk, by=provider, form=form, status=422)
    words = f"Texts leave by {NAMES[made.provider]} from now on." if made.provider else "Texts wait from now on."
    return leads_on(request, words, reverse("text-provider"))


def show(
    request: HttpRequest,
    desk: Desk,
    *,
    by: str | None = None,
    form: forms.Form | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    setup = setup_of(desk.actor)
    chosen = setup.provider if by is None else by
    if chosen not in NAMES:
        chosen = ""
    known = {name: value for name, value in setup.config.items() if name not in SECRETS}
    initial = (known if setup.provider == chosen else {}) | {"sender": setup.sender}
    address = reverse("text-provider")
    context: dict[str, Any] = {
        "tabs": setup_tabs("text-provider"),
        "setup": setup,
        "provider": NAMES.get(setup.provider, setup.provider),
        "login": _login(setup.provider, setup.config),
        "not_heard": what_is_not_heard(setup.provider, setup.config),
        "choices": [
            {"name": name, "url": f"{address}?by={key}#choose", "current": key == chosen, "count": None}
            for key, name in NAMES.items()
        ],
        "chosen_words": WORDS[chosen],
        "warning": what_is_not_heard(chosen, {"callback_url": "asked for"}) if chosen != setup.provider else "",
        "chosen": chosen,
        "form": form or form_for(chosen, initial=initial),
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
