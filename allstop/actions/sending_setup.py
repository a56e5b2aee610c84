"""How an account sends, as a whole: read, checked and changed by the wizard, the one page, the API and a file alike.

The rule that it guards: all of it takes effect together, in one transaction with one entry in the ledger, and no
password is ever read back. A password is kept only for the same server and user name: it cannot be sent elsewhere by
somebody who does not know it.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Conflict, Invalid, require
from allstop.actions.setup import MADE_HERE, as_replies_name_it
from allstop.actions.shared_senders import warn_of_shared_sender, who_shares
from allstop.channels.configuration import ConfigError
from allstop.channels.registry import ADAPTERS, check_settings, secret_of
from allstop.rules import sending_check
from allstop.rules.addresses import parse_email, parse_phone
from allstop.rules.facts import Channel
from allstop.rules.kept_passwords import stays
from allstop.rules.roles import Act
from allstop.rules.sending import ChannelSettings, Settings, Way
from allstop.rules.sending_check import CHANNELS, Caution
from allstop.rules.sending_data import as_data
from allstop.rules.sending_words import Change, changes
from allstop.rules.words import Problem
from allstop.store import ledger, queue
from allstop.store.models import Account
from allstop.store.sealing import SECRETS, CannotOpen, opened
from allstop.store.sending import keep_settings, settings_of, stored_ways

PROVIDERS = {  # of each channel; "" is None: messages wait
    Channel.EMAIL: ("", "sandbox", "smtp", "apprise"),
    Channel.TEXT: ("", "sandbox", "smpp", "text_api", "apprise"),
    Channel.CALL: ("", "sandbox", "sip"),
}
_NO_PASSWORDS: Mapping[Channel, str] = {}


@dataclass(frozen=True, slots=True)
class Setup:
    settings: Settings
    version: str  # another one as soon as anything of it is changed
    has_password: Mapping[Channel, bool]
    zone: str


@dataclass(frozen=True, slots=True)
class Findings:
    """`problems`: place -> words; with any, nothing can be saved."""

    problems: Mapping[str, str] = field(default_factory=dict)
    cautions: tuple[Caution, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    setup: Setup
    changes: tuple[Change, ...]
    cautions: tuple[Caution, ...]


def read(actor: Actor) -> Setup:
    require(actor, Act.VIEW)
    account = Account.objects.get(pk=actor.account_id)
    stored = settings_of(account.pk)
    has_password: dict[Channel, bool] = {}
    settings = stored
    for channel in Channel:
        of = stored.of(channel)
        has_password[channel] = bool(_password(of.way))
        settings = _with(settings, channel, replace(of, way=_shown(of.way)))
    return Setup(settings, _version(settings, has_password), has_password, account.zone)


def check(actor: Actor, settings: Settings, passwords: Mapping[Channel, str] = _NO_PASSWORDS) -> Findings:
    """What would keep it from being saved, and what is worth a second thought."""
    require(actor, Act.VIEW)
    account = Account.objects.get(pk=actor.account_id)
    stored = stored_ways(account.pk)
    problems = dict(sending_check.problems(settings))
    cautions = list(sending_check.cautions(settings, account.zone))
    for channel in Channel:
        way = settings.of(channel).way
        found = _faults_of_way(channel, way, stored[channel], passwords.get(channel, ""), account.country)
        if found and way == _shown(stored[channel]) and not passwords.get(channel):
            cautions += [Caution(place, words) for place, words in found.items()]  # it was so before
        else:
            problems |= found
    return Findings(problems, tuple(cautions))


def apply(
    actor: Actor,
    settings: Settings,
    now: datetime,
    *,
    passwords: Mapping[Channel, str] = _NO_PASSWORDS,
    version: str | None = None,
) -> Applied:
    """`version`: of the setup that the change was made from; None where nobody else can have changed it meanwhile."""
    applied = _apply(actor, settings, now, passwords, version)
    if applied.changes:
        queue.release(actor.account_id, now)  # what waited for such a change is looked at again
    return applied


@transaction.atomic
def _apply(
    actor: Actor, settings: Settings, now: datetime, passwords: Mapping[Channel, str], version: str | None
) -> Applied:
    require(actor, Act.EDIT_SETUP)
    account = Account.objects.select_for_update(of=("self",), no_key=True).get(pk=actor.account_id)
    before = read(actor)
    if version is not None and version != before.version:
        raise Conflict("Somebody has changed the sending setup meanwhile. Look at it again, then change it.")
    found = check(actor, settings, passwords)
    if found.problems:
        raise Invalid(**found.problems)
    settings = _settled(settings, account.country)
    stored = stored_ways(account.pk)
    ways = {
        channel: _with_password(settings.of(channel).way, stored[channel], passwords.get(channel, ""))
        for channel in Channel
    }
    made = [*changes(as_data(before.settings), as_data(settings)), *_new_passwords(ways, stored)]
    if made:
        try:
            keep_settings(account.pk, settings, ways, now)
        except CannotOpen as problem:
            raise Conflict(str(problem)) from problem
        sender = ways[Channel.TEXT].sender
        if sender != stored[Channel.TEXT].sender and (others := who_shares(account.pk, Channel.TEXT, sender)):
            warn_of_shared_sender(account.pk, sender, others, now)
        ledger.append(
            account_id=account.pk,
            at=now,
            by=actor.name,
            act="set_sending",
            subject="account",
            before={one.place: one.before for one in made},
            after={**{one.place: one.after for one in made}, "via": actor.via},
        )
    return Applied(read(actor), tuple(made), found.cautions)


def _faults_of_way(channel: Channel, way: Way, stored: Way, password: str, country: str) -> dict[str, str]:
    at = channel.value
    if way.provider not in PROVIDERS[channel]:
        known = ", ".join(ADAPTERS[one].title if one else "None" for one in PROVIDERS[channel])
        words = f"{way.provider} is no longer supported, so {CHANNELS[channel].lower()} wait. Choose one of: {known}."
        return {f"{at}.provider": words}
    secret = next((name for name in SECRETS if name in way.config), None)
    if secret:
        return {f"{at}.config": f"A {secret} never stands among the settings. Give it beside them."}
    if not way.provider:
        return {f"{at}.provider": "Without a provider no password is kept."} if password else {}
    found = {}
    whole = _with_password(way, stored, password)
    try:
        check_settings(way.provider, opened(whole.config))
    except CannotOpen as problem:
        found[f"{at}.config"] = str(problem)
    except ConfigError as wrong:
        words = " ".join(wrong.faults)
        if whole.config.keys() & set(SECRETS) != stored.config.keys() & set(SECRETS):
            words += " A password is kept only for the same server and user name: type it again."
        found[f"{at}.config"] = words
    sender = _sender(channel, way, country)
    if isinstance(sender, Problem):
        found[f"{at}.sender"] = sender.text
    return found


def _sender(channel: Channel, way: Way, country: str) -> str | Problem:
    """As it is kept."""
    if way.provider in ("", "sandbox"):
        return way.sender
    match channel:
        case Channel.EMAIL:
            email = parse_email(way.sender)
            if isinstance(email, Problem):
                return replace(email, text=f"Emails need the address that they come from. {email.text}")
            return way.sender
        case Channel.CALL:
            phone = parse_phone(way.sender, country)
            if isinstance(phone, Problem):
                return replace(phone, text=f"Calls need the number that the phone shows. {phone.text}")
            return phone.e164
        case Channel.TEXT:
            return as_replies_name_it(channel, way.sender, country)


def _settled(settings: Settings, country: str) -> Settings:
    """With the numbers that people see as they are dialled."""
    for channel in (Channel.CALL, Channel.TEXT):
        of = settings.of(channel)
        sender = _sender(channel, of.way, country)
        assert isinstance(sender, str)  # it was checked
        settings = _with(settings, channel, replace(of, way=replace(of.way, sender=sender)))
    return settings


def whole_way(actor: Actor, channel: Channel, way: Way, password: str) -> Way:
    """With its password: the one given, or the one that is kept, and sealed, for the same server and user name."""
    require(actor, Act.EDIT_SETUP)
    return _with_password(way, stored_ways(actor.account_id)[channel], password)


def _with_password(way: Way, stored: Way, password: str) -> Way:
    way = _with_what_was_made(way, stored)
    if password:
        return replace(way, config={**way.config, secret_of(way.provider) or "password": password})
    same = way.provider == stored.provider and stays(stored.config, way.config)
    kept = {name: stored.config[name] for name in SECRETS if name in stored.config} if same else {}
    return replace(way, config={**way.config, **kept})


def _with_what_was_made(way: Way, stored: Way) -> Way:
    """The key that emails are signed with, as long as they leave by a mail server."""
    made = {name: stored.config[name] for name in MADE_HERE if name in stored.config}
    return replace(way, config={**way.config, **made}) if way.provider == stored.provider else way


def _password(way: Way) -> object:
    return way.config.get(secret_of(way.provider)) if way.provider in ADAPTERS else None


def _new_passwords(ways: Mapping[Channel, Way], stored: Mapping[Channel, Way]) -> list[Change]:
    """That there is another one, never which."""
    found = []
    for channel, way in ways.items():
        old, new = _password(stored[channel]), _password(way)
        if old != new:
            after = "(another one, kept secret)" if new else None
            found.append(Change(f"{channel.value}.password", "(kept secret)" if old else None, after))
    return found


def _shown(way: Way) -> Way:
    hidden = {*SECRETS, *MADE_HERE}
    return replace(way, config={name: value for name, value in way.config.items() if name not in hidden})


def _with(settings: Settings, channel: Channel, of: ChannelSettings) -> Settings:
    match channel:
        case Channel.EMAIL:
            return replace(settings, email=of)
        case Channel.TEXT:
            return replace(settings, text=of)
        case Channel.CALL:
            return replace(settings, call=of)


def _version(settings: Settings, has_password: Mapping[Channel, bool]) -> str:
    data: dict[str, Any] = {
        "settings": as_data(settings),
        "passwords": {key.value: has for key, has in has_password.items()},
    }
    return hashlib.sha256(json.dumps(data, sort_keys=True).encode()).hexdigest()[:16]
