"""A database that is not the one that was confirmed: closed at once, lifted by confirming alone."""

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from allstop import stop_file, witness
from allstop.actions import identity
from allstop.actions.actor import Conflict, Operator
from allstop.actions.switch import start, start_account, stop, stop_account
from allstop.rules.holds import INSTALLATION
from allstop.rules.identity import Witnessed
from allstop.store import ledger, lists
from allstop.store.models import DatabaseIdentity, Gate, Hold, Lane, LedgerEntry
from tests.world import World

OPERATOR = Operator("Olu Operator", "console")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: object) -> Path:
    settings.HOME = tmp_path  # type: ignore[attr-defined]
    return tmp_path


def look(world: World, home: Path) -> tuple[str, ...]:
    return identity.look(home, "here", world.now)


def another_identity() -> None:
    DatabaseIdentity.objects.update(system="1")


def all_open() -> bool:
    return not Lane.objects.filter(is_open=False).exists()


def test_a_first_start_adopts_and_writes_the_witness(world: World, home: Path) -> None:
    assert look(world, home) == ()
    row = DatabaseIdentity.objects.get()
    seen = witness.read(home)
    assert seen is not None
    assert row.confirmed_by == "first start on here"
    assert (seen.number, seen.confirmed_at) == (Gate.objects.get().number, row.confirmed_at)
    assert all_open()
    assert look(world, home) == ()


def test_the_witness_follows_the_number(world: World, home: Path) -> None:
    look(world, home)
    number = stop_account(world.admin, "", world.now).number
    assert look(world, home) == ()
    seen = witness.read(home)
    assert seen is not None
    assert (seen.number, DatabaseIdentity.objects.get().number) == (number, number)
    assert [one.name for one in home.iterdir()] == ["witness.json"]


def test_another_database_closes_every_lane_of_every_account_once(world: World, home: Path) -> None:
    look(world, home)
    another_identity()
    for _ in range(2):
        [words] = look(world, home)
        assert "another server" in words
    assert not Lane.objects.filter(is_open=True).exists()
    hold = Hold.objects.get()
    assert (hold.name, hold.scope, hold.by) == ("database_changed", "installation", "identity check on here")
    [entry] = LedgerEntry.objects.filter(act="database_changed")
    assert (entry.account_id, entry.reason) == (None, hold.reason)
    assert entry.before is not None
    assert entry.after is not None
    assert entry.before["identity"]["system"] == "1"
    assert entry.after["identity"]["system"] != "1"
    shown = lists.switch_state(world.account.pk)
    assert (shown.state, shown.whole_installation, shown.reason) == ("stopping", True, hold.reason)


@pytest.mark.parametrize("ahead", [{"number": 99}, {"written": 1 << 60}], ids=["stops", "log"])
def test_an_older_copy_is_closed(world: World, home: Path, ahead: dict[str, int]) -> None:
    look(world, home)
    seen = witness.read(home)
    assert seen is not None
    values = {"number": seen.number, "written": seen.written, **ahead}
    witness.write(home, Witnessed(seen.identity, values["number"], values["written"], seen.confirmed_at))
    [words] = look(world, home)
    assert words.startswith("It is an older copy")
    assert not all_open()
    identity.confirm(OPERATOR, home, world.now + timedelta(seconds=1))
    assert look(world, home) == ()
    assert all_open()
    assert stop_account(world.admin, "", world.now).number > ahead.get("number", 0), "numbers only grow"


def test_start_does_not_lift_it_and_confirming_does(world: World, home: Path) -> None:
    look(world, home)
    another_identity()
    look(world, home)
    with pytest.raises(Conflict, match="confirmed it"):
        start_account(world.admin, "", world.now)
    with pytest.raises(Conflict, match="confirmed it"):
        start(OPERATOR, INSTALLATION, "", world.now)
    identity.confirm(OPERATOR, home, world.now + timedelta(minutes=1))
    assert all_open()
    row = DatabaseIdentity.objects.get()
    assert (row.confirmed_by, row.replaced[0]["system"]) == ("Olu Operator", "1")
    [entry] = LedgerEntry.objects.filter(act="confirm_database")
    assert (entry.by, entry.after and entry.after["via"]) == ("Olu Operator", "console")
    assert look(world, home) == ()
    assert isinstance(ledger.verify(None), int)
    with pytest.raises(Conflict, match="nothing to confirm"):
        identity.confirm(OPERATOR, home, world.now)


def test_a_stop_that_stands_beside_it_stays(world: World, home: Path, now: datetime) -> None:
    look(world, home)
    stop(OPERATOR, INSTALLATION, "restoring", now)
    another_identity()
    look(world, home)
    identity.confirm(OPERATOR, home, now + timedelta(minutes=1))
    assert not Lane.objects.filter(is_open=True).exists()
    start(OPERATOR, INSTALLATION, "looked", now)
    assert all_open()


def test_the_witness_of_another_machine_is_out_of_date_after_the_confirmation(world: World, home: Path) -> None:
    other = home / "other"
    other.mkdir()
    look(world, home)
    look(world, other)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE gate SET number = number - 1")  # an older copy, by a stop that both have seen
    DatabaseIdentity.objects.update(number=-1)
    assert look(world, home) != ()
    identity.confirm(OPERATOR, home, world.now + timedelta(minutes=1))
    assert look(world, other) == ()
    assert all_open()


def test_a_witness_that_cannot_be_read_closes(world: World, home: Path) -> None:
    look(world, home)
    witness.path(home).write_text("{half")
    later = world.now.timestamp() + 60
    os.utime(witness.path(home), (later, later))
    assert "cannot be read" in look(world, home)[0]


def test_start_is_refused_while_the_stop_file_is_there(world: World, home: Path) -> None:
    stop_account(world.admin, "", world.now)
    stop_file.make(home, "wrong file")
    with pytest.raises(Conflict, match=r"wrong file.*Take the file away first"):
        start_account(world.admin, "", world.now)
    stop_file.path(home).unlink()
    start_account(world.admin, "", world.now)
