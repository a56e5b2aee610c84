"""Reports: what came of the jobs of some days, as bars and as a table; and as a file."""

from datetime import UTC, date, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import date_format

from allstop.actions.actor import Invalid
from allstop.actions.reports import HEADS, MEDIA, Report, ReportFormat, as_file, make_report
from allstop.console.access import Desk, screen
from allstop.console.bars import bars
from allstop.console.day_fields import DayField
from allstop.console.frame import page
from allstop.store.lists import ReportBy

BARS = {"Sent": ("sent",), "Waiting": ("waiting",), "Refused, canceled or errors": ("refused", "canceled", "errors")}
MOST_BARS = 40


class ReportForm(forms.Form):
    by = forms.ChoiceField(
        label="By", required=False, choices=[(one.value, f"By {one.value}") for one in ReportBy], initial="day"
    )
    since = DayField(label="From", required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = DayField(label="To", required=False, widget=forms.DateInput(attrs={"type": "date"}))


@screen("GET")
def report(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = ReportForm(request.GET)
    try:
        found = _asked(desk, form)
    except Invalid as invalid:
        for field, words in invalid.problems.items():
            form.add_error(field, words)
        found = make_report(desk.actor, ReportBy.DAY, None, None, datetime.now(UTC))
    form = form if form.errors else ReportForm(initial={"by": found.by, "since": found.since, "until": found.until})
    columns = [name for name in HEADS if name != "notifications"]
    context = {
        "form": form,
        "plotted": _plot(found),
        "heads": HEADS.values(),
        "lines": [
            (_in_words(found, line.key), [line.total, *(line.counts[name] for name in columns)]) for line in found.lines
        ],
        "totals": found.totals.values(),
        "query": f"by={found.by}&since={found.since}&until={found.until}",
    }
    return page(request, desk, "console/report.html", context, at="messages", status=422 if form.errors else 200)


@screen("GET")
def export(request: HttpRequest, desk: Desk, kind: str) -> HttpResponse:
    try:
        found = _asked(desk, ReportForm(request.GET))
    except Invalid:  # the page says what is wrong with the days
        return redirect(f"{reverse('report')}?{request.GET.urlencode()}")
    answer = HttpResponse(as_file(found, ReportFormat(kind)), content_type=MEDIA[ReportFormat(kind)])
    answer["Content-Disposition"] = f'attachment; filename="report-{found.since}-{found.until}.{kind}"'
    return answer


def _asked(desk: Desk, form: ReportForm) -> Report:
    form.full_clean()
    said = form.cleaned_data
    by = ReportBy(said.get("by") or ReportBy.DAY)
    return make_report(desk.actor, by, said.get("since"), said.get("until"), datetime.now(UTC))


def _in_words(found: Report, key: str) -> str:
    """A day as the console writes days; files and programs get it as it sorts."""
    return date_format(date.fromisoformat(key), "D j M Y") if found.by is ReportBy.DAY else key


def _plot(found: Report) -> object:
    about = "Three bars each: notifications that were sent, that wait, and that were refused, canceled or went wrong."
    shown = found.lines[-MOST_BARS:]
    lines: list[Any] = [
        (_in_words(found, line.key), *(sum(line.counts[part] for part in parts) for parts in BARS.values()))
        for line in shown
    ]
    return bars("report", "What came of the notifications", about, f"a {found.by}", lines, names=tuple(BARS))
