"""The real program with two workers, a real Chromium, and for each test a cast of its own.

One program serves the whole folder: starting it takes seconds. Tests cannot meet, since no account sees another;
the people of the cast stay the same, so that each logs in once, and belong to the account of the running test alone.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, make_password
from django.db import connection, connections
from playwright.sync_api import Browser, StorageState, expect
from pytest_django import DjangoDbBlocker

from allstop.actions.switch import is_stopped, stop_account
from allstop.store.models import Member, User, Worker
from tests.conftest import clear_tables
from tests.dispatch.processes import wait_until
from tests.e2e.chromium import chromium
from tests.e2e.program import WORKERS, Program, serving
from tests.e2e.visits import TIMEOUT, Visits
from tests.world import PASSWORD, World, northgate

expect.set_options(timeout=TIMEOUT)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent) + os.sep
    for item in items:
        if str(item.path).startswith(here):  # thousands of paths take seconds to be taken to pieces
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="package")
def program_database(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """The address of the test's database, cleared after the last test of this folder."""
    params = connection.settings_dict
    host = quote(str(params["HOST"]), safe="")
    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        # Playwright runs an event loop in this thread, and Django cannot know that nobody shares its connection.
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield f"postgresql://{params['USER']}@/{params['NAME']}?host={host}&port={params['PORT']}"
        connections.close_all()
        clear_tables()


@pytest.fixture(scope="package")
def program(program_database: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Program]:
    with serving(program_database, tmp_path_factory.mktemp("program") / "log") as running:
        wait_until(lambda: Worker.objects.filter(fenced=False).count() == WORKERS, "all workers to be there")
        yield running


@pytest.fixture(scope="package")
def browser(program_database: str) -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture(scope="package")
def sessions() -> dict[str, StorageState]:
    return {}


@pytest.fixture(scope="package")
def slow_password() -> str:
    """The tests' fast hashing is not known to the program."""
    return make_password(PASSWORD, hasher=Argon2PasswordHasher())


@pytest.fixture
def world(program: Program, slow_password: str) -> Iterator[World]:
    """The cast, in the database of the running program and by the real clock."""
    cast = northgate(datetime.now(UTC))
    members = Member.objects.filter(account_id__in=[cast.account.pk, cast.rival.pk])
    User.objects.filter(memberships__in=members).update(password=slow_password)
    yield cast
    if not is_stopped(cast.account.pk):
        stop_account(cast.admin, "the test is over", datetime.now(UTC))
    members.delete()


@pytest.fixture
def visits(browser: Browser, program: Program, world: World, sessions: dict[str, StorageState]) -> Iterator[Visits]:
    program.errors()
    seen = Visits(browser, program.address, sessions)
    yield seen
    seen.end()
    assert seen.complaints == []
    assert program.errors() == []
