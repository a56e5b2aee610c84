"""Help, Tickets: what the account's admins and the operators of the installation write to each other."""

from datetime import UTC, datetime

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from allstop.actions.actor import Invalid, require
from allstop.actions.tickets import LONGEST_TEXT, answer_ticket, close_ticket, open_ticket, ticket_of
from allstop.console.access import Desk, screen
from allstop.console.form_problems import add_problems
from allstop.console.frame import page
from allstop.rules.roles import Act
from allstop.store import lists


class AnswerForm(forms.Form):
    text = forms.CharField(label="Message", max_length=LONGEST_TEXT, widget=forms.Textarea(attrs={"rows": 6}))


class NewTicketForm(AnswerForm):
    subject = forms.CharField(label="What it is about", max_length=200)
    field_order = ("subject", "text")


@screen("GET", "POST")
def tickets(request: HttpRequest, desk: Desk) -> HttpResponseBase:
    """POST writes a new one."""
    require(desk.actor, Act.HANDLE_TICKETS)
    form = NewTicketForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = open_ticket(desk.actor, desk.account_id, said["subject"], said["text"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, f"Ticket {made.ticket.pk} is with the operators.")
            return redirect("ticket", made.ticket.pk)
    context = {
        "rows": lists.tickets(desk.account_id),
        "visits": lists.support_visits(desk.account_id),
        "now": datetime.now(UTC),
        "form": form,
    }
    return page(request, desk, "console/tickets/list.html", context, status=422 if form.is_bound else 200)


@screen("GET", "POST")
def ticket(request: HttpRequest, desk: Desk, ticket_id: int) -> HttpResponseBase:
    """POST answers."""
    found = ticket_of(desk.actor, desk.account_id, ticket_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            answer_ticket(desk.actor, desk.account_id, ticket_id, form.cleaned_data["text"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "Sent to the operators.")
            return redirect("ticket", ticket_id)
    context = {"ticket": found, "words": lists.ticket_messages(desk.account_id, ticket_id), "form": form}
    return page(request, desk, "console/tickets/one.html", context, status=422 if form.is_bound else 200)


@screen("POST")
def close(request: HttpRequest, desk: Desk, ticket_id: int) -> HttpResponse:
    close_ticket(desk.actor, desk.account_id, ticket_id, datetime.now(UTC))
    messages.success(request, f"Ticket {ticket_id} is closed. Whoever writes again opens it again.")
    return redirect("tickets")
