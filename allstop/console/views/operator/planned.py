"""Components of an account that change its status on a day: add one, change it, take it back, until it is due."""

from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from allstop.actions.actor import Conflict, Invalid, Operator
from allstop.actions.status_plans import change_plan, plan_change, planned_change, take_back
from allstop.console.access import Desk, operator_screen
from allstop.console.form_problems import add_problems
from allstop.console.meanwhile import remember, settle
from allstop.console.views.operator.accounts import row_of
from allstop.console.views.operator.billing_preview import Preview, previews_on
from allstop.console.views.operator.change_form import CHARGE_TITLES, PlanForm, local_day
from allstop.console.views.operator.desk import badge, operator_page
from allstop.rules.lifecycle import AccountStatus, may_become
from allstop.store import lists
from allstop.store.models import StatusChange, StatusType


@operator_screen("GET", "POST")
def add_change(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    return _plan(request, desk, by, row_of(any_account_id), None)


@operator_screen("GET", "POST")
def edit_change(
    request: HttpRequest, desk: Desk, by: Operator, any_account_id: int, status_change_id: int
) -> HttpResponseBase:
    row = row_of(any_account_id)
    return _plan(request, desk, by, row, planned_change(row.id, status_change_id))


@operator_screen("POST")
def take_back_change(
    request: HttpRequest, _desk: Desk, by: Operator, any_account_id: int, status_change_id: int
) -> HttpResponseBase:
    change = take_back(by, any_account_id, status_change_id, datetime.now(UTC))
    messages.success(request, f"Taken back: the account does not become {change.name} then.")
    return redirect("operator-account", any_account_id)


def _plan(
    request: HttpRequest, desk: Desk, by: Operator, row: lists.AccountRow, old: StatusChange | None
) -> HttpResponseBase:
    now = datetime.now(UTC)
    types = [one.type for one in lists.status_types() if _is_possible(row, AccountStatus(one.type.status))]
    if old is not None and old.type is not None and old.type not in types:
        types.append(old.type)  # a colleague may have chosen it: the action says whether it is still possible
    form = _form(types, old, request.POST if request.method == "POST" else None)
    problem, previews = "", list[Preview]()
    if form.is_bound and form.is_valid() and request.POST.get("then") == "preview":
        said = form.cleaned_data
        new = AccountStatus(next(one.status for one in types if one.pk == said["type"]))
        not_this = old.pk if old is not None else None
        previews = previews_on(row.id, new, said["on"], said["charge"], CHARGE_TITLES, not_this)
    elif form.is_bound and form.is_valid() and settle(form, form.initial):
        wish = form.wish(next(one for one in types if one.pk == form.cleaned_data["type"]))
        on = form.cleaned_data["on"]
        try:
            if old is None:
                made = plan_change(by, row.id, wish, on, now)
            else:
                made = change_plan(by, row.id, old.pk, wish, on, now)
        except Invalid as invalid:
            add_problems(form, invalid)
        except Conflict as conflict:
            problem = str(conflict)
        else:
            messages.success(request, f"Planned: {row.name} becomes {made.name} on {on:%-d %b %Y}.")
            return redirect("operator-account", row.id)
    context = {"row": row, "badge": badge(row.type), "form": form, "old": old, "problem": problem}
    context |= {"previews": previews, "is_shown": request.POST.get("then") == "preview" and form.is_valid()}
    code = 409 if problem else 422 if form.is_bound and not form.is_valid() else 200
    template, at = "console/operator/planned.html", "operator-accounts"
    return operator_page(request, desk, template, context, at=at, images=[row.type.image_url], status=code)


def _form(types: list[StatusType], old: StatusChange | None, typed: QueryDict | None) -> PlanForm:
    stands: dict[str, Any] = {}
    if old is not None:
        stands = {"type": old.type_id, "on": local_day(old), "reason": old.reason, "charge": old.charge}
    form = PlanForm(typed, types, stands)
    remember(form, stands)
    return form


def _is_possible(row: lists.AccountRow, new: AccountStatus) -> bool:
    """Also the type that it has now: it may have another by then."""
    return may_become(AccountStatus(row.type.status), new)
