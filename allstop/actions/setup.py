"""How an account sends on a channel: provider, its settings, and as whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, require
from allstop.rules.addresses import parse_email
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.rules.words import Problem
from allstop.store import ledger, queue
from allstop.store.models import ChannelSetup

SECRETS = ("password", "dkim_key")  # settings that are never shown again, in the ledger neither
MADE_HERE = ("dkim_on", "dkim_domain", "dkim_selector", "dkim_key")  # they stay when a provider's settings are replaced


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelChoice:
    provider: str  # an adapter of channels/registry.py; "" = None: messages wait
    config: Mapping[str, Any]  # as its Config reads it; whoever calls has checked it with check_settings
    sender: str
    sender_name: str


@transaction.atomic
def set_channel(actor: Actor, channel: Channel, choice: ChannelChoice, now: datetime) -> ChannelSetup:
    """In force for the next message that leaves. What was broken is tried again."""
    require(actor, Act.EDIT_SETUP)
    if channel is Channel.EMAIL and choice.provider not in ("", "sandbox"):
        found = parse_email(choice.sender)
        if isinstance(found, Problem):
            raise Invalid(sender=f"Emails need the address that they come from. {found.text}")
    rows = ChannelSetup.objects.filter(account_id=actor.account_id, channel=channel)
    before = rows.select_for_update().get()
    kept = {name: before.config[name] for name in MADE_HERE if name in before.config}
    rows.update(
        provider=choice.provider,
        config=(kept if choice.provider == before.provider else {}) | dict(choice.config),
        sender=choice.sender,
        sender_name=choice.sender_name,
        broken="",
    )
    after = rows.get()
    queue.setup_changed(actor.account_id, channel, after.pace_ms, now)
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="set_channel",
        subject=f"channel:{channel}",
        before=shown(before),
        after={**shown(after), "via": actor.via},
    )
    return after


def shown(setup: ChannelSetup) -> dict[str, Any]:
    """Everything but secrets."""
    return {
        "channel": setup.channel,
        "provider": setup.provider,
        "config": {key: "(kept secret)" if key in SECRETS else value for key, value in setup.config.items()},
        "sender": setup.sender,
        "sender_name": setup.sender_name,
        "enabled": setup.is_enabled,
        "broken": setup.broken,
    }
