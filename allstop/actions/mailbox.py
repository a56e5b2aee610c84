"""The mailbox in which replies and bounces arrive: which one it is, and whose turn it is to look into it.

The rule that it guards: a mail is understood before the mailbox's place moves past it, and understanding the same mail
twice is understanding it once. So a process that dies in the middle loses nothing and repeats nothing.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.channels.configuration import ConfigError, read_config
from allstop.channels.email.config import ImapConfig
from allstop.rules.facts import Channel
from allstop.rules.kept_passwords import stays
from allstop.rules.roles import Act
from allstop.store import ledger
from allstop.store.models import Mailbox
from allstop.store.sealing import SECRETS, CannotOpen, opened, without_secrets

EVERY = timedelta(seconds=30)  # from the end of one look to the next
AFTER_FAILURE = timedelta(minutes=5)
HELD = timedelta(minutes=2)  # by whoever looks; told again with every mail. After a crash somebody else looks then
PLACE = ("host", "user", "folder")  # with another one of these it is another mailbox
SUBJECT = f"channel:{Channel.EMAIL}"


@dataclass(frozen=True, slots=True)
class MailboxSetup:
    """What may be shown of it."""

    settings: dict[str, Any]  # of ImapConfig, but the password
    since: datetime
    looked_at: datetime | None
    failure: str


def mailbox_setup(account_id: int) -> MailboxSetup | None:
    """None: nobody looks for replies and bounces."""
    found = Mailbox.objects.filter(account_id=account_id).first()
    if found is None:
        return None
    return MailboxSetup(
        settings={name: value for name, value in found.config.items() if name not in SECRETS},
        since=found.since,
        looked_at=found.looked_at,
        failure=found.failure,
    )


def usual_settings() -> dict[str, Any]:
    """For a form."""
    defaults = {field.name: field.default for field in fields(ImapConfig) if field.name not in SECRETS}
    return defaults | {"host": "", "user": ""}


@transaction.atomic
def set_mailbox(actor: Actor, settings: Mapping[str, Any], now: datetime) -> MailboxSetup:
    """It is looked into from now on. Without a password the one that is there is kept, for the same server and user
    name. What arrived in another mailbox, or before now, is not read."""
    require(actor, Act.EDIT_SETUP)
    before = Mailbox.objects.select_for_update().filter(account_id=actor.account_id).first()
    config = dict(settings)
    if not config.get("password"):
        is_known = before is not None and stays(before.config, config)
        config["password"] = before.config["password"] if before is not None and is_known else ""
    try:
        read_config(ImapConfig, opened(config))
    except ConfigError as wrong:
        raise Invalid(settings=" ".join(wrong.faults)) from wrong
    except CannotOpen as problem:
        raise Invalid(password=str(problem)) from problem
    if before is not None and _agree(before, config, PLACE):
        Mailbox.objects.filter(pk=before.pk).update(config=config, next_look_at=now, failure="")
    else:
        Mailbox.objects.filter(account_id=actor.account_id).delete()
        Mailbox.objects.create(account_id=actor.account_id, config=config, since=now, next_look_at=now)
    _write_down(actor, "set_mailbox", _shown(before), _shown(Mailbox.objects.get(account_id=actor.account_id)), now)
    made = mailbox_setup(actor.account_id)
    assert made is not None
    return made


@transaction.atomic
def drop_mailbox(actor: Actor, now: datetime) -> None:
    """Nobody looks into it any more; what was taken from it stays."""
    require(actor, Act.EDIT_SETUP)
    before = Mailbox.objects.select_for_update().filter(account_id=actor.account_id).first()
    if before is None:
        raise NotThere("No mailbox is looked into.")
    Mailbox.objects.filter(pk=before.pk).delete()
    _write_down(actor, "drop_mailbox", _shown(before), {}, now)


def look_now(account_id: int, now: datetime) -> bool:
    """A worker looks into the account's mailbox within some seconds; who looks already goes on alone. False: there is
    none."""
    mine = Mailbox.objects.filter(account_id=account_id)
    mine.filter(next_look_at__gt=now).exclude(failure="", next_look_at__gt=now + EVERY).update(next_look_at=now)
    return mine.exists()


@transaction.atomic
def take_due(now: datetime) -> Mailbox | None:
    """One whose turn it is, for this process alone; None: none is due."""
    due = Mailbox.objects.select_for_update(skip_locked=True).filter(next_look_at__lte=now)  # mailbox_due
    mailbox = due.order_by("next_look_at").first()
    if mailbox is not None:
        Mailbox.objects.filter(pk=mailbox.pk).update(next_look_at=now + HELD)
    return mailbox


def open_at(mailbox: Mailbox, validity: int, next_uid: int) -> bool:
    """Keep its place: at the end the first time, at the beginning when the server counts anew. False: somebody has
    changed the settings meanwhile."""
    mine = Mailbox.objects.filter(pk=mailbox.pk, config=mailbox.config)
    if mailbox.uid_validity == validity:
        return mine.exists()
    last_uid = next_uid - 1 if mailbox.uid_validity is None else 0
    is_mine = mine.update(uid_validity=validity, last_uid=last_uid) == 1
    mailbox.uid_validity, mailbox.last_uid = validity, last_uid
    return is_mine


def is_counted_anew(mailbox: Mailbox, validity: int) -> bool:
    return mailbox.uid_validity is not None and mailbox.uid_validity != validity


def move_past(mailbox: Mailbox, uid: int, now: datetime) -> bool:
    """The mail was understood. False: the settings were changed meanwhile, so this is another mailbox's place."""
    mine = Mailbox.objects.filter(pk=mailbox.pk, config=mailbox.config, uid_validity=mailbox.uid_validity)
    return mine.filter(last_uid__lt=uid).update(last_uid=uid, next_look_at=now + HELD) == 1


def end_look(mailbox: Mailbox, failure: str, now: datetime) -> None:
    again = now + (AFTER_FAILURE if failure else EVERY)
    changes: dict[str, Any] = {"next_look_at": again, "failure": failure[:300]}
    if not failure:
        changes["looked_at"] = now
    Mailbox.objects.filter(pk=mailbox.pk, config=mailbox.config).update(**changes)


def _shown(mailbox: Mailbox | None) -> dict[str, Any]:
    return {} if mailbox is None else without_secrets(mailbox.config)


def _agree(mailbox: Mailbox, config: Mapping[str, Any], names: Iterable[str]) -> bool:
    return all(mailbox.config.get(name) == config.get(name) for name in names)


def _write_down(actor: Actor, act: str, before: dict[str, Any], after: dict[str, Any], now: datetime) -> None:
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act=act,
        subject=SUBJECT,
        before=before,
        after={**after, "via": actor.via},
    )
