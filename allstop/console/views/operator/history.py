"""An account's history: every change of it, with before and after; and the account as it was on any day."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.actor import Operator
from allstop.console.access import Desk, operator_screen
from allstop.console.day_fields import DayField
from allstop.console.views.operator.accounts import row_of
from allstop.console.views.operator.desk import effects_of, operator_page
from allstop.rules.days import start_of_day
from allstop.rules.lifecycle import STATUS_WORDS
from allstop.store import lists
from allstop.store.models import LedgerEntry

LONGEST = 120  # signs of one value


class AsOfForm(forms.Form):
    on = DayField(
        label="As of",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="At the end of this day in the account's time zone.",
    )
    before = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1)


@operator_screen("GET")
def history(request: HttpRequest, desk: Desk, _by: Operator, any_account_id: int) -> HttpResponse:
    row = row_of(any_account_id)
    form = AsOfForm(request.GET)
    said = form.cleaned_data if form.is_valid() else {}
    on, then, is_too_early = said.get("on"), None, False
    if on is not None:
        end = start_of_day(on + timedelta(days=1), ZoneInfo(row.zone)) - timedelta(microseconds=1)
        then = lists.account_as_of(row.id, min(end, datetime.now(UTC)))
        is_too_early = then is None
    found = lists.account_history(row.id, said.get("before"), lists.HISTORY_SHOWN + 1)
    shown = found[: lists.HISTORY_SHOWN]
    at = reverse("operator-history", args=[row.id])
    context = {
        "row": row,
        "form": form,
        "on": on,
        "then": then,
        "is_too_early": is_too_early,
        "status": STATUS_WORDS[then.status] if then else "",
        "effects": effects_of(then.status, then.bills_usage) if then else [],
        "settings": [(one, values_of(one.after)) for one in then.settings] if then else [],
        "entries": [(one, one.act.replace("_", " ").capitalize(), changes_of(one)) for one in shown],
        "older": f"{at}?before={shown[-1].number}" if len(found) > len(shown) else "",
        "newer": at if said.get("before") else "",
    }
    code = 200 if form.is_valid() else 422
    return operator_page(request, desk, "console/operator/history.html", context, at="operator-accounts", status=code)


def changes_of(entry: LedgerEntry) -> list[tuple[str, str, str]]:
    """(what, before, after), only what differs."""
    before, after = entry.before or {}, entry.after or {}
    names = [name for name in (*before, *(one for one in after if one not in before)) if name != "via"]
    return [(name.replace("_", " "), _words(before.get(name)), _words(after.get(name))) for name in names]


def values_of(after: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name.replace("_", " "), _words(value)) for name, value in after.items() if name != "via"]


def _words(value: Any) -> str:
    if value is None or value == "":
        return ""
    words = {True: "yes", False: "no"}.get(value, str(value)) if isinstance(value, bool) else str(value)
    return words if len(words) <= LONGEST else f"{words[:LONGEST]}…"
