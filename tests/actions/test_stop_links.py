"""Emergency links: one stop each, by whoever has the key, and nothing else."""

from datetime import timedelta

import pytest

from allstop.actions.actor import Forbidden, Invalid, NotThere, Operator
from allstop.actions.stop_links import look_up, make_link, revoke_link, use_link
from allstop.actions.switch import is_stopped, standing_stop, start_account, stop_account
from allstop.rules.holds import INSTALLATION
from allstop.store import lists
from allstop.store.models import LedgerEntry, StopLink
from tests.world import World

OPERATOR = Operator("Olu Operator", "console")


def state_of(key: str, world: World, later: timedelta = timedelta(0)) -> str:
    seen = look_up(key, world.now + later)
    assert seen is not None
    return seen.state


def test_a_link_stops_its_account_once(world: World) -> None:
    link, key = make_link(world.admin, "Fridge  door", 30, world.now)
    assert key not in link.digest
    assert state_of(key, world) == "ready"
    assert not is_stopped(world.account.pk), "looking changes nothing"
    seen, receipt = use_link(key, world.now)
    assert seen is not None
    assert receipt is not None
    assert (seen.state, seen.place, seen.link.used_stop) == ("used", "Northgate Dental", receipt.number)
    assert is_stopped(world.account.pk)
    assert not is_stopped(world.rival.pk)
    [entry] = LedgerEntry.objects.filter(act="stop")
    assert (entry.by, entry.after and entry.after["via"]) == (f"emergency link {link.pk} (Fridge door)", "link")
    start_account(world.admin, "", world.now)
    again, nothing = use_link(key, world.now)
    assert again is not None
    assert (again.state, nothing) == ("used", None)
    assert not is_stopped(world.account.pk)


def test_one_that_comes_too_late_stays_good(world: World) -> None:
    _, key = make_link(world.admin, "Fridge door", None, world.now)
    standing = stop_account(world.admin, "", world.now)
    seen, receipt = use_link(key, world.now)
    assert seen is not None
    assert receipt is not None
    assert (seen.state, receipt.number) == ("ready", standing.number)


@pytest.mark.parametrize(("days", "later", "state"), [(1, 1, "expired"), (30, 29, "ready"), (None, 9999, "ready")])
def test_how_long_it_is_good(world: World, days: int | None, later: int, state: str) -> None:
    _, key = make_link(world.admin, "Fridge door", days, world.now)
    assert state_of(key, world, timedelta(days=later)) == state
    _, receipt = use_link(key, world.now + timedelta(days=later))
    assert (receipt is not None) == (state == "ready")


def test_a_revoked_one_stops_nothing(world: World) -> None:
    link, key = make_link(world.admin, "Fridge door", 30, world.now)
    revoke_link(world.admin, link.pk, world.now)
    revoke_link(world.admin, link.pk, world.now)
    seen, receipt = use_link(key, world.now)
    assert seen is not None
    assert (seen.state, receipt) == ("revoked", None)
    assert LedgerEntry.objects.filter(act="revoke_stop_link").count() == 1


def test_an_operators_link_stops_the_installation(world: World) -> None:
    link, key = make_link(OPERATOR, "Server room", 30, world.now)
    assert link.account_id is None
    use_link(key, world.now)
    assert standing_stop(INSTALLATION) is not None
    [entry] = LedgerEntry.objects.filter(act="stop")
    assert (entry.account_id, entry.after and entry.after["via"]) == (None, "link")
    assert lists.switch_state(world.rival.pk).whole_installation


def test_nobody_is_told_of_a_key_that_does_not_exist(world: World) -> None:
    make_link(world.admin, "Fridge door", 30, world.now)
    for key in ("", "x", "\udce9", StopLink.objects.get().digest):
        assert use_link(key, world.now) == (None, None)


def test_who_may_make_and_revoke(world: World) -> None:
    for actor in (world.leader, world.member, world.viewer):
        with pytest.raises(Forbidden):
            make_link(actor, "Mine", 30, world.now)
    link, _ = make_link(world.admin, "Fridge door", 30, world.now)
    with pytest.raises(Forbidden):
        revoke_link(world.leader, link.pk, world.now)
    for stranger in (world.stranger, OPERATOR):
        with pytest.raises(NotThere):
            revoke_link(stranger, link.pk, world.now)
    of_all, _ = make_link(OPERATOR, "Server room", 30, world.now)
    with pytest.raises(NotThere):
        revoke_link(world.admin, of_all.pk, world.now)


@pytest.mark.parametrize(("name", "days"), [("", 30), ("x" * 81, 30), ("Fridge", 0), ("Fridge", 3651)])
def test_what_cannot_be_used_is_said(world: World, name: str, days: int) -> None:
    with pytest.raises(Invalid):
        make_link(world.admin, name, days, world.now)
    assert not StopLink.objects.exists()
