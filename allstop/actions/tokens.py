"""Tokens: the keys of programs. A key is shown once, when it is made; only its digest is kept.

The rule that it guards: a token never does more than the person may at that moment whose role it acts with. It loses
what they lose, and ends with their place in the account.
"""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from allstop.actions.actor import Actor, Invalid, NotThere, require
from allstop.rules.roles import Act, Role
from allstop.store import ledger
from allstop.store.models import Member, Token

PREFIX = "allstop_"  # lets people and secret scanners tell what a leaked key is for
KEY_BYTES = 32
LONGEST_NAME = 100  # the ledger shows it as "NAME (token)" in 120 characters
USE_WRITTEN_EVERY = timedelta(minutes=1)  # a row written at each request would cost more than most requests


@transaction.atomic
def create_token(actor: Actor, name: str, now: datetime, user_id: int) -> tuple[Token, str]:
    """A token that acts with the role of this person; returned with its key, which nobody can be told again."""
    require(actor, Act.MANAGE_TOKENS)
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(name=f"Give the token a name of at most {LONGEST_NAME} characters: the program that will use it.")
    member = Member.objects.select_related("user").filter(account_id=actor.account_id, user_id=user_id).first()
    if member is None:
        raise NotThere("There is no such member in this account.")
    key = PREFIX + secrets.token_urlsafe(KEY_BYTES)
    token = Token.objects.create(
        account_id=actor.account_id, member=member, name=name, digest=_digest(key), created_at=now
    )
    ledger.append(
        account_id=actor.account_id,
        at=now,
        by=actor.name,
        act="create_token",
        subject=f"token:{token.pk}",
        after={"name": name, "acts_as": member.user.name, "role": member.role, "via": actor.via},
    )
    return token, key


@transaction.atomic
def revoke_token(actor: Actor, token_id: int, now: datetime) -> None:
    """Refused from now on. A token that is revoked already stays as it is."""
    require(actor, Act.MANAGE_TOKENS)
    mine = Token.objects.filter(account_id=actor.account_id, pk=token_id)
    if mine.filter(revoked_at=None).update(revoked_at=now) == 1:
        ledger.append(
            account_id=actor.account_id,
            at=now,
            by=actor.name,
            act="revoke_token",
            subject=f"token:{token_id}",
            after={"via": actor.via},
        )
    elif not mine.exists():
        raise NotThere("There is no such token.")


def actor_of(key: str, now: datetime) -> Actor | None:
    """Who acts with this key; None: nobody may."""
    # Found by the digest of 256 random bits: how long the look-up takes tells nothing about any other key.
    usable = Token.objects.filter(revoked_at=None, member__user__is_active=True)
    token = usable.select_related("member__user").filter(digest=_digest(key)).first()
    if token is None:
        return None
    unwritten = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_WRITTEN_EVERY)
    Token.objects.filter(unwritten, pk=token.pk).update(last_used_at=now)
    member = token.member
    name = f"{token.name} (token)"
    return Actor(
        token.account_id, name, Role(member.role), via="api", is_operator=member.user.is_operator, member_id=member.pk
    )


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "surrogateescape")).hexdigest()
