"""The database of the tests: a real PostgreSQL, started once, shared by parallel test processes."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from allstop import postgres
from tests.world import World, northgate

HOME = Path(os.environ["ALLSTOP_HOME"])
NOON = datetime(2026, 11, 23, 17, 0, tzinfo=UTC)  # a Monday; noon in New York, inside everybody's waking hours


def pytest_configure() -> None:
    # Slow hashing protects real passwords; the cast's are public.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    with postgres.running(postgres.home_folder(os.environ)) as url:
        yield url


@pytest.fixture(scope="session")
def django_db_setup(server: str, django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A fresh database for each test process, also for tests that commit, which pytest-django does not count."""
    connection.settings_dict["TEST"]["NAME"] = f"test_{os.getpid()}"
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default": None}, serialized_aliases=set())
        yield
        teardown_databases(made, verbosity=0)


@pytest.fixture
def now() -> datetime:
    return NOON


@pytest.fixture
def world(db: None, now: datetime) -> World:
    """The cast, in a transaction that is rolled back."""
    return northgate(now)


@pytest.fixture
def committed_db(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """For tests in which several connections or processes must see the rows: they are committed, and cleared after."""
    with django_db_blocker.unblock():
        yield
        connections.close_all()
        clear_tables()


@pytest.fixture
def committed_world(committed_db: None) -> World:
    """For tests with processes of their own, which live by the real clock."""
    return northgate(datetime.now(UTC))


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


def clear_tables() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(tablename), ', ') FROM pg_tables WHERE schemaname = current_schema()"
            " AND tablename NOT IN ('django_migrations', 'django_content_type', 'auth_permission', 'gate')"
        )
        row = cursor.fetchone()
        assert row is not None
        cursor.execute("ALTER TABLE ledger DISABLE TRIGGER ledger_no_truncate")  # only the table's owner can
        cursor.execute(f"TRUNCATE {row[0]} RESTART IDENTITY CASCADE")
        cursor.execute("ALTER TABLE ledger ENABLE TRIGGER ledger_no_truncate")
        cursor.execute("UPDATE gate SET number = 0")
