"""Leads from a file: handed in, and what came of each row. Larger files: `allstop leads import`."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse

from allstop.actions.actor import Invalid
from allstop.actions.lead_import import CREATED, RowResult, import_leads
from allstop.console.access import Desk, screen
from allstop.console.frame import page
from allstop.rules.leads import LONGEST_KIND
from allstop.rules.roles import Act

ACCEPTED = ".csv,.tsv,.txt,.tab,.xlsx,.vcf,.vcard"
MOST_ROWS = 2000  # while somebody waits
MOST_BYTES = 8 << 20
SHOWN = 200


class UploadForm(forms.Form):
    file = forms.FileField(max_length=200)
    kind = forms.CharField(
        label="Kind",
        max_length=LONGEST_KIND,
        required=False,
        help_text="Of all of them. Your own word, such as: buyer.",
    )


@screen("GET", "POST")
def lead_import(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method == "GET":
        return _show(request, desk, UploadForm(), [])
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show(request, desk, form, [str(words) for words in form.errors.get("file", [])], status=422)
    file: UploadedFile[Any] = form.cleaned_data["file"]
    if (file.size or 0) > MOST_BYTES:
        return _show(request, desk, form, ["This file is too large. Hand it in by parts."], status=422)
    try:
        found = import_leads(
            desk.actor,
            file.name or "leads",
            file.chunks(),
            form.cleaned_data["kind"].strip(),
            datetime.now(UTC),
            most=MOST_ROWS,
        )
        results = list(found)
    except Invalid as invalid:
        return _show(request, desk, form, list(invalid.problems.values()), status=422)
    return _show(request, desk, UploadForm(), [], results=results, file_name=file.name)


def _show(  # noqa: PLR0913 - what stands on the page
    request: HttpRequest,
    desk: Desk,
    form: UploadForm,
    errors: list[str],
    *,
    results: list[RowResult] | None = None,
    file_name: str | None = "",
    status: int = 200,
) -> HttpResponse:
    left_out = [one for one in results or () if one.outcome != CREATED]
    context = {
        "form": form,
        "drop": {
            "id": "lead-file",
            "name": "file",
            "title": "Drop a file here, or choose one",
            "line": f"CSV, Excel or vCard, up to {MOST_ROWS:,} rows",
            "accept": ACCEPTED,
            "max_bytes": MOST_BYTES,
            "errors": errors,
        },
        "file_name": file_name,
        "is_done": results is not None,
        "created": len(results or ()) - len(left_out),
        "total": len(results or ()),
        "left_out": left_out[:SHOWN],
        "more": max(0, len(left_out) - SHOWN),
        "reasons": Counter(one.words for one in left_out).most_common(),
        "why_not": desk.why_not(Act.HANDLE_LEADS),
    }
    return page(request, desk, "console/leads/import.html", context, at="leads", status=status)
