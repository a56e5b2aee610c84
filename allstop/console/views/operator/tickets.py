"""Tickets for operators: those that are open, one with its answers, and a new one to an account."""

from datetime import UTC, datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect

from allstop.actions.actor import Invalid, Operator
from allstop.actions.tickets import account_of_ticket, answer_ticket, close_ticket, open_ticket, ticket_of
from allstop.console.access import Desk, operator_screen
from allstop.console.form_problems import add_problems
from allstop.console.views.operator.accounts import row_of
from allstop.console.views.operator.desk import operator_page
from allstop.console.views.tickets import AnswerForm, NewTicketForm
from allstop.store import lists

AT = "operator-tickets"


@operator_screen("GET")
def tickets(request: HttpRequest, desk: Desk, _by: Operator) -> HttpResponse:
    every = request.GET.get("show") == "all"
    context = {"rows": lists.tickets(None, only_open=not every), "every": every}
    return operator_page(request, desk, "console/operator/tickets.html", context, at=AT)


@operator_screen("GET", "POST")
def ticket(request: HttpRequest, desk: Desk, by: Operator, ticket_id: int) -> HttpResponseBase:
    """POST answers."""
    account_id = account_of_ticket(by, ticket_id)
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            answer_ticket(by, account_id, ticket_id, form.cleaned_data["text"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, "Sent to the account.")
            return redirect("operator-ticket", ticket_id)
    found = ticket_of(by, account_id, ticket_id)
    context = {"ticket": found, "words": lists.ticket_messages(account_id, ticket_id), "form": form}
    template, code = "console/operator/ticket.html", 422 if form.is_bound else 200
    return operator_page(request, desk, template, context, at=AT, status=code)


@operator_screen("POST")
def close(request: HttpRequest, _desk: Desk, by: Operator, ticket_id: int) -> HttpResponse:
    close_ticket(by, account_of_ticket(by, ticket_id), ticket_id, datetime.now(UTC))
    messages.success(request, f"Ticket {ticket_id} is closed. Whoever writes again opens it again.")
    return redirect("operator-tickets")


@operator_screen("GET", "POST")
def write_to_account(request: HttpRequest, desk: Desk, by: Operator, any_account_id: int) -> HttpResponseBase:
    row = row_of(any_account_id)
    form = NewTicketForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        said = form.cleaned_data
        try:
            made = open_ticket(by, row.id, said["subject"], said["text"], datetime.now(UTC))
        except Invalid as invalid:
            add_problems(form, invalid)
        else:
            messages.success(request, f"Ticket {made.ticket.pk} is with {row.name}.")
            return redirect("operator-ticket", made.ticket.pk)
    context = {"row": row, "form": form}
    template, code = "console/operator/new_ticket.html", 422 if form.is_bound else 200
    return operator_page(request, desk, template, context, at=AT, status=code)
