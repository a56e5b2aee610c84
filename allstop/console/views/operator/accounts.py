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
from allstop.actions.confirming import confirm_aside, wait_until_confirmed
from allstop.actions.packages import bills_usage_while_suspended
from allstop.actions.statuses import Wish, change_status, plan_change, take_back
from allstop.console.access import Desk, operator_screen
from allstop.console.views.operator.billing_preview import change_previews
from allstop.console.views.operator.desk import badge, operator_page
from allstop.console.views.reach import ANSWERED_WITHIN
from allstop.rules.lifecycle import (
    AREA_WORDS,
    NEEDS_REASON,
    AccountStatus,
    Area,
    cell_words,
    change_words,
    may_become,
)
from allstop.rules.proration import CHARGE_WORDS, Charge, When
from allstop.store import lists
from allstop.store.bills import balance_of
from allstop.store.models import StatusType

MAX_ROWS = 50
WHEN_WORDS = {
    When.NOW: "Now",
    When.PERIOD_END: "At the end of the billing month",
    When.DATE: "At the beginning of a day",
}
CHARGE_TITLES = {Charge.FULL: "Full", Charge.PRORATED: "Prorated", Charge.NONE: "None"}


class FilterForm(forms.Form):
    words = forms.CharField(label="Search", required=False, max_length=120)
    type = forms.TypedChoiceField(label="Status", required=False, coerce=int, empty_value=None)

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        types = [(row.type.pk, row.type.name) for row in lists.status_types()]
        self.fields["type"].choices = [("", "Every status"), *types]  # type: ignore[attr-defined]


class ChangeForm(forms.Form):
    reason = forms.ChoiceField(label="Reason", required=False)
    charge = forms.ChoiceField(
        label="The period in which it changes",
        choices=[(one.value, f"{CHARGE_TITLES[one]}: {CHARGE_WORDS[one].lower()}") for one in Charge],
        initial=Charge.PRORATED.value,
        widget=forms.RadioSelect,
    )
    when = forms.ChoiceField(
        label="When",
        choices=[(one.value, words) for one, words in WHEN_WORDS.items()],
        initial=When.NOW.value,
        widget=forms.RadioSelect,
    )
    on = forms.DateField(
        label="Date",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="In the account's time zone.",
    )

    def __init__(self, data: Any, needs_reason: bool) -> None:
        super().__init__(data)
        self.fields["reason"].required = needs_reason
        found = [(one.text, one.text) for one in lists.status_reasons()]
        self.fields["reason"].choices = [("", "Choose one" if needs_reason else "None"), *found]  # type: ignore[attr-defined]


@operator_screen("GET")
def accounts(request: HttpRequest, desk: Desk, _by: Operator) -> HttpResponse:
    form = FilterForm(request.GET)
    said: dict[str, Any] = form.cleaned_data if form.is_valid() else {"words": "", "type": None}
    found = lists.find_accounts(said["words"], said["type"], request.GET.get("after", ""), MAX_ROWS + 1)
    shown = found[:MAX_ROWS]
    kept = request.GET.copy()
    kept.pop("after", None)
    older = ""
    if len(found) > MAX_ROWS:
        kept["after"] = f"{shown[-1].name}:{shown[-1].id}"
        older = f"{request.path}?{kept.urlencode()}"
    first = reverse("operator-accounts") if request.GET.get("after") else ""
    context = {
        "form": form,
        "rows": [(row, badge(row.type)) for row in shown],
        "pager": {"newer": first, "older": older, "shown": len(shown), "total": None, "things": "accounts"},
    }
    images = [row.type.image_url for row in shown]
    at = "operator-accounts"
    return operator_page(request, desk, "console/operator/accounts.html", context, at=at, images=images)


@operator_screen("GET")
def account(request: HttpRequest, desk: Desk, _by: Operator, any_account_id: int) -> HttpResponse:
    row = _row(any_account_id)
    now_status = AccountStatus(row.type.status)
    choices = [
        one.type
        for one in lists.status_types()
        if one.type.pk != row.type.pk and may_become(now_status, AccountStatus(one.type.status))
    ]
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
        "effects": _effects(now_status),
        "planned": lists.planned_changes(row.id),
        "past": lists.past_changes(row.id),
        "charges": CHARGE_TITLES,
        "balance": balance_of(row.id),
    }
    images = [row.type.image_url]
    at = "operator-accounts"
    return operator_page(request, desk, "console/operator/account.html", context, at=at, images=images)


@operator_screen("GET", "POST")
def status(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    """The second step of a change: its options. GET shows them for the type that was chosen, POST does it."""
    row = _row(any_account_id)
    new = _type(request.POST.get("type") or request.GET.get("type") or "")
    status_of_new = AccountStatus(new.status)
    form = ChangeForm(request.POST if request.method == "POST" else None, status_of_new in NEEDS_REASON)
    problem = ""
    if form.is_bound and form.is_valid() and request.POST.get("then") != "preview":
        try:
            return _do(request, by, row, new, form.cleaned_data)
        except Invalid as invalid:
            for field, words in invalid.problems.items():
                form.add_error(field if field in form.fields else None, words)
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
        "effects": _effects(status_of_new),
        "previews": change_previews(row.id, status_of_new, form, CHARGE_TITLES),
    }
    code = 409 if problem else 422 if form.is_bound and not form.is_valid() else 200
    images = [row.type.image_url, new.image_url]
    template = "console/operator/status.html"
    at = "operator-accounts"
    return operator_page(request, desk, template, context, at=at, images=images, status=code)


@operator_screen("POST")
def take_back_change(
    request: HttpRequest, _desk: Desk, by: Operator, any_account_id: int, status_change_id: int
) -> HttpResponseBase:
    change = take_back(by, any_account_id, status_change_id, datetime.now(UTC))
    messages.success(request, f"Taken back: the account does not become {change.name} then.")
    return redirect("operator-account", any_account_id)


def _do(
    request: HttpRequest, by: Operator, row: lists.AccountRow, new: StatusType, said: dict[str, Any]
) -> HttpResponseBase:
    now = datetime.now(UTC)
    wish = Wish(new.pk, said["reason"], Charge(said["charge"]))
    if said["when"] != When.NOW:
        on = said["on"] if said["when"] == When.DATE else period_end(row.id, now)
        if on is None:
            raise Invalid(on="Give the date. Without one nothing was changed.")
        plan_change(by, row.id, wish, on, now)
        words = f"Planned: {row.name} becomes {new.name} on {on:%-d %b %Y}."
    else:
        done = change_status(by, row.id, wish, now)
        words = f"{row.name} is {new.name}."
        if done.receipt is not None:
            words += f" Its sending is held, receipt no. {done.receipt.number}"
            if wait_until_confirmed(done.receipt.number, ANSWERED_WITHIN).confirmed_at is None:
                confirm_aside(done.receipt.number)
                words += ": a worker has not answered yet, and nothing new is taken up."
            else:
                words += ", and every worker obeys."
        elif done.change.is_lifting:
            words += " What the old status held is being let go."
    messages.success(request, words)
    return redirect("operator-account", row.id)


def _effects(status: AccountStatus) -> list[tuple[str, str]]:
    bills_usage = bills_usage_while_suspended()
    return [(AREA_WORDS[area], cell_words(status, area, bills_usage)) for area in Area]


def _row(account_id: int) -> lists.AccountRow:
    found = lists.account_row(account_id)
    if found is None:
        raise NotThere("There is no such account.")
    return found


def _type(said: str) -> StatusType:
    found = StatusType.objects.filter(pk=int(said)).first() if said.isascii() and said.isdigit() else None
    if found is None:
        raise NotThere("There is no such status type.")
    return found
