"""Setup, Accounts and Roles: Account Status Types, and the reasons for which a status changes."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from allstop.actions.actor import Conflict, Invalid, Operator
from allstop.actions.status_types import add_reason, delete_reasons, delete_types, save_type, type_of
from allstop.console.access import Desk, operator_screen
from allstop.console.form_problems import add_problems
from allstop.console.selection import chosen_ids
from allstop.console.views.operator.desk import badge, operator_page
from allstop.rules.lifecycle import AREA_WORDS, STATUS_WORDS, AccountStatus, Area, cell_words
from allstop.store import lists


class TypeForm(forms.Form):
    name = forms.CharField(label="Name", max_length=60)
    status = forms.ChoiceField(
        label="Status",
        choices=[("", "Choose one"), *((one.value, STATUS_WORDS[one]) for one in AccountStatus)],
        help_text="The back-end status: it alone decides what leaves and what is billed.",
    )
    image_url = forms.CharField(
        label="Image URL",
        max_length=500,
        required=False,
        widget=forms.URLInput(attrs={"pattern": "https://.+"}),
        help_text="A picture that is shown with accounts in this status, at an address with https.",
    )
    is_counted = forms.BooleanField(label="Show in Account Statistics", required=False, initial=True)


class ReasonForm(forms.Form):
    text = forms.CharField(label="Reason", max_length=120)


@operator_screen("GET", "POST")
def status_types(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    """POST deletes what is ticked: all of it, or nothing."""
    problem, code = "", 200
    if request.method == "POST":
        try:
            gone = delete_types(by, chosen_ids(request.POST), datetime.now(UTC))
        except (Conflict, Invalid) as refused:
            problem, code = str(refused), 409 if isinstance(refused, Conflict) else 422
        else:
            messages.success(request, f"Deleted: {gone} status type{'s' if gone != 1 else ''}.")
            return redirect("status-types")
    rows = lists.status_types()
    context = {
        "rows": [(row, badge(row.type), STATUS_WORDS[AccountStatus(row.type.status)]) for row in rows],
        "problem": problem,
        "statuses": [STATUS_WORDS[one] for one in AccountStatus],
        "effects": [
            (AREA_WORDS[area], [(STATUS_WORDS[one], cell_words(one, area)) for one in AccountStatus]) for area in Area
        ],
    }
    images = [row.type.image_url for row in rows]
    template = "console/operator/status_types.html"
    return operator_page(request, desk, template, context, at="status-types", images=images, status=code)


@operator_screen("GET", "POST")
def new_status_type(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    form = TypeForm(request.POST if request.method == "POST" else None)
    return _save(request, desk, by, None, form)


@operator_screen("GET", "POST")
def status_type(request: HttpRequest, desk: Desk, by: Operator, status_type_id: int) -> HttpResponseBase:
    found = type_of(status_type_id)
    now = {name: getattr(found, name) for name in TypeForm.base_fields}
    form = TypeForm(request.POST) if request.method == "POST" else TypeForm(initial=now)
    return _save(request, desk, by, status_type_id, form)


@operator_screen("GET", "POST")
def status_reasons(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    """POST adds one."""
    if request.method == "GET":
        return _reasons(request, desk, ReasonForm())
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            made = add_reason(by, form.cleaned_data["text"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, f"Added: {made.text}.")
            return redirect("status-reasons")
    return _reasons(request, desk, form, status=422)


@operator_screen("POST")
def drop_reasons(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    try:
        gone = delete_reasons(by, chosen_ids(request.POST), datetime.now(UTC))
    except Invalid as invalid:
        return _reasons(request, desk, ReasonForm(), problem=str(invalid), status=422)
    messages.success(request, f"Deleted: {gone} reason{'s' if gone != 1 else ''}.")
    return redirect("status-reasons")


def _cells(area: Area) -> list[tuple[str, str]]:
    return [(STATUS_WORDS[one], cell_words(one, area)) for one in AccountStatus]


def _save(request: HttpRequest, desk: Desk, by: Operator, type_id: int | None, form: TypeForm) -> HttpResponseBase:
    problem = ""
    if form.is_bound and form.is_valid():
        try:
            made = save_type(by, type_id, **form.cleaned_data, now=datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        except Conflict as conflict:
            problem = str(conflict)
        else:
            messages.success(request, f"Saved: {made.name}.")
            return redirect("new-status-type" if request.POST.get("then") == "new" else "status-types")
    code = 409 if problem else 422 if form.is_bound else 200
    context: dict[str, Any] = {"form": form, "problem": problem, "is_new": type_id is None}
    template = "console/operator/status_type.html"
    return operator_page(request, desk, template, context, at="status-types", status=code)


def _reasons(
    request: HttpRequest, desk: Desk, form: ReasonForm, *, problem: str = "", status: int = 200
) -> HttpResponse:
    context = {"form": form, "problem": problem, "rows": lists.status_reasons()}
    template = "console/operator/status_reasons.html"
    return operator_page(request, desk, template, context, at="status-reasons", status=status)
