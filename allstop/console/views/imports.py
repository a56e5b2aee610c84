"""Import: a file is dropped, its columns and wording are looked at, and it becomes a job, or nothing at all.

/import ──upload──► /import/ID (uploaded: mapping, wording, preview) ──confirm──► (queued, running: progress) ──► (done)
"""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions import imports as actions
from allstop.actions.actor import Invalid
from allstop.actions.import_preview import preview
from allstop.console.access import Desk, screen
from allstop.console.frame import done, is_htmx, page
from allstop.console.import_form import choices, chosen_options, reading_options, wording_options
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
    """By state: what to choose, how far it is, or what came of it. A POST keeps the choices."""
    taken = actions.import_of(desk.actor, import_id)
    if request.method == "GET":
        return show_one(request, desk, taken, {})
    try:
        options = chosen_options(request.POST, actions.options_of(taken), desk.place.zone)
        actions.configure(desk.actor, import_id, options, datetime.now(UTC))
    except Invalid as invalid:
        return show_one(request, desk, taken, invalid.problems, status=422)
    if is_htmx(request):
        return show_one(request, desk, actions.import_of(desk.actor, import_id), {})
    return redirect("import", import_id=import_id)


@screen("POST")
def read_again(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    """Another encoding, delimiter or sheet, or saved wording: the form below it changes as a whole."""
    taken = actions.import_of(desk.actor, import_id)
    before = actions.options_of(taken)
    try:
        if "template" in request.POST:
            options = wording_options(request.POST, before, lists.templates(desk.account_id))
        else:
            options = reading_options(request.POST, before)
        actions.configure(desk.actor, import_id, options, datetime.now(UTC))
    except Invalid as invalid:
        return show_one(request, desk, taken, invalid.problems, status=422)
    return redirect("import", import_id=import_id)


@screen("POST")
def confirm(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    """With the choices as they stand on the page: what was typed last may not have been kept yet."""
    taken = actions.import_of(desk.actor, import_id)
    now = datetime.now(UTC)
    try:
        options = chosen_options(request.POST, actions.options_of(taken), desk.place.zone)
        actions.configure(desk.actor, import_id, options, now)
        actions.confirm(desk.actor, import_id, now)
    except Invalid as invalid:
        return show_one(request, desk, taken, invalid.problems, status=422)
    return redirect("import", import_id=import_id)


@screen("POST")
def discard(request: HttpRequest, desk: Desk, import_id: int) -> HttpResponse:
    actions.discard(desk.actor, import_id, datetime.now(UTC))
    return done(request, "The file is forgotten. Nothing was imported.", reverse("imports"))


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
    request: HttpRequest, desk: Desk, taken: Import, errors: dict[str, str], *, status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {"import": taken, "steps": steps(taken), "errors": errors}
    context["why_not"] = desk.why_not(Act.IMPORT_REMINDERS)
    if taken.state not in (ImportState.UPLOADED, ImportState.FAILED):
        context |= progress_context(taken)
        return page(request, desk, "console/import/under_way.html", context, at="imports", status=status)
    seen = preview(desk.actor, taken.pk, datetime.now(UTC))
    context |= {"preview": seen, "rows": preview_rows(seen), "blockers": {**seen.blockers, **errors}}
    if is_htmx(request):
        return render(request, "console/import/preview.html", context | {"desk": desk}, status=status)
    context |= choices(seen, desk.account_id, desk.place.zone, request.POST if errors else None)
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
