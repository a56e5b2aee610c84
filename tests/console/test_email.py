"""Setup, email: the mail server, signing, the mailbox, limits and attachments, by the page, the command and the API."""

import json
import re

import pytest
from django.utils import timezone

from allstop.actions.mail_server import mail_setup
from allstop.actions.mailbox import mailbox_setup
from allstop.channels.email.config import Encryption, SmtpConfig
from allstop.rules.facts import Channel
from allstop.store.models import ChannelSetup, Inbound, InboundFile, LedgerEntry, Mailbox
from allstop.store.sealing import is_sealed, opened
from tests.console.desk import logged_in
from tests.kept_cast import the_cast
from tests.world import World, contact

PAGE = "/setup/email"
SERVER = {
    "host": "smtp.northgate.example",
    "port": 587,
    "encryption": "starttls",
    "user": "desk",
    "password": "s3cret",
    "sender": "desk@northgate.example",
    "sender_name": "Northgate Dental",
    "return_path": "bounces@northgate.example",
    "max_connections": 5,
}
BOX = {
    "host": "imap.northgate.example",
    "port": 993,
    "encryption": "tls",
    "user": "desk",
    "password": "als0s3cret",
    "folder": "INBOX",
}


@pytest.fixture
def world(db: None) -> World:
    return the_cast(timezone.now())


def setup_of(world: World) -> ChannelSetup:
    return ChannelSetup.objects.get(account=world.account, channel=Channel.EMAIL)


def test_the_mail_server_is_set_signed_for_and_never_tells_its_secrets(world: World) -> None:
    """004-01: password and key go in and never come out, in no page and no entry of the ledger."""
    ben = logged_in(world.ben)
    assert ben.post(f"{PAGE}/key").status_code == 409, "there is no mail server yet"
    said = ben.post(f"{PAGE}/server", SERVER, follow=True).content.decode()
    assert "Emails leave by smtp.northgate.example, as desk@northgate.example." in said
    assert "Emails are not signed by Allstop." in said
    assert ben.post(f"{PAGE}/sign", {"on": "yes"}).status_code == 409, "there is no key yet"
    said = ben.post(f"{PAGE}/key", follow=True).content.decode()
    assert "allstop1._domainkey.northgate.example" in said
    assert "v=DKIM1; k=rsa; p=" in said
    assert "Not signed yet." in said
    assert "<b>Emails are signed</b>" in ben.post(f"{PAGE}/sign", {"on": "yes"}, follow=True).content.decode()
    ben.post(f"{PAGE}/server", SERVER | {"password": "", "port": 25}, follow=True)
    config = setup_of(world).config
    assert is_sealed(config["password"])
    assert is_sealed(config["dkim_key"])
    whole = opened(config)
    assert (whole["password"], whole["port"], whole["dkim_on"]) == ("s3cret", 25, True), "what was made here stays"
    assert SmtpConfig(**whole | {"encryption": Encryption.STARTTLS}).faults() == []
    first_key = whole["dkim_key"]
    said = ben.post(f"{PAGE}/key", follow=True).content.decode()
    assert "allstop2._domainkey" in said
    assert opened(setup_of(world).config)["dkim_key"] != first_key
    assert not setup_of(world).config["dkim_on"], "until the new record is published"
    entries = json.dumps(list(LedgerEntry.objects.filter(account=world.account).values("before", "after")))
    for words in (said, entries, repr(mail_setup(world.account.pk))):
        assert "s3cret" not in words
        assert "PRIVATE" not in words
        assert first_key[40:80] not in words
    refused = ben.post(f"{PAGE}/server", SERVER | {"encryption": "none"})
    assert (refused.status_code, "may only cross a network encrypted" in refused.content.decode()) == (422, True)


def test_the_mailbox_is_set_changed_and_left(world: World) -> None:
    ben = logged_in(world.ben)
    said = ben.post(f"{PAGE}/mailbox", BOX, follow=True).content.decode()
    assert "It is opened for the first time in a moment." in said
    assert "als0s3cret" not in said
    Mailbox.objects.update(uid_validity=7, last_uid=9)
    ben.post(f"{PAGE}/mailbox", BOX | {"password": "", "port": 143, "encryption": "starttls"})
    box = Mailbox.objects.get(account=world.account)
    assert (opened(box.config)["password"], box.config["port"], box.last_uid) == ("als0s3cret", 143, 9)
    ben.post(f"{PAGE}/mailbox", BOX | {"user": "other", "password": "x"})
    assert Mailbox.objects.get(account=world.account).last_uid == 0, "another mailbox begins anew"
    assert ben.post(f"{PAGE}/mailbox", BOX | {"encryption": "none"}).status_code == 422
    ben.post(f"{PAGE}/mailbox/leave")
    assert mailbox_setup(world.account.pk) is None
    assert ben.post(f"{PAGE}/mailbox/leave").status_code == 404
    assert "als0s3cret" not in json.dumps(list(LedgerEntry.objects.values("before", "after")))


def test_limits_are_the_preset_or_the_numbers(world: World) -> None:
    """004-10."""
    ben = logged_in(world.ben)
    ben.post(f"{PAGE}/limits", {"preset": "microsoft365", "day": 1})
    made = setup_of(world)
    assert (made.limit_minute, made.limit_hour, made.limit_day) == (30, None, 10_000)
    ben.post(f"{PAGE}/limits", {"preset": "own", "hour": 100})
    made = setup_of(world)
    assert (made.limit_minute, made.limit_hour, made.limit_day) == (None, 100, None)
    assert ben.post(f"{PAGE}/limits", {"preset": "own", "hour": 0}).status_code == 422
    ben.post(f"{PAGE}/limits", {"preset": "own"})
    made = setup_of(world)
    assert (made.limit_minute, made.limit_hour, made.limit_day) == (None, None, None)
    ids = re.findall(r' id="([^"]+)"', ben.get(PAGE).content.decode())
    assert len(ids) == len(set(ids)), "each field has a label of its own"


def test_attachments_are_saved_unless_somebody_wants_harmless_ones_opened(world: World) -> None:
    """004-12: off by default, with the warning; on, nothing that can run is shown."""
    person = contact(world)
    inbound = Inbound.objects.create(
        account=world.account,
        contact=person,
        channel="email",
        adapter="smtp",
        provider_id="1",
        sender="pat@example.org",
        recipient="desk@northgate.example",
        text="Look",
        at=world.now,
    )

    def file(number: int, name: str, content: bytes) -> str:
        made = InboundFile.objects.create(
            account=world.account, inbound=inbound, number=number, name=name, type="text/html", size=1, content=content
        )
        return f"/inbox/files/{made.pk}"

    png, page = file(1, "x-r\u00e4y.png", b"\x89PNG\r\n\x1a\n"), file(2, "page.html", b"<script>alert(1)</script>")
    dot, ben = logged_in(world.dot), logged_in(world.ben)
    for address in (png, page):
        answer = dot.get(address)
        assert answer["Content-Disposition"].startswith("attachment; filename*=UTF-8''")
        assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == ("application/octet-stream", "nosniff")
        assert "sandbox" in answer["Content-Security-Policy"]
        assert logged_in(world.rae).get(address).status_code == 404
    assert "saved, not opened" in dot.get(PAGE).content.decode()
    assert "virus" in dot.get(PAGE).content.decode()
    ben.post(f"{PAGE}/attachments", {"opens": "yes"})
    shown = dot.get(png)
    assert (shown["Content-Type"], shown["Content-Disposition"][:6]) == ("image/png", "inline")
    assert dot.get(page)["Content-Disposition"].startswith("attachment")


def test_members_change_nothing(world: World) -> None:
    for path in ("server", "key", "sign", "mailbox", "mailbox/leave", "limits", "attachments", "test"):
        answer = logged_in(world.cem).post(f"{PAGE}/{path}", SERVER | BOX | {"preset": "own"})
        assert answer.status_code == 403, path
    assert not LedgerEntry.objects.filter(account=world.account, subject="channel:email").exists()
    assert (
        "This needs" in logged_in(world.dot).get(PAGE).content.decode()
        or "viewer here" in logged_in(world.dot).get(PAGE).content.decode()
    )
