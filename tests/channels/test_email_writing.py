"""What is written is read back the same by a mail program, and nothing can be slipped in."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage

import pytest
from aiosmtplib.email import parse_address
from hypothesis import given
from hypothesis import strategies as st

from allstop.channels.adapter import Outbound, Unsupported
from allstop.channels.email.writing import ADDRESS, CONTROL, write_mail
from tests.channels.rigs import an_email

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
ADA = an_email("ada@patients.example")


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


some_lines = st.text(max_size=2000).filter(_is_unicode)
one_line = st.text(max_size=200).filter(lambda text: _is_unicode(text) and not CONTROL.search(text))


def read(outbound: Outbound) -> EmailMessage:
    mail = message_from_bytes(write_mail(outbound, AT).content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return mail


def test_a_mail_has_its_headers_and_its_body() -> None:
    mail = read(ADA)
    assert mail["From"] == "Northgate Dental <desk@northgate.example>"
    assert mail["To"] == "ada@patients.example"
    assert mail["Subject"] == "Your appointment"
    assert mail["Date"].datetime == AT
    assert mail["Message-ID"] == "<1.1@northgate.example>"
    assert mail["List-Unsubscribe"] == "<https://northgate.example/u/1>"
    assert mail.get_content() == "Dear Ada,\r\nplease come on Monday.\r\n"
    assert not mail.defects


def test_every_attempt_at_a_message_has_the_same_message_id() -> None:
    assert read(ADA)["Message-ID"] == read(replace(ADA, attempt=2))["Message-ID"]


@given(subject=one_line, name=one_line)
def test_any_subject_and_name_are_read_back_as_they_were(subject: str, name: str) -> None:
    mail = read(replace(ADA, subject=subject, sender_name=name))
    assert _squeezed(mail["Subject"]) == _squeezed(subject)
    assert _squeezed(mail["From"].addresses[0].display_name) == _squeezed(name)
    assert mail["From"].addresses[0].addr_spec == "desk@northgate.example"
    assert [header.lower() for header in mail] == [
        *("from", "to", "subject", "date", "message-id", "list-unsubscribe"),
        *("content-type", "content-transfer-encoding", "mime-version"),
    ]


def _squeezed(text: str) -> str:
    """Folding may change how many spaces stand between words, never the words."""
    return "".join(text.split())


@given(body=some_lines)
def test_any_body_is_read_back_line_by_line_and_travels_as_7_bit(body: str) -> None:
    content = write_mail(replace(ADA, body=body), AT).content
    mail = message_from_bytes(content, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    assert mail.get_content().encode().rstrip().splitlines() == body.encode().rstrip().splitlines()
    assert content.isascii()
    assert b"\r\n.\r\n" not in content.replace(b"\r\n..", b"") or "." in body
    assert content.replace(b"\r\n", b"").find(b"\r") == content.replace(b"\r\n", b"").find(b"\n") == -1
    assert max(len(line) for line in content.split(b"\r\n")) <= 998


def test_a_long_unsubscribe_link_is_left_as_it_is() -> None:
    link = f"<https://northgate.example/u/{'x' * 300}>, <mailto:stop@northgate.example>"
    headers = {"List-Unsubscribe": link, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    content = write_mail(replace(ADA, headers=headers), AT).content
    assert f"\r\nList-Unsubscribe: {link}\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n".encode() in content


@pytest.mark.parametrize(
    ("outbound", "words"),
    [
        (replace(ADA, subject="Hello\r\nBcc: all@example.com"), "The subject has a line break"),
        (replace(ADA, subject="Hello\u2028there"), "The subject has a line break"),
        (replace(ADA, sender_name="Desk\nX: y"), "The sender name has a line break"),
        (replace(ADA, headers={"List-Unsubscribe": "<a>\r\nBcc: b@c.example"}), "List-Unsubscribe has a line break"),
        (replace(ADA, headers={"X-Name": "Zoë"}), "a letter outside ASCII"),
        (replace(ADA, headers={"X-Long": "x" * 1000}), "longer than a mail may carry"),
        (replace(ADA, headers={"X-A\r\nBcc": "y"}), "is not the name of a header"),
        (replace(ADA, headers={"bcc": "b@c.example"}), "written by the adapter itself"),
        (replace(ADA, headers={"From": "b@c.example"}), "written by the adapter itself"),
        (replace(ADA, to="ada@patients.example\r\nDATA"), "is not an email address"),
        (replace(ADA, to="a@b.example, c@d.example"), "is not an email address"),
        (replace(ADA, to="Ada <ada@patients.example>"), "is not an email address"),
        (replace(ADA, to="ada(comment)@patients.example"), "is not an email address"),
        (replace(ADA, to="ada"), "is not an email address"),
        (replace(ADA, to=""), "is not an email address"),
        (replace(ADA, sender=""), "is not an email address"),
        (replace(ADA, to="ada@-ä-.example"), "cannot exist"),
        (replace(ADA, message_ref="1.1"), "is not a Message-ID"),
        (replace(ADA, message_ref="<1@a.example>\r\nX: y"), "is not a Message-ID"),
        (replace(ADA, message_ref=f"<{'1' * 300}@a.example>"), "is not a Message-ID"),
    ],
)
def test_what_cannot_be_a_mail_is_refused_in_words(outbound: Outbound, words: str) -> None:
    with pytest.raises(Unsupported, match=r"\.$") as refusal:
        write_mail(outbound, AT)
    assert words in str(refusal.value)


@given(st.from_regex(ADDRESS, fullmatch=True))
def test_no_address_is_quietly_read_as_another_one(address: str) -> None:
    """The library parses what it is given; an address with a comment would lose part of its name."""
    assert parse_address(address) == address


def test_a_domain_outside_ascii_is_written_as_servers_know_it() -> None:
    mail = write_mail(replace(ADA, to="ada@Müller.example"), AT)
    assert (mail.recipient, mail.needs_utf8) == ("ada@xn--mller-kva.example", False)


def test_letters_outside_ascii_before_the_at_need_smtputf8() -> None:
    mail = write_mail(replace(ADA, to="jürgen@müller.example"), AT)
    assert (mail.recipient, mail.needs_utf8) == ("jürgen@xn--mller-kva.example", True)
    assert "To: jürgen@xn--mller-kva.example\r\n".encode() in mail.content
