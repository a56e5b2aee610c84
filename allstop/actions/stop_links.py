"""Emergency links: whoever has one may stop once, without logging in.

The rule that it guards: a link stops and does nothing else, and it tells nothing but the account's name. Only its
digest is kept, so nobody can be told it again; looking at it (mail programs do) changes nothing.
"""

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from django.conf import settings
from django.db import transaction

from allstop.actions.actor import Actor, Invalid, NotThere, Operator, require
from allstop.actions.confirming import StopReceipt
from allstop.actions.switch import standing_stop, stop
from allstop.rules.holds import INSTALLATION, Reach, whole_account
from allstop.rules.roles import Act, Role
from allstop.store import ledger
from allstop.store.lists.outside import links_of
from allstop.store.models import StopLink

KEY_BYTES = 32
LONGEST_NAME = 80
LONGEST_LIFE = 3650  # days
USUAL_LIFE = 30

State = Literal["ready", "used", "revoked", "expired"]


@dataclass(frozen=True, slots=True)
class LinkSeen:
    link: StopLink
    state: State
    place: str  # the account's name, or what the whole installation is called

    @property
    def reach(self) -> Reach:
        return INSTALLATION if self.link.account_id is None else whole_account(self.link.account_id)


def address_of(key: str) -> str:
    return f"{settings.URL}/stop/{key}"


@transaction.atomic
def make_link(by: Actor | Operator, name: str, days: int | None, now: datetime) -> tuple[StopLink, str]:
    """Of an account, by its admin, or of the whole installation, by an operator; with its key, shown only now."""
    account_id = _account_of(by)
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(name=f"Say in at most {LONGEST_NAME} characters who gets the link, or where it is kept.")
    if days is not None and not 1 <= days <= LONGEST_LIFE:
        raise Invalid(days=f"A link is good for 1 to {LONGEST_LIFE} days, or for ever.")
    key = secrets.token_urlsafe(KEY_BYTES)
    link = StopLink.objects.create(
        account_id=account_id,
        name=name,
        digest=_digest(key),
        made_by=by.name,
        made_at=now,
        expires_at=None if days is None else now + timedelta(days=days),
        revoked_by="",
    )
    _write_down(by, "make_stop_link", link, now, name=name, expires_at=link.expires_at and link.expires_at.isoformat())
    return link, key


@transaction.atomic
def revoke_link(by: Actor | Operator, link_id: int, now: datetime) -> None:
    """It stops nothing any more. One that is used or revoked already stays as it is."""
    mine = links_of(_account_of(by)).filter(pk=link_id)
    if mine.filter(revoked_at=None, used_at=None).update(revoked_at=now, revoked_by=by.name) == 1:
        _write_down(by, "revoke_stop_link", mine.get(), now)
    elif not mine.exists():
        raise NotThere("There is no such link.")


def look_up(key: str, now: datetime) -> LinkSeen | None:
    """None: no link has this key. Found by the digest of 256 random bits: the time that it takes tells nothing."""
    link = StopLink.objects.select_related("account").filter(digest=_digest(key)).first()
    return None if link is None else _seen(link, now)


def use_link(key: str, now: datetime) -> tuple[LinkSeen | None, StopReceipt | None]:
    """The stop, if the link was ready; the link as it is after. In force when it returns; the caller waits for workers.

    Where it is STOPPED already nothing is to be done, and the link stays good.
    """
    with transaction.atomic():
        link = StopLink.objects.select_for_update(of=("self",)).filter(digest=_digest(key)).first()
        seen = None if link is None else _seen(link, now)
        if seen is None or seen.state != "ready":
            return seen, None
        was_stopped = standing_stop(seen.reach) is not None
        receipt = stop(_actor_of(seen.link), seen.reach, f"Emergency link: {seen.link.name}", now)
        if not was_stopped:
            StopLink.objects.filter(pk=seen.link.pk).update(used_at=now, used_stop=receipt.number)
    return look_up(key, now), receipt


def _seen(link: StopLink, now: datetime) -> LinkSeen:
    place = link.account.name if link.account is not None else "every account of this installation"
    return LinkSeen(link, state_of(link, now), place)


def state_of(link: StopLink, now: datetime) -> State:
    if link.used_at is not None:
        return "used"
    if link.revoked_at is not None:
        return "revoked"
    return "expired" if link.expires_at is not None and link.expires_at <= now else "ready"


def _actor_of(link: StopLink) -> Actor | Operator:
    name = f"emergency link {link.pk} ({link.name})"
    return Operator(name, "link") if link.account_id is None else Actor(link.account_id, name, Role.MEMBER, "link")


def _account_of(by: Actor | Operator) -> int | None:
    if isinstance(by, Operator):
        return None
    require(by, Act.MANAGE_TOKENS)
    return by.account_id


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()


def _write_down(by: Actor | Operator, act: str, link: StopLink, now: datetime, **after: object) -> None:
    ledger.append(
        account_id=link.account_id,
        at=now,
        by=by.name,
        act=act,
        subject=f"stop_link:{link.pk}",
        after={**after, "via": by.via},
    )
