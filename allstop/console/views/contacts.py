"""Contacts: the list by name. One of them: record.py."""

from django.http import HttpRequest, HttpResponse

from allstop.console.access import Desk, screen
from allstop.console.frame import page
from allstop.console.paging import page_of, pager, position
from allstop.store import lists


@screen("GET")
def contacts(request: HttpRequest, desk: Desk) -> HttpResponse:
    q = request.GET.get("q", "")[:120]
    shown = page_of(lambda limit: lists.contacts(desk.account_id, q, after=position(request), limit=limit))
    context = {"rows": shown.rows, "q": q, "pager": pager(request, shown, "contacts", {"q": q})}
    return page(request, desk, "console/contacts.html", context, at="contacts")
