"""Attachments by the API: uploaded in either way, named in messages, and read back."""

import base64
import json

import pytest

from allstop.doors.api import attachments
from tests.doors.caller import caller
from tests.doors.operations import EMAIL, SEND
from tests.world import World

PDF = b"%PDF-1.7 a form"


def test_a_file_is_uploaded_once_and_named_by_its_id(world: World) -> None:
    ask = caller(world, world.cem)
    form = ask.upload(PDF, name="../Löffel.pdf", path="/attachments")
    assert form.status == 201
    said = {"id": form.body["id"], "name": "Löffel.pdf", "type": "application/pdf", "size": 15}
    assert form.body == said
    note = ask(
        "POST", "/attachments/base64", {"name": "note.txt", "content": base64.b64encode(b"x" * 3_000_000).decode()}
    )
    assert (note.status, note.body["size"]) == (201, 3_000_000)
    sent = ask("POST", "/messages", {**EMAIL, "attachments": [form.body["id"], note.body["id"]]})
    assert sent.status == 201
    read = ask("GET", f"/messages/{sent.body['id']}").body["attachments"]
    assert read == [said, note.body]
    assert ask("GET", f"/attachments/{form.body['id']}").body == said
    assert ask("GET", f"/attachments/{form.body['id']}/content").body == PDF
    many = ask("POST", "/sends", {**SEND, "attachments": [form.body["id"]]}).body
    assert ask("GET", f"/messages/{many['messages'][1]}").body["attachments"] == [said]
    wording = {"name": "Form", "channel": "email", "purpose": "service", "subject": "Form", "body": "Here."}
    boss = caller(world, world.ada)
    saved = boss("POST", "/templates", {**wording, "attachments": [form.body["id"]]}).body
    assert saved["attachments"] == [said]
    assert boss("POST", "/templates", {**wording, "replaces": saved["id"]}).body["attachments"] == [said]


def test_what_cannot_go_says_what_to_do(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = caller(world, world.cem)
    assert "Such files are not sent" in ask.upload(b"MZ", name="form.pdf", path="/attachments").fields["attachments"]
    form = ask.upload(PDF, name="form.pdf", path="/attachments").body["id"]
    text = {"channel": "text", "to": {"address": "+12125550123"}, "purpose": "personal", "body": "Hi"}
    refused = ask("POST", "/messages", {**text, "attachments": [form]})
    assert (refused.status, refused.fields["attachments"]) == (
        422,
        "Only emails take files along. Send it as an email, or leave the files out.",
    )
    assert ask("POST", "/attachments/base64", {"name": "a"}).fields == {"content": "Give this; it is needed."}
    assert ask("POST", "/attachments/base64", "no json").status == 400
    assert ask("POST", "/attachments/base64", [1]).status == 422
    assert ask("POST", "/attachments/base64", {"name": "a", "content": "YQ==", "surprise": 1}).fields == {
        "surprise": "There is no such field."
    }
    monkeypatch.setattr(attachments, "LONGEST_BODY", 100)
    long = json.dumps({"name": "a", "content": "A" * 200})
    assert "at most 25 MB" in ask("POST", "/attachments/base64", long).fields["content"]
