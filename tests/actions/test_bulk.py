"""Many contacts with one press: what changes, what is refused, one by one or at once, and taken back exactly."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allstop.actions import bulk_run
from allstop.actions.actor import Conflict, Forbidden, Invalid, NotThere
from allstop.actions.bulk import (
    Selection,
    Wish,
    ask_for_change,
    ask_for_undo,
    change_contacts,
    count_selected,
    flag_or_unflag,
    undo_change,
    who_was,
)
from allstop.actions.contacts import mark, record_opt_out, unmark
from allstop.actions.groups import add_to_group, create_group
from allstop.rules.facts import Channel
from allstop.rules.markers import MarkerKind
from allstop.store import ledger
from allstop.store.lists.contact_filter import NOBODY, ContactFilter
from allstop.store.models import (
    Assignment,
    BulkChange,
    ChangeKind,
    Contact,
    Deletion,
    GroupContact,
    LedgerEntry,
    Marker,
    Stop,
)
from tests.world import World, contact

K = ChangeKind


def people(world: World, count: int) -> list[int]:
    return [contact(world, f"Pat {number:03}", phone="", email="").pk for number in range(count)]


def press(
    world: World, ids: list[int], kind: ChangeKind, group_id: int | None = None, member_id: int | None = None
) -> BulkChange:
    return change_contacts(
        world.member, Selection(ids=ids), Wish(kind=kind, group_id=group_id, member_id=member_id), datetime.now(UTC)
    )


def marked(kind: MarkerKind) -> set[int]:
    return set(Marker.objects.filter(kind=kind).values_list("contact_id", flat=True))


def state() -> tuple[object, ...]:
    """All that a bulk change may touch, but for who set it and when."""
    return (
        sorted(Marker.objects.values_list("contact_id", "kind")),
        sorted(GroupContact.objects.values_list("group_id", "contact_id")),
        sorted(Deletion.objects.values_list("contact_id", flat=True)),
        sorted(Assignment.objects.values_list("contact_id", "member_id")),
    )


def test_flag_on_off_flags_a_mixed_selection_and_clears_one_that_is_flagged(world: World) -> None:
    """003-08, TM7."""
    ids = people(world, 3)
    mark(world.member, ids[:1], MarkerKind.FLAG, "", world.now)
    assert flag_or_unflag(world.member, Selection(ids=ids)) is K.FLAG
    done = press(world, ids, K.FLAG)
    assert (done.state, done.total, done.changed, done.refused) == ("done", 3, 2, 0)
    assert flag_or_unflag(world.member, Selection(ids=ids)) is K.UNFLAG
    assert flag_or_unflag(world.member, Selection(filter=ContactFilter())) is K.UNFLAG
    assert press(world, ids, K.UNFLAG).changed == 3
    assert marked(MarkerKind.FLAG) == set()
    assert Stop.objects.count() == 0  # 003-06: a flag never blocks


def test_stop_all_takes_one_number_for_all_of_them_and_is_confirmed_when_it_returns(world: World) -> None:
    """003-11, TM1."""
    ids = people(world, 5)
    done = press(world, ids, K.STOP_ALL)
    stop = Stop.objects.get()
    assert (stop.scope, stop.account_id, stop.number) == ("contacts", world.account.pk, done.last_stop)
    assert stop.confirmed_at is not None
    assert marked(MarkerKind.STOP_ALL) == set(ids)
    assert set(Marker.objects.values_list("set_by", flat=True)) == {"Cem Tanaka"}  # 003-13
    (entry,) = LedgerEntry.objects.filter(subject__startswith="contacts:")
    assert (entry.act, entry.by, entry.after["changed"]) == ("bulk_stop_all", "Cem Tanaka", 5)  # type: ignore[index]
    assert entry.after["stops"] == [stop.number, stop.number]  # type: ignore[index]
    assert isinstance(ledger.verify(world.account.pk), int)
    assert who_was(world.viewer, done.pk) == sorted(ids)
    again = press(world, ids, K.STOP_ALL)
    assert (again.changed, again.last_stop) == (0, None)


def test_stop_promotions_empties_sales_groups_and_its_undo_fills_them_again(world: World) -> None:
    """003-18, TM6."""
    ids = people(world, 4)
    sales = create_group(world.member, "Spring offers", True, world.now)
    recall = create_group(world.member, "Recall", False, world.now)
    add_to_group(world.member, sales.pk, ids[:3], world.now)
    add_to_group(world.member, recall.pk, ids, world.now)
    before = state()
    done = press(world, ids[1:], K.STOP_PROMOTIONS)
    assert set(GroupContact.objects.filter(group=sales).values_list("contact_id", flat=True)) == {ids[0]}
    assert GroupContact.objects.filter(group=recall).count() == 4
    refused = press(world, ids, K.ADD_TO_GROUP, group_id=sales.pk)
    assert (refused.changed, refused.refused) == (0, 3)
    assert who_was(world.viewer, refused.pk, refused=True) == ids[1:]
    undo_change(world.member, done.pk, datetime.now(UTC))
    assert state() == before


def test_ok_to_send_takes_the_staffs_marker_away_and_never_the_contacts_own_no(world: World) -> None:
    """TM2, TM11 as DESIGN 8.9 has it."""
    marked_one, said_no, both = people(world, 3)
    mark(world.admin, [marked_one, both], MarkerKind.STOP_ALL, "", world.now)
    for pk in (said_no, both):
        record_opt_out(Contact.objects.get(pk=pk), Channel.TEXT, "STOP", world.now)
    done = press(world, [marked_one, said_no, both], K.OK_TO_SEND)
    assert (done.changed, done.refused) == (2, 1)
    assert who_was(world.member, done.pk, refused=True) == [said_no]
    assert Contact.objects.get(pk=both).opt_outs.filter(lifted_at=None).exists()


def test_contacts_are_assigned_deleted_found_and_restored(world: World) -> None:
    """003-10, TM10."""
    ids = people(world, 3)
    assert press(world, ids, K.ASSIGN, member_id=world.ben.pk).changed == 3
    assert count_selected(world.viewer, Selection(filter=ContactFilter(assigned_to=world.ben.pk))) == 3
    gone = press(world, ids[:2], K.DELETE)
    assert count_selected(world.viewer, Selection(filter=ContactFilter())) == 1
    assert count_selected(world.viewer, Selection(filter=ContactFilter(q="pat"))) == 3
    assert press(world, ids, K.RESTORE).changed == 2
    with pytest.raises(Conflict, match="changed nobody"):
        undo_change(world.member, press(world, ids, K.RESTORE).pk, datetime.now(UTC))
    assert undo_change(world.member, gone.pk, datetime.now(UTC)).changed == 0  # somebody restored them since
    press(world, ids, K.ASSIGN)
    assert count_selected(world.viewer, Selection(filter=ContactFilter(assigned_to=NOBODY))) == 3


def test_all_that_match_is_the_filter_without_exceptions_and_without_who_comes_later(world: World) -> None:
    ids = people(world, 5)
    everybody = Selection(filter=ContactFilter(), without=[ids[1]])
    asked = ask_for_change(world.member, everybody, Wish(kind=K.FLAG), world.now)
    late = people(world, 1)
    assert (asked.total, asked.selection) == (4, {"filter": {}, "except": [ids[1]]})
    assert bulk_run.run_here(asked.pk).changed == 4
    assert marked(MarkerKind.FLAG) == set(ids) - {ids[1]} - set(late)


def test_a_change_of_what_it_filters_by_reaches_everybody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """003-08: show contacts with flags, select all, flag off."""
    monkeypatch.setattr(bulk_run, "SLICE", 2)
    ids = people(world, 7)
    press(world, ids, K.FLAG)
    flagged = Selection(filter=ContactFilter(flag=True))
    done = change_contacts(world.member, flagged, Wish(kind=K.UNFLAG), datetime.now(UTC))
    assert (done.changed, done.slices.count()) == (7, 4)
    assert marked(MarkerKind.FLAG) == set()


@pytest.mark.parametrize(
    "kind",
    [K.FLAG, K.UNFLAG, K.STOP_ALL, K.OK_TO_SEND, K.STOP_PROMOTIONS, K.OK_FOR_SALES, K.ASSIGN, K.DELETE, K.RESTORE],
)
def test_an_undo_restores_exactly_what_was_changed(world: World, kind: ChangeKind) -> None:
    ids = people(world, 6)
    mark(world.admin, ids[:3], MarkerKind.FLAG, "why", world.now)
    mark(world.admin, ids[1:4], MarkerKind.STOP_ALL, "because", world.now)
    mark(world.admin, ids[2:5], MarkerKind.STOP_PROMOTIONS, "asked", world.now)
    press(world, ids[:2], K.DELETE)
    press(world, ids[:1], K.ASSIGN, member_id=world.ada.pk)
    before = state(), sorted(Marker.objects.values_list("contact_id", "kind", "set_by", "set_at", "reason"))
    member = {"member_id": world.ben.pk} if kind is K.ASSIGN else {}
    done = press(world, ids, kind, **member)
    assert state() != before[0]
    undone = undo_change(world.leader, done.pk, datetime.now(UTC))
    assert (undone.state, undone.changed, undone.refused) == ("done", done.changed, 0)
    assert (state(), sorted(Marker.objects.values_list("contact_id", "kind", "set_by", "set_at", "reason"))) == before
    with pytest.raises(Conflict, match="undone already"):
        undo_change(world.leader, done.pk, datetime.now(UTC))


def test_places_in_a_group_are_undone_as_well(world: World) -> None:
    ids = people(world, 4)
    group = create_group(world.member, "VIP", False, world.now)
    add_to_group(world.member, group.pk, ids[:2], world.now)
    before = state()
    added = press(world, ids, K.ADD_TO_GROUP, group_id=group.pk)
    assert added.changed == 2
    undo_change(world.member, added.pk, datetime.now(UTC))
    assert state() == before
    removed = press(world, ids, K.REMOVE_FROM_GROUP, group_id=group.pk)
    undo_change(world.member, removed.pk, datetime.now(UTC))
    assert state() == before


def test_an_undo_leaves_alone_what_somebody_has_changed_since(world: World) -> None:
    ids = people(world, 5)
    press(world, ids, K.FLAG)
    off = press(world, ids, K.UNFLAG)
    now = datetime.now(UTC)
    mark(world.admin, ids[:1], MarkerKind.FLAG, "mine", now)  # set again: stays as it is
    mark(world.admin, ids[1:2], MarkerKind.FLAG, "", now)  # set and cleared again: stays cleared
    unmark(world.admin, ids[1:2], MarkerKind.FLAG, "", now)
    press(world, ids[2:3], K.FLAG)
    press(world, ids[2:3], K.UNFLAG)
    undone = undo_change(world.member, off.pk, datetime.now(UTC))
    assert (undone.changed, undone.refused) == (2, 3)
    assert marked(MarkerKind.FLAG) == {ids[0], ids[3], ids[4]}
    assert Marker.objects.get(contact_id=ids[0]).reason == "mine"

    on = press(world, ids, K.STOP_ALL)
    unmark(world.admin, ids[:1], MarkerKind.STOP_ALL, "", now)
    mark(world.admin, ids[:1], MarkerKind.STOP_ALL, "a new reason", now)
    undo_change(world.member, on.pk, datetime.now(UTC))
    assert marked(MarkerKind.STOP_ALL) == {ids[0]}


def test_undoing_ok_to_send_stops_again_with_a_number(world: World) -> None:
    ids = people(world, 2)
    press(world, ids, K.STOP_ALL)
    free = press(world, ids, K.OK_TO_SEND)
    assert free.last_stop is None
    undone = undo_change(world.member, free.pk, datetime.now(UTC))
    assert undone.last_stop == Stop.objects.order_by("-number")[0].number
    assert marked(MarkerKind.STOP_ALL) == set(ids)


def test_after_ten_minutes_nothing_is_undone(world: World) -> None:
    done = press(world, people(world, 1), K.FLAG)
    assert done.finished_at is not None
    with pytest.raises(Conflict, match="ten minutes"):
        undo_change(world.member, done.pk, done.finished_at + timedelta(minutes=10, seconds=1))
    undo_change(world.member, done.pk, done.finished_at + timedelta(minutes=10))


def test_who_may_not_and_what_is_not_there(world: World) -> None:
    ids = people(world, 2)
    group = create_group(world.member, "VIP", False, world.now)
    theirs = contact(world, account=world.rival).pk
    with pytest.raises(Forbidden):
        change_contacts(world.viewer, Selection(ids=ids), Wish(kind=K.FLAG), world.now)
    refused: list[Callable[[], object]] = [
        lambda: press(world, [*ids, theirs], K.FLAG),
        lambda: press(world, ids, K.ADD_TO_GROUP, group_id=10**9),
        lambda: press(world, ids, K.ASSIGN, member_id=world.rae.pk),
        lambda: change_contacts(
            world.stranger, Selection(filter=ContactFilter(group=group.pk)), Wish(kind=K.FLAG), world.now
        ),
        lambda: undo_change(world.stranger, done.pk, world.now),
    ]
    done = press(world, ids, K.FLAG)
    for act in refused:
        with pytest.raises(NotThere), transaction.atomic():
            act()
    for act in (lambda: press(world, [], K.FLAG), lambda: press(world, ids, K.ADD_TO_GROUP)):
        with pytest.raises(Invalid):
            act()
    with pytest.raises(Forbidden):
        ask_for_undo(world.viewer, done.pk, datetime.now(UTC))
    assert change_contacts(world.stranger, Selection(filter=ContactFilter()), Wish(kind=K.FLAG), world.now).total == 1
    assert not Marker.objects.filter(contact_id__in=ids).exclude(set_by="Cem Tanaka").exists()


def test_a_run_that_dies_goes_on_from_its_last_slice_and_the_second_time_fails_with_words(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_run, "SLICE", 3)
    ids = people(world, 8)
    asked = ask_for_change(world.member, Selection(ids=ids), Wish(kind=K.STOP_ALL), world.now)
    assert bulk_run.RUNS.take(asked.pk, world.now)
    assert not bulk_run.RUNS.take(asked.pk, world.now)
    assert bulk_run._next_slice(asked.pk)
    assert len(marked(MarkerKind.STOP_ALL)) == 3
    assert bulk_run.RUNS.after_death(asked.pk, world.now)
    assert not bulk_run.RUNS.after_death(asked.pk, world.now)
    failed = BulkChange.objects.get(pk=asked.pk)
    assert (failed.state, failed.changed) == ("failed", 3)
    assert "can be undone" in failed.failure
    assert undo_change(world.member, failed.pk, datetime.now(UTC)).changed == 3
    again = ask_for_change(world.member, Selection(ids=ids), Wish(kind=K.STOP_ALL), world.now)
    bulk_run.RUNS.take(again.pk, world.now)
    bulk_run._next_slice(again.pk)
    done = bulk_run.run_here(again.pk)
    assert (done.state, done.changed, done.slices.count()) == ("done", 8, 3)
    assert LedgerEntry.objects.filter(subject=f"contacts:{again.pk}").count() == 1


ACTS = st.lists(
    st.tuples(
        st.sampled_from(
            [K.FLAG, K.UNFLAG, K.STOP_ALL, K.OK_TO_SEND, K.STOP_PROMOTIONS, K.OK_FOR_SALES, K.ADD_TO_GROUP]
        ),
        st.sets(st.integers(0, 4), min_size=1),
    ),
    max_size=6,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTS)
def test_bulk_equals_one_by_one(world: World, acts: list[tuple[ChangeKind, set[int]]]) -> None:
    """TM8."""
    sales = create_group(world.member, f"Offers {datetime.now(UTC).timestamp()}", True, world.now)

    def outcome(at_once: bool) -> list[object]:
        with transaction.atomic():
            ids = people(world, 5)
            for kind, places in acts:
                more = {"group_id": sales.pk} if kind is K.ADD_TO_GROUP else {}
                chosen = [ids[place] for place in sorted(places)]
                for part in [chosen] if at_once else [[one] for one in chosen]:
                    press(world, part, kind, **more)
            seen: list[object] = [
                (
                    sorted(Marker.objects.filter(contact_id=pk).values_list("kind", flat=True)),
                    GroupContact.objects.filter(contact_id=pk, group=sales).exists(),
                )
                for pk in ids
            ]
            transaction.set_rollback(True)
        return seen

    assert outcome(at_once=True) == outcome(at_once=False)
