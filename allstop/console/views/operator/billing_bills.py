"""Bills: Bill Account with its preview, bill runs with their progress, and the report of missed periods."""

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from allstop.actions.actor import Conflict, Invalid, NotThere, Operator
from allstop.actions.bill_runs import bill_run, bill_run_of
from allstop.actions.billing import bill_by_hand, missed_of_all, preview_bill
from allstop.console.access import Desk, operator_screen
from allstop.console.day_fields import DayField
from allstop.console.form_problems import add_problems
from allstop.console.views.operator.billing_invoices import with_totals
from allstop.console.views.operator.billing_preview import preview_of
from allstop.console.views.operator.desk import badge, operator_page
from allstop.store import lists
from allstop.store.lists import billing
from allstop.store.models import BillRun

DATE = {"type": "date"}
MAX_ROWS = 50
AT = "operator-accounts"
RUN_WORDS = {"queued": "waits", "running": "is running", "done": "is done", "failed": "has failed"}
TONES = {"queued": "calm", "running": "wait", "done": "good", "failed": "bad"}


class SpanForm(forms.Form):
    since = DayField(
        label="Bill dates from",
        required=False,
        widget=forms.DateInput(attrs=DATE),
        help_text="Empty: from the account's last bill day.",
    )
    until = DayField(label="to", required=False, widget=forms.DateInput(attrs=DATE), help_text="Empty: today.")


class RunForm(forms.Form):
    day = DayField(label="Day", required=False, widget=forms.DateInput(attrs=DATE), help_text="Empty: today.")


@operator_screen("GET", "POST")
def bill_account(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    """GET shows what would be billed, POST bills it."""
    row, now = _row(any_account_id), datetime.now(UTC)
    said = request.POST if request.method == "POST" else request.GET
    form = SpanForm(said)
    shown, problem = None, ""
    try:
        if form.is_valid():
            since, until = form.cleaned_data["since"], form.cleaned_data["until"]
            if request.method == "POST":
                billed = bill_by_hand(by, row.id, since, until, now)
                if billed.invoice is not None:
                    messages.success(request, f"Billed: invoice no. {billed.invoice.pk}, {billed.bill.total}.")
                    return redirect("operator-invoice", row.id, billed.invoice.pk)
                messages.success(request, "There was nothing to bill.")
                return redirect("account-billing", row.id)
            shown = preview_of(preview_bill(row.id, since, until, now))
    except Invalid as invalid:
        add_problems(form, invalid)
    except Conflict as conflict:
        problem = str(conflict)
    context = {"row": row, "badge": badge(row.type), "form": form, "bill": shown, "problem": problem}
    code = (409 if problem else 422 if form.errors else 200) if request.method == "POST" or form.errors else 200
    template = "console/operator/billing/bill.html"
    return operator_page(request, desk, template, context, at=AT, images=[row.type.image_url], status=code)


@operator_screen("GET", "POST")
def bill_runs(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    """POST starts one."""
    form, problem = RunForm(request.POST if request.method == "POST" else None), ""
    if form.is_bound and form.is_valid():
        try:
            made = bill_run(by, form.cleaned_data["day"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        except Conflict as conflict:
            problem = str(conflict)
        else:
            return redirect("bill-run", made.pk)
    code = 409 if problem else 422 if form.is_bound else 200
    context = {"form": form, "problem": problem, "rows": [_shown(one) for one in billing.bill_runs()]}
    template = "console/operator/billing/runs.html"
    return operator_page(request, desk, template, context, at="bill-runs", status=code)


@operator_screen("GET")
def run(request: HttpRequest, desk: Desk, _by: Operator, bill_run_id: int) -> HttpResponse:
    """Drawn again by itself while it runs."""
    found = bill_run_of(bill_run_id)
    context = {"its": _shown(found), "rows": with_totals(list(billing.invoices_of_run(found.pk)))}
    return operator_page(request, desk, "console/operator/billing/run.html", context, at="bill-runs")


@operator_screen("GET")
def missed(request: HttpRequest, desk: Desk, _by: Operator) -> HttpResponse:
    """Periods that nobody billed, and that no run will (TB14)."""
    after = request.GET.get("after", "")
    last = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else 0
    found = missed_of_all(datetime.now(UTC), last, MAX_ROWS + 1)
    rows = [
        {
            "account": books.account,
            "since": min(days.start for one in missed for days in one.days),
            "what": [(one.package.name, one.days) for one in missed],
        }
        for books, missed in found[:MAX_ROWS]
    ]
    older = f"{request.path}?after={found[MAX_ROWS - 1][0].account.pk}" if len(found) > MAX_ROWS else ""
    first = request.path if after else ""
    context = {
        "rows": rows,
        "pager": {"newer": first, "older": older, "shown": len(rows), "total": None, "things": "accounts"},
    }
    return operator_page(request, desk, "console/operator/billing/missed.html", context, at="missed-periods")


def _shown(one: BillRun) -> dict[str, object]:
    amounts = ", ".join(map(str, billing.amounts_of(one))) or "nothing"
    is_open = one.state in ("queued", "running")
    return {
        "run": one,
        "words": RUN_WORDS[one.state],
        "tone": TONES[one.state],
        "amounts": amounts,
        "is_open": is_open,
        "of": max(one.total, one.done),
    }


def _row(account_id: int) -> lists.AccountRow:
    found = lists.account_row(account_id)
    if found is None:
        raise NotThere("There is no such account.")
    return found
