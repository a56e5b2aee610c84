"""A file that somebody sends us or attached: it is saved, not opened, and nothing of it runs in a page of Allstop.

The rule that it guards: the browser is told to save it, not to guess what it is, and to run nothing in it. Only where
the account wants attachments opened directly, pictures, PDF and plain text are shown in the browser's own window.
"""

from urllib.parse import quote

from django.http import HttpResponse

from allstop.actions.inbound_files import FileToSee

NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
PDF = "application/pdf"  # a browser's own viewer does not work in a sandbox, and is one


def saved(found: FileToSee) -> HttpResponse:
    how = "attachment" if found.opens_as is None else "inline"
    policy = NOTHING_RUNS if found.opens_as == PDF else f"{NOTHING_RUNS}; sandbox"
    return HttpResponse(
        found.content,
        content_type=found.opens_as or "application/octet-stream",
        headers={
            "Content-Disposition": f"{how}; filename*=UTF-8''{quote(found.name, safe='')}",
            "Content-Security-Policy": policy,
            "X-Content-Type-Options": "nosniff",
            "X-Download-Options": "noopen",
            "Cache-Control": "private, no-store",
        },
    )
