"""Calls: the trunk, the caller id, how long it rings and how often, and on which days and times."""

from dataclasses import replace
from typing import Any, ClassVar

from django import forms

from allstop.console.views.calls import RingsForm, TrunkForm
from allstop.console.views.setup_wizard.page import Look, SetupForm, SetupPage
from allstop.console.views.setup_wizard.ways import new_way, provider_choices
from allstop.rules.facts import Channel
from allstop.rules.sending import Settings

ON_THE_PAGE = (
    "host",
    "port",
    "transport",
    "user",
    "password",
    "registers",
    "caller",
    "lines",
    "dials_plus",
    "ring_seconds",
)
_USUAL = {
    "host": "",
    "port": 5060,
    "transport": "udp",
    "user": "",
    "registers": False,
    "lines": 10,
    "dials_plus": True,
    "ring_seconds": 40,
}
_TRUNK = tuple(_USUAL)


class CallsForm(SetupForm):
    """The rest of the trunk's manner is on the page about calls, and stays as it is."""

    places: ClassVar = {
        "call.provider": "provider",
        "call.config": "host",
        "call.sender": "caller",
        "call.rings": "rings",
        "call.ring_minutes": "ring_minutes",
        "call.sessions": "provider",
    }

    provider = forms.ChoiceField(label="Calls leave by", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = provider_choices(Channel.CALL, self.initial.get("provider", ""))  # type: ignore[attr-defined]
        of_the_trunk = TrunkForm().fields
        for name in ON_THE_PAGE:
            self.fields[name] = of_the_trunk[name]
            self.fields[name].required = False  # what a trunk needs is checked with it
        self.fields |= RingsForm().fields

    @classmethod
    def said(cls, settings: Settings) -> dict[str, Any]:
        way = settings.call.way
        known = {name: way.config.get(name, _USUAL[name]) for name in _TRUNK}
        return {
            **known,
            "provider": way.provider,
            "caller": way.sender,
            "rings": settings.rings,
            "ring_minutes": settings.ring_minutes,
        }

    def onto(self, settings: Settings) -> Settings:
        said, before = self.cleaned_data, settings.call.way
        trunk = {name: said[name] for name in _TRUNK if said[name] not in (None, "") or name in ("host", "user")}
        way = new_way(before, said["provider"], {"sip": trunk})
        call = replace(settings.call, way=replace(way, sender=said["caller"]))
        return replace(settings, call=call, rings=said["rings"], ring_minutes=said["ring_minutes"])

    def passwords(self) -> dict[Channel, str]:
        typed = self.cleaned_data["password"]
        return {Channel.CALL: typed} if typed else {}


def more(look: Look) -> dict[str, Any]:
    return {
        "by_trunk": look.settings.call.way.provider == "sip",
        "has_password": look.has_password[Channel.CALL],
        "trunk_fields": [look.form[name] for name in ON_THE_PAGE],
    }


PAGE = SetupPage(
    slug="calls",
    name="Calls",
    title="Calls",
    template="console/setup_wizard/calls.html",
    form=CallsForm,
    more=more,
    sessions=Channel.CALL,
    rehearses=Channel.CALL,
    warns=("call",),
)
