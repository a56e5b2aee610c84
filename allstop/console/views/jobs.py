"""One job with its messages, and REMOVE: asked for first, then done."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.actor import NotThere
from allstop.actions.jobs import remove_jobs
from allstop.console.access import Desk, screen
from allstop.console.filters import FilterForm
from allstop.console.frame import ask, done, page
from allstop.console.lamp import jobs_topic
from allstop.console.paging import page_of, pager, position
from allstop.console.selection import chosen_jobs
from allstop.console.views.switch import counted
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import Status


@screen("GET")
def job(request: HttpRequest, desk: Desk, job_id: int) -> HttpResponse:
    now = datetime.now(UTC)
    found = lists.job(desk.account_id, job_id, now)
    if found is None:
        raise NotThere("There is no such job.")
    together = lists.told_together(desk.account_id, job_id)
    found = replace(found, counts=_with_families(found.counts, together))
    form = FilterForm(request.GET)
    shown = page_of(
        lambda limit: lists.messages(desk.account_id, form.filters(job=job_id), after=position(request), limit=limit)
    )
    context = {
        "job": found,
        "counts": counts(found),
        "together": sum(together.values()),
        "results": [(result.value, count) for result, count in lists.job_results(desk.account_id, job_id).items()],
        "narrower": lists.stops_on_job(desk.account_id, job_id),
        "canceled": found.counts.get(Status.CANCELED, 0),
        "form": form,
        "rows": shown.rows,
        "pager": pager(request, shown, "notifications", form.kept()),
        "why_not": desk.why_not(Act.REMOVE_JOBS),
        "jobs_version": jobs_topic(lists.switch_state(desk.account_id)),
    }
    return page(request, desk, "console/job.html", context, at="home")


def _with_families(found: Mapping[Status, int], together: Mapping[Status, int]) -> dict[Status, int]:
    """Those of which another message tells count as that one does."""
    told = Counter(found)
    for status, number in together.items():
        told[Status.CANCELED] -= number
        told[status] += number
    return dict(told)


def counts(found: lists.JobRow) -> list[dict[str, Any]]:
    return [
        {"state": status.value, "count": found.counts[status]}
        for status in Status
        if found.counts.get(status, 0) and status is not Status.CANCELED
    ]


@screen("POST")
def ask_remove(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Only asks: a selection may be too long for an address, so it comes by POST."""
    selection = chosen_jobs(desk.account_id, request.POST)
    rows = lists.jobs_of_ids(desk.account_id, selection.ids, datetime.now(UTC))
    if not rows or len(rows) != len(set(selection.ids)):
        raise NotThere("One of these jobs does not exist. Reload the page and select again.")
    open_rows = [row for row in rows if row.removed_at is None]
    context = {
        "heading": f"Remove {counted(len(open_rows), 'job')}?",
        "kind": "bad",
        "rows": open_rows[:8],
        "more": max(0, len(open_rows) - 8),
        "waiting": sum(row.waiting for row in open_rows),
        "in_flight": sum(row.in_flight for row in open_rows),
        "fields": selection.fields,
        "action_url": reverse("remove-jobs"),
        "back": reverse("home"),
        "why_not": desk.why_not(Act.REMOVE_JOBS),
    }
    return ask(request, desk, "console/remove_jobs.html", context)


@screen("POST")
def remove(request: HttpRequest, desk: Desk) -> HttpResponse:
    selection = chosen_jobs(desk.account_id, request.POST)
    if not selection.ids:
        raise NotThere("No job was selected.")
    removed = remove_jobs(desk.actor, selection.ids, datetime.now(UTC))
    words = (
        f"Removed {counted(removed.jobs, 'job')}. {counted(removed.messages, 'notification')} will never leave."
        if removed.jobs
        else "These jobs were removed already."
    )
    return done(request, words, reverse("home"))
