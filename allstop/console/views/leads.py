"""Leads: the list, the board, the funnel, one lead with its history, and what is done with it.

/leads             the list          /leads/ID            one lead
/leads/board       the board         /leads/ID/qualify    GET asks, POST does; so do unqualify and dnc
/leads/funnel      the funnel        /leads/ID/edit       its details
/leads/new         one by hand       /leads/ID/notes      POST only
"""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions import leads as actions
from allstop.actions.actor import Invalid, NotThere
from allstop.actions.intake import create_lead
from allstop.actions.lead_no import do_not_contact
from allstop.console.access import Desk, screen
from allstop.console.frame import ask, changed, leads_on, page
from allstop.console.lead_forms import DecisionForm, DetailsForm, LeadFilterForm, LeadNoteForm, NewLeadForm
from allstop.console.lead_plot import funnel_shown
from allstop.console.meanwhile import remember, settle
from allstop.console.paging import page_of, pager, position
from allstop.rules.leads import STATUS_WORDS, LeadStatus, may_become
from allstop.rules.roles import Act
from allstop.store import lists

ON_THE_BOARD = 40  # of each column; the list has the rest
TABS = (("List", "leads"), ("Board", "leads-board"), ("Funnel", "leads-funnel"))


def _tabs(at: str) -> list[dict[str, Any]]:
    return [{"name": name, "url": reverse(address), "current": address == at, "count": None} for name, address in TABS]


def _around(desk: Desk, at: str) -> dict[str, Any]:
    return {
        "tabs": _tabs(at),
        "version": lists.leads_version(desk.account_id),
        "intake": lists.intake(desk.account_id),
        "may_handle": desk.may(Act.HANDLE_LEADS),
        "why_not": desk.why_not(Act.HANDLE_LEADS),
    }


@screen("GET")
def leads(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = LeadFilterForm(request.GET, desk)
    after = position(request)
    shown = page_of(lambda limit: lists.leads(desk.account_id, form.wanted(), after=after, limit=limit))
    context = {
        "form": form,
        "rows": shown.rows,
        "here": request.get_full_path(),
        "pager": pager(request, shown, "leads", form.kept()),
    }
    return page(request, desk, "console/leads/list.html", context | _around(desk, "leads"), at="leads")


@screen("GET")
def board(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = LeadFilterForm(request.GET, desk)
    columns = []
    for status, words in STATUS_WORDS.items():
        found = lists.leads(desk.account_id, form.wanted(status), limit=ON_THE_BOARD + 1)
        cards = [{"row": row, "may": _may(row)} for row in found[:ON_THE_BOARD]]
        more = len(found) > ON_THE_BOARD
        columns.append({"status": status.value, "words": words, "cards": cards, "more": more})
    context = {"form": form, "columns": columns, "here": request.get_full_path(), "most": ON_THE_BOARD}
    return page(request, desk, "console/leads/board.html", context | _around(desk, "leads-board"), at="leads")


def _may(row: lists.LeadRow) -> dict[str, bool]:
    return {status.value: may_become(row.status, status) for status in LeadStatus}


@screen("GET")
def funnel(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = LeadFilterForm(request.GET, desk)
    today = datetime.now(UTC).astimezone(ZoneInfo(desk.place.zone)).date()
    context = funnel_shown(desk.account_id, desk.place.zone, today, form.wanted().source)
    return page(
        request, desk, "console/leads/funnel.html", context | {"form": form} | _around(desk, "leads-funnel"), at="leads"
    )


@screen("GET", "POST")
def new(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method == "GET":
        return _show_new(request, desk, NewLeadForm(desk))
    form = NewLeadForm(desk, request.POST)
    if not form.is_valid():
        return _show_new(request, desk, form, status=422)
    try:
        taken = create_lead(desk.actor, form.lead(), datetime.now(UTC))
    except Invalid as invalid:
        form.refuse(invalid)
        return _show_new(request, desk, form, status=422)
    if not taken.is_created or taken.lead is None:
        form.add_error(None, taken.words)
        return _show_new(request, desk, form, status=409, stands=taken.lead)
    return leads_on(request, "The lead is created.", reverse("lead", args=[taken.lead.pk]))


def _show_new(request: HttpRequest, desk: Desk, form: NewLeadForm, *, status: int = 200, **more: Any) -> HttpResponse:
    context = {"form": form, **more} | _around(desk, "leads")
    return page(request, desk, "console/leads/new.html", context, at="leads", status=status)


@screen("GET")
def lead(request: HttpRequest, desk: Desk, lead_id: int) -> HttpResponse:
    return _show(request, desk, lead_id, LeadNoteForm())


def _show(request: HttpRequest, desk: Desk, lead_id: int, form: LeadNoteForm, *, status: int = 200) -> HttpResponse:
    row = _found(desk, lead_id)
    others = lists.leads(desk.account_id, lists.LeadFilter(contact=row.contact_id), limit=20)
    context = {
        "row": row,
        "may": _may(row),
        "history": lists.lead_history(desk.account_id, row.public_id),
        "others": [one for one in others if one.id != row.id],
        "conversation": lists.conversation_of_contact(desk.account_id, row.contact_id),
        "form": form,
    }
    return page(request, desk, "console/leads/lead.html", context | _around(desk, "leads"), at="leads", status=status)


@screen("GET", "POST")
def edit(request: HttpRequest, desk: Desk, lead_id: int) -> HttpResponse:
    row = _found(desk, lead_id)
    stands = {"kind": row.kind, "comment": row.comment, "location_id": row.location_id}
    form = DetailsForm(desk, request.POST or None, initial=stands)
    remember(form, stands)
    if request.method == "POST" and form.is_valid() and settle(form, stands):
        try:
            actions.edit_lead(desk.actor, row.public_id, datetime.now(UTC), **form.cleaned_data)
        except Invalid as invalid:
            form.refuse(invalid)
        else:
            return leads_on(request, "The lead is changed.", reverse("lead", args=[lead_id]))
    context = {"form": form, "row": row} | _around(desk, "leads")
    return page(request, desk, "console/leads/edit.html", context, at="leads", status=422 if form.errors else 200)


@screen("POST")
def note(request: HttpRequest, desk: Desk, lead_id: int) -> HttpResponse:
    row = _found(desk, lead_id)
    form = LeadNoteForm(request.POST)
    if not form.is_valid():
        return _show(request, desk, lead_id, form, status=422)
    actions.note_on_lead(desk.actor, row.public_id, form.cleaned_data["text"], datetime.now(UTC))
    return leads_on(request, "The note is kept.", reverse("lead", args=[lead_id]))


@screen("GET", "POST")
def qualify(request: HttpRequest, desk: Desk, lead_id: int) -> HttpResponse:
    return _decide(request, desk, lead_id, "qualify")


@screen("GET", "POST")
def unqualify(request: HttpRequest, desk: Desk, lead_id: int) -> HttpResponse:
    return _decide(request, desk, lead_id, "unqualify")


@screen("GET", "POST")
def dnc(request: HttpRequest, desk: Desk, lead_id: int) -> HttpResponse:
    return _decide(request, desk, lead_id, "dnc")


QUESTIONS = {  # heading, button, kind, what was done
    "qualify": ("Qualify {}?", "Qualify", "good", "is qualified"),
    "unqualify": ("Unqualify {}?", "Unqualify", "", "is unqualified"),
    "dnc": ("Never contact {} again?", "Do Not Contact", "bad", "is unqualified and opted out of everything"),
}


def _decide(request: HttpRequest, desk: Desk, lead_id: int, what: str) -> HttpResponse:
    """GET asks, POST does it."""
    row = _found(desk, lead_id)
    heading, button, kind, done_words = QUESTIONS[what]
    form = DecisionForm(request.POST if request.method == "POST" else None, with_reason=what == "unqualify")
    if request.method == "POST" and form.is_valid():
        _do(desk, row.public_id, what, form)
        return changed(request, f"{row.title} {done_words}.", reverse("lead", args=[lead_id]), what="leads")
    context = {
        "heading": heading.format(row.title),
        "button": button,
        "kind": kind,
        "what": what,
        "row": row,
        "form": form,
        "action_url": reverse(f"{what}-lead", args=[lead_id]),
        "back": reverse("lead", args=[lead_id]),
        "why_not": desk.why_not(Act.HANDLE_LEADS),
    }
    return ask(request, desk, "console/leads/decide.html", context, status=422 if form.errors else 200)


def _do(desk: Desk, lead_id: UUID, what: str, form: DecisionForm) -> None:
    note_said, now = form.cleaned_data["note"], datetime.now(UTC)
    if what == "qualify":
        actions.qualify(desk.actor, lead_id, note_said, now)
    elif what == "unqualify":
        actions.unqualify(desk.actor, lead_id, form.reason_said, note_said, now)
    else:
        do_not_contact(desk.actor, lead_id, note_said, now)


def _found(desk: Desk, lead_id: int) -> lists.LeadRow:
    row = lists.lead(desk.account_id, lead_id)
    if row is None:
        raise NotThere("There is no such lead.")
    return row
