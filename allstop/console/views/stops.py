"""Stops and starts with their receipts, and the answer to "was it true?"."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.receipts import Verification, receipt, verify
from allstop.console.access import Desk, screen
from allstop.console.frame import page
from allstop.console.paging import page_of, pager, position
from allstop.rules.holds import Scope
from allstop.rules.roles import Act
from allstop.store import lists

TABS = (("account", "Account"), ("job", "Jobs"), ("contact", "Contacts"))

WORDS = {  # act of the ledger: what a person calls it
    "stop": "STOP",
    "start": "START",
    "remove_job": "Removed a job",
    "set_stop_all": "Stop All",
    "set_stop_promotions": "Stop Promotions",
    "opt_out": "The contact's own no",
}


class ReachForm(forms.Form):
    scope = forms.ChoiceField(required=False, choices=TABS)


@screen("GET")
def stops(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = ReachForm(request.GET)
    form.full_clean()
    scope = Scope(form.cleaned_data.get("scope") or Scope.ACCOUNT)
    shown = page_of(lambda limit: lists.stops(desk.account_id, scope, after=position(request), limit=limit))
    context: dict[str, Any] = {
        "ramp": lists.running_ramp(desk.account_id),
        "why_no_start": desk.why_not(Act.START),
        "rows": [stop_line(row) for row in shown.rows],
        "tabs": [
            {"name": name, "url": f"{reverse('stops')}?scope={value}", "current": value == scope, "count": None}
            for value, name in TABS
        ],
        "pager": pager(request, shown, "stops and starts", {"scope": scope.value}),
    }
    return page(request, desk, "console/stops.html", context, at="home")


@screen("GET")
def stop(request: HttpRequest, desk: Desk, stop_id: int) -> HttpResponse:
    """With `?verify=1` the ledger and the attempts are asked: not without, since that reads all of them."""
    found = receipt(desk.actor, stop_id)
    checked: Verification | None = verify(desk.actor, stop_id) if request.GET.get("verify") else None
    context = {"line": stop_line(found), "stop": found, "checked": checked}
    return page(request, desk, "console/stop.html", context, at="home")


def stop_line(row: lists.StopRow) -> dict[str, Any]:
    return {
        "stop": row,
        "words": WORDS.get(row.act) or ("START" if row.is_start else "STOP"),
        "url": "" if row.is_start else reverse("stop-receipt", args=[row.number]),
        "took_ms": None if row.took is None else round(row.took.total_seconds() * 1000),
        "of_url": _thing(row),
    }


def _thing(row: lists.StopRow) -> str:
    if row.job_id is not None:
        return reverse("job", args=[row.job_id])
    if row.contact_id is not None:
        return reverse("contact", args=[row.contact_id])
    return ""
