"""Mails with files: read back by a mail program as they were, signed as a whole, and refused where they cannot go."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.channels.adapter import Capabilities, File, Files, Unsupported, refuse_unsupported
from allstop.channels.email.handover import dot_stuffed
from allstop.channels.email.writing import write_files, write_mail
from allstop.channels.registry import ADAPTERS
from allstop.dispatch.lending import Lending
from allstop.rules.words import Channel
from tests.channels.rigs import an_email
from tests.channels.test_email_dkim import is_verified, signer

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ADA = an_email("ada@patients.example")
FORM = File("form.pdf", "application/pdf", b"%PDF-1.7\n" + bytes(range(256)) * 40)


def sent(text: str, *files: File) -> tuple[EmailMessage, bytes]:
    """As it arrives, and what was signed."""
    written = write_mail(replace(ADA, body=text), AT, "", write_files(Files(files)))
    content = signer.signed(written.content, int(AT.timestamp()), written.files)
    wire = dot_stuffed(content, written.files)
    assert wire.isascii()
    assert max(map(len, wire.split(b"\r\n"))) <= 998
    arrived = wire.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
    mail = message_from_bytes(arrived, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail, arrived


def test_the_text_comes_first_and_each_file_after_it_with_its_name_and_type() -> None:
    letter = File(
        "Löffel & Söhne, ein Brief mit einem sehr langen Namen für die Akten.txt", "text/plain", b"Gr\xfc\xdfe"
    )
    mail, arrived = sent("Dear Ada,\nthe form.\n", FORM, letter)
    assert mail.get_content_type() == "multipart/mixed"
    assert not mail.defects
    body = mail.get_body()
    assert body is not None
    assert body.get_content() == "Dear Ada,\r\nthe form.\r\n"
    first, second = mail.iter_attachments()
    assert (first.get_filename(), first.get_content_type()) == ("form.pdf", "application/pdf")
    assert first.get_payload(decode=True) == FORM.content
    assert second.get_filename() == letter.name
    assert second.get_payload(decode=True) == letter.content
    assert b"filename*" in arrived  # RFC 2231
    assert b"=?utf-8" not in arrived.partition(b"boundary")[2]
    assert is_verified(arrived)


@settings(max_examples=40)
@given(text=st.text(max_size=300), content=st.binary(min_size=1, max_size=300))
def test_any_text_and_any_file_are_signed_and_read_back(text: str, content: bytes) -> None:
    mail, arrived = sent(text, File("file.bin", "application/octet-stream", content))
    assert is_verified(arrived)
    [file] = mail.iter_attachments()
    assert file.get_payload(decode=True) == content


def test_a_text_has_no_files_and_who_cannot_carry_them_says_so() -> None:
    assert {name for name, one in ADAPTERS.items() if one.files} == {"sandbox", "smtp"}
    text = replace(ADA, channel=Channel.TEXT, subject="", sender_name="", headers={}, files=Files((FORM,)))
    capable = Capabilities(channels=frozenset(Channel), max_connections=1, files=True)
    with pytest.raises(Unsupported, match="A text has no attached files"):
        refuse_unsupported("sandbox", capable, text)
    with pytest.raises(Unsupported, match="carries no files"):
        refuse_unsupported("apprise", replace(capable, files=False), replace(ADA, files=Files((FORM,))))


def test_files_are_read_once_for_all_who_share_them_and_wait_for_room() -> None:
    asked: list[int] = []

    async def read(account_id: int, set_id: int) -> Files | None:
        asked.append(set_id)
        return Files((File("x", "text/plain", b"x" * 60),)) if set_id else None

    async def use() -> None:
        lending = Lending(read, room=100)
        async with lending.lent(1, 1) as first, lending.lent(1, 1) as again, lending.lent(1, 2) as second:
            assert first is again is not None
            assert second is not None
            third = asyncio.create_task(_one(lending, 3))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert asked == [1, 2]  # there is no room
        assert await third
        assert asked == [1, 2, 3]
        async with lending.lent(1, 0) as gone:
            assert gone is None

    asyncio.run(use())


async def _one(lending: Lending, set_id: int) -> bool:
    async with lending.lent(1, set_id) as files:
        return files is not None
