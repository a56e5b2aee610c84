"""Accounts for operators: the list, one account, and the change of its status, now or on a date."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.billing import period_end
from allstop.actions.status_plans import change_or_plan
from allstop.console.access import Desk, operator_screen
from allstop.console.form_problems import add_problems
from allstop.console.views.operator.billing_preview import change_previews
from allstop.console.views.operator.change_form import CHARGE_TITLES, ChangeForm, outcome_words
from allstop.console.views.operator.desk import badge, effects_of, operator_page
from allstop.rules.lifecycle import (
    NEEDS_REASON,
    AccountStatus,
    change_words,
    may_become,
)
from allstop.store import lists
from allstop.store.bills import balance_of, balances_of
from allstop.store.lists import billing
from allstop.store.models import StatusType

MAX_ROWS = 50


BALANCE_WORDS = {
    lists.BalanceIs.OWES: "Has open invoices",
    lists.BalanceIs.PAST_DUE: "Is past due",
    lists.BalanceIs.CREDIT: "Is in credit",
}


class FilterForm(forms.Form):
    words = forms.CharField(label="Search", required=False, max_length=120)
    location = forms.CharField(label="Location", required=False, max_length=120)
    type = forms.TypedChoiceField(label="Status", required=False, coerce=int, empty_value=None)
    balance = forms.ChoiceField(
        label="Balance",
        required=False,
        choices=[("", "Every balance"), *((one.value, words) for one, words in BALANCE_WORDS.items())],
    )

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        types = [(row.type.pk, row.type.name) for row in lists.status_types()]
        self.fields["type"].choices = [("", "Every status"), *types]  # type: ignore[attr-defined]

    def wanted(self) -> lists.WantedAccounts:
        """What cannot be read filters nothing."""
        said = self.cleaned_data if self.is_valid() else {}
        return lists.WantedAccounts(
            said.get("words", ""),
            said.get("type"),
            location=said.get("location", ""),
            balance=lists.BalanceIs(said["balance"]) if said.get("balance") else None,
            today=datetime.now(UTC).date(),
        )


@operator_screen("GET")
def accounts(request: HttpRequest, desk: Desk, _by: Operator) -> HttpResponse:
    form = FilterForm(request.GET)
    found = lists.find_accounts(form.wanted(), request.GET.get("after", ""), MAX_ROWS + 1)
    shown = found[:MAX_ROWS]
    balances = balances_of([row.id for row in shown])
    pictures = lists.status_images()
    kept = request.GET.copy()
    kept.pop("after", None)
    older = ""
    if len(found) > MAX_ROWS:
        kept["after"] = f"{shown[-1].name}:{shown[-1].id}"
        older = f"{request.path}?{kept.urlencode()}"
    first = reverse("operator-accounts") if request.GET.get("after") else ""
    context = {
        "form": form,
        "rows": [(row, badge(row.type, pictures), balances.get(row.id)) for row in shown],
        "pager": {"newer": first, "older": older, "shown": len(shown), "total": None, "things": "accounts"},
    }
    images = [row.type.image_url for row in shown]
    at = "operator-accounts"
    return operator_page(request, desk, "console/operator/accounts.html", context, at=at, images=images)


@operator_screen("GET")
def account(request: HttpRequest, desk: Desk, _by: Operator, any_account_id: int) -> HttpResponse:
    row = row_of(any_account_id)
    now_status = AccountStatus(row.type.status)
    choices = [
        one.type
        for one in lists.status_types()
        if one.type.pk != row.type.pk and may_become(now_status, AccountStatus(one.type.status))
    ]
    then = lists.account_as_of(row.id, datetime.now(UTC))
    context = {
        "row": row,
        "badge": badge(row.type),
        "facts": [
            {"term": "Number", "value": row.id},
            {"term": "Time zone", "value": row.zone},
            {"term": "Members", "value": row.members},
        ],
        "choices": choices,
        "has_reasons": bool(lists.status_reasons()),
        "effects": effects_of(now_status, then.bills_usage if then else None),
        "planned": lists.planned_changes(row.id),
        "past": lists.past_changes(row.id),
        "charges": CHARGE_TITLES,
        "balance": (balance := balance_of(row.id)),
        "people": lists.account_people(row.id),
        "messages_by_status": lists.account_messages(row.id).items(),
        "packages": [
            its
            for its in billing.components(row.id, balance.currency if balance is not None else "")
            if its.component.ends_on is None
        ],
    }
    images = [row.type.image_url]
    at = "operator-accounts"
    return operator_page(request, desk, "console/operator/account.html", context, at=at, images=images)


@operator_screen("GET", "POST")
def status(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    """The second step of a change: its options. GET shows them for the type that was chosen, POST does it."""
    row = row_of(any_account_id)
    new = type_said(request.POST.get("type") or request.GET.get("type") or "")
    status_of_new = AccountStatus(new.status)
    ends_on = period_end(row.id, datetime.now(UTC))
    typed = request.POST if request.method == "POST" else None
    form = ChangeForm(typed, needs_reason=status_of_new in NEEDS_REASON, period_ends=ends_on)
    problem = ""
    if form.is_bound and form.is_valid() and request.POST.get("then") != "preview":
        try:
            told = change_or_plan(by, row.id, form.wish(new), form.moment(), datetime.now(UTC))
            messages.success(request, outcome_words(told))
            return redirect("operator-account", row.id)
        except Invalid as invalid:
            add_problems(form, invalid)
        except Conflict as conflict:
            problem = str(conflict)
    verb = change_words(AccountStatus(row.type.status), status_of_new)
    context = {
        "row": row,
        "badge": badge(row.type),
        "new": new,
        "new_badge": badge(new),
        "verb": verb if verb != "Keep" else "Change the status of",
        "form": form,
        "problem": problem,
        "effects": effects_of(status_of_new),
        "previews": change_previews(row.id, status_of_new, form, CHARGE_TITLES),
    }
    code = 409 if problem else 422 if form.is_bound and not form.is_valid() else 200
    images = [row.type.image_url, new.image_url]
    template = "console/operator/status.html"
    at = "operator-accounts"
    return operator_page(request, desk, template, context, at=at, images=images, status=code)


def row_of(account_id: int) -> lists.AccountRow:
    found = lists.account_row(account_id)
    if found is None:
        raise NotThere("There is no such account.")
    return found


def type_said(said: str) -> StatusType:
    found = StatusType.objects.filter(pk=int(said)).first() if said.isascii() and said.isdigit() else None
    if found is None:
        raise NotThere("There is no such status type.")
    return found
