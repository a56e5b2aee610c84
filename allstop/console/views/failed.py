"""Messages that have failed: the question what shall become of them, and the answer.

The list of them is /messages with that status; a message's own page has the same two buttons.
"""

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from allstop.actions.actor import NotThere
from allstop.actions.failed import FailedChoice, decide_failed
from allstop.console.access import Desk, screen
from allstop.console.frame import ask, leads_on
from allstop.console.selection import chosen_ids
from allstop.console.views.switch import counted
from allstop.console.views.unknown import SHOWN, SettleForm
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import Status


@screen("POST")
def ask_failed(request: HttpRequest, desk: Desk) -> HttpResponse:
    """Only asks: a selection may be too long for an address, so it comes by POST."""
    return _ask(request, desk, SettleForm())


@screen("POST")
def decide(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = SettleForm(request.POST)
    if not form.is_valid():
        return _ask(request, desk, form, status=422)
    ids, choice = _chosen(request.POST), _choice(request.POST)
    done = decide_failed(desk.actor, ids, choice, form.cleaned_data["reason"], datetime.now(UTC))
    return leads_on(request, _said(choice, done), _back(request.POST, ids))


def _ask(request: HttpRequest, desk: Desk, form: SettleForm, *, status: int = 200) -> HttpResponse:
    ids, choice = _chosen(request.POST), _choice(request.POST)
    rows = lists.messages_of_ids(desk.account_id, ids)
    if len(rows) != len(set(ids)):
        raise NotThere("One of these messages does not exist. Reload the page and select again.")
    rows = [row for row in rows if row.status is Status.FAILED]
    resets = choice is FailedChoice.RESET
    things = counted(len(rows), "failed message")
    context = {
        "heading": f"Reset {things}?" if resets else f"Delete {things}?",
        "kind": "wait" if resets else "bad",
        "resets": resets,
        "rows": rows[:SHOWN],
        "more": max(0, len(rows) - SHOWN),
        "chosen": len(ids),
        "form": form,
        "fields": [
            ("choice", choice.value),
            ("on", request.POST.get("on", "")),
            *(("id", str(one)) for one in ids),
        ],
        "action_url": reverse("failed"),
        "back": _back(request.POST, ids),
        "why_not": desk.why_not(Act.SEND_MESSAGE),
    }
    return ask(request, desk, "console/failed.html", context, status=status)


def _chosen(posted: QueryDict) -> list[int]:
    ids = chosen_ids(posted)
    if not ids:
        raise NotThere("No message was selected.")
    return ids


def _choice(posted: QueryDict) -> FailedChoice:
    said = posted.get("choice", "")
    if said not in list(FailedChoice):
        raise NotThere("There are two choices: reset, or delete.")
    return FailedChoice(said)


def _back(posted: QueryDict, ids: list[int]) -> str:
    """To the message, when its own page asked; else to the list."""
    if posted.get("on") == "message":
        return reverse("message", args=ids[:1])
    return f"{reverse('messages')}?status={Status.FAILED.value}"


def _said(choice: FailedChoice, count: int) -> str:
    if not count:
        return "Somebody had decided on them already."
    if choice is FailedChoice.RESET:
        return f"{counted(count, 'message')} will be tried again when the gate lets {'it' if count == 1 else 'them'}."
    return f"{counted(count, 'message')} deleted. Nothing was sent."
