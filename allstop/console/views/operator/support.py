"""Enter an account as support, leave it, and who was where."""

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from allstop.actions.actor import Conflict, Invalid, Operator
from allstop.actions.support import LONGEST_REASON, enter_account, leave_account
from allstop.console.access import SUPPORT_VISIT, Desk, operator_screen
from allstop.console.form_problems import add_problems
from allstop.console.views.operator.accounts import row_of
from allstop.console.views.operator.desk import operator_page
from allstop.rules.roles import FOR_SUPPORT_WORDS
from allstop.store import lists

AT = "support-visits"


class EnterForm(forms.Form):
    reason = forms.CharField(
        label="Why", max_length=LONGEST_REASON, help_text="The account's admins read it, and it is kept."
    )


@operator_screen("GET", "POST")
def enter(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    row = row_of(any_account_id)
    form = EnterForm(request.POST if request.method == "POST" else None)
    problem = ""
    if form.is_bound and form.is_valid():
        try:
            visit = enter_account(by, desk.user_id, row.id, form.cleaned_data["reason"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        except Conflict as conflict:
            problem = str(conflict)
        else:
            request.session[SUPPORT_VISIT] = visit.pk
            return redirect("home")
    context = {"row": row, "form": form, "problem": problem, "may": FOR_SUPPORT_WORDS}
    template, code = "console/operator/enter.html", 409 if problem else 422 if form.is_bound else 200
    return operator_page(request, desk, template, context, at="operator-accounts", status=code)


@operator_screen("POST")
def leave(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponse:
    """Done twice, or in a second tab, it does no harm."""
    request.session.pop(SUPPORT_VISIT, None)
    if desk.support is None:
        return redirect("operator-accounts")
    leave_account(by, desk.user_id, desk.support.pk, datetime.now(UTC))
    messages.success(request, f"You have left {desk.place.account}.")
    return redirect("operator-account", desk.account_id)


@operator_screen("GET")
def visits(request: HttpRequest, desk: Desk, _by: Operator) -> HttpResponse:
    context = {"visits": lists.support_visits(None), "now": datetime.now(UTC)}
    return operator_page(request, desk, "console/operator/visits.html", context, at=AT)
