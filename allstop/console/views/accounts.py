"""Which account is in use, for people who belong to several."""

from datetime import UTC, datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from allstop.actions.actor import NotThere
from allstop.actions.support import leave_account
from allstop.console.access import ACCOUNT_IN_USE, SUPPORT_VISIT, Desk, screen
from allstop.console.frame import page


class AccountForm(forms.Form):
    account = forms.IntegerField()


@screen("GET", "POST")
def switch_account(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method == "GET":
        return page(request, desk, "console/switch_account.html", {"places": desk.places})
    form = AccountForm(request.POST)
    if not form.is_valid() or form.cleaned_data["account"] not in {one.account_id for one in desk.places}:
        raise NotThere("You do not belong to this account.")
    if desk.support is not None:
        leave_account(desk.operator, desk.user_id, desk.support.pk, datetime.now(UTC))
        request.session.pop(SUPPORT_VISIT, None)
    request.session[ACCOUNT_IN_USE] = form.cleaned_data["account"]
    return redirect("home")
