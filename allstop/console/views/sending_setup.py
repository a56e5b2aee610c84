"""Email, text and call setup on one page, for experts: the same forms as the wizard's, one below the other."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from allstop.actions.actor import Conflict, Invalid, require
from allstop.actions.sending_setup import Setup, apply, check, read
from allstop.console.access import Desk, screen
from allstop.console.frame import leads_on, page
from allstop.console.setup_tabs import setup_tabs
from allstop.console.views.setup_wizard.page import SetupForm
from allstop.console.views.setup_wizard.pages import WITH_SETTINGS
from allstop.console.views.setup_wizard.walk import capacity_words, with_sessions
from allstop.console.week import week_of
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.rules.sending import Settings
from allstop.rules.sending_data import parse_session
from allstop.rules.sending_words import label_of
from allstop.rules.session_words import session_words
from allstop.rules.windows import Session

COPY = "What you typed stands below, to be copied from: open this page in another window and change it there."


class SessionsField(forms.CharField):
    """A session in each line."""

    def __init__(self, label: str) -> None:
        widget = forms.Textarea(attrs={"rows": 6, "spellcheck": "false"})
        super().__init__(label=label, required=False, max_length=10_000, widget=widget)

    def clean(self, value: Any) -> tuple[Session, ...]:
        found, wrong = set(), []
        for line in str(super().clean(value)).splitlines():
            try:
                if line.strip():
                    found.add(parse_session(line))
            except ValueError as words:
                wrong.append(f"{line.strip()}: {words}")
        if wrong:
            raise forms.ValidationError(wrong)
        return tuple(sorted(found))


class SessionLines(SetupForm):
    places: ClassVar = {f"{one.value}.sessions": one.value for one in Channel}

    email = SessionsField("Emails")
    text = SessionsField("Texts")
    call = SessionsField("Calls")

    @classmethod
    def said(cls, settings: Settings) -> dict[str, Any]:
        return {one.value: "\n".join(session_words(each) for each in settings.of(one).sessions) for one in Channel}

    def onto(self, settings: Settings) -> Settings:
        for channel in Channel:
            settings = with_sessions(settings, channel, self.cleaned_data[channel.value])
        return settings


@screen("GET")
def setup(request: HttpRequest, desk: Desk) -> HttpResponse:
    found = read(desk.actor)
    return show(request, desk, found, forms_of(found.settings))


@screen("POST")
def save(request: HttpRequest, desk: Desk) -> HttpResponse:
    require(desk.actor, Act.EDIT_SETUP)
    found = read(desk.actor)
    typed = forms_of(found.settings, request.POST)
    if [form for form in typed.values() if not form.is_valid()]:  # of all of them, so that all say what is wrong
        return show(request, desk, found, typed, status=422)
    settings = found.settings
    passwords: dict[Channel, str] = {}
    for form in typed.values():
        settings = form.onto(settings)
        passwords |= form.passwords()
    version = request.POST.get("version", "")
    try:
        applied = apply(desk.actor, settings, datetime.now(UTC), passwords=passwords, version=version)
    except Conflict as conflict:
        return show(request, desk, found, typed, [str(conflict), COPY], status=409)
    except Invalid as invalid:
        return show(request, desk, found, typed, told(typed, invalid.problems), status=422)
    words = "In force from now on." if applied.changes else "Nothing was changed."
    return leads_on(request, words, reverse("sending-setup"))


def forms_of(settings: Settings, posted: Any = None) -> dict[str, SetupForm]:
    kinds: dict[str, type[SetupForm]] = {one.slug: one.form for one in WITH_SETTINGS} | {"sessions": SessionLines}
    return {slug: kind(posted, prefix=slug, initial=kind.said(settings)) for slug, kind in kinds.items()}


def told(typed: Mapping[str, SetupForm], problems: Mapping[str, str]) -> list[str]:
    """Each problem at its field; those that no field has, as lines."""
    for form in typed.values():
        form.tell(problems)
    at_fields = {place for form in typed.values() for place in form.places}
    return [f"{label_of(place)}: {words}" for place, words in problems.items() if place not in at_fields]


def show(
    request: HttpRequest,
    desk: Desk,
    found: Setup,
    typed: Mapping[str, SetupForm],
    problems: list[str] | None = None,
    *,
    status: int = 200,
) -> HttpResponse:
    now = datetime.now(UTC)
    titles = {one.slug: one.title for one in WITH_SETTINGS} | {"sessions": "Days and times"}
    # Of what is shown again the version stays: pressed twice, what a colleague saved would be overwritten unseen.
    said = request.POST.get("version", "")
    context = {
        "tabs": setup_tabs("sending-setup"),
        "parts": [{"slug": slug, "title": titles[slug], "form": form} for slug, form in typed.items()],
        "version": said or found.version,
        "problems": problems or [],
        "cautions": check(desk.actor, found.settings).cautions,
        "weeks": [
            {
                "name": name,
                "week": week_of(found.settings.of(channel).sessions, found.settings.backup),
                "capacity": capacity_words(channel, found.settings, found.zone, now),
            }
            for channel, name in ((Channel.EMAIL, "Emails"), (Channel.TEXT, "Texts"), (Channel.CALL, "Calls"))
        ],
        "has_password": [one.value for one, has in found.has_password.items() if has],
        "zone": found.zone,
        "why_not": desk.why_not(Act.EDIT_SETUP),
    }
    return page(request, desk, "console/sending_setup.html", context, at="tokens", status=status)
