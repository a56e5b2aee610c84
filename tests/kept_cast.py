"""The cast for each test: made by the real actions once in a process, and then put back as the rows that they made.

Making it takes sixty statements, putting it back takes one, and more than a thousand tests begin with it.
"""

import pickle
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from django.db import connection, transaction
from psycopg import sql

from tests.world import World, northgate

STATIC = ("django_migrations", "django_content_type", "auth_permission", "gate")  # tables that are never cleared
_BY_TRIGGER = ("ledger_head",)  # written again when the ledger's entries come

_COLUMNS = """
SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum), bool_or(a.attidentity <> '')
  FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
 WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
       AND a.attgenerated = '' AND c.relname <> ALL (%s)
 GROUP BY 1 ORDER BY 1"""


@dataclass(frozen=True, slots=True)
class Kept:
    statements: str
    world: bytes
    at: str  # the moment at which it was made, as it stands in the statements


_kept: list[Kept] = []


def the_cast(now: datetime) -> World:
    if not _kept:
        with transaction.atomic():
            a_moment = datetime(2026, 1, 1, tzinfo=UTC)  # a whole second: the server writes those as we do
            _kept.append(keep(northgate(a_moment)))
            transaction.set_rollback(True)
    return put_back(_kept[0], now)


def keep(made: World) -> Kept:
    """What was made at `made.now` must be all that there is."""
    kept = Kept(_statements(), pickle.dumps(made), made.now.isoformat())
    assert kept.at in kept.statements
    return kept


def put_back(kept: Kept, now: datetime) -> World:
    with connection.cursor() as cursor:
        cursor.execute(kept.statements.replace(kept.at, now.isoformat()))
    world: World = pickle.loads(kept.world)
    world.account.created_at = world.rival.created_at = now
    return replace(world, now=now)


def _statements() -> str:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [[*STATIC, *_BY_TRIGGER]])
        return "".join(_statement(*row) for row in cursor.fetchall())


def _statement(table: str, columns: list[str], has_numbers: bool) -> str:
    """Puts back what is in the table now; numbers that it gives later are higher."""
    parts: dict[str, sql.Composable] = {
        "table": sql.Identifier(table),
        "columns": sql.SQL(", ").join(map(sql.Identifier, columns)),
        "order": sql.SQL("ORDER BY id" if has_numbers else ""),
        "name": sql.Literal(table),
    }
    select = sql.SQL("SELECT json_agg(r)::text FROM (SELECT {columns} FROM {table} {order}) r")
    with connection.cursor() as cursor:
        cursor.execute(select.format(**parts))
        [rows] = cursor.fetchall()[0]
    if rows is None:
        return ""
    text = """
INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE
SELECT {columns} FROM json_populate_recordset(NULL::{table}, {rows});"""
    if has_numbers:
        text += """
SELECT setval(numbers, greatest((SELECT max(id) FROM {table}), pg_sequence_last_value(numbers)))
  FROM (SELECT pg_get_serial_sequence({name}, 'id')::regclass AS numbers) s;"""
    return sql.SQL(text).format(**parts, rows=sql.Literal(rows)).as_string(connection.connection)
