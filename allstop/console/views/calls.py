"""Setup, calls: the trunk, the manner of calls, how often a phone rings, and a test."""

from datetime import UTC, datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from allstop.actions.actor import Invalid, NotThere
from allstop.actions.audio import BY_TELEPHONE
from allstop.actions.calls import (
    VOICES,
    CallSetup,
    Trunk,
    call_setup,
    result_of_try,
    set_rings,
    set_trunk,
    try_number,
)
from allstop.console.access import Desk, screen
from allstop.console.form_problems import add_problems
from allstop.console.frame import leads_on, page
from allstop.console.meanwhile import remember, settle
from allstop.console.password_field import meant, password_field
from allstop.console.setup_tabs import setup_tabs
from allstop.console.setup_words import leaves_by
from allstop.rules.calling import LONGEST_CLOSING
from allstop.rules.retry import RING_MINUTES_AT_MOST, RINGS_AT_MOST
from allstop.rules.roles import Act

VOICEMAIL = [
    ("talk", "Speak at once, whoever it is"),
    ("leave", "Wait until the other side is silent, then speak"),
    ("hang_up", "The same, but leave no message with whoever talks on like a machine"),
]


class TrunkForm(forms.Form):
    host = forms.CharField(label="Trunk", max_length=200, help_text="Its name or address, such as sip.example.com.")
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535)
    transport = forms.ChoiceField(label="Carried by", choices=[("udp", "UDP"), ("tcp", "TCP")])
    user = forms.CharField(label="User name", max_length=100, required=False, help_text="Empty: it knows our address.")
    password = password_field()
    registers = forms.BooleanField(label="Register at the trunk", required=False)
    tells_callers = forms.BooleanField(
        label="Put callers in the Inbox",
        required=False,
        help_text="Who calls hears that we are busy. An unknown number may become a lead. Needs the registration.",
    )
    caller = forms.CharField(label="Caller id", max_length=40, help_text="The number that the phone shows.")
    lines = forms.IntegerField(label="Lines", min_value=1, max_value=150, help_text="Calls at once.")
    dials_plus = forms.BooleanField(label="Dial numbers with a +", required=False)
    ring_seconds = forms.IntegerField(
        label="Ring time, seconds", min_value=5, max_value=120, help_text="40 are about eight rings."
    )
    voicemail = forms.ChoiceField(label="If a machine may have picked up", choices=VOICEMAIL)
    wait_seconds = forms.IntegerField(label="Wait for a key, seconds", min_value=0, max_value=60)
    language = forms.ChoiceField(label="Voice", choices=list(VOICES.items()))
    follows_contact = forms.BooleanField(
        label="Speak in the contact's language",
        required=False,
        help_text="Where it is known. The words are not translated.",
    )
    closing = forms.CharField(
        label="Closing words",
        max_length=LONGEST_CLOSING,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Said after each message that does not name key 9 itself.",
    )

    def trunk(self) -> Trunk:
        said = dict(self.cleaned_data)
        return Trunk(caller=said.pop("caller"), settings=said)


class RingsForm(forms.Form):
    rings = forms.IntegerField(label="Times that it rings", min_value=1, max_value=RINGS_AT_MOST)
    ring_minutes = forms.IntegerField(label="Minutes between", min_value=1, max_value=RING_MINUTES_AT_MOST)


class TryForm(forms.Form):
    number = forms.CharField(label="Number to call", max_length=40, help_text="Your own, for example.")


@screen("GET")
def calls(request: HttpRequest, desk: Desk) -> HttpResponse:
    tried = request.GET.get("tried", "")
    return show(request, desk, tried=int(tried) if tried.isdecimal() and len(tried) < 19 else None)


@screen("POST")
def save_trunk(request: HttpRequest, desk: Desk) -> HttpResponse:
    setup = call_setup(desk.account_id)
    form = _trunk_form(setup, request.POST)
    if not (form.is_valid() and settle(form, form.initial, meant(form, is_used=setup.provider == BY_TELEPHONE))):
        return show(request, desk, trunk=form, status=422)
    try:
        set_trunk(desk.actor, form.trunk(), datetime.now(UTC))
    except Invalid as invalid:
        add_problems(form, invalid)
        return show(request, desk, trunk=form, status=422)
    return leads_on(request, "Calls leave by this trunk from now on.", reverse("calls"))


@screen("POST")
def save_rings(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = _rings_form(call_setup(desk.account_id), request.POST)
    if not (form.is_valid() and settle(form, form.initial)):
        return show(request, desk, rings=form, status=422)
    said = form.cleaned_data
    made = set_rings(desk.actor, said["rings"], said["ring_minutes"], datetime.now(UTC))
    words = f"A phone that nobody answers rings {made.rings} times, every {made.ring_minutes} minutes."
    return leads_on(request, words, reverse("calls"))


@screen("POST")
def test(request: HttpRequest, desk: Desk) -> HttpResponse:
    form = TryForm(request.POST)
    if not form.is_valid():
        return show(request, desk, number=form, status=422)
    try:
        made = try_number(desk.actor, form.cleaned_data["number"], datetime.now(UTC))
    except Invalid as invalid:
        add_problems(form, invalid, {"to": "number"})
        return show(request, desk, number=form, status=422)
    return leads_on(request, "The test call is on its way.", f"{reverse('calls')}?tried={made.id}#test")


@screen("GET")
def tested(request: HttpRequest, desk: Desk, message_id: int) -> HttpResponse:
    """Asked for again and again until the call is over."""
    result = result_of_try(desk.account_id, message_id, datetime.now(UTC))
    if result is None:
        raise NotThere("There is no such call.")
    return render(request, "console/parts/tested.html", {"result": result})


def show(  # noqa: PLR0913 - a form for each part of the page
    request: HttpRequest,
    desk: Desk,
    *,
    trunk: TrunkForm | None = None,
    rings: RingsForm | None = None,
    number: TryForm | None = None,
    tried: int | None = None,
    status: int = 200,
) -> HttpResponse:
    setup = call_setup(desk.account_id)
    where = f"{setup.settings['host']}, as {setup.caller}" if setup.provider == "sip" else ""
    context: dict[str, Any] = {
        "setup": setup,
        "words": leaves_by("Calls", setup.provider, where, "they are made up, and no phone rings."),
        "trunk": trunk or _trunk_form(setup),
        "rings": rings or _rings_form(setup),
        "number": number or TryForm(),
        "result": None if tried is None else result_of_try(desk.account_id, tried, datetime.now(UTC)),
        "tabs": setup_tabs("calls"),
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    return page(request, desk, "console/calls.html", context, at="tokens", status=status)


def _trunk_form(setup: CallSetup, typed: QueryDict | None = None) -> TrunkForm:
    said = setup.settings | {"caller": setup.caller}
    form = TrunkForm(typed, initial={name: said[name] for name in TrunkForm.base_fields if name in said})
    remember(form, form.initial)
    return form


def _rings_form(setup: CallSetup, typed: QueryDict | None = None) -> RingsForm:
    form = RingsForm(typed, initial={"rings": setup.rings, "ring_minutes": setup.ring_minutes})
    remember(form, form.initial)
    return form
