"""Which account is in use, for people who belong to several."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from allstop.actions.actor import NotThere
from allstop.console.access import ACCOUNT_IN_USE, Desk, screen
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
    request.session[ACCOUNT_IN_USE] = form.cleaned_data["account"]
    return redirect("home")
