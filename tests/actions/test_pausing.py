"""Pause Account: after the acknowledgement no lead comes into being, by any path; only the exact word does it."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from allstop.actions.actor import Conflict, Forbidden, Invalid
from allstop.actions.intake import create_lead
from allstop.actions.lead_details import NewLead
from allstop.actions.pausing import pause_intake, unpause_intake
from allstop.actions.switch import standing_hold
from allstop.rules.leads import LeadSource, Refusal
from allstop.store import ledger, lists
from allstop.store.models import Hold, Lead, LedgerEntry, RefusedLead
from tests.world import World


def asked(number: int, source: LeadSource = LeadSource.API) -> NewLead:
    return NewLead(source=source, phone=f"+1212555{number:04}")


def test_pause_refuses_every_path_and_unpause_opens_them_again(world: World) -> None:
    """001-04 to 001-07, TV3, TV5."""
    before = create_lead(world.member, asked(100), world.now).lead
    hold = pause_intake(world.leader, "CONFIRM", " the portal sends doubles ", world.now)
    assert pause_intake(world.admin, "CONFIRM", "again", world.now) == hold  # paused already: nothing changes
    for number, source in enumerate(LeadSource, start=101):
        assert create_lead(world.member, asked(number, source), world.now).refusal is Refusal.PAUSED
    stands = lists.intake(world.account.pk)
    assert (stands.is_paused, stands.by, stands.reason, stands.active) == (
        True,
        "Ben Weber",
        "the portal sends doubles",
        1,
    )
    assert stands.refused_words == "6 leads refused since paused: 1 API, 1 call, 1 email, 1 file, 1 by hand, 1 text"
    row = next(one for one in lists.standing(world.account.pk) if one.name == "paused")
    assert (row.kind, row.by, row.until, row.waiting) == ("Pause", "Ben Weber", None, 0)
    later = world.now + timedelta(hours=2)
    unpause_intake(world.admin, "CONFIRM", "", later)
    assert list(Lead.objects.filter(account=world.account)) == [before]  # TV5: not made up later
    assert create_lead(world.member, asked(102), later).is_created
    assert not lists.intake(world.account.pk).is_paused
    entries = LedgerEntry.objects.filter(account=world.account, act__contains="pause").order_by("number")
    assert [(one.act, one.by) for one in entries] == [("pause_intake", "Ben Weber"), ("unpause_intake", "Ada Okafor")]
    assert entries[1].after is not None
    assert sum(entries[1].after["refused"].values()) == 6
    assert isinstance(ledger.verify(world.account.pk), int)


@pytest.mark.parametrize("typed", ["", "confirm", "Confirm", "CONFIRM ", " CONFIRM", "CONFIRMED"])
def test_anything_but_the_exact_word_changes_nothing(world: World, typed: str) -> None:
    """TV2"""
    with pytest.raises(Invalid, match="Type CONFIRM"):
        pause_intake(world.admin, typed, "", world.now)
    assert not Hold.objects.filter(name="paused").exists()
    pause_intake(world.admin, "CONFIRM", "", world.now)
    with pytest.raises(Invalid, match="Type CONFIRM"):
        unpause_intake(world.admin, typed, "", world.now)
    assert Hold.objects.filter(name="paused", lifted_at=None).exists()


def test_only_admins_and_leaders_pause_and_each_account_pauses_itself(world: World) -> None:
    """TV1"""
    for who in (world.member, world.viewer):
        with pytest.raises(Forbidden):
            pause_intake(who, "CONFIRM", "", world.now)
    hold = pause_intake(world.leader, "CONFIRM", "", world.now)
    with pytest.raises(Forbidden):
        unpause_intake(world.member, "CONFIRM", "", world.now)
    assert not lists.intake(world.rival.pk).is_paused
    with pytest.raises(Conflict, match="not paused"):
        unpause_intake(world.stranger, "CONFIRM", "", world.now)
    with pytest.raises(Exception, match="no such standing stop"):
        standing_hold(world.admin, hold.pk)  # START is not the way


def test_none_is_created_after_the_acknowledgement_while_many_create(committed_world: World) -> None:
    """Each clerk notes when a lead of theirs was asked for; whatever was asked for after the pause has returned is
    refused, and everything that was created was there when it returned."""
    world = committed_world
    is_paused = threading.Event()
    created_late: list[int] = []
    problems: list[BaseException] = []
    taken = [0, 0]

    def clerk(who: int) -> None:
        try:
            for number in range(1000):
                late = is_paused.is_set()
                made = create_lead(world.member, asked(1000 + who * 1000 + number), datetime.now(UTC)).is_created
                taken[made] += 1
                if late:
                    if made:
                        created_late.append(number)
                    return
        except BaseException as problem:
            problems.append(problem)
        finally:
            connection.close()

    clerks = [threading.Thread(target=clerk, args=(who,)) for who in range(6)]
    for one in clerks:
        one.start()
    while Lead.objects.filter(account=world.account).count() < 12:
        assert not problems
    pause_intake(world.leader, "CONFIRM", "", datetime.now(UTC))
    at_the_acknowledgement = Lead.objects.filter(account=world.account).count()
    is_paused.set()
    for one in clerks:
        one.join()
    assert problems == []
    assert created_late == []
    assert Lead.objects.filter(account=world.account).count() == at_the_acknowledgement == taken[True]
    refused = RefusedLead.objects.get(account=world.account)
    assert refused.count == taken[False] >= 6
