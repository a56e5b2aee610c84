"""Text provider: None or one of those that there are, whether it works, and how many credits are left."""

from dataclasses import replace
from typing import Any, ClassVar

from django import forms
from django.urls import reverse

from allstop.actions.credits import setup_of
from allstop.actions.provider_tests import is_proven, newest_test, user_of
from allstop.actions.sending_setup import PROVIDERS
from allstop.console.password_field import password_field
from allstop.console.views.setup_wizard.page import Look, SetupForm, SetupPage
from allstop.console.views.setup_wizard.ways import new_way, provider_choices
from allstop.rules.facts import Channel
from allstop.rules.sending import Settings, Value, Way

USER = {"smpp": "system_id", "text_api": "account_sid"}  # what the provider calls its customer


class ProviderForm(SetupForm):
    places: ClassVar = {"text.provider": "provider", "text.config": "user", "text.sender": "sender"}

    provider = forms.ChoiceField(label="Text (SMS) provider", required=False)
    user = forms.CharField(label="Practice id or user name", max_length=100, required=False)
    password = password_field()
    host = forms.CharField(label="Server", max_length=200, required=False, help_text="Such as smsc.example.com.")
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535, required=False)
    encryption = forms.ChoiceField(
        label="Encryption", choices=[("tls", "TLS"), ("none", "None: a private line")], required=False
    )
    base_url = forms.CharField(label="Address of the API", max_length=300, required=False)
    callback_url = forms.CharField(
        label="Where it reaches Allstop",
        max_length=300,
        required=False,
        help_text="For receipts and replies, such as https://desk.example.com.",
    )
    sender = forms.CharField(
        label="Texts come from",
        max_length=40,
        required=False,
        help_text="A number or a name. Empty: the provider's own.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = provider_choices(Channel.TEXT, self.initial.get("provider", ""))  # type: ignore[attr-defined]

    @classmethod
    def said(cls, settings: Settings) -> dict[str, Any]:
        way = settings.text.way
        config = way.config
        return {
            "provider": way.provider,
            "user": user_of(way),
            "host": config.get("host", ""),
            "port": config.get("port", 2775),
            "encryption": config.get("encryption", "tls"),
            "base_url": config.get("base_url", "https://api.twilio.com"),
            "callback_url": config.get("callback_url", ""),
            "sender": way.sender,
        }

    def onto(self, settings: Settings) -> Settings:
        said, before = self.cleaned_data, settings.text.way
        typed: dict[str, dict[str, Value]] = {
            "smpp": {
                "host": said["host"],
                "port": said["port"] or 2775,
                "encryption": said["encryption"] or "tls",
                "system_id": said["user"],
            },
            "text_api": {
                "account_sid": said["user"],
                "base_url": said["base_url"] or "https://api.twilio.com",
                "callback_url": said["callback_url"],
            },
        }
        way = new_way(before, said["provider"], typed)
        return replace(settings, text=replace(settings.text, way=replace(way, sender=said["sender"])))

    def passwords(self) -> dict[Channel, str]:
        typed = self.cleaned_data["password"]
        return {Channel.TEXT: typed} if typed else {}

    def fix_user(self, way: Way) -> None:
        """A test has shown that it works: it is grey, and what a browser sends instead is not heard."""
        field = self.fields["user"]
        field.disabled = True
        field.initial = user_of(way)
        field.help_text = "A test has shown that it works, so it is fixed. To use another, choose None first."


def more(look: Look) -> dict[str, Any]:
    way = look.settings.text.way
    assert isinstance(look.form, ProviderForm)
    has_user = bool(user_of(way)) or way.provider == "apprise"  # its log-in is in its address
    proven = is_proven(look.desk.actor, Channel.TEXT, way)
    return {
        "is_none": not way.provider,
        "is_supported": way.provider in PROVIDERS[Channel.TEXT],
        "provider": way.provider,
        "has_user": has_user,
        "may_test": bool(way.provider == "sandbox" or (has_user and look.has_password[Channel.TEXT])),
        "has_password": look.has_password[Channel.TEXT],
        "is_proven": proven,
        "test": newest_test(look.desk.actor, Channel.TEXT),
        "setup": setup_of(look.desk.actor),
        "replies_url": reverse("reply-setup"),
    }


PAGE = SetupPage(
    slug="provider",
    name="Text provider",
    title="Text (SMS) provider",
    template="console/setup_wizard/provider.html",
    form=ProviderForm,
    more=more,
    warns=("text.provider", "text.config", "text.sender"),
)
