"""What stands: every stop, pause or other hold with its age and its owner, and the way to lift it."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from allstop.actions.actor import NotThere
from allstop.actions.reminding import set_reminder
from allstop.actions.starting import start_one
from allstop.console.access import Desk, screen
from allstop.console.frame import ask, done, leads_on, page
from allstop.console.meanwhile import remember, settle
from allstop.console.start_form import PATIENCE
from allstop.console.stop_tabs import stop_tabs
from allstop.console.views.start import after_start
from allstop.rules.holds import PAUSED, Scope
from allstop.rules.reminders import MOST_HOURS
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import Account

ONLY_OPERATORS = "Only an operator of the installation can START it."


class ReminderForm(forms.Form):
    hours = forms.IntegerField(
        label="Remind after hours", min_value=0, max_value=MOST_HOURS, help_text="0 for no reminders."
    )


@screen("GET")
def standing(request: HttpRequest, desk: Desk) -> HttpResponse:
    return show(request, desk)


def show(request: HttpRequest, desk: Desk, form: ReminderForm | None = None, *, status: int = 200) -> HttpResponse:
    now = datetime.now(UTC)
    context = {
        "rows": [line_of(desk, row, now) for row in lists.standing(desk.account_id)],
        "version": lists.standing_version(desk.account_id),
        "tabs": stop_tabs("standing"),
        "form": form or _reminder_form(desk),
        "why_no_setup": desk.why_not(Act.EDIT_SETUP),
    }
    return page(request, desk, "console/standing.html", context, at="home", status=status)


def line_of(desk: Desk, row: lists.StandingRow, now: datetime) -> dict[str, Any]:
    why_not = _why_not(desk, row)
    # the START of these shows the totals and the old jobs first
    wide = row.is_stop and row.scope in (Scope.ACCOUNT, Scope.INSTALLATION)
    start_url = reverse("switch") if wide else reverse("start-standing", args=[row.id])
    return {
        "row": row,
        "age": row.age(now),
        "receipt_url": reverse("stop-receipt", args=[row.number]) if row.number and _has_page(row) else "",
        "start_url": start_url if row.may_be_started and not why_not else "",
        "why_not": why_not if row.may_be_started else "",
        "is_pause": row.name == PAUSED,
        "unpause_url": reverse("unpause-account") if row.name == PAUSED and desk.may(Act.PAUSE_INTAKE) else "",
    }


def _has_page(row: lists.StandingRow) -> bool:
    return row.scope is not Scope.INSTALLATION


def _why_not(desk: Desk, row: lists.StandingRow) -> str:
    if row.scope is Scope.INSTALLATION:
        return "" if desk.place.is_operator else ONLY_OPERATORS
    return desk.why_not(Act.START)


@screen("GET", "POST")
def start(request: HttpRequest, desk: Desk, hold_id: int) -> HttpResponse:
    """GET asks, POST starts what this one hold has stopped."""
    if request.method == "POST":
        hold, outcome = start_one(desk.actor, hold_id, "", datetime.now(UTC), PATIENCE)
        planned = " It was planned to end by itself later." if hold.until else ""
        words = f"STARTED. The stop by {hold.by} is lifted."
        if outcome is None:
            return done(request, f"{words}{planned}", reverse("standing"))
        return after_start(request, desk, outcome, words, back="standing", more=planned)
    row = next((one for one in lists.standing(desk.account_id) if one.id == hold_id and one.may_be_started), None)
    if row is None:
        raise NotThere("There is no such standing stop. Somebody may have pressed START meanwhile.")
    context = {
        "heading": f"Start again: {row.what}?",
        "kind": "good",
        "row": row,
        "action_url": reverse("start-standing", args=[hold_id]),
        "back": reverse("standing"),
        "why_not": _why_not(desk, row),
    }
    return ask(request, desk, "console/standing_start.html", context)


@screen("POST")
def remind(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = _reminder_form(desk, request.POST)
    if not (form.is_valid() and settle(form, form.initial)):
        return show(request, desk, form, status=422)
    hours = form.cleaned_data["hours"]
    set_reminder(desk.actor, hours, datetime.now(UTC))
    words = f"The admins are told after {hours} hours, and then each day." if hours else "Nobody is reminded any more."
    return leads_on(request, words, reverse("standing"))


def _reminder_form(desk: Desk, typed: QueryDict | None = None) -> ReminderForm:
    hours = Account.objects.get(pk=desk.account_id).remind_after_hours
    form = ReminderForm(typed, initial={"hours": hours})
    remember(form, form.initial)
    return form
