"""Two contacts become one, and nobody is freed by it."""

import pytest

from allstop.actions.actor import Forbidden, Invalid, NotThere
from allstop.actions.contacts import ContactDetails, create_contact, details_of, mark, record_opt_out
from allstop.actions.groups import add_to_group, create_group
from allstop.actions.merging import merge_contacts
from allstop.actions.notes import add_note
from allstop.rules.facts import Channel
from allstop.rules.gate import decide
from allstop.rules.markers import MarkerKind
from allstop.rules.verdict import Refuse
from allstop.store import ledger
from allstop.store.facts import facts_of
from allstop.store.lists import PastKind, history
from allstop.store.models import Contact, Group, Marker, Message, OptOut, QueueEntry, Stop
from tests.world import World, texts

PAT = ContactDetails(given_name="Pat", phones=("212 555 0123",), country="US")
PATRICK = ContactDetails(
    given_name="Patrick",
    family_name="Moreau",
    phones=("212 555 0123", "212 555 0145"),
    emails=("pat@example.org",),
    external_id="P-7",
)


@pytest.fixture
def pair(world: World) -> tuple[Contact, Contact]:
    return create_contact(world.member, PAT, world.now), create_contact(world.member, PATRICK, world.now)


def test_the_one_that_stays_has_all_addresses_and_what_only_the_other_said(
    world: World, pair: tuple[Contact, Contact]
) -> None:
    keep, other = pair
    merge_contacts(world.member, keep.pk, other.pk, world.now)
    assert not Contact.objects.filter(pk=other.pk).exists()
    assert details_of(world.member, keep.pk) == ContactDetails(
        given_name="Pat",
        family_name="Moreau",
        phones=("+12125550123", "+12125550145"),
        emails=("pat@example.org",),
        external_id="P-7",
        country="US",
    )


def test_messages_replies_and_notes_come_over_and_waiting_ones_still_leave(
    world: World, pair: tuple[Contact, Contact]
) -> None:
    keep, other = pair
    (message_id,) = texts(world, 1, to=other)
    add_note(world.member, other.pk, "Prefers mornings", world.now)
    merged = merge_contacts(world.member, keep.pk, other.pk, world.now)
    assert (merged.messages, merged.stop_number) == (1, None)
    assert Message.objects.get(id=message_id).contact_id == keep.pk
    assert QueueEntry.objects.get(id=message_id).contact_id == keep.pk
    kinds = {event.kind for event in history(world.account.pk, keep.pk)}
    assert kinds == {PastKind.MESSAGE, PastKind.NOTE, PastKind.LEDGER}


@pytest.mark.parametrize("blocked", [0, 1])
def test_what_stood_against_either_stands_against_the_one_that_stays(
    world: World, pair: tuple[Contact, Contact], blocked: int
) -> None:
    mark(world.member, [pair[blocked].pk], MarkerKind.STOP_ALL, "asked", world.now)
    before = Stop.objects.count()
    messages = [*texts(world, 1, to=pair[0]), *texts(world, 1, to=pair[1])]
    merged = merge_contacts(world.member, pair[0].pk, pair[1].pk, world.now)
    for message_id in messages:
        assert decide(facts_of(world.account.pk, message_id), world.now) == Refuse("contact_marker", "stop_all")
    assert Stop.objects.count() == before + 1
    assert merged.stop_number is not None
    assert Stop.objects.get(number=merged.stop_number).contact_id == pair[1 - blocked].pk


def test_an_opt_out_and_its_history_come_over_and_stand_once(world: World, pair: tuple[Contact, Contact]) -> None:
    keep, other = pair
    record_opt_out(other, Channel.EMAIL, "no more", world.now)
    record_opt_out(keep, Channel.TEXT, "STOP", world.now)
    record_opt_out(other, Channel.TEXT, "STOP too", world.now)
    merge_contacts(world.member, keep.pk, other.pk, world.now)
    standing = OptOut.objects.filter(contact=keep, lifted_at=None).order_by("channel")
    assert [(one.channel, one.words) for one in standing] == [("email", "no more"), ("text", "STOP")]


def test_stop_promotions_of_either_empties_the_sales_groups_of_both(
    world: World, pair: tuple[Contact, Contact]
) -> None:
    """003-18."""
    keep, other = pair
    sales = create_group(world.member, "Whitening", True, world.now)
    family = create_group(world.member, "Family", False, world.now)
    add_to_group(world.member, sales.pk, [other.pk], world.now)
    add_to_group(world.member, family.pk, [other.pk], world.now)
    mark(world.member, [keep.pk], MarkerKind.STOP_PROMOTIONS, "", world.now)
    merge_contacts(world.member, keep.pk, other.pk, world.now)
    assert list(Group.objects.filter(contacts=keep)) == [family]
    assert list(Marker.objects.filter(contact=keep).values_list("kind", flat=True)) == ["stop_promotions"]


def test_a_merge_is_written_down_and_the_ledger_stays_whole(world: World, pair: tuple[Contact, Contact]) -> None:
    merge_contacts(world.member, pair[0].pk, pair[1].pk, world.now)
    assert isinstance(ledger.verify(world.account.pk), int)
    acts = [one.subject for one in history(world.account.pk, pair[0].pk) if one.kind is PastKind.LEDGER]
    assert acts[:2] == ["merge_contacts", "update_contact"]


def test_a_viewer_a_stranger_and_the_same_one_twice_merge_nothing(world: World, pair: tuple[Contact, Contact]) -> None:
    keep, other = pair
    with pytest.raises(Forbidden):
        merge_contacts(world.viewer, keep.pk, other.pk, world.now)
    with pytest.raises(NotThere):
        merge_contacts(world.stranger, keep.pk, other.pk, world.now)
    with pytest.raises(Invalid, match="same one"):
        merge_contacts(world.member, keep.pk, keep.pk, world.now)
    assert Contact.objects.filter(account=world.account).count() == 2
