"""What holds for every operation of the API: who may call it, what it answers when it cannot be done."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from ninja.openapi.schema import OpenAPISchema

from allstop.actions.tokens import revoke_token
from allstop.doors.api.urls import api
from allstop.rules.roles import Role
from allstop.store.models import (
    Contact,
    Import,
    LedgerEntry,
    Marker,
    Message,
    MessengerSend,
    ReplySetup,
    ScheduledStop,
    StatusChange,
    StatusReason,
    StatusType,
    Template,
    Token,
    UnclearReply,
)
from tests.doors.billing_operations import BILLING
from tests.doors.caller import Caller, caller
from tests.doors.operations import CALLS, FORBIDDEN, Things, make, prepare, things
from tests.doors.operator_calls import OPERATOR_CALLS
from tests.world import World

DOCS = Path(__file__).parents[2] / "docs" / "api.md"
OPENAPI: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(path_prefix="/api/v1/")))
OPERATIONS = {
    said["operationId"]: (method.upper(), path, said)
    for path, methods in OPENAPI["paths"].items()
    for method, said in methods.items()
}
WITH_IDS = [name for name, (_, path, _) in OPERATIONS.items() if "_id}" in path and name not in OPERATOR_CALLS]


def snapshot() -> list[Any]:
    kept = (
        LedgerEntry,
        Message,
        MessengerSend,
        Contact,
        Marker,
        Import,
        Template,
        ScheduledStop,
        UnclearReply,
        ReplySetup,
        StatusChange,
        StatusReason,
        StatusType,
    )
    return [list(model.objects.order_by("pk").values()) for model in kept]


def test_the_table_of_calls_has_every_operation() -> None:
    assert set(CALLS) | set(BILLING) == set(OPERATIONS)


@contextmanager
def undone() -> Iterator[None]:
    """What is done inside did not happen: the next operation finds what this one found."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_each_works_for_an_admins_token(world: World) -> None:
    """All in one test, as those below: what they need takes thirty times as long to make as they take themselves."""
    mine = things(world, world.account)
    ask = caller(world, world.ada)
    wrong = {}
    for name, call in CALLS.items():
        with undone():
            prepare(world, name)
            answer = make(ask, call(mine))
            if answer.status not in (200, 201) or str(answer.status) not in OPERATIONS[name][2]["responses"]:
                wrong[name] = answer
    assert wrong == {}


def test_without_a_token_or_with_a_revoked_one_every_call_is_401(world: World) -> None:
    """All in one test: nothing changes, so the next one finds what the first one found."""
    mine = things(world, world.account)
    revoked = caller(world, world.ada)
    revoke_token(world.admin, Token.objects.get().pk, datetime.now(UTC))
    before = snapshot()
    for name, call in CALLS.items():
        for ask in (Caller(""), Caller("allstop_wrong"), revoked):
            answer = make(ask, call(mine))
            assert (answer.status, answer.code) == (401, "no_token"), name
    assert snapshot() == before


def test_a_role_that_may_not_is_403_and_nothing_changes(world: World) -> None:
    mine = things(world, world.account)
    asks = {Role.VIEWER: caller(world, world.dot), Role.MEMBER: caller(world, world.cem)}
    for name, role in FORBIDDEN.items():
        with undone():
            prepare(world, name)
            before = snapshot()
            answer = make(asks[role], CALLS[name](mine))
            assert (answer.status, answer.code) == (403, "forbidden"), name
            assert "this needs the role" in answer.body["error"]["message"], name
            assert snapshot() == before, name
            assert str(403) in OPERATIONS[name][2]["responses"], name


def test_what_is_for_operators_is_403_for_an_accounts_own_admin_and_nothing_changes(world: World) -> None:
    """Whatever the numbers in the address: of their own account, of another, or of none."""
    mine, theirs = things(world, world.account), things(world, world.rival)
    ask = caller(world, world.ada)
    before = snapshot()
    for name in OPERATOR_CALLS:
        for whose in (mine, theirs):
            answer = make(ask, CALLS[name](whose))
            assert (answer.status, answer.code) == (403, "forbidden"), name
            assert "no operator" in answer.body["error"]["message"], name
        assert str(403) in OPERATIONS[name][2]["responses"], name
    assert snapshot() == before


def test_whatever_only_looks_is_open_to_a_viewer(world: World) -> None:
    mine = things(world, world.account)
    ask = caller(world, world.dot)
    looks = [name for name in CALLS if name not in FORBIDDEN and name not in OPERATOR_CALLS]
    answers = {name: make(ask, CALLS[name](mine)) for name in looks}
    assert {name: answer for name, answer in answers.items() if answer.status != 200} == {}


def test_another_accounts_id_is_404_everywhere_and_nothing_changes(world: World) -> None:
    theirs = things(world, world.rival)
    ask = caller(world, world.ada)
    ids = dict.fromkeys(Things.__dataclass_fields__, 99_999_999) | {"double": 99_999_998}
    unknown = Things(**ids)
    before = snapshot()
    for name in (*WITH_IDS, "remove_jobs", "settle_messages", "preview_send", "forecast_send"):
        answer = make(ask, CALLS[name](theirs))
        assert (answer.status, answer.code) == (404, "not_found"), name
        assert make(ask, CALLS[name](unknown)) == answer, name
        assert snapshot() == before, name


LISTS = (
    "list_jobs",
    "list_messages",
    "list_contacts",
    "list_stops",
    "list_templates",
    "get_account",
    "list_unclear_replies",
    "list_sends",
)


def test_a_list_shows_nothing_of_another_account(world: World) -> None:
    theirs = things(world, world.rival)
    ask = caller(world, world.ada)
    for name in LISTS:
        answer = make(ask, CALLS[name](theirs))
        assert answer.status == 200
        assert answer.body.get("items", []) == [], name
        if name == "get_account":
            assert answer.body["totals"]["messages"] == 0


def test_an_unknown_field_is_422_in_every_body_and_nothing_changes(world: World) -> None:
    mine = things(world, world.account)
    ask = caller(world, world.ada)
    before = snapshot()
    for name, make_call in CALLS.items():
        method, path, body = make_call(mine)
        if isinstance(body, dict):
            answer = ask(method, path, {**body, "surprise": 1})
            assert (answer.status, answer.fields) == (422, {"surprise": "There is no such field."}), name
            assert ask(method, path, "{broken").status == 400, name
            assert ask(method, path, [1]).status == 422, name
            assert "400" in OPERATIONS[name][2]["responses"], name
    assert snapshot() == before


def test_a_group_that_does_not_exist_is_a_404_of_a_contact_list_and_described(world: World) -> None:
    answer = caller(world, world.ada)("POST", "/contact-lists", {"name": "L", "filter": {"group": 99_999_999}})
    assert (answer.status, answer.code) == (404, "not_found")
    assert "404" in OPERATIONS["make_contact_list"][2]["responses"]


def test_an_unknown_parameter_is_422_and_not_everything(world: World) -> None:
    mine = things(world, world.account)
    ask = caller(world, world.ada)
    for name in ("list_jobs", "list_messages", "list_contacts", "list_stops", "list_templates", "unmark_contact"):
        method, path, _ = CALLS[name](mine)
        answer = ask(method, f"{path}?statsu=waiting")
        assert answer.status == 422, name
        assert "no parameter statsu" in answer.body["error"]["message"], name
    twice = ask("GET", "/messages?status=sent&status=failed")  # only one of them was looked at, in silence
    assert (twice.status, twice.body["error"]["message"]) == (422, "status stands there 2 times. Give it once.")


@pytest.mark.parametrize("wrong", ["0", "-1", "x", str(2**63), "1e3"])
def test_an_id_that_cannot_be_is_refused(world: World, wrong: str) -> None:
    ask = caller(world, world.ada)
    for name in WITH_IDS:
        method, path, said = OPERATIONS[name]
        shown = path.removeprefix("/api/v1").replace("{kind}", "flag")
        for one in said["parameters"]:
            shown = shown.replace(f"{{{one['name']}}}", wrong)
        body = {"kind": "flag"} if name == "mark_contact" else {} if name in ("update_contact", "start_stop") else None
        assert ask(method, shown, body).status in (404, 422), name


def test_an_address_that_does_not_exist_answers_in_the_same_shape(world: World) -> None:
    for method in ("GET", "POST", "DELETE"):
        answer = caller(world, world.ada)(method, "/nothing", {} if method == "POST" else None)
        assert (answer.status, answer.code) == (404, "not_found")


def test_a_session_opens_nothing(world: World) -> None:
    """Cookies are not looked at: no web page can make somebody's browser act here."""
    client = Client()
    client.force_login(world.ada.user)
    assert client.get("/api/v1/account").status_code == 401
    assert client.post("/api/v1/account/stop", {}, content_type="application/json").status_code == 401


def test_the_schema_is_served_and_describes_every_answer_as_an_error_shape(client: Client) -> None:
    served = client.get("/api/v1/openapi.json").json()
    assert served["paths"] == OPENAPI["paths"]
    for name, (_, _, said) in OPERATIONS.items():
        for status, answer in said["responses"].items():
            if int(status) >= 400:
                assert answer["content"]["application/json"]["schema"]["$ref"].endswith("/ErrorOut"), name


def test_the_docs_page_shows_every_operation_and_runs_nothing_inline(client: Client) -> None:
    page = client.get("/api/v1/docs")
    html = page.content.decode()
    for method, path, said in OPERATIONS.values():
        assert f"{method} {path}" in html
        assert f'id="{said["operationId"]}"' in html
    assert "ImportChoices" in html
    assert "<style" not in html
    assert 'style="' not in html
    assert "<script>" not in html
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    anchors = {part.split('"')[0] for part in html.split('id="')[1:]}
    links = {part.split('"')[0] for part in html.split('href="#')[1:]}
    assert links <= anchors


def test_the_handbook_names_every_operation_and_no_other() -> None:
    """docs/api.md: a line `METHOD /api/v1/path` for each operation."""
    named = {line.strip("#` ") for line in DOCS.read_text(encoding="utf-8").splitlines() if line.startswith("### `")}
    assert named == {f"{method} {path}" for method, path, _ in OPERATIONS.values()}


def test_a_body_that_is_too_large_is_413_in_the_shape_of_every_error(world: World) -> None:
    answer = caller(world, world.ada)("POST", "/messages", '{"body": "' + "a" * 2_700_000 + '"}')
    assert (answer.status, answer.code) == (413, "too_large")
    assert "2.6 MB" in answer.body["error"]["message"]


@pytest.mark.parametrize(("path", "may"), [("/account", "GET"), ("/account/stop", "POST"), ("/messages", "GET, POST")])
def test_a_wrong_method_is_405_in_the_shape_of_every_error(world: World, path: str, may: str) -> None:
    answer = caller(world, world.ada)("DELETE", path)
    assert (answer.status, answer.code) == (405, "not_allowed")
    assert answer.body["error"]["message"] == f"DELETE is not possible at /api/v1{path}. Possible: {may}."
    assert Client().delete(f"/api/v1{path}")["Allow"] == may


def test_no_two_shapes_of_the_document_share_a_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """The later one would take the place of the other: a program made from the document would send what is refused."""
    shapes: dict[str, list[object]] = {}

    def add(schema: OpenAPISchema, definitions: dict[str, object]) -> None:
        for name, shape in definitions.items():
            shapes.setdefault(name, [])
            if shape not in shapes[name]:
                shapes[name].append(shape)
        schema.schemas.update(definitions)

    monkeypatch.setattr(OpenAPISchema, "add_schema_definitions", add)
    api.get_openapi_schema(path_prefix="/api/v1/")
    assert [name for name, found in shapes.items() if len(found) > 1] == []
    assert len(shapes) > 300
