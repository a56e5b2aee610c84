"""Tools: the status of one or several accounts, with what came of each."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase

from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.status_plans import MOST_AT_ONCE, change_many
from allstop.console.access import Desk, operator_screen
from allstop.console.form_problems import add_problems
from allstop.console.selection import chosen_ids
from allstop.console.views.operator.accounts import FilterForm, type_said
from allstop.console.views.operator.billing_preview import previews_of_many
from allstop.console.views.operator.change_form import CHARGE_TITLES, ChangeForm, outcome_words
from allstop.console.views.operator.desk import badge, effects_of, operator_page
from allstop.rules.lifecycle import (
    NEEDS_REASON,
    STATUS_WORDS,
    AccountStatus,
    change_words,
)
from allstop.rules.proration import Charge
from allstop.store import lists
from allstop.store.models import StatusType

AT = "tools-status"


@operator_screen("GET", "POST")
def tools_status(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    """GET chooses the accounts and the type, then shows the options; POST does it and tells of each account."""
    said = request.POST if request.method == "POST" else request.GET
    ids = chosen_ids(said)
    if request.method == "GET" and "to" not in said:
        return _choose(request, desk)
    if not ids or not said.get("to"):
        return _choose(request, desk, problem="Tick the accounts and choose the new status.", ticked=ids)
    if len(ids) > MOST_AT_ONCE:
        return _choose(request, desk, problem=f"Choose at most {MOST_AT_ONCE} accounts at once.")
    rows = [row for row in (lists.account_row(one) for one in ids) if row is not None]
    if len(rows) < len(ids):
        raise NotThere("One of these accounts does not exist.")
    return _options(request, desk, by, rows, type_said(said["to"]))


def _choose(request: HttpRequest, desk: Desk, *, problem: str = "", ticked: list[int] | None = None) -> HttpResponse:
    form = FilterForm(request.GET)
    found = lists.find_accounts(form.wanted(), limit=MOST_AT_ONCE + 1)
    pictures = lists.status_images()
    context = {
        "form": form,
        "rows": [(row, badge(row.type, pictures), row.id in (ticked or ())) for row in found[:MOST_AT_ONCE]],
        "has_more": len(found) > MOST_AT_ONCE,
        "most": MOST_AT_ONCE,
        "types": [(one.type, STATUS_WORDS[AccountStatus(one.type.status)]) for one in lists.status_types()],
        "has_reasons": bool(lists.status_reasons()),
        "problem": problem,
    }
    images = [row.type.image_url for row in found]
    template, code = "console/operator/tools_status.html", 422 if problem else 200
    return operator_page(request, desk, template, context, at=AT, images=images, status=code)


def _options(
    request: HttpRequest, desk: Desk, by: Operator, rows: list[lists.AccountRow], new: StatusType
) -> HttpResponse:
    status_of_new = AccountStatus(new.status)
    typed = request.POST if request.method == "POST" else None
    form = ChangeForm(typed, needs_reason=status_of_new in NEEDS_REASON)
    problem = ""
    if form.is_bound and form.is_valid() and request.POST.get("then") != "preview":
        try:
            ids = [row.id for row in rows]
            outcomes = change_many(by, ids, form.wish(new), form.moment(), datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        except Conflict as conflict:
            problem = str(conflict)
        else:
            told = [(one, outcome_words(one)) for one in outcomes]
            changed = sum(1 for one in outcomes if one.change is not None)
            context = {"told": told, "new": new, "changed": changed, "refused": len(told) - changed}
            return operator_page(request, desk, "console/operator/tools_told.html", context, at=AT)
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    previews, sums = previews_of_many(rows, new, form)
    context = {
        "rows": rows,
        "previews": previews,
        "sums": sums,
        "charge": CHARGE_TITLES[Charge(said.get("charge", Charge.PRORATED))].lower(),
        "is_shown": bool(said),
        "new": new,
        "new_badge": badge(new),
        "verb": change_words(AccountStatus.ACTIVE, status_of_new) if new.status != AccountStatus.ACTIVE else "Enable",
        "form": form,
        "problem": problem,
        "effects": effects_of(status_of_new),
    }
    template, code = (
        "console/operator/tools_options.html",
        409 if problem else 422 if form.is_bound and not form.is_valid() else 200,
    )
    return operator_page(request, desk, template, context, at=AT, images=[new.image_url], status=code)
