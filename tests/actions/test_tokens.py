"""Tokens: shown once, only as strong as the person, and dead when revoked."""

from datetime import datetime, timedelta

import pytest

from allstop.actions.actor import Forbidden, Invalid, NotThere
from allstop.actions.tokens import actor_of, create_token, revoke_token
from allstop.rules.roles import Role
from allstop.store.models import LedgerEntry, Member, Token, User
from tests.world import World


def test_a_key_acts_for_its_person_and_only_its_digest_is_kept(world: World, now: datetime) -> None:
    token, key = create_token(world.admin, "Scheduler", now, world.cem.user_id)
    assert key.startswith("allstop_")
    assert len(key) == len("allstop_") + 43
    actor = actor_of(key, now)
    assert actor is not None
    assert (actor.account_id, actor.name, actor.role, actor.via) == (
        world.account.pk,
        "Scheduler (token)",
        Role.MEMBER,
        "api",
    )
    row = Token.objects.get(pk=token.pk)
    assert key not in (row.digest, row.name)
    assert LedgerEntry.objects.get(act="create_token").after == {
        "name": "Scheduler",
        "acts_as": "Cem Tanaka",
        "role": "member",
        "via": "console",
    }


def test_an_unknown_key_is_nobody(world: World, now: datetime) -> None:
    assert actor_of("allstop_nothing", now) is None
    assert actor_of("", now) is None
    assert actor_of("\udc80", now) is None


def test_a_revoked_key_is_nobody_and_revoking_twice_changes_nothing(world: World, now: datetime) -> None:
    token, key = create_token(world.admin, "Scheduler", now, world.ada.user_id)
    revoke_token(world.admin, token.pk, now)
    assert actor_of(key, now) is None
    revoke_token(world.admin, token.pk, now + timedelta(hours=1))
    assert Token.objects.get(pk=token.pk).revoked_at == now
    assert LedgerEntry.objects.filter(act="revoke_token").count() == 1


def test_a_token_follows_its_person(world: World, now: datetime) -> None:
    """A changed role counts at once; whoever cannot log in or has left has no tokens."""
    _, key = create_token(world.admin, "Scheduler", now, world.ben.user_id)
    Member.objects.filter(pk=world.ben.pk).update(role=Role.VIEWER)
    actor = actor_of(key, now)
    assert actor is not None
    assert actor.role is Role.VIEWER
    User.objects.filter(pk=world.ben.user_id).update(is_active=False)
    assert actor_of(key, now) is None
    User.objects.filter(pk=world.ben.user_id).update(is_active=True)
    world.ben.delete()
    assert actor_of(key, now) is None


def test_the_last_use_is_written_at_most_once_a_minute(world: World, now: datetime) -> None:
    token, key = create_token(world.admin, "Scheduler", now, world.ada.user_id)
    written = []
    for seconds in (0, 30, 61):
        actor_of(key, now + timedelta(seconds=seconds))
        written.append(Token.objects.get(pk=token.pk).last_used_at)
    assert written == [now, now, now + timedelta(seconds=61)]


def test_only_admins_make_and_revoke_tokens_and_only_their_accounts(world: World, now: datetime) -> None:
    for actor in (world.leader, world.member, world.viewer):
        with pytest.raises(Forbidden):
            create_token(actor, "Scheduler", now, world.ada.user_id)
    with pytest.raises(NotThere):
        create_token(world.admin, "Scheduler", now, world.rae.user_id)
    token, _ = create_token(world.admin, "Scheduler", now, world.ada.user_id)
    with pytest.raises(NotThere):
        revoke_token(world.stranger, token.pk, now)
    with pytest.raises(Forbidden):
        revoke_token(world.leader, token.pk, now)
    assert Token.objects.get(pk=token.pk).revoked_at is None


def test_a_token_needs_a_name(world: World, now: datetime) -> None:
    for name in ("  ", "x" * 101):
        with pytest.raises(Invalid):
            create_token(world.admin, name, now, world.ada.user_id)
    assert not Token.objects.exists()
