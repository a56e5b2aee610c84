"""The database of the tests: a real PostgreSQL, started once, shared by parallel test processes."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, connections, transaction
from hypothesis import settings as settings_of_hypothesis
from psycopg.pq import TransactionStatus
from pytest_django import DjangoDbBlocker
from xdist.remote import Producer

from allstop import postgres
from tests.kept_cast import STATIC, the_cast
from tests.kept_files import keep_static_files
from tests.scheduling import Scheduling, longest_first
from tests.tables import copy, drop, ready_tables
from tests.world import World

ROOT = Path(__file__).parent.parent
HOME = Path(os.environ["ALLSTOP_HOME"])
MUCH = 256 * 1024  # bytes of a table
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # a Monday; noon in New York, inside everybody's waking hours


def pytest_configure() -> None:
    # How long an example takes says something of the machine, and a test asserts no speed.
    settings_of_hypothesis.register_profile("allstop", deadline=None)
    settings_of_hypothesis.load_profile("allstop")
    # Slow hashing protects real passwords; the cast's are public.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    keep_static_files()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if hasattr(config, "workerinput"):  # one process of several
        longest_first(items)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Scheduling | None:
    if config.getvalue("dist") != "loadfile":
        return None
    config.option.loadscopereorder = False  # files keep their order
    return Scheduling(config, log)


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """Nobody's data lies on it, so nothing waits for a disk. All test processes use it, with programs of their own."""
    postgres.SERVER_SETTINGS |= {"fsync": "off", "full_page_writes": "off", "max_connections": "400"}
    with postgres.running(postgres.home_folder(os.environ)) as url:
        yield url


@pytest.fixture(scope="session")
def tables(server: str) -> str:
    return ready_tables(server)


@pytest.fixture(scope="session")
def django_db_setup(
    server: str, tables: str, django_test_environment: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """A fresh database for each test process, also for tests that commit, which pytest-django does not count."""
    name, before = f"test_{os.getpid()}", connection.settings_dict["NAME"]
    copy(server, tables, name)
    connection.settings_dict["NAME"] = name
    yield
    with django_db_blocker.unblock():
        connections.close_all()
    connection.settings_dict["NAME"] = before
    drop(server, name)


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def world(db: None, now: datetime) -> World:
    """The cast, in a transaction that is rolled back."""
    return the_cast(now)


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For tests in which several connections or processes must see the rows: they are committed, and cleared after."""
    with django_db_blocker.unblock():
        yield
        close_unclean()
        clear_tables()


@pytest.fixture
def committed_world(committed_db: None) -> World:
    """For tests with processes of their own, which live by the real clock."""
    return the_cast(datetime.now(UTC))


@pytest.fixture
def database_url(committed_db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Where a process of Allstop that a test starts finds the test's database, and a home of its own (for the stop
    file and the witness). Both are in the environment that it inherits."""
    params = connection.settings_dict
    host = quote(str(params["HOST"]), safe="")
    url = f"postgresql://{params['USER']}@/{params['NAME']}?host={host}&port={params['PORT']}"
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("ALLSTOP_HOME", str(tmp_path))
    return url


def close_unclean() -> None:
    """Connections that a test has left in the middle of something. A clean one stays: it knows all tables by now."""
    for one in connections.all(initialized_only=True):
        line = one.connection
        is_clean = line is not None and line.info.transaction_status == TransactionStatus.IDLE and one.is_usable()
        if one.in_atomic_block or not is_clean:
            one.close()
        else:
            line.execute("UNLISTEN *; SELECT pg_advisory_unlock_all()")


def clear_tables() -> None:
    """Of a few rows each table is emptied row by row; to truncate eighty takes many times as long."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT quote_ident(relname), pg_relation_size(oid) > %s FROM pg_class"
            " WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace AND relname <> ALL (%s)",
            [MUCH, list(STATIC)],
        )
        sizes = dict(cursor.fetchall())
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
        cursor.execute("ALTER TABLE ledger DISABLE TRIGGER USER")  # only the table's owner can
        if any(sizes.values()):
            cursor.execute(f"TRUNCATE {', '.join(sizes)} CASCADE")
        else:
            looks = " UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in sizes)
            cursor.execute(looks)
            for (table,) in cursor.fetchall():
                cursor.execute(f"DELETE FROM {table}")
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE ledger ENABLE TRIGGER USER")
        cursor.execute(
            "SELECT setval(seqrelid, seqstart, false) FROM pg_sequence JOIN pg_class c ON c.oid = seqrelid"
            " WHERE relnamespace = current_schema()::regnamespace AND pg_sequence_last_value(seqrelid) IS NOT NULL"
        )
        cursor.execute("UPDATE gate SET number = 0")
