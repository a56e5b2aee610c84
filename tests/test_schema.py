"""The schema that is written down, the one that the migrations make, and the models are the same."""

import os
import re
import subprocess
from importlib import import_module
from io import StringIO
from pathlib import Path

from django.apps import apps
from django.core.management import call_command
from django.db import connection, transaction
from django.db.migrations.loader import MigrationLoader

from allstop import postgres_binaries
from allstop.store.first_tables import FirstTables
from allstop.store.installed_sql import INSTALLED, texts_of
from tests.conftest import HOME

STORE = Path(__file__).parent.parent / "allstop" / "store"
WRITTEN = STORE / "schema.sql"
_NOISE = re.compile(r"^(--|SET |SELECT pg_catalog\.set_config|\\(un)?restrict)|^$")


def dump(url: str) -> str:
    """Everything that makes the tables, without comments and settings of the dumping program."""
    folder = next(postgres_binaries.candidates(os.environ))
    command: list[str | Path] = [folder / "pg_dump", "--schema-only", "--no-owner", "--no-privileges", url]
    made = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return "".join(f"{line}\n" for line in made.splitlines() if not _NOISE.match(line))


def test_the_written_schema_is_what_the_migrations_make(committed_db: None, database_url: str) -> None:
    now = dump(database_url)
    if not WRITTEN.exists() or now != WRITTEN.read_text(encoding="utf-8"):
        draft = HOME / "schema.sql"
        draft.write_text(now, encoding="utf-8")
        raise AssertionError(f"The schema has changed. Read the difference; if it is meant: cp {draft} {WRITTEN}")


def test_a_new_database_gets_its_tables_in_one_step() -> None:
    """A step for each of them costs a first start seven seconds more: see allstop/store/first_tables.py."""
    (step,) = import_module("allstop.store.migrations.0001_initial").Migration.operations
    assert isinstance(step, FirstTables), "Add: Migration.operations = [FirstTables(Migration.operations)]"


def test_all_tables_are_gone_when_the_first_migration_is_taken_back(db: None) -> None:
    """Inside a transaction: as `migrate store zero` would do it."""
    loader = MigrationLoader(connection)
    newest_first = sorted((name for app, name in loader.disk_migrations if app == "store"), reverse=True)
    with transaction.atomic():
        with connection.schema_editor(atomic=False) as editor:
            for name in newest_first:
                before = loader.project_state(("store", name), at_end=False)
                loader.get_migration("store", name).unapply(before, editor)
        left = set(connection.introspection.table_names())
        transaction.set_rollback(True)
    assert left and not left & {model._meta.db_table for model in apps.get_app_config("store").get_models()}


def test_the_models_need_no_further_migration(db: None) -> None:
    said = StringIO()
    call_command("makemigrations", "--check", "--dry-run", stdout=said)
    assert said.getvalue().strip() == "No changes detected"


def test_the_sql_files_as_they_are_now_are_what_is_installed(db: None) -> None:
    """A change of a part of queue.sql, of plan.sql, ledger.sql or search.sql needs a migration that installs it."""

    def functions() -> dict[str, str]:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT oid::regprocedure::text, prosrc || COALESCE(proconfig::text, '') FROM pg_proc"
                " WHERE pronamespace = current_schema()::regnamespace AND prolang <> 13 ORDER BY 1"
            )
            return dict(cursor.fetchall())

    installed = functions()
    with transaction.atomic(), connection.cursor() as cursor:
        for text in (text for file in INSTALLED for text in texts_of(file)):
            cursor.execute(text, None)
        assert functions() == installed
        transaction.set_rollback(True)
