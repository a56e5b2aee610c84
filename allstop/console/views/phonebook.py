"""The Phonebook: the list with its filters, what is done to the contacts selected in it, and taking that back."""

from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from allstop.actions import bulk
from allstop.actions.actor import Conflict, Invalid, NotThere
from allstop.actions.bulk_run import OPEN
from allstop.console.access import Desk, screen
from allstop.console.change_words import ASKED, asked_words, done_words, kind_words
from allstop.console.contact_choice import (
    FLAG_ON_OFF,
    SWITCHES,
    Press,
    fields_of,
    filter_of,
    press_of,
    query_of,
)
from allstop.console.frame import ask, is_htmx, page
from allstop.console.frame import changed as changed_at
from allstop.console.paging import ROWS, position
from allstop.console.selection import chosen_ids
from allstop.console.views.switch import counted
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.lists.phonebook import newest_contact
from allstop.store.models import BulkChange, ChangeKind, ChangeState

LETTERS = [chr(letter) for letter in range(ord("A"), ord("Z") + 1)]
BEYOND_Z = "{"  # what comes after z: names that begin with a letter of another alphabet, or with an accent
MOST_REDRAWN = 400  # rows that an open page may ask for again at once
ASK_FROM = 50  # contacts: for more a person is asked first


@screen("GET")
def phonebook(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Behind the end of a list that is scrolled, htmx asks for the next rows alone."""
    wanted = filter_of(desk.account_id, request.GET)
    letter = request.GET.get("letter", "")[:1]
    after = position(request)
    found = lists.phonebook(desk.account_id, wanted, after=after, letter=letter, limit=ROWS)
    context = {
        "rows": found.rows,
        "more_url": f"{reverse('contacts')}{query_of(wanted, after=found.next)}" if found.next else "",
        "is_short": len(found.rows) < ROWS,
        "can_mark": desk.may(Act.MARK_CONTACTS),
    }
    if is_htmx(request) and after is not None:
        return render(request, "console/phonebook/rows.html", context)
    context |= {
        "filter": wanted,
        "filter_query": query_of(wanted).removeprefix("?"),
        "is_filtered": bool(wanted.as_json()),
        "begins": letter or after,
        "switches": _switches(wanted),
        "places": _places(desk, wanted),
        "groups": [_group_line(one, wanted) for one in lists.groups(desk.account_id)],
        "letters": [(one, query_of(wanted, letter=one)) for one in LETTERS],
        "beyond_z": query_of(wanted, letter=BEYOND_Z),
        "contacts_version": lists.contacts_version(desk.account_id),
        "can_edit": desk.may(Act.EDIT_CONTACTS),
        "can_import": desk.may(Act.IMPORT_CONTACTS),
        "can_export": desk.may(Act.EXPORT_CONTACTS),
        "members": lists.members(desk.account_id),
        "change": _latest_change(desk, datetime.now(UTC)),
    }
    return page(request, desk, "console/phonebook/page.html", context, at="contacts")


def _switches(wanted: lists.ContactFilter) -> list[dict[str, Any]]:
    return [
        {
            "words": words,
            "icon": picture,
            "colour": colour,
            "is_on": getattr(wanted, name),
            "url": query_of(wanted, **{name: not getattr(wanted, name)}),
        }
        for name, words, picture, colour in SWITCHES
    ]


def _places(desk: Desk, wanted: lists.ContactFilter) -> list[dict[str, Any]]:
    """The drop-down filters: whom they are assigned to, and where they belong."""
    members = [(lists.NOBODY, "Nobody"), *((one.pk, one.user.name) for one in lists.members(desk.account_id))]
    locations = [(one.pk, one.name) for one in lists.locations(desk.account_id)]
    return [
        _drop_down("assigned_to", "Show contacts assigned to", "Anybody", wanted.assigned_to, members),
        _drop_down("location", "Location", "Every location", wanted.location, locations),
    ]


def _drop_down(name: str, label: str, every: str, chosen: int | None, choices: list[tuple[int, str]]) -> dict[str, Any]:
    return {"name": name, "label": label, "all": every, "chosen": chosen, "choices": choices}


def _group_line(one: lists.GroupRow, wanted: lists.ContactFilter) -> dict[str, Any]:
    is_on = wanted.group == one.id
    return {"row": one, "is_on": is_on, "url": query_of(wanted, group=None if is_on else one.id)}


@screen("GET")
def count(request: HttpRequest, desk: Desk) -> HttpResponse:
    """How many match: asked for when somebody presses Select all, since it costs more than a page."""
    wanted = filter_of(desk.account_id, request.GET)
    return JsonResponse({"count": lists.count_contacts(desk.account_id, wanted)})


@screen("POST")
def rows(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Those of a page's rows that its filter still shows, as they are now. Changes nothing; by POST since there may be
    many."""
    try:
        wanted = filter_of(desk.account_id, QueryDict(request.POST.get("filter", "")))
    except NotThere:  # the group was deleted in another tab
        return HttpResponse()
    ids = lists.still_matching(desk.account_id, wanted, chosen_ids(request.POST)[:MOST_REDRAWN])
    found = lists.contact_rows(desk.account_id, ids)
    return render(request, "console/phonebook/rows.html", {"rows": found, "can_mark": desk.may(Act.MARK_CONTACTS)})


@screen("GET")
def markers(request: HttpRequest, desk: Desk, contact_id: int) -> HttpResponse:
    """The menu behind the circle beside a name: 003-04."""
    found = lists.contact_rows(desk.account_id, [contact_id])
    if not found:
        raise NotThere("There is no such contact.")
    detail = lists.contact(desk.account_id, contact_id)
    assert detail is not None
    context = {
        "heading": found[0].name or "No name",
        "kind": "",
        "row": found[0],
        "standing": [{"words": kind_words(one.kind), "row": one} for one in detail.markers],
        "back": reverse("contacts"),
        "why_not": desk.why_not(Act.MARK_CONTACTS),
    }
    return ask(request, desk, "console/phonebook/markers.html", context)


@screen("POST")
def change(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Asks first when many are meant or it is a grave matter; then does it, or says that it is under way."""
    press = press_of(desk.account_id, request.POST)
    kind = _kind_of(desk, press)
    wish = press.wish(kind)
    if not press.is_confirmed:
        number = bulk.count_selected(desk.actor, press.selection)
        if press.selection.filter is not None or number > ASK_FROM or kind in ASKED:
            return _question(request, desk, kind, number, press)
    try:
        made = bulk.change_contacts(desk.actor, press.selection, wish, datetime.now(UTC))
    except Invalid as invalid:
        raise Conflict(str(invalid)) from invalid
    return _told(request, done_words(made), "good" if not made.refused else "wait")


def _kind_of(desk: Desk, press: Press) -> ChangeKind:
    if press.kind == FLAG_ON_OFF:
        return bulk.flag_or_unflag(desk.actor, press.selection)
    return ChangeKind(press.kind)


def _question(request: HttpRequest, desk: Desk, kind: ChangeKind, number: int, press: Press) -> HttpResponse:
    group = next((one.name for one in lists.groups(desk.account_id) if one.id == press.group_id), "")
    member = next((one.user.name for one in lists.members(desk.account_id) if one.pk == press.member_id), "nobody")
    act = Act.MARK_CONTACTS if kind in bulk.MARKS else Act.EDIT_CONTACTS
    words = asked_words(kind, group or member)
    context = {
        "heading": f"{words.heading.format(counted(number, 'contact'))}?",
        "kind": words.colour,
        "paragraphs": words.paragraphs,
        "button": words.button,
        "icon_name": words.icon,
        "is_danger": words.colour == "bad",
        "asks_reason": kind in bulk.MARKS,
        "number": number,
        "is_long": number > bulk.AT_ONCE,
        "fields": [*fields_of(request.POST, newest_contact(desk.account_id)), ("kind", kind.value)],
        "action_url": reverse("contacts-change"),
        "back": reverse("contacts"),
        "why_not": desk.why_not(act),
    }
    return ask(request, desk, "console/phonebook/ask.html", context)


def _told(request: HttpRequest, words: str, kind: str) -> HttpResponse:
    return changed_at(request, words, reverse("contacts"), kind=kind)


@screen("POST")
def undo(request: HttpRequest, desk: Desk, change_id: int) -> HttpResponse:
    made = bulk.undo_change(desk.actor, change_id, datetime.now(UTC))
    return _told(request, done_words(made), "good" if not made.refused else "wait")


@screen("GET")
def changes(request: HttpRequest, desk: Desk) -> HttpResponse:
    """The line above the list alone: how far the newest change is, and its undo."""
    if not is_htmx(request):
        return redirect("contacts")
    context = {
        "change": _latest_change(desk, datetime.now(UTC)),
        "contacts_version": lists.contacts_version(desk.account_id),
    }
    return render(request, "console/phonebook/changes.html", context)


def _latest_change(desk: Desk, now: datetime) -> dict[str, Any] | None:
    """The newest change of the last minutes, with the way back if there is one."""
    newest = BulkChange.objects.filter(account_id=desk.account_id).order_by("-id").first()
    if newest is None or (newest.finished_at is not None and now - newest.finished_at > bulk.UNDO_FOR):
        return None
    until = None if newest.finished_at is None else newest.finished_at + bulk.UNDO_FOR
    act = Act.MARK_CONTACTS if newest.kind in bulk.MARKS else Act.EDIT_CONTACTS
    may_undo = desk.may(act) and not bulk.why_no_undo(newest, now)
    return {
        "row": newest,
        "words": done_words(newest),
        "is_open": newest.state in OPEN,
        "is_failed": newest.state == ChangeState.FAILED,
        "undo_url": reverse("contacts-undo", args=[newest.pk]) if may_undo else "",
        "minutes_left": max(1, (until - now) // timedelta(minutes=1) + 1) if until else 0,
        "url": reverse("contacts-changed", args=[newest.pk]),
    }


@screen("GET")
def changed(request: HttpRequest, desk: Desk, change_id: int) -> HttpResponse:
    """Who was changed, and who was refused."""
    found = bulk.change_of(desk.actor, change_id)
    refused = request.GET.get("refused") == "1"
    ids = bulk.who_was(desk.actor, change_id, refused=refused, after=position(request) or 0, limit=ROWS + 1)
    rest = {"refused": "1"} if refused else {}
    context = {
        "change": found,
        "words": done_words(found),
        "rows": lists.contact_rows(desk.account_id, ids[:ROWS]),
        "refused": refused,
        "pager": {
            "newer": f"?{urlencode(rest)}" if position(request) else "",
            "older": f"?{urlencode({**rest, 'after': ids[ROWS - 1]})}" if len(ids) > ROWS else "",
            "shown": len(ids[:ROWS]),
            "total": found.refused if refused else found.changed,
            "things": "contacts",
        },
    }
    return page(request, desk, "console/phonebook/changed.html", context, at="contacts")
