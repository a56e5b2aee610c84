"""Contacts: one address parser, markers and opt-outs that act at once, and a no that follows the address."""

from dataclasses import replace
from datetime import timedelta

import pytest

from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.contacts import (
    ContactDetails,
    create_contact,
    details_of,
    mark,
    record_opt_in,
    record_opt_out,
    unmark,
    update_contact,
)
from allstop.actions.groups import add_to_group, create_group
from allstop.rules import gate
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import Refuse
from allstop.store import facts, ledger
from allstop.store.models import Contact, GroupContact, LedgerEntry, Marker, OptOut, QueueEntry, Stop
from tests import world as cast
from tests.world import World

PAT = ContactDetails(given_name="Pat", family_name="Moreau", phones=("(212) 555-0123",), emails=("pat@example.org",))


def test_a_contact_is_written_with_its_addresses_read_and_its_zones_worked_out(world: World) -> None:
    contact = create_contact(world.member, PAT, world.now)
    assert contact.zones == ["America/New_York"]
    assert details_of(world.member, contact.pk) == replace(PAT, phones=("+12125550123",))


def test_a_number_is_read_as_the_contacts_own_country_writes_it(world: World) -> None:
    contact = create_contact(world.member, replace(PAT, phones=("07700 900123",), country="gb"), world.now)
    assert details_of(world.member, contact.pk).phones == ("+447700900123",)
    assert contact.zones == ["Europe/London"]


def test_what_cannot_be_read_is_named_field_by_field_and_nothing_is_written(world: World) -> None:
    wrong = ContactDetails(phones=("12",), emails=("pat@",), country="Atlantis", zone="Moon/Base", location_id=10**9)
    with pytest.raises(Invalid) as refused:
        create_contact(world.member, wrong, world.now)
    assert set(refused.value.problems) == {"phones", "emails", "country", "zone", "location_id"}
    assert not Contact.objects.exists()


def test_two_contacts_cannot_have_the_same_external_id(world: World) -> None:
    create_contact(world.member, replace(PAT, external_id="P1"), world.now)
    with pytest.raises(Invalid, match="Another contact has the ID P1"):
        create_contact(world.member, replace(PAT, external_id="P1"), world.now)
    create_contact(world.stranger, replace(PAT, external_id="P1", phones=()), world.now)  # another account's


def test_a_viewer_and_a_stranger_change_no_contact(world: World) -> None:
    contact = create_contact(world.member, PAT, world.now)
    with pytest.raises(Forbidden):
        create_contact(world.viewer, PAT, world.now)
    with pytest.raises(Forbidden):
        mark(world.viewer, [contact.pk], MarkerKind.STOP_ALL, "", world.now)
    for act in (
        lambda: update_contact(world.stranger, contact.pk, PAT, world.now),
        lambda: mark(world.stranger, [contact.pk], MarkerKind.STOP_ALL, "", world.now),
        lambda: details_of(world.stranger, contact.pk),
    ):
        with pytest.raises(NotThere):
            act()
    assert not Marker.objects.exists()


def test_messages_that_wait_for_a_zone_are_asked_again_when_it_becomes_known(world: World) -> None:
    contact = cast.contact(world, phone="", email="", zones=())
    (message_id,) = cast.texts(world, 1, to=contact)
    QueueEntry.objects.filter(id=message_id).update(held="zone_unknown")
    update_contact(world.member, contact.pk, PAT, world.now)
    assert QueueEntry.objects.get(id=message_id).held is None


def test_stop_all_is_set_with_who_and_when_and_workers_are_told(world: World) -> None:
    """TM1, TM2: seen at once, with who and when; claimed messages hear of it through a stop number."""
    contact = create_contact(world.member, PAT, world.now)
    (message_id,) = cast.texts(world, 1, to=contact)
    assert mark(world.member, [contact.pk], MarkerKind.STOP_ALL, "asked at the desk", world.now) == 1
    marker = Marker.objects.get(contact=contact)
    assert (marker.set_by, marker.set_at, marker.reason) == ("Cem Tanaka", world.now, "asked at the desk")
    stop = Stop.objects.get(contact_id=contact.pk)
    assert (stop.scope, stop.is_lift) == ("contact", False)
    assert stop.confirmed_at is not None
    assert gate.decide(facts.facts_of(world.account.pk, message_id), world.now) == Refuse("contact_marker", "stop_all")
    entry = LedgerEntry.objects.get(act="set_stop_all")
    assert (entry.by, entry.subject, entry.reason) == ("Cem Tanaka", f"contact:{contact.pk}", "asked at the desk")


def test_anyone_who_works_may_clear_a_marker_and_a_second_press_changes_nothing(world: World) -> None:
    """TM2."""
    contact = create_contact(world.member, PAT, world.now)
    mark(world.admin, [contact.pk], MarkerKind.STOP_ALL, "", world.now)
    assert mark(world.member, [contact.pk], MarkerKind.STOP_ALL, "", world.now) == 0
    assert unmark(world.member, [contact.pk], MarkerKind.STOP_ALL, "a mistake", world.now) == 1
    assert unmark(world.member, [contact.pk], MarkerKind.STOP_ALL, "a mistake", world.now) == 0
    entry = LedgerEntry.objects.get(act="clear_stop_all")
    assert entry.before is not None
    assert entry.before["set_by"] == "Ada Okafor"


def test_each_of_the_three_markers_stands_alone_until_somebody_takes_it_away(world: World) -> None:
    """003-01, 003-12"""
    contact = create_contact(world.member, PAT, world.now)

    def stands() -> set[str]:
        return set(Marker.objects.filter(contact=contact).values_list("kind", flat=True))

    for kind in MarkerKind:
        assert mark(world.member, [contact.pk], kind, "", world.now) == 1
    assert stands() == set(MarkerKind)
    much_later = world.now + timedelta(days=3650)
    assert gate.decide(facts.facts_of(world.account.pk, cast.texts(world, 1, to=contact)[0]), much_later) == Refuse(
        "contact_marker", "stop_all"
    )
    left = set(MarkerKind)
    for kind in (MarkerKind.STOP_ALL, MarkerKind.FLAG, MarkerKind.STOP_PROMOTIONS):
        assert unmark(world.admin, [contact.pk], kind, "", much_later) == 1
        left.discard(kind)
        assert stands() == left


def test_stop_promotions_empties_the_sales_groups_and_bars_the_way_back(world: World) -> None:
    """TM6."""
    contact = create_contact(world.member, PAT, world.now)
    sales = create_group(world.member, "Spring offers", True, world.now)
    recall = create_group(world.member, "Recall 6 months", False, world.now)
    add_to_group(world.member, sales.pk, [contact.pk], world.now)
    add_to_group(world.member, recall.pk, [contact.pk], world.now)
    mark(world.member, [contact.pk], MarkerKind.STOP_PROMOTIONS, "", world.now)
    assert [row.group_id for row in GroupContact.objects.filter(contact=contact)] == [recall.pk]
    other = create_contact(world.member, replace(PAT, phones=(), emails=("kim@example.org",)), world.now)
    with pytest.raises(Conflict, match="Pat Moreau has Stop Promotions"):
        add_to_group(world.member, sales.pk, [other.pk, contact.pk], world.now)
    assert not GroupContact.objects.filter(group=sales).exists()


def test_marking_many_equals_marking_one_by_one(world: World) -> None:
    """TM8."""
    people = [create_contact(world.member, replace(PAT, given_name=f"P{i}"), world.now) for i in range(6)]
    mark(world.member, [one.pk for one in people[:3]], MarkerKind.STOP_ALL, "r", world.now)
    for one in people[3:]:
        mark(world.member, [one.pk], MarkerKind.STOP_ALL, "r", world.now)
    rows = list(Marker.objects.order_by("contact_id").values_list("kind", "set_by", "set_at", "reason"))
    assert len(rows) == 6
    assert len(set(rows)) == 1
    assert Stop.objects.filter(scope="contact").count() == LedgerEntry.objects.filter(act="set_stop_all").count() == 6


def test_flagging_stops_nothing(world: World) -> None:
    contact = create_contact(world.member, PAT, world.now)
    assert mark(world.member, [contact.pk], MarkerKind.FLAG, "", world.now) == 1
    assert not Stop.objects.exists()


def test_an_opt_out_reaches_everybody_with_the_address_and_only_the_contact_lifts_it(world: World) -> None:
    """TN10: a no from a phone is a no of that phone."""
    parent = create_contact(world.member, PAT, world.now)
    child = create_contact(world.member, replace(PAT, given_name="Tim", emails=()), world.now)
    number = record_opt_out(parent, Channel.TEXT, "Stop!", world.now, "+12125550123")
    assert number == max(Stop.objects.values_list("number", flat=True))
    assert set(OptOut.objects.values_list("contact_id", flat=True)) == {parent.pk, child.pk}
    assert record_opt_out(parent, Channel.TEXT, "STOP", world.now, "+12125550123") is None
    assert record_opt_in(child, Channel.TEXT, "UNSTOP", world.now, "+12125550123") == 2
    assert not OptOut.objects.filter(lifted_at=None).exists()
    assert set(LedgerEntry.objects.filter(act__startswith="opt_").values_list("by", flat=True)) == {"the contact"}


def test_who_is_written_down_with_an_address_that_opted_out_is_opted_out(world: World) -> None:
    record_opt_out(create_contact(world.member, PAT, world.now), Channel.TEXT, "stop", world.now, "+12125550123")
    again = create_contact(world.member, replace(PAT, given_name="Patricia"), world.now)
    said = OptOut.objects.get(contact=again)
    assert (said.channel, said.words, said.at) == ("text", "stop", world.now)


def test_the_ledger_stays_whole(world: World) -> None:
    contact = create_contact(world.member, PAT, world.now)
    update_contact(world.member, contact.pk, replace(PAT, phones=("+13055550142",)), world.now)
    mark(world.member, [contact.pk], MarkerKind.STOP_ALL, "", world.now)
    assert isinstance(ledger.verify(world.account.pk), int)
