"""Files of emails at the console: chosen in the Messenger, an answer and saved wording, and saved from a message."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from allstop.actions.play import play_inbound
from allstop.actions.templates import save_template
from allstop.rules.facts import Channel
from allstop.store import lists
from allstop.store.models import Attachment, Conversation, Message, MessengerDraft, Template
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact

PDF = b"%PDF-1.7 a form"
LETTER = {"channel": "email", "purpose": "personal", "subject": "Your form", "body": "Here.", "when": "now"}


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def form(name: str = "form.pdf", content: bytes = PDF) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def ids_in(html: str) -> list[str]:
    return re.findall(r'name="attachment" value="(\d+)"', html)


def test_files_are_attached_listed_with_their_size_taken_out_and_sent(world: World) -> None:
    pat = contact(world)
    cem = logged_in(world.cem)
    drawn = cem.post("/attachments", {"file": [form(), form("setup.exe")]}).content.decode()
    (first,) = ids_in(drawn)
    assert "form.pdf" in drawn
    assert "15\xa0bytes" in drawn
    assert "setup.exe is a file that runs" in drawn
    both = ids_in(cem.post("/attachments", {"attachment": first, "file": form("map.png")}).content.decode())
    assert ids_in(cem.post("/attachments", {"attachment": both, "detach": first}).content.decode()) == both[1:]
    to = {"to": f"contact||{pat.pk}"}
    cem.post("/messenger/to", {**LETTER, **to, "attachment": both}, headers={"X-Messenger": "1"})
    page = cem.get("/messenger").content.decode()
    assert ids_in(page) == both
    key = MessengerDraft.objects.get(member=world.cem).key
    cem.post("/messenger", {**LETTER, **to, "key": key, "attachment": both, "file": form("last.pdf")})
    message = Message.objects.get()
    files = lists.attachments_of(world.account.pk, [message.id])[message.id]
    assert [one.name for one in files] == ["form.pdf", "map.png", "last.pdf"]
    assert ids_in(cem.get("/messenger").content.decode()) == []
    assert f'href="/attachments/{first}"' in cem.get(f"/messages/{message.id}").content.decode()


def test_a_text_with_files_is_not_sent_and_says_why(world: World) -> None:
    cem = logged_in(world.cem)
    (first,) = ids_in(cem.post("/attachments", {"file": form()}).content.decode())
    cem.get("/messenger")
    said = {**LETTER, "channel": "text", "subject": "", "to": f"contact||{contact(world).pk}", "attachment": first}
    refused = cem.post("/messenger", {**said, "key": MessengerDraft.objects.get().key})
    assert refused.status_code == 422
    assert "Only emails take files along." in refused.content.decode()
    assert ids_in(refused.content.decode()) == [first]
    assert not Message.objects.exists()


def test_an_answer_takes_files_along_and_shows_them(world: World) -> None:
    contact(world)
    play_inbound(world.leader, Channel.EMAIL, "pat@example.org", "Where is my form?", world.now)
    talk = Conversation.objects.get()
    cem = logged_in(world.cem)
    assert 'id="attach-file"' in cem.get(f"/inbox/{talk.pk}").content.decode()
    said = {"channel": "email", "subject": "Your form", "body": "Here."}
    refused = cem.post(f"/inbox/{talk.pk}/answer", {**said, "file": form("run.bat")})
    assert refused.status_code == 422
    assert "run.bat is a file that runs" in refused.content.decode()
    cem.post(f"/inbox/{talk.pk}/answer", {**said, "file": form()})
    drawn = cem.get(f"/inbox/{talk.pk}").content.decode()
    assert f'<a href="/attachments/{Attachment.objects.get().pk}">form.pdf</a>' in drawn


def test_saved_wording_brings_its_files_along(world: World) -> None:
    now = world.now
    words = Template(name="Form", channel="email", purpose="service", subject="Your form", body="Here.")
    saved = save_template(world.admin, words, now)
    short = save_template(
        world.admin, Template(name="Short", channel="text", purpose="service", subject="", body="Hi"), now
    )
    ada = logged_in(world.ada)
    at = f"/setup/templates/{saved.pk}/attachments"
    assert "form.pdf" not in ada.get(at).content.decode()
    assert "is a file that runs" in ada.post(at, {"file": form("x.cmd")}).content.decode()
    assert ada.post(at, {"file": form()})["Location"] == "/setup/templates"
    pk = Attachment.objects.get().pk
    assert "Attachments: 1" in ada.get("/setup/templates").content.decode()
    assert f'data-files="{pk}"' in ada.get("/messenger").content.decode()
    assert ada.get(f"/setup/templates/{short.pk}/attachments")["Location"] == "/setup/templates"
    assert logged_in(world.cem).post(at, {"attachment": str(pk)}).status_code == 403
    assert logged_in(world.rae).get(at).status_code == 404
    assert ada.post(at, {})["Location"] == "/setup/templates"
    assert Template.objects.get(pk=saved.pk).attachment_set_id is None


def test_a_file_is_only_saved_by_those_of_the_account(world: World) -> None:
    logged_in(world.cem).post("/attachments", {"file": form("Löffel.html", b"<script>alert(1)</script>")})
    at = f"/attachments/{Attachment.objects.get().pk}"
    answer = logged_in(world.dot).get(at)
    assert answer.content == b"<script>alert(1)</script>"
    assert answer["Content-Disposition"] == "attachment; filename*=UTF-8''L%C3%B6ffel.html"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in answer["Content-Security-Policy"]
    assert logged_in(world.rae).get(at).status_code == 404
    assert logged_in(world.dot).post("/attachments", {"file": form()}).status_code == 403
