"""Contacts from a file: dropped, its columns looked at, what it will do seen, done, taken back; and contacts to one.

/contacts/import ──upload──► /contacts/import/ID (columns, preview) ──confirm──► (progress) ──► (done, undo)
"""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions import contact_imports as actions
from allstop.actions.actor import Invalid
from allstop.actions.bulk import Selection
from allstop.actions.contact_export import ExportFormat, export_contacts
from allstop.actions.contact_import_options import ContactImportOptions, options_from_json
from allstop.actions.contact_import_run import OPEN
from allstop.actions.contact_import_undo import UNDO_FOR, undo_import, why_no_undo
from allstop.actions.contact_imports import ContactPreview
from allstop.console.access import Desk, screen
from allstop.console.contact_choice import filter_of
from allstop.console.frame import done, is_htmx, page
from allstop.console.selection import chosen_ids
from allstop.formats.delimited import DELIMITERS
from allstop.formats.encodings import ENCODINGS
from allstop.formats.people_file import PeopleFormat, PeopleOpening
from allstop.formats.person import LABELS, PersonField
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import ContactImport, ContactImportState

ACCEPTED = ".csv,.tsv,.txt,.tab,.xlsx,.vcf,.vcard"
PROBLEMS_SHOWN = 50


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
        source = actions.upload(desk.actor, file.name or "contacts", file.chunks(), datetime.now(UTC))
    except Invalid as invalid:
        return show_list(request, desk, list(invalid.problems.values()), status=422)
    return redirect("contact-import", contact_import_id=source.pk)


def show_list(request: HttpRequest, desk: Desk, errors: list[str], *, status: int = 200) -> HttpResponse:
    drop = {
        "id": "file",
        "name": "file",
        "title": "Drop a file of contacts here, or choose one",
        "line": "vCards from a phone or Outlook (.vcf), CSV from Outlook, Google or anything else, or Excel (.xlsx)",
        "accept": ACCEPTED,
        "max_bytes": actions.LARGEST,
        "errors": errors,
    }
    context = {
        "drop": drop,
        "imports": lists.contact_imports(desk.account_id),
        "why_not": desk.why_not(Act.IMPORT_CONTACTS),
    }
    return page(request, desk, "console/contact_import/list.html", context, at="contacts", status=status)


@screen("GET", "POST")
def one(request: HttpRequest, desk: Desk, contact_import_id: int) -> HttpResponse:
    """By state: what to choose, how far it is, or what came of it. A POST keeps the choices."""
    source = actions.import_of(desk.actor, contact_import_id)
    if request.method == "GET":
        return _show(request, desk, source)
    try:
        actions.configure(desk.actor, source.pk, _chosen(request.POST, source), datetime.now(UTC))
    except Invalid as invalid:
        return _show(request, desk, source, str(invalid), status=422)
    if is_htmx(request):
        return _show(request, desk, actions.import_of(desk.actor, source.pk))
    return redirect("contact-import", contact_import_id=source.pk)


def _chosen(posted: QueryDict, source: ContactImport) -> ContactImportOptions:
    """Invalid: a column is given to something that a person has not got."""
    options = options_from_json(source.options)
    try:
        fields = tuple(_field(posted.get(f"column-{index}", "")) for index in range(len(options.fields)))
    except ValueError as unknown:
        raise Invalid(fields="There is no such field. Reload the page.") from unknown
    return replace(options, fields=fields, overwrite=posted.get("overwrite") == "1")


def _field(word: str) -> PersonField | None:
    return PersonField(word) if word else None


@screen("POST")
def read_again(request: HttpRequest, desk: Desk, contact_import_id: int) -> HttpResponse:
    """Another encoding, delimiter or sheet: the columns are guessed afresh."""
    source = actions.import_of(desk.actor, contact_import_id)
    words = {name: sign for sign, name in DELIMITERS.items()}
    opening = PeopleOpening(
        encoding=request.POST.get("encoding") or None, delimiter=words.get(request.POST.get("delimiter", ""))
    )
    options = replace(options_from_json(source.options), opening=opening)
    try:
        actions.configure(desk.actor, source.pk, options, datetime.now(UTC))
    except Invalid as invalid:
        return _show(request, desk, source, str(invalid), status=422)
    return redirect("contact-import", contact_import_id=source.pk)


@screen("POST")
def confirm(request: HttpRequest, desk: Desk, contact_import_id: int) -> HttpResponse:
    """With the choices as they stand on the page: what was chosen last may not have been kept yet."""
    source = actions.import_of(desk.actor, contact_import_id)
    try:
        with transaction.atomic():
            actions.configure(desk.actor, source.pk, _chosen(request.POST, source), datetime.now(UTC))
            actions.confirm(desk.actor, source.pk, datetime.now(UTC))
    except Invalid as invalid:
        return _show(request, desk, source, str(invalid), status=422)
    return redirect("contact-import", contact_import_id=source.pk)


@screen("POST")
def discard(request: HttpRequest, desk: Desk, contact_import_id: int) -> HttpResponse:
    actions.discard(desk.actor, contact_import_id, datetime.now(UTC))
    return done(request, "The file is forgotten. Nothing was imported.", reverse("contact-imports"))


@screen("POST")
def undo(request: HttpRequest, desk: Desk, contact_import_id: int) -> HttpResponse:
    undo_import(desk.actor, contact_import_id, datetime.now(UTC))
    return redirect("contact-import", contact_import_id=contact_import_id)


@screen("GET")
def progress(request: HttpRequest, desk: Desk, contact_import_id: int) -> HttpResponse:
    """The part of the page that moves, alone."""
    source = actions.import_of(desk.actor, contact_import_id)
    if source.state == ContactImportState.UPLOADED or not is_htmx(request):
        return redirect("contact-import", contact_import_id=contact_import_id)
    return render(request, "console/contact_import/progress.html", _progress(desk, source))


@screen("GET")
def refused(request: HttpRequest, desk: Desk, contact_import_id: int) -> StreamingHttpResponse:
    pieces = actions.refused_csv(desk.actor, contact_import_id)
    answer = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="refused-{contact_import_id}.csv"'
    return answer


@screen("POST")
def export(request: HttpRequest, desk: Desk) -> StreamingHttpResponse:
    """Those selected; without a selection, all that the list shows."""
    kind = request.POST.get("format", "")
    if kind not in list(ExportFormat):
        kind = ExportFormat.CSV
    ids = chosen_ids(request.POST)
    if ids:
        selection = Selection(ids=ids)
    else:
        wanted = filter_of(desk.account_id, QueryDict(request.POST.get("filter", "")))
        selection = Selection(filter=wanted, without=chosen_ids(request.POST, "except"))
    made = export_contacts(desk.actor, selection, ExportFormat(kind), datetime.now(UTC))
    answer = StreamingHttpResponse(made.pieces, content_type=made.media_type)
    answer["Content-Disposition"] = f'attachment; filename="{made.file_name}"'
    return answer


# --- what the page shows


def _show(
    request: HttpRequest, desk: Desk, source: ContactImport, error: str = "", *, status: int = 200
) -> HttpResponse:
    if source.state != ContactImportState.UPLOADED:
        context = _progress(desk, source)
        return page(request, desk, "console/contact_import/under_way.html", context, at="contacts", status=status)
    seen = actions.preview(desk.actor, source.pk, datetime.now(UTC))
    context = {
        "import": source,
        "seen": seen,
        "error": error,
        "is_whole": seen.rows_looked_at < actions.ROWS_LOOKED_AT,
        **_counted(seen),
        "steps": steps(source),
    }
    if is_htmx(request):
        return render(request, "console/contact_import/preview.html", context, status=status)
    columns = _columns(seen)
    opening = seen.options.opening
    context |= {
        "columns": [one for one in columns if one["samples"] or one["chosen"]],
        "empty_columns": [one for one in columns if not one["samples"] and not one["chosen"]],
        "fields": [(field.value, LABELS[field]) for field in PersonField],
        "overwrite": seen.options.overwrite,
        "is_delimited": source.format == PeopleFormat.CSV,
        "encodings": list(ENCODINGS.items()),
        "encoding": opening.encoding,
        "delimiters": list(DELIMITERS.values()),
        "delimiter": DELIMITERS.get(opening.delimiter or ""),
        "why_not": desk.why_not(Act.IMPORT_CONTACTS),
    }
    return page(request, desk, "console/contact_import/configure.html", context, at="contacts", status=status)


def _counted(seen: ContactPreview) -> dict[str, Any]:
    planned = seen.planned
    problems = sorted(
        [*((one, True) for one, _ in planned.refused), *((one, False) for one in planned.left_out)],
        key=lambda pair: pair[0].row,
    )
    return {
        "rows": seen.rows,
        "problems": [{"at": one, "is_refused": whole} for one, whole in problems[:PROBLEMS_SHOWN]],
        "refused_count": len(planned.refused),
    }


def _columns(seen: ContactPreview) -> list[dict[str, Any]]:
    return [
        {"index": index, "name": name, "samples": ", ".join(samples), "chosen": field.value if field else ""}
        for index, (name, samples, field) in enumerate(
            zip(seen.columns, seen.samples, seen.options.fields, strict=True)
        )
    ]


def _progress(desk: Desk, source: ContactImport) -> dict[str, Any]:
    now = datetime.now(UTC)
    why_not = why_no_undo(source, now)
    until = source.finished_at + UNDO_FOR if source.finished_at else now
    return {
        "import": source,
        "steps": steps(source),
        "is_open": source.state in OPEN,
        "is_undo": source.state in (ContactImportState.UNDOING, ContactImportState.UNDONE),
        "may_undo": not why_not and desk.may(Act.IMPORT_CONTACTS),
        "minutes_left": max(1, (until - now) // timedelta(minutes=1) + 1),
        "left_out": lists.contact_import_left_out(source.pk, PROBLEMS_SHOWN),
        "total": source.added + source.completed if source.state == ContactImportState.UNDOING else source.rows_total,
    }


def steps(source: ContactImport) -> list[dict[str, str]]:
    at = {ContactImportState.UPLOADED: 1}.get(ContactImportState(source.state), 2 if source.state in OPEN else 3)
    names = ("Upload", "Columns and preview", "Import", "Done")
    return [
        {"name": name, "at": "done" if place < at or at == 3 else "current" if place == at else "ahead"}
        for place, name in enumerate(names)
    ]
