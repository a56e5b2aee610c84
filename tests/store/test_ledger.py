"""The ledger: append-only, chained, and every tampering is found."""

import pytest
from django.db import DatabaseError, connection, transaction

from allstop.store import ledger
from allstop.store.ledger import Broken
from allstop.store.models import LedgerEntry, LedgerPersonal, LedgerRow
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


@pytest.mark.parametrize("sql", ["UPDATE ledger SET by = 'nobody'", "DELETE FROM ledger", "TRUNCATE ledger CASCADE"])
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
        cursor.execute("ALTER TABLE ledger_personal DISABLE TRIGGER ledger_personal_keep")
        cursor.execute(sql)
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger ENABLE TRIGGER ledger_append_only")
        cursor.execute("ALTER TABLE ledger_personal ENABLE TRIGGER ledger_personal_keep")


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


PERSONAL = {"reason": "Mrs. Doyle rang", "before": {"phones": ["+442079460123"]}, "after": {"phones": []}}


def write_personal(world: World, personal: dict[str, object] | None = None, contact: int | None = 7) -> LedgerEntry:
    ledger.append(
        account_id=world.account.pk,
        at=world.now,
        by="Ada",
        act="test",
        subject="contact:7",
        after={"via": "console"},
        personal=PERSONAL if personal is None else personal,
        contact=contact,
    )
    return LedgerEntry.objects.latest("number")


def test_what_is_personal_lies_beside_the_entry_and_is_read_as_one(world: World) -> None:
    entry = write_personal(world)
    assert (entry.reason, entry.before) == ("Mrs. Doyle rang", {"phones": ["+442079460123"]})
    assert entry.after == {"phones": [], "via": "console"}
    assert not entry.is_erased
    row = LedgerRow.objects.get(pk=entry.pk)
    assert (row.reason, row.before, row.after) == ("", None, {"via": "console"})
    assert len(row.personal) == 64
    assert isinstance(ledger.verify(world.account.pk), int)


def test_the_same_words_never_have_the_same_digest(world: World) -> None:
    first, second = (LedgerRow.objects.get(pk=write_personal(world).pk).personal for _ in range(2))
    assert first != second


def test_nothing_personal_leaves_nothing_beside(world: World) -> None:
    entry = write_personal(world, {"reason": "", "after": {}})
    assert LedgerRow.objects.get(pk=entry.pk).personal == ""
    assert not LedgerPersonal.objects.filter(entry_id=entry.pk).exists()


def test_an_erased_part_leaves_the_chain_whole_once_an_entry_says_so(world: World) -> None:
    entry = write_personal(world)
    numbers = ledger.erase(world.account.pk, [entry.pk])
    assert numbers == [entry.number]
    problem = "The personal part of this entry is gone, and no erasing says so."
    assert ledger.verify(world.account.pk) == Broken(entry.number, problem)
    said = {"erased": numbers}
    ledger.append(account_id=world.account.pk, at=world.now, by="Ada", act="erase", subject="contact:7", after=said)
    assert ledger.verify(world.account.pk) == entry.number + 1
    assert ledger.erased(world.account.pk) == 1
    entry.refresh_from_db()
    assert (entry.reason, entry.before, entry.after, entry.is_erased) == ("", None, {"via": "console"}, True)


def test_an_erasing_does_not_excuse_what_goes_missing_after_it(world: World) -> None:
    number = ledger.newest(world.account.pk) + 2
    said = {"erased": [number]}
    ledger.append(account_id=world.account.pk, at=world.now, by="Ada", act="erase", subject="contact:7", after=said)
    entry = write_personal(world)
    assert entry.number == number
    ledger.erase(world.account.pk, [entry.pk])
    assert isinstance(ledger.verify(world.account.pk), Broken)


def test_another_account_cannot_erase_it(world: World) -> None:
    entry = write_personal(world)
    assert ledger.erase(world.rival.pk, [entry.pk]) == []
    assert LedgerPersonal.objects.filter(entry_id=entry.pk).exists()


@pytest.mark.parametrize(
    "sql",
    [
        """UPDATE ledger_personal SET data = '{"reason": "another"}'""",
        "UPDATE ledger_personal SET salt = 'another'",
        "UPDATE ledger_personal SET account_id = account_id + 1",
    ],
)
def test_the_database_refuses_to_change_what_lies_beside(world: World, sql: str) -> None:
    write_personal(world)
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


def test_a_changed_personal_part_is_found(world: World) -> None:
    entry = write_personal(world)
    tamper("""UPDATE ledger_personal SET data = '{"reason": "another"}'""")
    assert ledger.verify(world.account.pk) == Broken(entry.number, "This entry was changed after it was written.")


def test_a_part_slipped_in_beside_an_entry_that_had_none_is_found_and_not_believed(world: World) -> None:
    write(world, 1)
    entry = LedgerEntry.objects.latest("number")
    tamper(
        "INSERT INTO ledger_personal (entry_id, account_id, contact_id, salt, data)"
        f""" VALUES ({entry.pk}, {world.account.pk}, 7, '', '{{"reason": "another"}}')"""
    )
    entry.refresh_from_db()
    assert entry.reason == ""
    assert ledger.verify(world.account.pk) == Broken(entry.number, "This entry was changed after it was written.")


def test_what_lies_beside_may_be_given_to_the_contact_that_stays_of_two(world: World) -> None:
    entry = write_personal(world)
    ledger.hand_over(world.account.pk, 7, 8)
    assert LedgerPersonal.objects.get(entry_id=entry.pk).contact_id == 8
    assert isinstance(ledger.verify(world.account.pk), int)
