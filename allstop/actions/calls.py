"""How an account calls: by which trunk, in which manner, how often; and a test call that says what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, require
from allstop.actions.audio import BY_TELEPHONE
from allstop.actions.messages import Accepted, Draft, send_message
from allstop.actions.setup import ChannelChoice, set_channel, with_kept_secrets
from allstop.channels.configuration import ConfigError, read_config
from allstop.channels.sip.config import SipConfig
from allstop.rules.addresses import parse_phone
from allstop.rules.facts import Channel, Purpose
from allstop.rules.retry import RING_MINUTES_AT_MOST, RINGS_AT_MOST
from allstop.rules.roles import Act
from allstop.rules.words import Problem
from allstop.speech.languages import LANGUAGES
from allstop.store import ledger, lists, queue
from allstop.store.models import Account, ChannelSetup, Status
from allstop.store.sealing import SECRETS

TEST_WITHIN = timedelta(minutes=3)  # later nobody is waiting for it
VOICES = {language: name for language, (_, name) in LANGUAGES.items()}
SETTINGS = tuple(field.name for field in fields(SipConfig))


@dataclass(frozen=True, slots=True, kw_only=True)
class Trunk:
    """`settings` as SipConfig reads them; without a password the one that is there is kept."""

    settings: Mapping[str, Any]
    caller: str  # the number that the phone shows


@dataclass(frozen=True, slots=True)
class CallSetup:
    """What may be shown of it."""

    provider: str
    caller: str
    settings: dict[str, Any]  # all of SipConfig but the password
    has_password: bool
    rings: int
    ring_minutes: int
    broken: str


def call_setup(account_id: int) -> CallSetup:
    setup = _setup(account_id)
    known = setup.config if setup.provider == BY_TELEPHONE else {}
    usual = {field.name: field.default for field in fields(SipConfig)} | {"host": ""}
    settings = {name: known.get(name, value) for name, value in usual.items() if name not in SECRETS}
    return CallSetup(
        provider=setup.provider,
        caller=setup.sender,
        settings=settings,
        has_password=bool(known.get("password")),
        rings=setup.rings,
        ring_minutes=setup.ring_minutes,
        broken=setup.broken,
    )


@transaction.atomic
def set_trunk(actor: Actor, trunk: Trunk, now: datetime) -> CallSetup:
    """Calls leave by it from the next one on."""
    require(actor, Act.EDIT_SETUP)
    before = _setup(actor.account_id)
    config = with_kept_secrets(before, BY_TELEPHONE, trunk.settings)
    try:
        read_config(SipConfig, config)
    except ConfigError as wrong:
        raise Invalid(settings=" ".join(wrong.faults)) from wrong
    caller = parse_phone(trunk.caller, Account.objects.get(pk=actor.account_id).country)
    if isinstance(caller, Problem):
        raise Invalid(caller=f"Calls need the number that the phone shows. {caller.text}")
    choice = ChannelChoice(provider=BY_TELEPHONE, config=config, sender=caller.e164, sender_name=before.sender_name)
    set_channel(actor, Channel.CALL, choice, now)
    return call_setup(actor.account_id)


@transaction.atomic
def set_rings(actor: Actor, rings: int, minutes: int, now: datetime) -> CallSetup:
    """TN8: how often a phone rings that nobody answers, and how long lies between. In force for what waits, too."""
    require(actor, Act.EDIT_SETUP)
    if not 1 <= rings <= RINGS_AT_MOST:
        raise Invalid(rings=f"Let it ring 1 to {RINGS_AT_MOST} times.")
    if not 1 <= minutes <= RING_MINUTES_AT_MOST:
        raise Invalid(ring_minutes=f"Wait 1 to {RING_MINUTES_AT_MOST:,} minutes.")
    setup = ChannelSetup.objects.select_for_update().get(account_id=actor.account_id, channel=Channel.CALL)
    before = {"rings": setup.rings, "ring_minutes": setup.ring_minutes}
    after = {"rings": rings, "ring_minutes": minutes}
    if after != before:
        ChannelSetup.objects.filter(pk=setup.pk).update(**after)
        queue.setup_changed(actor.account_id, Channel.CALL, setup.pace_ms, now)
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="set_rings",
            subject=f"channel:{Channel.CALL}",
            before=before,
            after={**after, "via": actor.via},
        )
    return call_setup(actor.account_id)


def try_number(actor: Actor, number: str, now: datetime) -> Accepted:
    """A message like any other: it passes the gate, and a worker dials it. Not by the account's window or pace."""
    require(actor, Act.EDIT_SETUP)
    name = Account.objects.get(pk=actor.account_id).name
    draft = Draft(
        channel=Channel.CALL,
        purpose=Purpose.PERSONAL,
        body=f"This is a test call from {name}. If you can hear this, calls work.",
        address=number,
        use_by=now + TEST_WITHIN,
        by_hand=True,
        reason="test call",
    )
    return send_message(actor, draft, now)


@dataclass(frozen=True, slots=True)
class TryResult:
    id: int
    is_over: bool
    is_good: bool  # somebody heard it
    words: str


def result_of_try(account_id: int, message_id: int, now: datetime) -> TryResult | None:
    """What has come of a call so far, in words. None: the account has no such message."""
    found = lists.message(account_id, message_id)
    if found is None:
        return None
    status = found.row.status
    if found.attempts:
        last = found.attempts[-1]
        words = last.detail or last.code
        if status is Status.WAITING:
            words += ". It is not tried again: a test call is for now."
        return TryResult(message_id, True, status is Status.SENT, f"{words[:1].upper()}{words[1:]}")
    if found.steps:
        return TryResult(message_id, False, False, "Dialled. " + ("It rings." if len(found.steps) > 1 else ""))
    why = lists.why(account_id, message_id, now)
    assert why is not None
    is_over = status is not Status.WAITING
    waiting = "Waiting for the worker for calls." if why.verdict == "send" else why.words
    return TryResult(message_id, is_over, False, why.words if is_over else waiting)


def _setup(account_id: int) -> ChannelSetup:
    return ChannelSetup.objects.get(account_id=account_id, channel=Channel.CALL)
