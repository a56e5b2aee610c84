"""Setup, saved wording: what the account has kept for its files. It is saved where it is written, in an import."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.templates import delete_template, template_of
from allstop.console.access import Desk, screen
from allstop.console.attaching import with_files
from allstop.console.frame import ask, done, page
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.roles import Act
from allstop.store import lists


@screen("GET")
def templates(request: HttpRequest, desk: Desk) -> HttpResponse:
    context = {
        "templates": with_files(desk.account_id, lists.templates(desk.account_id)),
        "tabs": setup_tabs("templates"),
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    return page(request, desk, "console/templates.html", context, at="tokens")


@screen("GET", "POST")
def delete(request: HttpRequest, desk: Desk, template_id: int) -> HttpResponse:
    """GET asks, POST deletes."""
    if request.method == "POST":
        gone = delete_template(desk.actor, template_id, datetime.now(UTC))
        return done(request, f"The wording {gone.name} is deleted.", reverse("templates"))
    template = template_of(desk.actor, template_id)
    context = {
        "heading": f"Delete the wording {template.name}?",
        "kind": "stop",
        "template": template,
        "action_url": reverse("delete-template", args=[template_id]),
        "back": reverse("templates"),
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    return ask(request, desk, "console/delete_template.html", context)
