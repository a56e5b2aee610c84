"""Home: the state of the switch, today's figures, the live rate and the jobs."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.console.access import Desk, screen
from allstop.console.frame import is_htmx, page
from allstop.console.lamp import jobs_topic, lamp_version
from allstop.console.meters import figures_of
from allstop.console.paging import page_of, position
from allstop.console.templatetags.words import origin
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import Status

PLOT_POINTS = 120


@screen("GET")
def home(request: HttpRequest, desk: Desk) -> HttpResponse:
    now = datetime.now(UTC)
    figures = figures_of(desk.account_id, now)
    context = {"meters": meters(figures), "plot": plot(figures), **jobs_context(request, desk, now)}
    return page(request, desk, "console/home.html", context | switch_context(desk), at="home")


@screen("GET")
def jobs(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The table of jobs alone, as the live stream asks for it."""
    if not is_htmx(request):
        return redirect("home")
    return render(request, "parts/jobs_table.html", jobs_context(request, desk, datetime.now(UTC)))


@screen("GET")
def switch_panel(request: HttpRequest, desk: Desk) -> HttpResponse:
    """What stands under the lamp on Home: who stopped it, why, and the receipt."""
    if not is_htmx(request):
        return redirect("home")
    return render(request, "console/home/switch.html", switch_context(desk))


def switch_context(desk: Desk) -> dict[str, Any]:
    switch = lists.switch_state(desk.account_id)
    took = None
    if switch.confirmed_at is not None and switch.since is not None:
        took = max(0, round((switch.confirmed_at - switch.since).total_seconds() * 1000))
    return {
        "switch": switch,
        "narrower": switch.narrower,
        "may_count": not switch.whole_installation or desk.actor.is_operator,
        "switch_version": lamp_version(switch),
        "confirmed_after_ms": took,
        "ramp": lists.running_ramp(desk.account_id) if switch.is_running else None,
        "why_no_start": desk.why_not(Act.START),
    }


def jobs_context(request: HttpRequest, desk: Desk, now: datetime) -> dict[str, Any]:
    after = position(request)
    shown = page_of(lambda limit: lists.jobs(desk.account_id, now, after=after, limit=limit))
    older = f"{reverse('home')}?{urlencode({'after': shown.last})}" if shown.last else ""
    total = lists.count_jobs(desk.account_id)
    return {
        "jobs": [job_line(row) for row in shown.rows],
        "jobs_total": total,
        "jobs_filter": "",
        "jobs_url": reverse("jobs") + (f"?{urlencode({'after': after})}" if after else ""),
        "jobs_version": jobs_topic(lists.switch_state(desk.account_id)),
        "remove_url": reverse("remove-jobs-ask") if desk.may(Act.REMOVE_JOBS) else "",
        "import_url": reverse("imports"),
        "pager": {
            "newer": reverse("home") if after else "",
            "older": older,
            "shown": len(shown.rows),
            "total": total,
            "things": "jobs",
        },
    }


def job_line(row: lists.JobRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "url": reverse("job", args=[row.id]),
        "location": origin(row.source, row.created_by),
        "note": f"{row.past_use_by:,} past their use-by" if row.past_use_by else "",
        "channels": [channel.value for channel in row.channels],
        "state": row.state,
        "done": row.finished,
        "total": row.total,
        "due_at": row.first_due_at,
    }


def meters(figures: lists.Figures) -> dict[str, Any]:
    rows = [
        ("sent", "Sent", figures.sent, "", ""),
        ("waiting", "Waiting to leave", figures.waiting, "", ""),
        ("in_flight", "Leaving now", figures.in_flight, "", ""),
        ("last_minute", "Sent in the last minute", figures.last_minute, "", ""),
        ("refused", "Refused by the gate", figures.refused, "", ""),
        ("failed", "Failed", figures.failed, "", ""),
        ("unknown", "Outcome unknown", figures.unknown, "", ""),
        ("unclear", "Replies to read", figures.unclear, "", ""),
    ]
    places = {  # where a person decides
        "unknown": f"{reverse('messages')}?{urlencode({'status': Status.UNKNOWN.value})}",
        "unclear": reverse("replies"),
    }
    return {
        "title": "Today",
        "topic": "figures",
        "rows": [
            {"name": name, "label": label, "value": value, "kind": kind, "note": note, "url": places.get(name, "")}
            for name, label, value, kind, note in rows
        ],
    }


def plot(figures: lists.Figures) -> dict[str, Any]:
    return {
        "id": "rate-plot",
        "title": "Throughput, last two minutes",
        "about": "Line plot of messages sent a minute, over the last two minutes. The same numbers are in the table.",
        "unit": "a minute",
        "topic": "rate",
        "keep": PLOT_POINTS,
        "lines": {
            "x": [int(rate.at.timestamp()) for rate in figures.series],
            "series": [{"name": "sent", "label": "Sent", "y": [rate.per_minute for rate in figures.series]}],
        },
    }
