"""Recall lists: who is on them, ticked for a while, sent to (issue 8; SYSTEMS 5: recalls)."""

from datetime import timedelta

import pytest

from allstop.actions.actor import Forbidden, Invalid, NotThere
from allstop.actions.contact_lists import (
    ListChoice,
    choice_of,
    count_of,
    delete_list,
    filter_of,
    list_of,
    save_list,
    send_to_list,
    tick,
)
from allstop.actions.contacts import record_opt_out
from allstop.actions.messenger import Letter
from allstop.rules.facts import Channel, Purpose
from allstop.rules.months import months_ahead
from allstop.store import lists, queue
from allstop.store.models import Contact, ContactList, Message
from tests.world import World, contact

HELLO = Letter(channel=Channel.TEXT, purpose=Purpose.REMINDER, body="Time for a checkup")


def reminded(world: World, person: Contact, days: int, sent_days_ago: int = 400) -> None:
    """Of an appointment so many days from now."""
    at = world.now + timedelta(days=days)
    [number] = queue.enqueue(
        [
            queue.NewMessage(
                account_id=world.account.pk,
                channel=Channel.TEXT,
                purpose=Purpose.REMINDER,
                address="+12125550123",
                body="See you",
                due_at=at,
                contact_id=person.pk,
                appointment_at=at,
            )
        ],
        world.now,
    )
    at = world.now - timedelta(days=sent_days_ago)
    Message.objects.filter(account=world.account, id=number).update(status="sent", finished_at=at)


def cast(world: World) -> dict[str, Contact]:
    people = {
        name: contact(world, f"{name} Moreau", phone=f"+121255501{place:02}", email="")
        for place, name in enumerate(("Old", "Recent", "Ahead", "Never", "Opted"), start=30)
    }
    for name, days in (
        ("Old", -300),
        ("Recent", -300),
        ("Recent", -20),
        ("Ahead", -300),
        ("Ahead", 9),
        ("Opted", -300),
    ):
        reminded(world, people[name], days)
    record_opt_out(people["Opted"], Channel.TEXT, "STOP", world.now, "+12125550134")
    return people


def on(world: World, kept: ContactList, days: int = 0) -> list[str]:
    page = lists.phonebook(world.account.pk, filter_of(kept, world.now + timedelta(days=days)))
    return [row.given_name for row in page.rows]


def test_on_it_are_those_who_were_here_but_not_lately(world: World) -> None:
    people = cast(world)
    kept = save_list(world.member, ListChoice(name="Recall", no_visit_months=6), world.now)
    assert (on(world, kept), count_of(kept, world.now)) == (["Old"], 1)
    written = save_list(world.member, ListChoice(name="Quiet", not_written_days=30), world.now)
    assert sorted(on(world, written)) == ["Ahead", "Never", "Old", "Recent"]
    reminded(world, people["Never"], -2, sent_days_ago=2)
    assert sorted(on(world, written)) == ["Ahead", "Old", "Recent"]
    assert save_list(world.member, ListChoice(name="RECALL 2", no_visit_months=1), world.now, kept.pk).pk == kept.pk
    kept.refresh_from_db()
    assert choice_of(kept).no_visit_months == 1
    assert choice_of(kept).filter == lists.ContactFilter()


def test_whoever_is_ticked_is_off_the_list_until_its_months_have_passed(world: World) -> None:
    people = cast(world)
    kept = save_list(world.member, ListChoice(name="Recall", no_visit_months=6, back_after_months=3), world.now)
    ids = [people["Old"].pk, people["Never"].pk]
    assert tick(world.member, kept.pk, ids, world.now) == 1  # the other is not on it
    assert on(world, kept) == []
    back = (months_ahead(world.now, 3) - world.now).days
    assert on(world, kept, back - 1) == []
    assert "Old" in on(world, kept, back + 1)
    assert tick(world.member, kept.pk, None, world.now) == 0


def test_a_send_to_the_list_ticks_whoever_gets_it(world: World) -> None:
    cast(world)
    kept = save_list(world.member, ListChoice(name="Quiet", no_visit_months=None), world.now)
    pressed = send_to_list(world.member, kept.pk, HELLO, world.now, ticks=True)
    assert pressed.send.total == 4
    assert Message.objects.filter(account=world.account, body="Time for a checkup").count() == 4
    assert on(world, kept) == []


def test_who_may_keep_lists_and_what_is_refused(world: World) -> None:
    kept = save_list(world.member, ListChoice(name="Recall"), world.now)
    with pytest.raises(Forbidden):
        save_list(world.viewer, ListChoice(name="Other"), world.now)
    for choice in (ListChoice(name="recall"), ListChoice(name=" "), ListChoice(name="A", no_visit_months=0)):
        with pytest.raises(Invalid):
            save_list(world.admin, choice, world.now)
    with pytest.raises(NotThere):
        save_list(world.admin, ListChoice(name="A", filter=lists.ContactFilter(group=999)), world.now)
    for refused in (list_of, lambda actor, number: delete_list(actor, number, world.now)):
        with pytest.raises(NotThere):
            refused(world.stranger, kept.pk)
    delete_list(world.member, kept.pk, world.now)
    assert not ContactList.objects.filter(account=world.account).exists()
