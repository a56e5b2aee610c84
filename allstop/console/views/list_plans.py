"""A plan of several messages for a recall list: what would leave on which day, and Send."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from allstop.actions import contact_lists as actions
from allstop.actions.actor import Invalid, require
from allstop.actions.message_plans import steps_of
from allstop.actions.messenger import Letter
from allstop.actions.messenger_preview import SeriesForecast
from allstop.actions.own_windows import Proposal
from allstop.console import own_window_form
from allstop.console.access import Desk, screen
from allstop.console.forecast_plot import list_shown
from allstop.console.frame import is_htmx, leads_on, page
from allstop.console.message_plan_form import FORWARD_WORDS
from allstop.console.views.switch import counted
from allstop.rules.facts import Channel, Purpose
from allstop.rules.message_plan import CountsFrom
from allstop.rules.reasons import in_words
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import ContactList, MessagePlan, MessengerSend

AT = "contacts"
PURPOSES = (
    (Purpose.REMINDER.value, "A recall"),
    (Purpose.SERVICE.value, "A service message"),
    (Purpose.BILLING.value, "About a bill"),
    (Purpose.PROMOTION.value, "A promotion"),
)


class PlanForm(forms.Form):
    plan = forms.TypedChoiceField(label="Message plan", coerce=int)
    purpose = forms.ChoiceField(
        label="This is", choices=PURPOSES, help_text="A plan about a bill goes on when they make an appointment."
    )

    def __init__(self, plans: list[MessagePlan], *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        chosen = self.fields["plan"]
        assert isinstance(chosen, forms.TypedChoiceField)
        chosen.choices = [(plan.pk, plan.name) for plan in plans]


@screen("GET", "POST")
def send_plan(request: HttpRequest, desk: Desk, list_id: int) -> HttpResponse:
    """A POST sends, or only shows what would be sent."""
    now = datetime.now(UTC)
    kept = actions.list_of(desk.actor, list_id)
    plans = lists.message_plans(desk.account_id, CountsFrom.SENDING)
    first = {"plan": plans[0].pk if plans else None, "purpose": Purpose.REMINDER.value}
    is_sent = request.method == "POST" and request.POST.get("do") == "send"
    if is_sent:
        require(desk.actor, Act.SEND_MESSAGE)
    form = PlanForm(plans, request.POST if request.method == "POST" else first)
    problems: list[str] = []
    found: SeriesForecast | None = None
    window: Proposal | None = None
    if plans and form.is_valid():
        try:
            window = own_window_form.read(request.POST)
            letter = _letter(desk, form, window)
            if is_sent:
                return _sent(request, actions.send_to_list(desk.actor, kept.pk, letter, now).send)
            found = actions.preview_list(desk.actor, kept.pk, letter, now)
        except Invalid as invalid:
            problems = list(invalid.problems.values())
    context = _context(desk, kept, plans, found, now) | {
        "form": form,
        "problems": problems,
        "own": own_window_form.shown(desk.account_id, _channel(plans, form), window, request.POST or None, {}),
    }
    status = 422 if is_sent else 200
    if is_htmx(request):
        return render(request, "console/contact_lists/plan_preview.html", context | {"desk": desk}, status=status)
    return page(request, desk, "console/contact_lists/plan.html", context, at=AT, status=status)


def _letter(desk: Desk, form: PlanForm, window: Proposal | None) -> Letter:
    said = form.cleaned_data
    return actions.letter_by_plan(desk.actor, said["plan"], Purpose(said["purpose"]), window)


def _channel(plans: list[MessagePlan], form: PlanForm) -> Channel:
    """Of its first step: whose window the fields begin with."""
    chosen = form.cleaned_data.get("plan") if form.is_valid() else None
    return next((steps_of(plan)[0].channel for plan in plans if plan.pk == chosen), Channel.TEXT)


def _context(
    desk: Desk, kept: ContactList, plans: list[MessagePlan], found: SeriesForecast | None, now: datetime
) -> dict[str, Any]:
    shown = found.preview if found else None
    return {
        "kept": kept,
        "plans": plans,
        "shown": shown,
        "seen": list_shown(found.leaves, now, desk.place.zone) if found else None,
        "days": [(one, FORWARD_WORDS[one.condition]) for one in shown.days] if shown else [],
        "left": [(count, in_words(code)) for code, count in sorted(shown.left.items())] if shown else [],
        "why_not": desk.why_not(Act.SEND_MESSAGE),
        "why_not_setup": desk.why_not(Act.EDIT_SETUP),
    }


def _sent(request: HttpRequest, send: MessengerSend) -> HttpResponse:
    if send.finished_at is None:
        words = f"The plan is being laid out for {counted(send.total, 'contact')}."
    else:
        words = f"{counted(send.accepted, 'message')} {'waits' if send.accepted == 1 else 'wait'}, each for its day."
        words += f" {counted(send.stayed, 'contact')} got nothing." if send.stayed else ""
    return leads_on(request, words, reverse("messenger-send", args=[send.pk]))
