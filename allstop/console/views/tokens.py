"""Setup, tokens: keys for programs. A new key is shown once; afterwards only its name is known."""

from datetime import UTC, datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.actor import Invalid
from allstop.actions.tokens import create_token, revoke_token
from allstop.console.access import Desk, screen
from allstop.console.frame import done, page
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.roles import Act
from allstop.store import lists


class TokenForm(forms.Form):
    name = forms.CharField(
        label="Name", max_length=120, help_text="Which program will use it, for example: front desk scheduler."
    )


@screen("GET", "POST")
def tokens(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method == "GET":
        return show(request, desk, TokenForm())
    form = TokenForm(request.POST)
    if not form.is_valid():
        return show(request, desk, form, status=422)
    try:
        _token, key = create_token(desk.actor, form.cleaned_data["name"], datetime.now(UTC), desk.user_id)
    except Invalid as invalid:
        form.add_error("name", list(invalid.problems.values()))
        return show(request, desk, form, status=422)
    return show(request, desk, TokenForm(), key=key)


@screen("POST")
def revoke(request: HttpRequest, desk: Desk, token_id: int) -> HttpResponse:
    revoke_token(desk.actor, token_id, datetime.now(UTC))
    return done(request, "The token is revoked. Programs that use it are refused from now on.", reverse("tokens"))


def show(request: HttpRequest, desk: Desk, form: TokenForm, *, key: str = "", status: int = 200) -> HttpResponse:
    context = {
        "form": form,
        "tabs": setup_tabs("tokens"),
        "key": key,
        "tokens": lists.tokens(desk.account_id),
        "why_not": desk.why_not(Act.MANAGE_TOKENS),
    }
    answer = page(request, desk, "console/tokens.html", context, at="tokens", status=status)
    if key:
        answer["Cache-Control"] = "no-store"
    return answer
