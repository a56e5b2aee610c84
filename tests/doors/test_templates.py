"""Saved wording by the API."""

from typing import Any

import pytest

from allstop.store.models import LedgerEntry, Template
from tests.doors.caller import caller
from tests.world import World

SHORT = {"name": "Short", "channel": "text", "purpose": "reminder", "body": "See you on {when}"}
LETTER = {"name": "Short", "channel": "email", "purpose": "billing", "subject": "Hello", "body": "Dear {first_name}"}


def test_wording_is_saved_listed_by_channel_and_deleted(world: World) -> None:
    ask = caller(world, world.ben)
    text, email = (ask("POST", "/templates", one) for one in (SHORT, LETTER))
    assert (text.status, email.status) == (201, 201)
    assert text.body == {**SHORT, "id": text.body["id"], "subject": "", "attachments": []}
    assert ask("GET", "/templates").body["items"] == [email.body, text.body]
    assert ask("GET", "/templates?channel=text").body["items"] == [text.body]
    assert caller(world, world.rae)("GET", "/templates").body["items"] == []
    path = f"/templates/{text.body['id']}"
    assert ask("DELETE", path).body == text.body
    assert ask("DELETE", path).status == 404
    assert list(Template.objects.values_list("channel", flat=True)) == ["email"]
    acts = LedgerEntry.objects.filter(subject=f"template:{text.body['id']}").order_by("pk")
    assert list(acts.values_list("act", flat=True)) == ["save_template", "delete_template"]


def test_a_name_that_is_taken_is_replaced_only_when_its_id_is_said(world: World) -> None:
    ask = caller(world, world.ada)
    made = ask("POST", "/templates", SHORT).body
    other = ask("POST", "/templates", {**SHORT, "name": "Other"}).body
    theirs = caller(world, world.rae)("POST", "/templates", SHORT).body
    new = {**SHORT, "name": "SHORT", "body": "New"}
    for wrong in ({}, {"replaces": other["id"]}, {"replaces": theirs["id"]}):
        answer = ask("POST", "/templates", {**new, **wrong})
        assert (answer.status, list(answer.fields)) == (422, ["name"])
    assert Template.objects.get(pk=made["id"]).body == SHORT["body"]
    assert ask("POST", "/templates", {**new, "replaces": made["id"]}).body == {**made, "body": "New"}
    assert Template.objects.get(pk=theirs["id"]).body == SHORT["body"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"body": " "}, "body"),
        ({"body": "Hello {nobody}"}, "body"),
        ({"body": "nul \0"}, "body"),
        ({"subject": "Hello"}, "subject"),
        ({"channel": "email"}, "subject"),
        ({"channel": "fax"}, "channel"),
        ({"purpose": "fun"}, "purpose"),
    ],
)
def test_what_cannot_be_used_is_named_and_nothing_is_saved(world: World, changes: dict[str, Any], field: str) -> None:
    answer = caller(world, world.ada)("POST", "/templates", SHORT | changes)
    assert (answer.status, list(answer.fields)) == (422, [field])
    assert not Template.objects.exists()
