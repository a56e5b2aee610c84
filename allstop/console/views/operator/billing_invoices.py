"""Invoices: all of them, one with its lines, one as a PDF, and those of some days as CSV."""

from django import forms
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse

from allstop.actions.actor import Invalid, Operator
from allstop.actions.invoices import invoice_file, invoice_of, invoice_sheet, invoices_csv
from allstop.console.access import Desk, operator_screen
from allstop.console.day_fields import DayField
from allstop.console.form_problems import add_problems
from allstop.console.views.operator.desk import operator_page
from allstop.rules.money import rounded
from allstop.store.lists import billing
from allstop.store.models import Invoice

DATE = {"type": "date"}
MAX_ROWS = 50


class DaysForm(forms.Form):
    since = DayField(label="From", required=False, widget=forms.DateInput(attrs=DATE))
    until = DayField(label="to", required=False, widget=forms.DateInput(attrs=DATE))


@operator_screen("GET")
def invoice(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int, invoice_id: int) -> HttpResponse:
    """It explains itself: who, to whom, which days or pieces, and prints as it is."""
    found = invoice_of(by, any_account_id, invoice_id)
    context = {"one": found, "sheet": invoice_sheet(found)}
    return operator_page(request, desk, "console/operator/billing/invoice.html", context, at="operator-invoices")


@operator_screen("GET")
def invoice_pdf(_request: HttpRequest, _desk: Desk, by: Operator, any_account_id: int, invoice_id: int) -> HttpResponse:
    found = invoice_file(by, any_account_id, invoice_id)
    answer = HttpResponse(found.content, content_type="application/pdf")
    answer["Content-Disposition"] = f'attachment; filename="{found.name}"'
    return answer


@operator_screen("GET")
def invoices_file(request: HttpRequest, desk: Desk, by: Operator) -> HttpResponseBase:
    """CSV, made while it is sent."""
    form = DaysForm(request.GET)
    if form.is_valid():
        try:
            rows = invoices_csv(by, form.cleaned_data["since"], form.cleaned_data["until"])
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            answer = StreamingHttpResponse(rows, content_type="text/csv; charset=utf-8")
            answer["Content-Disposition"] = 'attachment; filename="invoices.csv"'
            return answer
    return _page(request, desk, form, None)


@operator_screen("GET")
def invoices(request: HttpRequest, desk: Desk, _by: Operator) -> HttpResponse:
    """Of all accounts, the newest first."""
    before = request.GET.get("after", "")
    last = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    return _page(request, desk, DaysForm(), last)


def _page(request: HttpRequest, desk: Desk, form: DaysForm, before: int | None) -> HttpResponse:
    found = billing.invoices(None, before, MAX_ROWS + 1)
    first = reverse("operator-invoices")
    older = f"{first}?after={found[MAX_ROWS - 1].pk}" if len(found) > MAX_ROWS else ""
    newer = first if before is not None else ""
    context = {
        "rows": with_totals(found[:MAX_ROWS]),
        "form": form,
        "pager": {"newer": newer, "older": older, "shown": len(found[:MAX_ROWS]), "total": None, "things": "invoices"},
    }
    template = "console/operator/billing/invoices.html"
    return operator_page(request, desk, template, context, at="operator-invoices", status=422 if form.is_bound else 200)


def with_totals(found: list[Invoice]) -> list[tuple[Invoice, object]]:
    return [(one, rounded(one.total, one.currency)) for one in found]
