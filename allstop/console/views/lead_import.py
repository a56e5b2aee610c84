"""Leads from a file: handed in, how far it is, and what became of each row.

/leads/import ──upload──► /leads/import/ID (progress) ──► (rows)
"""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions import lead_import as actions
from allstop.actions.actor import Invalid
from allstop.actions.runs import QUEUED, RUNNING
from allstop.console.access import Desk, screen
from allstop.console.frame import is_htmx, page
from allstop.rules.leads import LONGEST_KIND
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import LeadImport, RowOutcome

ACCEPTED = ".csv,.tsv,.txt,.tab,.xlsx,.vcf,.vcard"
SHOWN = 200
UNUSABLE_WORDS = "could not be used; the list below says why"


class UploadForm(forms.Form):
    file = forms.FileField(max_length=200)
    kind = forms.CharField(
        label="Kind",
        max_length=LONGEST_KIND,
        required=False,
        help_text="Of all of them. Your own word, such as: buyer.",
    )


@screen("GET", "POST")
def imports(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method == "GET":
        return _show_list(request, desk, UploadForm(), [])
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_list(request, desk, form, [str(words) for words in form.errors.get("file", [])], status=422)
    file: UploadedFile[Any] = form.cleaned_data["file"]
    try:
        source = actions.import_leads(
            desk.actor, file.name or "leads", file.chunks(), form.cleaned_data["kind"], datetime.now(UTC)
        )
    except Invalid as invalid:
        return _show_list(request, desk, form, list(invalid.problems.values()), status=422)
    return redirect("lead-import", lead_import_id=source.pk)


def _show_list(
    request: HttpRequest, desk: Desk, form: UploadForm, errors: list[str], *, status: int = 200
) -> HttpResponse:
    context = {
        "form": form,
        "drop": {
            "id": "lead-file",
            "name": "file",
            "title": "Drop a file here, or choose one",
            "line": "CSV, Excel or vCard",
            "accept": ACCEPTED,
            "max_bytes": actions.LARGEST,
            "errors": errors,
        },
        "imports": lists.lead_imports(desk.account_id),
        "why_not": desk.why_not(Act.HANDLE_LEADS),
    }
    return page(request, desk, "console/leads/imports.html", context, at="leads", status=status)


@screen("GET")
def one(request: HttpRequest, desk: Desk, lead_import_id: int) -> HttpResponse:
    """How far it is, or what came of it; `?after=` goes on in the list, `?all=1` has the rows that became leads too."""
    source = actions.import_of(desk.actor, lead_import_id)
    return page(request, desk, "console/leads/import.html", _context(request, desk, source), at="leads")


@screen("GET")
def progress(request: HttpRequest, desk: Desk, lead_import_id: int) -> HttpResponse:
    """The part of the page that moves, alone."""
    source = actions.import_of(desk.actor, lead_import_id)
    if not is_htmx(request):
        return redirect("lead-import", lead_import_id=lead_import_id)
    return render(request, "console/leads/import_progress.html", _context(request, desk, source))


def _context(request: HttpRequest, desk: Desk, source: LeadImport) -> dict[str, Any]:
    is_open = source.state in (QUEUED, RUNNING)
    wants_all = request.GET.get("all") == "1"
    after = request.GET.get("after", "")
    found = lists.lead_import_rows(
        desk.account_id,
        source.pk,
        after=int(after) if after.isdecimal() and len(after) < 19 else 0,
        limit=SHOWN + 1,
        refused=not wants_all,
    )
    reasons = lists.lead_import_reasons(desk.account_id, source.pk)
    return {
        "import": source,
        "is_open": is_open,
        "rows": [] if is_open else found[:SHOWN],
        "next": found[SHOWN - 1].id if len(found) > SHOWN else None,
        "wants_all": wants_all,
        "reasons": [
            (words if outcome != RowOutcome.UNUSABLE else UNUSABLE_WORDS, number) for outcome, words, number in reasons
        ],
        "address": reverse("lead-import", args=[source.pk]),
    }
