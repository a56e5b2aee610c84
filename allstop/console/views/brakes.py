"""Setup, automatic brake: a panel for each channel."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.urls import reverse

from allstop.actions.actor import Invalid
from allstop.actions.braking import BrakeChoice, set_brake, shown_brake
from allstop.console.access import Desk, screen
from allstop.console.frame import leads_on, page
from allstop.console.meanwhile import remember, settle
from allstop.console.setup_tabs import setup_tabs
from allstop.rules.brake import MOST_AT_LEAST, MOST_MINUTES, Limits, Rate
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.store import lists
from allstop.store.models import Brake


def percent(label: str, words: str) -> forms.DecimalField:
    return forms.DecimalField(
        label=f"{label}, percent", required=False, min_value=0, max_digits=4, decimal_places=1, help_text=words
    )


class BrakeForm(forms.Form):
    is_on = forms.BooleanField(label="On", required=False)
    minutes = forms.IntegerField(label="Look at the last minutes", min_value=1, max_value=MOST_MINUTES)
    at_least = forms.IntegerField(
        label="From this many messages on",
        min_value=2,
        max_value=MOST_AT_LEAST,
        help_text="Fewer in that time say nothing.",
    )
    bounce = percent("Refused for good", "Empty: no limit.")
    failure = percent("Failed, or nobody knows", "All failures together.")
    opt_out = percent("Answered with a no", "Contacts who opted out after it.")
    duplicate = percent("Sent twice", "The same words to the same person within a day.")

    def choice(self) -> BrakeChoice:
        said = self.cleaned_data
        limits = {rate: said[rate.value] for rate in Rate if said[rate.value] is not None}
        return BrakeChoice(
            is_on=said["is_on"],
            limits=Limits(minutes=said["minutes"], at_least=said["at_least"], percent=limits),
        )


@screen("GET")
def brakes(request: HttpRequest, desk: Desk) -> HttpResponse:
    return show(request, desk)


@screen("POST")
def save(request: HttpRequest, desk: Desk, name: str) -> HttpResponse:
    if name not in list(Channel):
        raise Http404("There is no such channel.")
    channel = Channel(name)
    form = _form(channel, lists.brakes(desk.account_id)[channel], request.POST)
    if not (form.is_valid() and settle(form, form.initial)):
        return show(request, desk, {channel: form}, status=422)
    try:
        made = set_brake(desk.actor, channel, form.choice(), datetime.now(UTC))
    except Invalid as invalid:
        for field, words in invalid.problems.items():
            form.add_error(field or None, words)
        return show(request, desk, {channel: form}, status=422)
    words = f"The automatic brake of {channel.value}s is {'on' if made.is_on else 'off'}."
    return leads_on(request, words, reverse("brakes"))


def show(
    request: HttpRequest, desk: Desk, typed: dict[Channel, BrakeForm] | None = None, *, status: int = 200
) -> HttpResponse:
    typed = typed or {}
    panels: list[dict[str, Any]] = [
        {
            "channel": channel.value,
            "is_on": brake is not None and brake.is_on,
            "form": typed.get(channel) or _form(channel, brake),
        }
        for channel, brake in lists.brakes(desk.account_id).items()
    ]
    context = {"panels": panels, "tabs": setup_tabs("brakes"), "why_not": desk.why_not(Act.EDIT_SETUP)}
    return page(request, desk, "console/brakes.html", context, at="tokens", status=status)


def _form(channel: Channel, brake: Brake | None, typed: QueryDict | None = None) -> BrakeForm:
    form = BrakeForm(typed, prefix=channel.value, initial=shown_brake(brake))
    remember(form, form.initial)
    return form
