"""Scheduled stops: the list with its time line, and the form that plans one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from allstop.actions.actor import Invalid
from allstop.actions.scheduled import cancel_scheduled, schedule_stop
from allstop.console.access import Desk, screen
from allstop.console.frame import leads_on, page
from allstop.console.stop_tabs import stop_tabs
from allstop.rules.facts import Channel
from allstop.rules.holds import INSTALLATION, Reach, Scope, one_channel, one_location, whole_account
from allstop.rules.plans import Planned, read_time
from allstop.rules.roles import Act
from allstop.rules.words import Problem
from allstop.store import lists
from allstop.store.models import Plan, ScheduledStop

WORDS = {
    Plan.COMING: "coming",
    Plan.STANDING: "stands now",
    Plan.OVER: "over",
    Plan.LIFTED: "ended by START",
    Plan.CANCELLED: "cancelled",
    Plan.SKIPPED: "skipped: nothing ran then",
}
LINE_DAYS = 14
LINE_WIDTH = 1000
ROW = 22
TOP = 24


class PlanForm(forms.Form):
    what = forms.ChoiceField(label="What")
    starts_at = forms.CharField(label="From", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    ends_at = forms.CharField(label="Until", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}))
    reason = forms.CharField(
        label="Reason", max_length=300, required=False, help_text="Everybody in the account can read it."
    )

    def __init__(self, desk: Desk, data: Any = None) -> None:
        super().__init__(data)
        self.zone = desk.place.zone
        places = [(f"location:{one.pk}", f"The location {one.name}") for one in lists.locations(desk.account_id)]
        every = [("installation", "Every account of the installation")] if desk.place.is_operator else []
        self.fields["what"].choices = [  # type: ignore[attr-defined]
            ("account", "The whole account"),
            ("channel:text", "Texts"),
            ("channel:call", "Calls"),
            ("channel:email", "Emails"),
            *places,
            *every,
        ]

    def clean_starts_at(self) -> datetime:
        return self._time("starts_at")

    def clean_ends_at(self) -> datetime:
        return self._time("ends_at")

    def _time(self, field: str) -> datetime:
        found = read_time(self.cleaned_data[field], self.zone)
        if isinstance(found, Problem):
            raise forms.ValidationError(found.text)
        return found

    def reach(self, account_id: int) -> Reach:
        kind, _, ref = self.cleaned_data["what"].partition(":")
        match Scope(kind):
            case Scope.INSTALLATION:
                return INSTALLATION
            case Scope.CHANNEL:
                return one_channel(account_id, Channel(ref))
            case Scope.LOCATION:
                return one_location(account_id, int(ref))
            case _:
                return whole_account(account_id)


@screen("GET", "POST")
def scheduled(request: HttpRequest, desk: Desk) -> HttpResponse:
    if request.method == "GET":
        return show(request, desk, PlanForm(desk))
    form = PlanForm(desk, request.POST)
    if not form.is_valid():
        return show(request, desk, form, status=422)
    said = form.cleaned_data
    planned = Planned(said["starts_at"], said["ends_at"])
    try:
        schedule_stop(desk.actor, form.reach(desk.account_id), planned, said["reason"], datetime.now(UTC))
    except Invalid as invalid:
        for field, words in invalid.problems.items():
            form.add_error(field, words)
        return show(request, desk, form, status=422)
    return leads_on(request, "The stop is scheduled. It begins and ends by itself.", reverse("scheduled"))


@screen("POST")
def cancel(request: HttpRequest, desk: Desk, scheduled_id: int) -> HttpResponse:
    cancel_scheduled(desk.actor, scheduled_id, datetime.now(UTC))
    return leads_on(request, "The scheduled stop is cancelled.", reverse("scheduled"))


def show(request: HttpRequest, desk: Desk, form: PlanForm, *, status: int = 200) -> HttpResponse:
    now = datetime.now(UTC)
    found = lists.scheduled_stops(desk.account_id, now)
    context = {
        "rows": [line_of(desk, one) for one in found],
        "version": lists.standing_version(desk.account_id),
        "tabs": stop_tabs("scheduled"),
        "form": form,
        "zone": desk.place.zone,
        "why_not": desk.why_not(Act.SCHEDULE_STOPS),
    }
    return page(request, desk, "console/scheduled.html", context | timeline(found, now), at="home", status=status)


def line_of(desk: Desk, one: ScheduledStop) -> dict[str, Any]:
    may = desk.place.is_operator if one.account_id is None else desk.may(Act.SCHEDULE_STOPS)
    return {
        "one": one,
        "what": lists.what_is_stopped(one),
        "words": WORDS[Plan(one.state)],
        "may_cancel": may and one.state == Plan.COMING,
    }


def timeline(found: list[ScheduledStop], now: datetime) -> dict[str, Any]:
    """The next days as a picture: whole numbers, since the picture stretches with the page."""
    first = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    days = [first + timedelta(days=day) for day in range(LINE_DAYS)]
    span = timedelta(days=LINE_DAYS)

    def x_of(at: datetime) -> int:
        return round(min(1.0, max(0.0, (at - first) / span)) * LINE_WIDTH)

    shown = [one for one in found if one.state in (Plan.COMING, Plan.STANDING) and one.starts_at < first + span]
    bars = [
        {
            "x": x_of(one.starts_at),
            "width": max(4, x_of(one.ends_at) - x_of(one.starts_at)),
            "y": TOP + row * ROW,
            "stands": one.state == Plan.STANDING,
        }
        for row, one in enumerate(shown)
    ]
    ticks = [{"x": x_of(day), "text_x": x_of(day) + 5, "name": day.strftime("%a %-d")} for day in days]
    return {"bars": bars, "days": ticks, "line_height": TOP + len(bars) * ROW + 4}
