"""What the page about texts asks for each provider; everything else is for experts, by command."""

from collections.abc import Mapping
from typing import Any

from django import forms

from allstop.actions.text_setup import NONE, SANDBOX, TextProvider
from allstop.console.password_field import password_field

NAMES = {
    "smpp": "SMPP",
    "text_api": "Text API over HTTP",
    "apprise": "Other service",
    SANDBOX: "Sandbox",
    NONE: "None",
}
WORDS = {
    "smpp": "A lasting connection to your provider's SMSC. Receipts and replies come over it.",
    "text_api": "Twilio, and the many that speak the same. With a callback address, receipts and replies come too.",
    "apprise": "One of the services that Apprise knows, by its address.",
    SANDBOX: "For trying things out: texts go to the outbox page, and nobody gets one.",
    NONE: "No text leaves. They wait until there is a provider.",
}
DEAF = (
    "This service sends no receipts and brings no replies: sent is the last that is heard of a text, and a STOP that "
    "somebody writes back does not reach Allstop. Give people another way to say no."
)
HALF_DEAF = "Without a callback address there are no receipts and no replies: a STOP does not reach Allstop."


class ProviderForm(forms.Form):
    provider = forms.CharField(widget=forms.HiddenInput, required=False)

    def said(self) -> TextProvider:
        settings = dict(self.cleaned_data)
        provider, sender = settings.pop("provider"), settings.pop("sender", "")
        return TextProvider(provider=provider, settings=settings, sender=sender)


def sender_field() -> forms.CharField:
    return forms.CharField(
        label="Sender",
        required=False,
        max_length=30,
        help_text="The number that texts come from, or a word of at most 11 letters. Empty: the provider's own.",
    )


class SmppForm(ProviderForm):
    host = forms.CharField(label="Server", max_length=200, help_text="Such as smsc.example.com.")
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535)
    encryption = forms.ChoiceField(
        label="Encryption", choices=[("tls", "TLS"), ("none", "None: the password crosses the line in the clear")]
    )
    system_id = forms.CharField(label="User name (system_id)", max_length=15)
    password = password_field()
    sender = sender_field()


class TextApiForm(ProviderForm):
    base_url = forms.URLField(label="Address of the API", max_length=300, assume_scheme="https")
    account_sid = forms.CharField(label="Account (account_sid)", max_length=100)
    password = password_field("Auth token")
    callback_url = forms.URLField(
        label="Callback address",
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text="Where the provider reaches Allstop: https://desk.example.com. Empty: no receipts, no replies.",
    )
    sender = sender_field()


class AppriseForm(ProviderForm):
    service_url = password_field(
        "Service address",
        longest=500,
        help_text="Such as twilio://SID:TOKEN@FROM/{to}, with {to} where the number belongs. The log-in is in it, so "
        "it is never shown again. Empty: the one that is there stays.",
    )


FORMS: dict[str, type[ProviderForm]] = {"smpp": SmppForm, "text_api": TextApiForm, "apprise": AppriseForm}
USUAL: dict[str, dict[str, Any]] = {
    "smpp": {"port": 2775, "encryption": "tls"},
    "text_api": {"base_url": "https://api.twilio.com"},
}


def form_for(provider: str, said: Mapping[str, Any] | None = None, initial: Mapping[str, Any] | None = None) -> Any:
    kind = FORMS.get(provider, ProviderForm)
    return (
        kind(said)
        if said is not None
        else kind(initial=USUAL.get(provider, {}) | dict(initial or {}) | {"provider": provider})
    )


def what_is_not_heard(provider: str, config: Mapping[str, Any]) -> str:
    if provider == "apprise":
        return DEAF
    return HALF_DEAF if provider == "text_api" and not config.get("callback_url") else ""
