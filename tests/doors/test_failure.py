"""What is answered when an answer fails: for a program in the shape of every error, for a person a page."""

import logging
import sys
from collections.abc import Callable

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.test import Client

from allstop.doors.api import account
from allstop.store import lists
from tests.console.desk import logged_in
from tests.doors.caller import caller
from tests.world import World

AWAY = [OperationalError("the connection is lost"), InterfaceError("the connection is closed")]


def failing(problem: Exception) -> Callable[..., None]:
    def fail(*_: object, **__: object) -> None:
        raise problem

    return fail


def asked(client: Client, path: str, **headers: str) -> tuple[int, str, str]:
    client.raise_request_exception = False
    answer = client.get(path, headers=headers)
    return answer.status_code, answer.get("Retry-After", ""), answer.content.decode()


@pytest.mark.parametrize("problem", AWAY)
def test_a_database_that_is_away_is_said(world: World, monkeypatch: pytest.MonkeyPatch, problem: Exception) -> None:
    token = caller(world, world.dot).key
    client = logged_in(world.dot)
    monkeypatch.setattr(lists, "standing", failing(problem))
    monkeypatch.setattr(account, "account_shape", failing(problem))
    status, again, words = asked(Client(), "/api/v1/account", Authorization=f"Bearer {token}")
    assert (status, again, '"code": "database"' in words) == (503, "5", True)
    assert "look first whether it was done" in words
    status, again, words = asked(client, "/stops/standing")
    assert (status, again, "The database cannot be reached" in words) == (503, "5", True)


@pytest.mark.parametrize("why", ["disk_full", "deadlock_detected"])
def test_a_database_without_room_is_one_line_of_the_log_and_a_deadlock_has_its_traceback(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], why: str
) -> None:
    def refuse(*_: object) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DO $$ BEGIN RAISE '{why}' USING ERRCODE = '{why}'; END $$")

    monkeypatch.setattr(account, "account_shape", refuse)
    [handler] = [one for one in logging.getLogger().handlers if one.filters]
    assert isinstance(handler, logging.StreamHandler)
    monkeypatch.setattr(handler, "stream", sys.stderr)
    token = caller(world, world.dot).key
    assert asked(Client(), "/api/v1/account", Authorization=f"Bearer {token}")[0] == 503
    said = capsys.readouterr().err
    assert f"Service Unavailable: /api/v1/account{f': {why}' if why == 'disk_full' else ''}\n" in said
    assert ("Traceback" in said) == (why == "deadlock_detected")


def test_what_fails_otherwise_has_the_shape_of_every_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    token = caller(world, world.dot).key
    monkeypatch.setattr(account, "account_shape", failing(RuntimeError("secret details")))
    status, again, words = asked(Client(), "/api/v1/account", Authorization=f"Bearer {token}")
    assert (status, again, '"code": "failed"' in words, "secret" in words) == (500, "", True, False)
