"""Import: a file is dropped, its columns and wording are looked at, and it becomes a job, or nothing at all.

/import ──upload──► /import/ID (uploaded: mapping, wording, preview) ──confirm──► (queued, running: progress) ──► (done)
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions import imports as actions
from allstop.actions.actor import Invalid
from allstop.actions.import_preview import import_forecast, preview
from allstop.actions.templates import Keep
from allstop.console import own_window_form
from allstop.console.access import Desk, screen
from allstop.console.forecast_plot import list_shown
from allstop.console.frame import done, is_htmx, page
from allstop.console.import_form import Form, choices, chosen_options, filled_in, reading_options, wording_to_keep
from allstop.rules.facts import Channel
from allstop.rules.reasons import in_words
from allstop.rules.roles import Act
from allstop.rules.verdict import reason_of, word_of
from allstop.store import lists
from allstop.store.models import Import, ImportState, JobSource

ACCEPTED = ".csv,.tsv,.txt,.tab,.xlsx,.ics,.json"


class UploadForm(forms.Form):
    file = forms.FileField(max_length=200)


@screen("GET", "POST")
def imports(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method == "GET":
        return show_list(request, desk, [])
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return show_list(request, desk, [str(words) for words in form.errors.get("file", [])], status=422)
    file: UploadedFile[Any] = form.cleaned_data["file"]
    try:
        taken = actions.upload(desk.actor, file.name or "upload", file.read(), datetime.now(UTC), JobSource.UPLOAD)
    except Invalid as invalid:
        return show_list(request, desk, list(invalid.problems.values()), status=422)
    return redirect("import", import_id=taken.pk)


def show_list(request: HttpRequest, desk: Desk, errors: list[str], *, status: int = 200) -> HttpResponse:
    drop = {
        "id": "file",
        "name": "file",
        "title": "Drop a file of reminders here, or choose one",
        "line": "CSV or TSV in any encoding, Excel, iCalendar (.ics) or FHIR Appointments (.json)",
        "accept": ACCEPTED,
        "max_bytes": actions.LARGEST,
        "errors": errors,
    }
    context = {"drop": drop, "imports": lists.imports(desk.account_id), "why_not": desk.why_not(Act.IMPORT_REMINDERS)}
    return page(request, desk, "console/import/list.html", context, at="imports", status=status)


@screen("GET", "POST")
def one(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    """By state: what to choose, how far it is, or what came of it. A POST keeps the choices.

    One that htmx sends while a person types names no wording: half a name would be saved.
    """
    taken = actions.import_of(desk.actor, import_id)
    if request.method == "GET":
        return show_one(request, desk, taken, {})
    saved = lists.templates(desk.account_id)
    form = Form(request.POST)
    try:
        form = filled_in(request.POST, saved)
        keeps = () if is_htmx(request) else wording_to_keep(form.words, saved)
        _configure(desk, taken, form.words, keeps)
    except Invalid as invalid:
        return show_one(request, desk, taken, invalid.problems, form, status=422)
    if is_htmx(request):
        return show_one(request, desk, actions.import_of(desk.actor, import_id), {}, form)
    if keeps:
        return done(request, "The wording is saved.", reverse("import", args=[import_id]))
    return redirect("import", import_id=import_id)


def _configure(desk: Desk, taken: Import, form: QueryDict, keeps: Sequence[Keep]) -> None:
    now = datetime.now(UTC)
    options = chosen_options(form, actions.options_of(taken), desk.place.zone)
    with transaction.atomic():
        actions.configure(desk.actor, taken.pk, options, now)
        if keeps:
            actions.keep_wording(desk.actor, taken.pk, keeps, now)


@screen("POST")
def read_again(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    """Another encoding, delimiter or sheet: the form below it changes as a whole."""
    taken = actions.import_of(desk.actor, import_id)
    try:
        options = reading_options(request.POST, actions.options_of(taken))
        actions.configure(desk.actor, import_id, options, datetime.now(UTC))
    except Invalid as invalid:
        return show_one(request, desk, taken, invalid.problems, status=422)
    return redirect("import", import_id=import_id)


@screen("POST")
def confirm(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    """With the choices as they stand on the page: what was typed last may not have been kept yet.

    Saved wording that was chosen a moment ago is shown first: nobody has read it on this page.
    """
    taken = actions.import_of(desk.actor, import_id)
    saved = lists.templates(desk.account_id)
    form = Form(request.POST)
    try:
        form = filled_in(request.POST, saved)
        is_unread = any(form.words[f"{channel}_filled"] for channel in form.changed)
        with transaction.atomic():
            _configure(desk, taken, form.words, wording_to_keep(form.words, saved))
            if not is_unread:
                actions.confirm(desk.actor, import_id, datetime.now(UTC))
    except Invalid as invalid:
        return show_one(request, desk, taken, invalid.problems, form, status=422)
    if is_unread:
        words = "The saved wording is filled in. Nothing is imported yet: read it first."
        return done(request, words, reverse("import", args=[import_id]), kind="warn")
    return redirect("import", import_id=import_id)


@screen("POST")
def discard(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    actions.discard(desk.actor, import_id, datetime.now(UTC))
    return done(request, "The file is forgotten. Nothing was imported.", reverse("imports"))


@screen("GET")
def forecast(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    """When its messages would leave, for the preview."""
    actions.import_of(desk.actor, import_id)  # or 404
    if not is_htmx(request):
        return redirect("import", import_id=import_id)
    now = datetime.now(UTC)
    found = import_forecast(desk.actor, import_id, now)
    seen = None if found is None else list_shown(found.forecast, now, desk.place.zone)
    context = {"seen": seen, "rows_looked_at": found.rows_looked_at if found and found.is_estimate else 0}
    return render(request, "console/forecast/list.html", context)


@screen("GET")
def progress(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    taken = actions.import_of(desk.actor, import_id)
    if not is_htmx(request):
        return redirect("import", import_id=import_id)
    return render(request, "console/import/progress.html", progress_context(taken))


@screen("GET")
def problems(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    answer = HttpResponse(actions.problems_csv(desk.actor, import_id), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="problems-of-import-{import_id}.csv"'
    return answer


def show_one(
    request: HttpRequest,
    desk: Desk,
    taken: Import,
    errors: dict[str, str],
    form: Form | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    """Where htmx asked: the preview, and of the form only the channels that changed."""
    context: dict[str, Any] = {"import": taken, "steps": steps(taken), "errors": errors}
    context["why_not"] = desk.why_not(Act.IMPORT_REMINDERS)
    if taken.state not in (ImportState.UPLOADED, ImportState.FAILED):
        context |= progress_context(taken)
        return page(request, desk, "console/import/under_way.html", context, at="imports", status=status)
    try:
        seen = preview(desk.actor, taken.pk, datetime.now(UTC))
    except Invalid as unreadable:  # it came by a feed: one that a person uploads is refused at once
        context["words"] = str(unreadable)
        return page(request, desk, "console/import/unreadable.html", context, at="imports", status=status)
    context |= {"preview": seen, "rows": preview_rows(seen), "blockers": {**seen.blockers, **errors}}
    context |= {"why_not_keep": desk.why_not(Act.EDIT_SETUP)}
    if is_htmx(request):
        context |= {"filled": [], "desk": desk}
        if form is not None and form.changed:
            context |= choices(seen, desk.account_id, desk.place.zone, form.words, errors)
            context["filled"] = [one for one in context["channels"] if one["name"] in form.changed]
        return render(request, "console/import/refreshed.html", context, status=status)
    written = (form.words if form else request.POST) if errors else None
    context |= choices(seen, desk.account_id, desk.place.zone, written, errors)
    first = seen.options.channels[0] if seen.options.channels else Channel.TEXT
    context["own"] = own_window_form.shown(desk.account_id, first, seen.options.window, written, errors)
    return page(request, desk, "console/import/configure.html", context, at="imports", status=status)


def progress_context(taken: Import) -> dict[str, Any]:
    is_over = taken.state in (ImportState.DONE, ImportState.FAILED)
    return {"import": taken, "is_over": is_over, "steps": steps(taken)}


def steps(taken: Import) -> list[dict[str, str]]:
    at = {"uploaded": 1, "failed": 1, "queued": 2, "running": 2, "done": 3}[taken.state]
    names = ("Upload", "Columns and wording", "Import", "Done")
    return [
        {"name": name, "at": "done" if place < at or at == 3 else "current" if place == at else "ahead"}
        for place, name in enumerate(names)
    ]


def preview_rows(seen: Any) -> list[dict[str, Any]]:
    """One line for each message, the rows of a cancelled appointment included."""
    return [
        {
            "row": row,
            "message": message,
            "verdict": word_of(message.verdict),
            "words": in_words(reason_of(message.verdict)),
        }
        for row in seen.rows
        for message in row.messages
    ]
