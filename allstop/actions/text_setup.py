"""By which provider an account's texts leave, and from which number: checked, and in force for the next text."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, require
from allstop.actions.setup import ChannelChoice, set_channel, with_kept_secrets
from allstop.channels.configuration import ConfigError
from allstop.channels.registry import check_settings
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.store.models import ChannelSetup

NONE, SANDBOX = "", "sandbox"
OF_TEXTS = (NONE, SANDBOX, "smpp", "text_api", "apprise")  # the providers that can carry texts


@dataclass(frozen=True, slots=True, kw_only=True)
class TextProvider:
    """`settings` as the provider's config reads them. A secret that is left empty stays as it is. So does whatever is
    not named, as long as the provider stays."""

    provider: str
    settings: Mapping[str, Any]
    sender: str


@transaction.atomic
def set_text_provider(actor: Actor, said: TextProvider, now: datetime) -> ChannelSetup:
    require(actor, Act.EDIT_SETUP)
    if said.provider not in OF_TEXTS:
        raise Invalid(provider=f"There is no provider of texts named {said.provider}.")
    before = ChannelSetup.objects.select_for_update().get(account_id=actor.account_id, channel=Channel.TEXT)
    config: dict[str, Any] = {}
    if said.provider not in (NONE, SANDBOX):
        kept = before.config if before.provider == said.provider else {}
        config = with_kept_secrets(before, said.provider, _others(kept, said.settings) | dict(said.settings))
        try:
            check_settings(said.provider, config)
        except ConfigError as wrong:
            raise Invalid(settings=" ".join(wrong.faults)) from wrong
    choice = ChannelChoice(provider=said.provider, config=config, sender=said.sender, sender_name=before.sender_name)
    return set_channel(actor, Channel.TEXT, choice, now)


def _others(config: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """What experts have set by command, and a form does not ask for."""
    return {name: value for name, value in config.items() if name not in said and not isinstance(value, dict)}
