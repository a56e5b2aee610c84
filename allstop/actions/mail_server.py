"""By which mail server emails leave, how they are signed, and what it takes at most.

The rules that it guards: a key is made here and never leaves; what the world may see of it is the DNS record. Signing
begins when somebody says that the record is published: a signature that nobody can check looks like a forgery.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, require
from allstop.actions.setup import MADE_HERE, ChannelChoice, set_channel
from allstop.channels.configuration import ConfigError, read_config
from allstop.channels.email.config import SmtpConfig
from allstop.channels.email.dkim import DOMAIN, as_strings, make_key, record_name, record_of
from allstop.rules.facts import Channel
from allstop.rules.kept_passwords import stays
from allstop.rules.limits import Limits
from allstop.rules.roles import Act
from allstop.store import ledger, queue
from allstop.store.models import ChannelSetup
from allstop.store.sealing import SECRETS, CannotOpen, opened

SMTP = "smtp"  # as channels/registry.py names it
SELECTOR = "allstop"
SUBJECT = f"channel:{Channel.EMAIL}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """`settings` as SmtpConfig reads them; without a password the one that is there is kept for the same server and
    user name."""

    settings: Mapping[str, Any]
    sender: str
    sender_name: str


@dataclass(frozen=True, slots=True)
class Signing:
    """What may be shown of the key."""

    is_on: bool
    domain: str
    selector: str
    record_name: str
    record: str
    record_strings: str  # for a zone file
    is_aligned: bool  # the sender's address has the same domain: else DMARC does not count the signature


@dataclass(frozen=True, slots=True)
class MailSetup:
    provider: str
    sender: str
    sender_name: str
    settings: dict[str, Any]  # of SmtpConfig, but no secret and nothing of the key
    has_password: bool
    signing: Signing | None  # None: no key was made
    limits: Limits
    links_are_safe: bool  # unsubscribe links lead to HTTPS, without which mail providers show no button
    links_lead_to: str
    broken: str


def mail_setup(account_id: int) -> MailSetup:
    setup = _setup(account_id)
    known = setup.config if setup.provider == SMTP else {}
    hidden = {*SECRETS, *MADE_HERE}
    usual = {field.name: field.default for field in fields(SmtpConfig)} | {"host": ""}
    return MailSetup(
        provider=setup.provider,
        sender=setup.sender,
        sender_name=setup.sender_name,
        settings={name: known.get(name, value) for name, value in usual.items() if name not in hidden},
        has_password=bool(known.get("password")),
        signing=_signing(setup),
        limits=Limits(setup.limit_minute, setup.limit_hour, setup.limit_day),
        links_are_safe=bool(settings.ON_HTTPS),
        links_lead_to=f"{settings.URL}/unsubscribe/",
        broken=setup.broken,
    )


@transaction.atomic
def set_server(actor: Actor, server: Server, now: datetime) -> MailSetup:
    """Emails leave by it from the next one on."""
    require(actor, Act.EDIT_SETUP)
    before = _setup(actor.account_id)
    config = {name: value for name, value in server.settings.items() if name not in MADE_HERE}
    if not config.get("password"):
        config.pop("password", None)
        is_known = before.provider == SMTP and stays(before.config, config)
        if config.get("user") and is_known and before.config.get("password"):
            config["password"] = before.config["password"]
    _checked(config)
    choice = ChannelChoice(provider=SMTP, config=config, sender=server.sender, sender_name=server.sender_name)
    set_channel(actor, Channel.EMAIL, choice, now)
    return mail_setup(actor.account_id)


@transaction.atomic
def make_signing_key(actor: Actor, now: datetime) -> MailSetup:
    """Of the sender's domain. Another key than before has another name, so both records can stand; signing pauses until
    somebody says that the new one is published."""
    require(actor, Act.EDIT_SETUP)
    setup = _of_smtp(actor)
    domain = setup.sender.rpartition("@")[2].lower()
    if not DOMAIN.fullmatch(domain):
        raise Conflict("Mails cannot be signed without a sender's address, such as desk@example.com.")
    last = str(setup.config.get("dkim_selector", "")).removeprefix(SELECTOR)
    number = int(last) + 1 if last.isdecimal() else 1
    made = {"dkim_on": False, "dkim_domain": domain, "dkim_selector": f"{SELECTOR}{number}", "dkim_key": make_key()}
    _change(actor, setup, made, "make_signing_key", now)
    return mail_setup(actor.account_id)


@transaction.atomic
def sign_mails(actor: Actor, is_on: bool, now: datetime) -> MailSetup:
    """From the next mail on."""
    require(actor, Act.EDIT_SETUP)
    setup = _of_smtp(actor)
    if is_on and not setup.config.get("dkim_key"):
        raise Conflict("There is no key yet: make one, publish its record, then turn signing on.")
    if bool(setup.config.get("dkim_on")) != is_on:
        _change(actor, setup, {"dkim_on": is_on}, "sign_mails", now)
    return mail_setup(actor.account_id)


@transaction.atomic
def set_limits(actor: Actor, channel: Channel, limits: Limits, now: datetime) -> Limits:
    """What waits because of the old ones is asked again."""
    require(actor, Act.EDIT_SETUP)
    if faults := limits.faults():
        raise Invalid(**faults)
    setup = ChannelSetup.objects.select_for_update().get(account_id=actor.account_id, channel=channel)
    before = {name: getattr(setup, name) for name in ("limit_minute", "limit_hour", "limit_day")}
    after = {"limit_minute": limits.minute, "limit_hour": limits.hour, "limit_day": limits.day}
    if before != after:
        ChannelSetup.objects.filter(pk=setup.pk).update(**after)
        queue.setup_changed(actor.account_id, channel, setup.pace_ms, now)
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="set_limits",
            subject=f"channel:{channel}",
            before=before,
            after={**after, "via": actor.via},
        )
    return limits


def _change(actor: Actor, setup: ChannelSetup, settings: dict[str, Any], act: str, now: datetime) -> None:
    config = setup.config | settings
    _checked(config)
    ChannelSetup.objects.filter(pk=setup.pk).update(config=config)
    queue.setup_changed(actor.account_id, Channel.EMAIL, setup.pace_ms, now)
    shown = {name: value for name, value in settings.items() if name not in SECRETS}
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act=act,
        subject=SUBJECT,
        before={name: setup.config.get(name) for name in shown},
        after={**shown, "via": actor.via},
    )


def _checked(config: Mapping[str, Any]) -> None:
    try:
        read_config(SmtpConfig, opened(config))
    except ConfigError as wrong:
        raise Invalid(settings=" ".join(wrong.faults)) from wrong
    except CannotOpen as problem:
        raise Invalid(password=str(problem)) from problem


def _setup(account_id: int) -> ChannelSetup:
    return ChannelSetup.objects.get(account_id=account_id, channel=Channel.EMAIL)


def _of_smtp(actor: Actor) -> ChannelSetup:
    setup = ChannelSetup.objects.select_for_update().get(account_id=actor.account_id, channel=Channel.EMAIL)
    if setup.provider != SMTP:
        raise Conflict("Choose the mail server first: only what leaves by a mail server of yours can be signed.")
    return setup


def _signing(setup: ChannelSetup) -> Signing | None:
    if setup.provider != SMTP or not setup.config.get("dkim_key"):
        return None
    domain, selector = str(setup.config["dkim_domain"]), str(setup.config["dkim_selector"])
    try:
        record = record_of(str(opened(setup.config)["dkim_key"]))
    except CannotOpen:
        return None  # emails wait with the channel, which says why
    return Signing(
        is_on=bool(setup.config.get("dkim_on")),
        domain=domain,
        selector=selector,
        record_name=record_name(selector, domain),
        record=record,
        record_strings=as_strings(record),
        is_aligned=setup.sender.rpartition("@")[2].lower() == domain,
    )
