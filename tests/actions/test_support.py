"""An operator inside an account as support: asked why, told, recorded, limited, and over by itself."""

from datetime import datetime, timedelta

import pytest

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere, Operator, require
from allstop.actions.contacts import mark
from allstop.actions.support import LASTS, as_support, enter_account, leave_account
from allstop.actions.switch import start_account, stop_account
from allstop.rules.markers import MarkerKind
from allstop.rules.roles import FOR_SUPPORT, Act
from allstop.store import ledger
from allstop.store.lists import running_visit, support_visits
from allstop.store.models import LedgerEntry, NoticeReader, SupportVisit, User
from tests.world import World, contact


@pytest.fixture
def ops(world: World) -> Operator:
    """Rae of Rival Motors runs the installation."""
    User.objects.filter(pk=world.rae.user_id).update(is_operator=True)
    return Operator("Rae Rival", "console")


def test_who_why_when_and_until_when_is_recorded_and_told(world: World, ops: Operator, now: datetime) -> None:
    visit = enter_account(ops, world.rae.user_id, world.account.pk, " Texts  do not leave ", now)
    assert (visit.operator, visit.reason, visit.until) == ("Rae Rival", "Texts do not leave", now + LASTS)
    told = NoticeReader.objects.get(account=world.account)
    assert (told.user_id, told.notice.subject) == (world.ada.user_id, "Rae Rival has entered as support")
    acting = as_support(visit)
    stop_account(acting, "looking into it", now)
    left = leave_account(ops, world.rae.user_id, visit.pk, now + timedelta(minutes=5))
    assert leave_account(ops, world.rae.user_id, visit.pk, now + timedelta(minutes=9)).ended_at == left.ended_at
    here = LedgerEntry.objects.filter(account=world.account, act__in=("enter_support", "stop", "leave_support"))
    assert list(here.order_by("number").values_list("act", "by", "reason")) == [
        ("enter_support", "Rae Rival", "Texts do not leave"),
        ("stop", "Rae Rival (support)", "looking into it"),
        ("leave_support", "Rae Rival", ""),
    ]
    theirs = LedgerEntry.objects.filter(account=None, subject=f"account:{world.account.pk}").order_by("number")
    assert [(one.act, one.by, one.after and one.after["until"]) for one in theirs] == [
        ("enter_support", "Rae Rival", (now + LASTS).isoformat()),
        ("leave_support", "Rae Rival", (now + timedelta(minutes=5)).isoformat()),
    ]
    assert [one.pk for one in support_visits(world.account.pk)] == [visit.pk]
    assert support_visits(world.rival.pk) == []
    assert isinstance(ledger.verify(world.account.pk), int)


def test_support_may_look_stop_and_set_up_and_nothing_else(world: World, ops: Operator, now: datetime) -> None:
    acting = as_support(enter_account(ops, world.rae.user_id, world.account.pk, "Texts do not leave", now))
    for act in Act:
        if act in FOR_SUPPORT:
            require(acting, act)
        else:
            with pytest.raises(Forbidden, match="here as support"):
                require(acting, act)
    assert {Act.VIEW, Act.STOP, Act.EDIT_SETUP} == FOR_SUPPORT
    stop_account(acting, "", now)
    with pytest.raises(Forbidden):
        start_account(acting, "", now)
    with pytest.raises(Forbidden):
        mark(acting, [contact(world).pk], MarkerKind.FLAG, "", now)


def test_a_visit_is_over_when_it_is_left_after_an_hour_and_with_the_operators_rights(
    world: World, ops: Operator, now: datetime
) -> None:
    rae = world.rae.user_id
    visit = enter_account(ops, rae, world.account.pk, "Texts do not leave", now)
    last = visit.until - timedelta(microseconds=1)
    assert running_visit(rae, visit.pk, last) == visit
    assert running_visit(rae, visit.pk, visit.until) is None
    assert running_visit(world.ada.user_id, visit.pk, now) is None
    for change in ({"is_operator": False}, {"is_active": False}):
        before = User.objects.filter(pk=rae).values(*change)[0]
        User.objects.filter(pk=rae).update(**change)
        assert running_visit(rae, visit.pk, now) is None
        User.objects.filter(pk=rae).update(**before)
    again = enter_account(ops, rae, world.account.pk, "Once more", now + timedelta(hours=3))
    visit.refresh_from_db()
    assert visit.ended_at == visit.until  # not when somebody noticed
    leave_account(ops, rae, again.pk, now + timedelta(hours=3, minutes=1))
    assert running_visit(rae, again.pk, now + timedelta(hours=3, minutes=2)) is None


def test_a_visit_needs_a_reason_an_operator_and_an_account_of_others(
    world: World, ops: Operator, now: datetime
) -> None:
    rae = world.rae.user_id
    for reason in (" ", "x" * 301):
        with pytest.raises(Invalid, match="Say why"):
            enter_account(ops, rae, world.account.pk, reason, now)
    with pytest.raises(NotThere):
        enter_account(ops, rae, 0, "x", now)
    with pytest.raises(Conflict, match="You are a member"):
        enter_account(ops, rae, world.rival.pk, "x", now)
    with pytest.raises(Forbidden):
        enter_account(ops, world.ben.user_id, world.rival.pk, "x", now)
    assert not SupportVisit.objects.exists()
    visit = enter_account(ops, rae, world.account.pk, "x", now)
    with pytest.raises(NotThere):
        leave_account(ops, world.ada.user_id, visit.pk, now)
