"""The setup wizard's draft: what a member has chosen so far, kept until Finish, and in force for nothing before.

A typed password stays with it, since Finish needs it; it goes with the draft, and drafts that nobody finishes go too.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from allstop.actions.actor import Actor, Conflict, Forbidden, NotThere, require
from allstop.actions.sending_setup import Applied, apply, read
from allstop.rules.facts import Channel
from allstop.rules.roles import Act
from allstop.rules.sending import Settings
from allstop.rules.sending_data import Misread, as_data, from_data
from allstop.store.models import SetupDraft
from allstop.store.sealing import CannotOpen, opened, sealed

KEPT = timedelta(days=7)  # then it is begun anew: it would hardly be what anybody remembers


@dataclass(frozen=True, slots=True)
class Draft:
    settings: Settings
    passwords: Mapping[Channel, str]
    version: str  # of the setup that it began from
    started_at: datetime
    is_stale: bool  # somebody has changed the setup since: it cannot be finished any more


def draft_of(actor: Actor, now: datetime) -> Draft | None:
    require(actor, Act.EDIT_SETUP)
    found = _mine(actor).first()
    if found is None or found.at < now - KEPT:
        return None
    try:
        settings = from_data(found.settings)
    except Misread:  # of an older Allstop: it cannot be finished
        return None
    passwords = {Channel(name): words for name, words in _opened(found.passwords).items()}
    return Draft(settings, passwords, found.version, found.started_at, found.version != read(actor).version)


@transaction.atomic
def begin(actor: Actor, now: datetime) -> Draft:
    """From what is in force; whatever was chosen before is gone."""
    require(actor, Act.EDIT_SETUP)
    if actor.member_id is None:
        raise Forbidden("Only a member of the account has a draft.")
    setup = read(actor)
    SetupDraft.objects.filter(at__lt=now - KEPT).delete()
    SetupDraft.objects.update_or_create(
        member_id=actor.member_id,
        defaults={
            "account_id": actor.account_id,
            "settings": as_data(setup.settings),
            "passwords": {},
            "version": setup.version,
            "started_at": now,
            "at": now,
        },
    )
    return Draft(setup.settings, {}, setup.version, now, False)


def keep(actor: Actor, settings: Settings, passwords: Mapping[Channel, str], now: datetime) -> None:
    """Checked at Finish, not before: a page may be left half done."""
    require(actor, Act.EDIT_SETUP)
    if not _mine(actor).update(settings=as_data(settings), passwords=_sealed(passwords), at=now):
        raise NotThere("This setup was finished or left in another window. Begin anew.")


_NAME = "password"  # under which a word is sealed


def _sealed(passwords: Mapping[Channel, str]) -> dict[str, Any]:
    try:
        return {channel.value: sealed({_NAME: words})[_NAME] for channel, words in passwords.items()}
    except CannotOpen as problem:
        raise Conflict(str(problem)) from problem


def _opened(passwords: Mapping[str, Any]) -> dict[str, str]:
    """Those that cannot be opened any more must be typed again."""
    found = {}
    for channel, value in passwords.items():
        with suppress(CannotOpen):
            found[channel] = opened({_NAME: value})[_NAME]
    return found


def discard(actor: Actor) -> None:
    require(actor, Act.EDIT_SETUP)
    _mine(actor).delete()


def finish(actor: Actor, now: datetime) -> Applied:
    """All of it takes effect, or nothing. Raises Invalid, or Conflict where the setup has changed meanwhile."""
    draft = draft_of(actor, now)
    if draft is None:
        raise NotThere("There is nothing to finish: begin the setup anew.")
    applied = apply(actor, draft.settings, now, passwords=draft.passwords, version=draft.version)
    discard(actor)
    return applied


def _mine(actor: Actor) -> QuerySet[SetupDraft]:
    if actor.member_id is None:
        return SetupDraft.objects.none()
    return SetupDraft.objects.filter(account_id=actor.account_id, member_id=actor.member_id)
