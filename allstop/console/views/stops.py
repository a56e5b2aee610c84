"""Stops and starts with their receipts, and the answer to "was it true?"."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.receipts import Verification, receipt, verify
from allstop.console.access import Desk, screen
from allstop.console.frame import page
from allstop.console.lamp import lamp_version
from allstop.console.paging import page_of, pager, position
from allstop.console.views.reach import address, outcome
from allstop.rules.holds import INSTALLATION, STOPPED, Scope
from allstop.rules.roles import Act
from allstop.store import lists

TABS = (("account", "Switches"), ("job", "Jobs"), ("contact", "Contacts"))
SCOPES = {
    "account": (Scope.INSTALLATION, Scope.ACCOUNT, Scope.CHANNEL, Scope.LOCATION),
    "job": (Scope.JOB,),
    "contact": (Scope.CONTACT,),
}

SWITCHED = {Scope.INSTALLATION: "Every account", Scope.ACCOUNT: "The account"}

WORDS = {  # act of the ledger: what a person calls it
    "stop": "STOP",
    "start": "START",
    "remove_job": "Removed a job",
    "set_stop_all": "Stop All",
    "set_stop_promotions": "Stop Promotions",
    "opt_out": "The contact's own no",
    "unclear_reply": "A reply that may be a no",
    "begin_erasing": "Erasing of a person",
}


class ReachForm(forms.Form):
    scope = forms.ChoiceField(required=False, choices=TABS)


@screen("GET")
def stops(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = ReachForm(request.GET)
    form.full_clean()
    scope = form.cleaned_data.get("scope") or "account"
    sees_all = desk.actor.is_operator
    shown = page_of(
        lambda limit: lists.stops(
            desk.account_id, SCOPES[scope], after=position(request), limit=limit, sees_all=sees_all
        )
    )
    switches = lists.switchboard(desk.account_id, sees_all=sees_all)
    board = [switch_line(one, desk, datetime.now(UTC), wider(one, switches)) for one in switches]
    context: dict[str, Any] = {
        "switches": board,
        "switches_pending": any(one["is_pending"] for one in board),
        "lamp_version": lamp_version(lists.switch_state(desk.account_id)),
        "all_stop_url": address(INSTALLATION) if sees_all and board[0]["stop"] is None else "",
        "ramp": lists.running_ramp(desk.account_id),
        "why_no_start": desk.why_not(Act.START),
        "rows": [stop_line(row) for row in shown.rows],
        "tabs": [
            {"name": name, "url": f"{reverse('stops')}?scope={value}", "current": value == scope, "count": None}
            for value, name in TABS
        ],
        "pager": pager(request, shown, "stops and starts", {"scope": scope}),
    }
    return page(request, desk, "console/stops.html", context, at="home")


@screen("GET")
def stop(request: HttpRequest, desk: Desk, stop_id: int) -> HttpResponse:
    """With `?verify=1` the ledger and the attempts are asked: not without, since that reads all of them."""
    found = receipt(desk.actor, stop_id)
    checked: Verification | None = verify(desk.actor, stop_id) if request.GET.get("verify") else None
    context = {
        "line": stop_line(found),
        "checked": checked,
        "may_verify": found.account_id is not None or desk.actor.is_operator,
    } | outcome(desk, found)
    return page(request, desk, "console/stop.html", context, at="home")


def stop_line(row: lists.StopRow) -> dict[str, Any]:
    return {
        "stop": row,
        "words": WORDS.get(row.act) or ("START" if row.is_start else "STOP"),
        "url": "" if row.is_start else reverse("stop-receipt", args=[row.number]),
        "took_ms": None if row.took is None else round(row.took.total_seconds() * 1000),
        "of": _of(row),
        "of_url": _thing(row),
    }


def wider(one: lists.Switch, switches: Sequence[lists.Switch]) -> str:
    """The wider stop that holds it as well, in words; "" = none. A part of what is stopped does not run."""
    order = (Scope.INSTALLATION, Scope.ACCOUNT)
    above = order[: order.index(one.reach.scope)] if one.reach.scope in order else order
    return next((other.stop.words for other in switches if other.reach.scope in above and other.stop is not None), "")


def switch_line(one: lists.Switch, desk: Desk, now: datetime, held_by: str) -> dict[str, Any]:
    stop = one.stop
    may_switch = one.reach.scope is not Scope.INSTALLATION or desk.actor.is_operator
    by_hand = any(each.name == STOPPED for each in one.stops)
    may_start = any(each.may_be_started for each in one.stops)
    idle = "held" if held_by else "running"
    return {
        "subject": one.reach.subject,
        "channel": one.reach.channel or "",
        "name": one.name or SWITCHED.get(one.reach.scope) or f"{one.reach.channel}s",
        "state": idle if stop is None else "stopped" if stop.is_confirmed else "stopping",
        "held_by": held_by,
        "stop": stop,
        "others": one.stops[1:],
        "age": None if stop is None else now - stop.since,
        "in_flight": stop.in_flight_now if stop else 0,
        "calls": stop.calls_now if stop else 0,
        "is_pending": stop is not None and (not stop.is_confirmed or stop.in_flight_now > 0),
        "waiting": one.waiting,
        "start_url": address(one.reach) if may_switch and may_start else "",
        "stop_url": address(one.reach, to_stop=stop is not None) if may_switch and not by_hand else "",
    }


def _of(row: lists.StopRow) -> str:
    """What it covers, where the word for the act does not say it."""
    match row.scope:
        case Scope.INSTALLATION:
            return "of every account"
        case Scope.CHANNEL:
            return f"of {row.channel}s"
        case Scope.LOCATION:
            return f"of {row.location}"
        case Scope.ACCOUNT:
            return ""
        case _:
            return row.subject


def _thing(row: lists.StopRow) -> str:
    if row.job_id is not None:
        return reverse("job", args=[row.job_id])
    if row.contact_id is not None:
        return reverse("contact", args=[row.contact_id])
    return ""
