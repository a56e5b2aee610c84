"""What every page shows around its own content, and the ways in which a view answers.

The rule that it guards: a member who is logged in sees the lamp on every page, also on those that others draw.

page       a whole page: lamp, navigation, who is logged in, the live stream
ask        a question: a dialog where htmx asked for it, else a page with the same words and buttons
done       what was done: a toast where htmx asked, else the page it leads to with the same words
leads_on   what was done: the page it leads to, always
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.console.access import Desk, desk_of
from allstop.console.lamp import lamp_of
from allstop.rules.roles import Act
from allstop.store.lists import (
    MOST,
    inbox_version,
    notices_version,
    switch_state,
    unread_conversations,
    unread_notices,
)
from allstop.store.models import User

EVENTS_URL = "/events"  # answered by live.py, outside Django's own addresses

AT_THE_THUMB = ("home", "inbox", "contacts", "messenger")  # on a phone; the others are behind More
PLACES = (  # name, address, icon
    ("Home", "home", "home"),
    ("Inbox", "inbox", "mail"),
    ("Leads", "leads", "users-group"),
    ("Messages", "messages", "message"),
    ("Import", "imports", "upload"),
    ("Outbox", "outbox", "inbox"),
    ("Phonebook", "contacts", "address-book"),
    ("Messenger", "messenger", "send"),
    ("Setup", "tokens", "adjustments"),
)


def page(
    request: HttpRequest,
    desk: Desk,
    template: str,
    context: dict[str, Any],
    *,
    at: str = "",
    status: int = 200,
) -> HttpResponse:
    """`at` is the place of the navigation that the page belongs to."""
    return render(request, template, context | frame(desk, at), status=status)


def frame(desk: Desk, at: str) -> dict[str, Any]:
    place = desk.place
    nav = [
        {
            "name": name,
            "url": reverse(address),
            "icon": icon,
            "current": address == at,
            "behind": address not in AT_THE_THUMB,
        }
        | (inbox_place(desk, current=at == address) if address == "inbox" else {})
        for name, address, icon in PLACES
    ]
    return {
        "desk": desk,
        "lamp": lamp_of(switch_state(desk.account_id), datetime.now(UTC)),
        "nav": nav,
        "is_behind_more": any(one["current"] and one["behind"] for one in nav),
        "shell": {
            "account": place.account,
            "member": place.name,
            "role": place.role.value if desk.support is None else "support",
            "switch_url": reverse("switch-account") if len(desk.places) > 1 else "",
            "operator_url": reverse("operator-accounts") if place.is_operator else "",
            "tickets_url": reverse("tickets") if desk.may(Act.HANDLE_TICKETS) else "",
        },
        "bell": bell_of(desk),
        "support": support_of(desk),
        "events_url": EVENTS_URL,
        "events_key": f"{desk.user_id}.{desk.account_id}",
    }


def inbox_place(desk: Desk, *, current: bool) -> dict[str, Any]:
    """With what is unread for this person: their own, and what is nobody's if they take that."""
    counts = unread_conversations(desk.account_id, desk.place.member_id)
    unread = min(MOST, counts.mine + (counts.unassigned if desk.place.takes_unassigned else 0))
    return {
        "name": "Inbox",
        "url": reverse("inbox"),
        "icon": "mail",
        "current": current,
        "is_inbox": True,
        "unread": f"{MOST - 1}+" if unread == MOST else str(unread or ""),
        "version": inbox_version(desk.account_id),
    }


def bell_of(desk: Desk) -> dict[str, Any]:
    """How many of Allstop's own notices the person has not read."""
    return {
        "unread": unread_notices(desk.user_id, desk.account_id),
        "version": notices_version(desk.account_id),
    }


def support_of(desk: Desk) -> dict[str, Any] | None:
    """The banner while an operator is inside."""
    if desk.support is None:
        return None
    place = desk.place
    url = reverse("leave-support")
    return {"operator": place.name, "account": place.account, "until": desk.support.until, "leave_url": url}


FRAME_NAMES = ("lamp", "nav", "is_behind_more", "shell", "bell", "support", "events_url", "events_key", "frame_layout")


def frame_of_visitor(request: HttpRequest) -> dict[str, Callable[[], Any]]:
    """The same for pages that others draw: log-in matters, errors, the API's.

    A context processor. What a template does not name is not read from the database.
    """

    @cache
    def found() -> dict[str, Any]:
        user = getattr(request, "user", None)  # none: the request was refused before it was known who asks
        desk = desk_of(user.pk, request.session) if isinstance(user, User) else None
        return frame(desk, "") | {"frame_layout": "base.html"} if desk else {}

    def reader(name: str) -> Callable[[], Any]:
        return lambda: found().get(name)

    return {name: reader(name) for name in FRAME_NAMES}


def ask(request: HttpRequest, desk: Desk, template: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    """`context` has heading and kind, action_url when there is a form, and back: where Cancel leads without htmx."""
    if is_htmx(request):
        return render(request, template, context | {"asked_in": "parts/dialog.html", "desk": desk}, status=status)
    return page(request, desk, template, context | {"asked_in": "console/question.html"}, status=status)


def done(request: HttpRequest, words: str, to: str, *, kind: str = "good") -> HttpResponse:
    if is_htmx(request):
        answer = HttpResponse()
        answer["HX-Trigger"] = json.dumps({"dialog:close": {}, "toast": {"text": words, "kind": kind}})
        return answer
    level = messages.SUCCESS if kind == "good" else messages.WARNING
    messages.add_message(request, level, words)
    return redirect(to)


def changed(request: HttpRequest, words: str, to: str, *, kind: str = "good", what: str = "contacts") -> HttpResponse:
    """Something of contacts or leads: parts of the page that show them are drawn again at once."""
    answer = done(request, words, to, kind=kind)
    if is_htmx(request):
        answer["HX-Trigger"] = json.dumps({**json.loads(answer["HX-Trigger"]), f"{what}:changed": {}})
    return answer


def leads_on(request: HttpRequest, words: str, to: str) -> HttpResponse:
    """For what leaves its rows out of date and has no live topic: htmx goes to the page as well."""
    messages.success(request, words)
    if not is_htmx(request):
        return redirect(to)
    answer = HttpResponse()
    answer["HX-Redirect"] = to
    return answer


def is_htmx(request: HttpRequest) -> bool:
    return request.headers.get("HX-Request") == "true"
