"""Setup, Connections: the page, put together from its sections."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from allstop.console.access import Desk, screen
from allstop.console.frame import page
from allstop.console.setup_tabs import setup_tabs
from allstop.console.views.connections import account_status, api_keys, webhooks
from allstop.console.views.connections.parts import Section
from allstop.store import lists

SECTIONS: tuple[Section, ...] = (api_keys.SECTION, webhooks.SECTION, account_status.SECTION)


@screen("GET")
def connections(request: HttpRequest, desk: Desk) -> HttpResponse:
    return show(request, desk)


def show(request: HttpRequest, desk: Desk, *, status: int = 200, **forms: Any) -> HttpResponse:
    """`forms`: a section's name and its form, where that was sent with errors."""
    context: dict[str, Any] = {
        "tabs": setup_tabs("connections"),
        "templates": [section.template for section in SECTIONS],
        "version": lists.standing_version(desk.account_id),
        **{section.name: section.context(desk, forms.get(section.name)) for section in SECTIONS},
    }
    return page(request, desk, "console/connections/page.html", context, at="tokens", status=status)
