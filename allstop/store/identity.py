"""Which database this is: as the server tells it, and as the row in it says that it was."""

from dataclasses import asdict
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection

from allstop.rules.identity import Confirmed, Found, Identity
from allstop.store.lists.reading import rows, scalar
from allstop.store.models import DatabaseIdentity

MOST_REPLACED = 50

# The control file tells the timeline only after a checkpoint; the name of the file that is being written does at once.
_FOUND = """
SELECT {system}, ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int,
       (SELECT oid FROM pg_database WHERE datname = current_database())::bigint, 'gate'::regclass::oid::bigint,
       (SELECT number FROM gate), pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint
"""


def found() -> Found:
    system = "(SELECT system_identifier::text FROM pg_control_system())" if tells_its_system() else "''"
    [one] = rows(
        lambda system, timeline, database, tables, number, written: Found(
            Identity(system, timeline, database, tables), number, written
        ),
        _FOUND.format(system=system),
        {},
    )
    return one


@cache
def tells_its_system() -> bool:
    """Everybody may ask unless somebody took the right away; then a copy on another server is found by less."""
    return bool(scalar("SELECT has_function_privilege('pg_control_system()', 'execute')", {}))


def confirmed() -> Confirmed | None:
    row = DatabaseIdentity.objects.first()
    if row is None:
        return None
    identity = Identity(row.system, row.timeline, row.database, row.tables)
    replaced = tuple(Identity(**one) for one in row.replaced)
    return Confirmed(identity, row.number, row.confirmed_by, row.confirmed_at, replaced)


def adopt(seen: Found, by: str, now: datetime) -> bool:
    """The first start takes the database as it is. False: somebody else was first."""
    row = DatabaseIdentity(one=1, number=seen.number, confirmed_by=by, confirmed_at=now, **asdict(seen.identity))
    [made] = DatabaseIdentity.objects.bulk_create([row], ignore_conflicts=True)
    return made.pk is not None


def note_number(number: int) -> None:
    DatabaseIdentity.objects.filter(number__lt=number).update(number=number)


def confirm(seen: Found, number: int, by: str, now: datetime, replaced: list[Identity]) -> None:
    values: dict[str, Any] = {
        **asdict(seen.identity),
        "number": number,
        "confirmed_by": by,
        "confirmed_at": now,
        "replaced": [asdict(one) for one in dict.fromkeys(replaced)][-MOST_REPLACED:],
    }
    DatabaseIdentity.objects.update_or_create(one=1, defaults=values)


def raise_number(number: int) -> None:
    """Stop numbers only grow, also over a restore: whoever kept a receipt finds no other under its number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT FROM lane ORDER BY account_id, channel, by_hand FOR UPDATE")
        cursor.execute("UPDATE gate SET number = %s WHERE number < %s", [number, number])
