"""The cast that tests begin with is the one that the actions make, row by row."""

from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Model

from allstop.actions.accounts import add_location
from allstop.store import ledger
from allstop.store.models import Account, LedgerEntry
from tests.conftest import NOON
from tests.kept_cast import Kept, keep, put_back
from tests.world import World, northgate


def rows() -> dict[str, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = current_schema()")
        found = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f'SELECT to_jsonb(r)::text FROM "{table}" r ORDER BY 1')
            found[table] = [row[0] for row in cursor.fetchall()]
        return found


def made_and_taken_down() -> tuple[World, Kept, dict[str, list[str]]]:
    with transaction.atomic():
        made = northgate(NOON)
        kept, there = keep(made), rows()
        transaction.set_rollback(True)
    return made, kept, there


def values(world: World) -> list[dict[str, Any]]:
    objects = [one for one in vars(world).values() if isinstance(one, Model)]
    return [{name: value for name, value in vars(one).items() if name[0] != "_"} for one in objects]


def test_what_is_put_back_is_what_was_made(db: None) -> None:
    made, kept, there = made_and_taken_down()
    assert rows() != there
    back = put_back(kept, NOON)
    assert rows() == there
    assert values(back) == values(made)
    assert back.member == made.member


def test_at_another_moment_it_is_as_if_made_then_and_goes_on(db: None) -> None:
    _, kept, _ = made_and_taken_down()
    now = NOON + timedelta(days=3, microseconds=70)
    world = put_back(kept, now)
    assert world.now == world.account.created_at == Account.objects.get(pk=world.account.pk).created_at == now
    assert set(LedgerEntry.objects.values_list("at", flat=True)) == {now}
    assert add_location(world.admin, "Westgate", "WG", now).pk > world.south.pk
    assert isinstance(ledger.verify(world.account.pk), int)
