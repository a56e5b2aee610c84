"""The receipt of a stop, looked up and verified: what is sound verifies, and each thing that is not is found."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from django.db import connection
from django.utils import timezone

from allstop.actions.actor import Forbidden, NotThere, Operator
from allstop.actions.confirming import wait_until_confirmed
from allstop.actions.contacts import mark, record_opt_in, record_opt_out, unmark
from allstop.actions.jobs import remove_jobs
from allstop.actions.receipts import Verification, newest_receipt, receipt, verify
from allstop.actions.switch import start, start_account, stop, stop_account
from allstop.rules.facts import Channel
from allstop.rules.holds import INSTALLATION, Scope, one_channel, one_location
from allstop.rules.markers import MarkerKind
from allstop.store import lists, queue
from allstop.store.models import Attempt, Stop
from tests.kept_cast import the_cast
from tests.world import World, contact, job, texts

SECOND = timedelta(seconds=1)
INSTANT = timedelta(microseconds=1)


@pytest.fixture
def world(db: None) -> World:
    """At the clock's time: a confirmation has it."""
    return the_cast(timezone.now())


def stopped(world: World) -> int:
    """Stopped at `now`, confirmed two seconds later."""
    number = stop_account(world.member, "wrong file", world.now).number
    queue.confirm(number, world.now + 2 * SECOND)
    return number


def tamper(sql: str) -> None:
    """As somebody could who owns the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger DISABLE TRIGGER ledger_append_only")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE ledger ENABLE TRIGGER ledger_append_only")


def attempt(world: World, message_id: int, at: datetime) -> None:
    Attempt.objects.create(
        account=world.account,
        message_id=message_id,
        number=1,
        worker_id=1,
        adapter="sandbox",
        started_at=at,
        ended_at=at,
        outcome="accepted",
        ref="",
        code="",
        detail="",
    )


def unsound(found: Verification) -> list[str]:
    return [answer.question for answer in found.answers if not answer.is_sound]


def test_a_viewer_looks_at_a_receipt_and_verifies_it(world: World) -> None:
    number = stopped(world)
    found = receipt(world.viewer, number)
    assert (found.by, found.reason, found.effective_at, found.until) == ("Cem Tanaka", "wrong file", world.now, None)
    assert found.took == 2 * SECOND
    checked = verify(world.viewer, number)
    assert checked.is_sound, unsound(checked)
    assert [one.question for one in checked.answers] == [
        "ledger_chain",
        "ledger_entry",
        "confirmation",
        "nothing_started",
        "in_flight",
    ]


def test_another_account_has_no_such_stop(world: World) -> None:
    number = stopped(world)
    for look in (receipt, verify):
        with pytest.raises(NotThere):
            look(world.stranger, number)
    with pytest.raises(NotThere, match="never stopped"):
        newest_receipt(world.stranger)
    assert lists.stops(world.rival.pk) == []


def test_a_start_ends_the_receipt_of_its_stop_and_has_none_itself(world: World) -> None:
    number = stopped(world)
    later = world.now + timedelta(hours=1)
    started = start_account(world.leader, "fixed", later)
    assert receipt(world.admin, number).until == later
    assert newest_receipt(world.admin).number == number
    with pytest.raises(NotThere):
        receipt(world.admin, started)
    shown = lists.stops(world.account.pk)
    assert [(row.number, row.is_start, row.by, row.reason) for row in shown] == [
        (started, True, "Ben Weber", "fixed"),
        (number, False, "Cem Tanaka", "wrong file"),
    ]
    assert [row.number for row in lists.stops(world.account.pk, after=started)] == [number]


def test_a_changed_entry_of_the_ledger_is_found(world: World) -> None:
    number = stopped(world)
    tamper("UPDATE ledger SET by = 'somebody else' WHERE act = 'stop'")
    found = verify(world.admin, number)
    assert unsound(found) == ["ledger_chain"]
    assert "was changed after it was written" in found.answers[0].words


def test_a_missing_entry_and_a_missing_confirmation_are_found(world: World) -> None:
    number = stopped(world)
    tamper("DELETE FROM ledger_personal; DELETE FROM ledger WHERE act IN ('stop', 'stop_confirmed')")
    assert unsound(verify(world.admin, number)) == ["ledger_chain", "ledger_entry", "confirmation"]


def test_a_receipt_that_was_changed_itself_is_found(world: World) -> None:
    number = stopped(world)
    Stop.objects.filter(pk=number).update(in_flight=7)
    assert unsound(verify(world.admin, number)) == ["confirmation"]
    Stop.objects.filter(pk=number).update(in_flight=0, effective_at=world.now - SECOND)
    assert unsound(verify(world.admin, number)) == ["ledger_entry"]


def test_an_attempt_inside_the_stop_is_found_and_one_in_flight_is_counted(world: World) -> None:
    before, flying, inside, after = texts(world, 4)
    number = stopped(world)
    start_account(world.leader, "", world.now + 60 * SECOND)
    attempt(world, before, world.now - SECOND)
    attempt(world, flying, world.now + SECOND)
    attempt(world, after, world.now + 61 * SECOND)
    sound = verify(world.admin, number)
    assert sound.is_sound, unsound(sound)
    assert sound.were_in_flight == 1
    assert "were in flight" in sound.answers[-1].words
    attempt(world, inside, world.now + 3 * SECOND)
    found = verify(world.admin, number)
    assert unsound(found) == ["nothing_started"]
    assert [one.message_id for one in found.late] == [inside]
    assert f"message {inside} at " in found.answers[3].words


def test_a_stop_that_is_not_confirmed_is_not_verified(world: World) -> None:
    number = stop_account(world.member, "", world.now).number
    assert unsound(verify(world.admin, number)) == ["confirmation", "nothing_started"]


def test_the_stop_of_a_job_covers_that_job_alone(world: World) -> None:
    removed, kept = job(world), job(world, "Others")
    (mine,), (other,) = texts(world, 1, of=removed), texts(world, 1, of=kept)
    remove_jobs(world.member, [removed.pk], world.now)
    row = lists.stops(world.account.pk)[0]
    attempt(world, other, world.now + 3 * SECOND)
    assert (row.act, row.job_id) == ("remove_job", removed.pk)
    assert verify(world.admin, row.number).is_sound
    attempt(world, mine, world.now + 3 * SECOND)
    assert unsound(verify(world.admin, row.number)) == ["nothing_started"]


def test_a_marker_covers_its_contact_until_it_is_taken_away(world: World) -> None:
    person, other = contact(world), contact(world, "Sam Ito")
    (mine,), (others,) = texts(world, 1, to=person), texts(world, 1, to=other)
    mark(world.member, [person.pk], MarkerKind.STOP_ALL, "asked", world.now)
    row = lists.stops(world.account.pk)[0]
    attempt(world, others, world.now + 3 * SECOND)
    assert (row.act, row.by, row.reason) == ("set_stop_all", "Cem Tanaka", "asked")
    assert verify(world.admin, row.number).is_sound
    attempt(world, mine, world.now + 9 * SECOND)
    assert unsound(verify(world.admin, row.number)) == ["nothing_started"]
    unmark(world.member, [person.pk], MarkerKind.STOP_ALL, "", world.now + 5 * SECOND)
    assert receipt(world.admin, row.number).until == world.now + 5 * SECOND
    assert verify(world.admin, row.number).is_sound


def test_stop_promotions_lets_a_reminder_pass_and_a_no_to_calls_lets_a_text_pass(world: World) -> None:
    person = contact(world)
    (message,) = texts(world, 1, to=person)
    mark(world.member, [person.pk], MarkerKind.STOP_PROMOTIONS, "", world.now)
    record_opt_out(person, Channel.CALL, "9", world.now + INSTANT)
    number = record_opt_out(person, Channel.TEXT, "STOP", world.now + 2 * INSTANT)
    assert number is not None
    wait_until_confirmed(number)
    attempt(world, message, world.now + 3 * SECOND)
    found = {row.act + row.channel: unsound(verify(world.admin, row.number)) for row in lists.stops(world.account.pk)}
    assert found == {"set_stop_promotions": [], "opt_outcall": [], "opt_outtext": ["nothing_started"]}
    record_opt_in(person, Channel.TEXT, "START", world.now + 2 * SECOND)
    assert receipt(world.admin, number).until == world.now + 2 * SECOND
    assert verify(world.admin, number).is_sound


def test_the_stop_of_a_channel_or_a_location_covers_its_own_messages(world: World) -> None:
    """000-02: a receipt of every scope verifies, and finds what began inside it and nothing else."""
    (here,), (there,) = texts(world, 1, at=world.north), texts(world, 1, at=world.south)
    of_calls = stop(world.member, one_channel(world.account.pk, Channel.CALL), "double calls", world.now)
    of_north = stop(world.member, one_location(world.account.pk, world.north.pk), "flooded", world.now)
    wait_until_confirmed(of_north.number)
    attempt(world, there, world.now + 3 * SECOND)
    for number in (of_calls.number, of_north.number):
        assert unsound(verify(world.admin, number)) == []
    shown = [(row.scope, row.channel, row.location, row.subject) for row in lists.stops(world.account.pk)]
    assert shown == [
        (Scope.LOCATION, "", "Northgate", f"location:{world.north.pk}"),
        (Scope.CHANNEL, "call", "", "channel:call"),
    ]
    attempt(world, here, world.now + 3 * SECOND)
    assert unsound(verify(world.admin, of_calls.number)) == []
    assert unsound(verify(world.admin, of_north.number)) == ["nothing_started"]
    started = start(world.leader, one_location(world.account.pk, world.north.pk), "dry", world.now + 2 * SECOND)
    assert receipt(world.admin, of_north.number).until == world.now + 2 * SECOND
    assert verify(world.admin, of_north.number).is_sound
    newest = lists.stops(world.account.pk, limit=1)[0]
    assert (newest.number, newest.is_start, newest.location, newest.reason) == (started, True, "Northgate", "dry")


def test_a_stop_of_the_installation_is_seen_by_all_and_counted_for_its_operators_alone(world: World) -> None:
    (mine,) = texts(world, 1)
    number = stop(Operator("Olu Operator", "command"), INSTALLATION, "wrong build", world.now).number
    wait_until_confirmed(number)
    operator = replace(world.stranger, is_operator=True)
    for actor in (world.viewer, world.stranger):
        seen = receipt(actor, number)
        assert (seen.by, seen.reason, seen.scope) == ("Olu Operator", "wrong build", Scope.INSTALLATION)
        assert (seen.in_flight, seen.handed_back) == (None, None)
        assert lists.stops(actor.account_id)[0].in_flight is None
        with pytest.raises(Forbidden, match="no operator"):
            verify(actor, number)
    assert receipt(operator, number).in_flight == 0
    checked = verify(operator, number)
    assert checked.is_sound, unsound(checked)
    assert checked.answers[0].title == "Is the installation's ledger whole?"
    attempt(world, mine, timezone.now())
    assert unsound(verify(operator, number)) == ["nothing_started"]


def test_two_stops_of_one_contact_at_one_time_are_told_apart_by_their_numbers(world: World) -> None:
    person = contact(world)
    mark(world.member, [person.pk], MarkerKind.STOP_PROMOTIONS, "first", world.now)
    mark(world.member, [person.pk], MarkerKind.STOP_ALL, "second", world.now)
    assert [(row.act, row.reason) for row in lists.stops(world.account.pk)] == [
        ("set_stop_all", "second"),
        ("set_stop_promotions", "first"),
    ]
    assert lists.stops(world.account.pk, [Scope.ACCOUNT]) == []


def test_verifying_reads_only_the_attempts_of_its_time(world: World) -> None:
    """The block-range index, whatever else a table of millions has."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT * FROM attempt WHERE started_at >= now() - interval '1 minute'")
        assert "attempt_by_time" in "".join(row[0] for row in cursor.fetchall())
