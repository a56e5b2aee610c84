"""Account details: by which server emails leave, and as whom."""

from dataclasses import replace
from typing import Any, ClassVar

from django import forms

from allstop.actions.sending_setup import PROVIDERS
from allstop.console.password_field import password_field
from allstop.console.views.setup_wizard.page import Look, SetupForm, SetupPage
from allstop.console.views.setup_wizard.ways import new_way, provider_choices
from allstop.rules.facts import Channel
from allstop.rules.sending import Settings

ENCRYPTIONS = [
    ("starttls", "STARTTLS, usually port 587"),
    ("tls", "TLS from the first byte, usually port 465"),
    ("none", "None: only without a password"),
]
_USUAL = {"host": "", "port": 587, "encryption": "starttls", "user": ""}


class AccountForm(SetupForm):
    places: ClassVar = {
        "email.provider": "provider",
        "email.config": "host",
        "email.sender": "sender",
        "email.sender_name": "sender_name",
    }

    disabled = forms.BooleanField(
        label="Disable email sending and receiving",
        required=False,
        help_text="For an account that only texts or calls. Everything below stays as it is and is not used.",
    )
    provider = forms.ChoiceField(label="Emails leave by", required=False)
    sender = forms.CharField(label="Email address", max_length=254, required=False, help_text="Emails come from it.")
    sender_name = forms.CharField(label="Name beside it", max_length=120, required=False)
    host = forms.CharField(
        label="Server for outgoing mail", max_length=200, required=False, help_text="Such as smtp.example.com."
    )
    port = forms.IntegerField(label="Port", min_value=1, max_value=65535, required=False)
    encryption = forms.ChoiceField(label="Encryption", choices=ENCRYPTIONS, required=False)
    user = forms.CharField(label="User name", max_length=254, required=False)
    password = password_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["provider"].choices = provider_choices(Channel.EMAIL, self.initial.get("provider", ""))  # type: ignore[attr-defined]

    @classmethod
    def said(cls, settings: Settings) -> dict[str, Any]:
        way = settings.email.way
        config = {name: way.config.get(name, usual) for name, usual in _USUAL.items()}
        return {
            **config,
            "disabled": not settings.email.enabled,
            "provider": way.provider,
            "sender": way.sender,
            "sender_name": way.sender_name,
        }

    def onto(self, settings: Settings) -> Settings:
        said = self.cleaned_data
        email = replace(settings.email, enabled=not said["disabled"])
        if not said["disabled"]:
            config = {"host": said["host"], "user": said["user"]}
            config |= {name: said[name] or _USUAL[name] for name in ("port", "encryption")}
            way = new_way(email.way, said["provider"], {"smtp": config})
            email = replace(email, way=replace(way, sender=said["sender"], sender_name=said["sender_name"]))
        return replace(settings, email=email)

    def passwords(self) -> dict[Channel, str]:
        typed = self.cleaned_data["password"]
        return {Channel.EMAIL: typed} if typed and not self.cleaned_data["disabled"] else {}


def more(look: Look) -> dict[str, Any]:
    email = look.settings.email
    return {
        "is_off": not email.enabled,
        "by_server": email.way.provider == "smtp",
        "by_service": email.way.provider == "apprise",
        "has_password": look.has_password[Channel.EMAIL],
        "is_supported": email.way.provider in PROVIDERS[Channel.EMAIL],
    }


PAGE = SetupPage(
    slug="account",
    name="Account",
    title="Account details",
    template="console/setup_wizard/account.html",
    form=AccountForm,
    more=more,
    warns=("email.provider", "email.config", "email.sender"),
)
