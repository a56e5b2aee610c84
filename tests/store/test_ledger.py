"""The ledger: append-only, chained, and every tampering is found."""

import pytest
from django.db import DatabaseError, connection, transaction

from allstop.store import ledger
from allstop.store.ledger import Broken
from allstop.store.models import LedgerEntry
from tests.world import World


def write(world: World, count: int = 3) -> None:
    for i in range(count):
        ledger.append(
            account_id=world.account.pk, at=world.now, by="Ada", act="test", subject=f"thing:{i}", after={"n": i}
        )


def test_entries_are_numbered_and_linked_in_a_chain_of_each_account(world: World) -> None:
    write(world)
    entries = list(LedgerEntry.objects.filter(account=world.account).order_by("number"))
    assert [e.number for e in entries] == list(range(1, len(entries) + 1))
    assert [e.previous for e in entries[1:]] == [e.hash for e in entries[:-1]]
    assert ledger.verify(world.account.pk) == len(entries)
    assert isinstance(ledger.verify(world.rival.pk), int)


@pytest.mark.parametrize("sql", ["UPDATE ledger SET by = 'nobody'", "DELETE FROM ledger", "TRUNCATE ledger"])
def test_the_database_refuses_to_change_or_delete(world: World, sql: str) -> None:
    write(world)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # else TRUNCATE fails for another reason
        cursor.execute(sql)
    assert isinstance(ledger.verify(world.account.pk), int)


def tamper(sql: str) -> None:
    """As somebody could who owns the tables."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger DISABLE TRIGGER ledger_append_only")
        cursor.execute(sql)
        cursor.execute("ALTER TABLE ledger ENABLE TRIGGER ledger_append_only")


def test_a_changed_entry_is_found(world: World) -> None:
    write(world)
    tamper("UPDATE ledger SET reason = 'another' WHERE subject = 'thing:1'")
    broken = ledger.verify(world.account.pk)
    assert isinstance(broken, Broken)
    assert broken.number == LedgerEntry.objects.get(subject="thing:1").number


def test_a_missing_entry_is_found(world: World) -> None:
    write(world)
    number = LedgerEntry.objects.get(subject="thing:1").number
    tamper("DELETE FROM ledger WHERE subject = 'thing:1'")
    assert ledger.verify(world.account.pk) == Broken(number + 1, "An entry before this one is missing or was changed.")


def test_cutting_off_the_newest_entries_is_found(world: World) -> None:
    write(world)
    number = LedgerEntry.objects.get(subject="thing:2").number
    tamper("DELETE FROM ledger WHERE subject = 'thing:2'")
    assert ledger.verify(world.account.pk) == Broken(number, "The newest entries are missing.")


def test_an_entry_that_was_changed_and_hashed_anew_breaks_the_next(world: World) -> None:
    write(world)
    number = LedgerEntry.objects.get(subject="thing:2").number
    tamper("UPDATE ledger SET reason = 'another', hash = ledger_hash(ledger) WHERE subject = 'thing:1'")
    tamper("UPDATE ledger SET hash = ledger_hash(ledger) WHERE subject = 'thing:1'")
    assert ledger.verify(world.account.pk) == Broken(number, "An entry before this one is missing or was changed.")
