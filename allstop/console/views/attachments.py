"""Attachments: chosen while an email is written, saved from a message's page, and those of saved wording."""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions.actor import Invalid
from allstop.actions.attachments import attachment_to_see, ids_in
from allstop.actions.templates import attach_to_template, template_of
from allstop.console.access import Desk, screen
from allstop.console.attaching import attached, taken
from allstop.console.frame import done, page
from allstop.console.saving import saved
from allstop.rules.facts import Channel
from allstop.rules.roles import Act


@screen("POST")
def attach(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Files were chosen or taken out: the list as it stands now. Nothing is sent."""
    said = taken(desk, request, datetime.now(UTC))
    return render(request, "console/parts/attached.html", attached(desk.account_id, said.ids, said.problems))


@screen("GET")
def attachment(request: HttpRequest, desk: Desk, attachment_id: int) -> HttpResponse:
    return saved(attachment_to_see(desk.actor, attachment_id))


@screen("GET", "POST")
def of_template(request: HttpRequest, desk: Desk, template_id: int) -> HttpResponse:
    """Which files an email with this wording takes along."""
    template = template_of(desk.actor, template_id)
    if template.channel != Channel.EMAIL.value:
        return redirect("templates")  # no other wording has a way here
    ids = ids_in(desk.account_id, template.attachment_set_id)
    problems: tuple[str, ...] = ()
    if request.method == "POST":
        now = datetime.now(UTC)
        said = taken(desk, request, now)
        ids, problems = said.ids, said.problems
        if not problems and "detach" not in request.POST:
            try:
                attach_to_template(desk.actor, template_id, ids, now)
            except Invalid as wrong:
                problems = tuple(wrong.problems.values())
            else:
                words = "No files go along with it." if not ids else "These files go along from now on."
                return done(request, f"Saved. {words}", reverse("templates"))
    context = {
        "template": template,
        "why_not": desk.why_not(Act.EDIT_SETUP),
        **attached(desk.account_id, ids, problems),
    }
    return page(
        request, desk, "console/template_attachments.html", context, at="tokens", status=422 if problems else 200
    )
