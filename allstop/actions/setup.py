"""How an account sends on a channel: provider, its settings, and as whom."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, require
from allstop.actions.shared_senders import warn_of_shared_sender, who_shares
from allstop.rules.addresses import Phone, parse_email, parse_phone
from allstop.rules.facts import Channel
from allstop.rules.kept_passwords import stays
from allstop.rules.roles import Act
from allstop.rules.words import Problem
from allstop.store import ledger, queue, sealing
from allstop.store.models import ChannelSetup

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
    try:
        config = sealing.sealed(choice.config)
    except sealing.CannotOpen as problem:
        raise Conflict(str(problem)) from problem
    rows = ChannelSetup.objects.filter(account_id=actor.account_id, channel=channel)
    before = rows.select_for_update(of=("self",)).select_related("account").get()
    sender = as_replies_name_it(channel, choice.sender.strip(), before.account.country)
    kept = {name: before.config[name] for name in MADE_HERE if name in before.config}
    rows.update(
        provider=choice.provider,
        config=(kept if choice.provider == before.provider else {}) | config,
        sender=sender,
        sender_name=choice.sender_name,
        broken="",
    )
    after = rows.get()
    queue.setup_changed(actor.account_id, channel, after.pace_ms, now)
    if sender != before.sender and (others := who_shares(actor.account_id, channel, sender)):
        warn_of_shared_sender(actor.account_id, sender, others, now)
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


def as_replies_name_it(channel: Channel, sender: str, country: str) -> str:
    """Words and short codes stay as they are."""
    if channel is Channel.EMAIL or any(sign.isalpha() for sign in sender):
        return sender
    number = parse_phone(sender, country)
    return number.e164 if isinstance(number, Phone) else sender


def with_kept_secrets(setup: ChannelSetup, provider: str, config: Mapping[str, Any]) -> dict[str, Any]:
    """`config`, and for each secret that was left empty the one that is there: nobody types a password again who
    changes something else. But not for another provider, server or user name: rules/kept_passwords.py.
    """
    said = {name: value for name, value in config.items() if value or name not in sealing.SECRETS}
    if setup.provider != provider or not stays(setup.config, said):
        return said
    missing = {name: value for name, value in setup.config.items() if name in sealing.SECRETS and name not in said}
    try:
        return sealing.opened(missing) | said
    except sealing.CannotOpen as problem:
        raise Invalid(password=str(problem)) from problem


def shown(setup: ChannelSetup) -> dict[str, Any]:
    """Everything but secrets."""
    return {
        "channel": setup.channel,
        "provider": setup.provider,
        "config": sealing.without_secrets(setup.config),
        "sender": setup.sender,
        "sender_name": setup.sender_name,
        "enabled": setup.is_enabled,
        "broken": setup.broken,
    }
