"""What we sign, an independent verifier (dkimpy) accepts; and what was changed on the way it refuses."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import dkim
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allstop.channels.adapter import Outbound
from allstop.channels.email.config import SmtpConfig
from allstop.channels.email.dkim import Signer, as_strings, is_key, make_key, record_name, record_of, relaxed_body
from allstop.channels.email.writing import write_mail
from tests.channels.rigs import an_email

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
KEY = make_key()
RECORD = record_of(KEY)
ADA = replace(
    an_email("ada@patients.example"),
    headers={
        "List-Unsubscribe": f"<https://northgate.example/unsubscribe/{'5' * 60}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
)
signer = Signer("northgate.example", "allstop1", KEY)


def signed(outbound: Outbound) -> bytes:
    return signer.signed(write_mail(outbound, AT).content, int(AT.timestamp()))


def is_verified(mail: bytes) -> bool:
    asked: list[bytes] = []

    def record(name: bytes, timeout: int = 5) -> bytes:
        asked.append(name)
        return RECORD.encode()

    good: bool = dkim.verify(mail, dnsfunc=record)
    assert asked == [b"allstop1._domainkey.northgate.example."]
    return good


def test_a_mail_is_verified_with_both_headers_of_the_unsubscribe_link_signed() -> None:
    """RFC 8058 4: a valid signature must cover both."""
    mail = signed(ADA)
    assert is_verified(mail)
    header = message_from_bytes(mail, policy=policy.default)["DKIM-Signature"]
    names = "".join(header.split()).partition(";h=")[2].partition(";")[0].split(":")
    assert {"list-unsubscribe", "list-unsubscribe-post", "from", "to", "subject", "date", "message-id"} <= set(names)
    assert max(len(line) for line in mail.split(b"\r\n\r\n")[0].split(b"\r\n")) <= 998


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"Subject: Your appointment", b"Subject: Your inheritance"),
        (b"please come on Monday", b"please come on Sunday"),
        (b"One-Click", b"Two-Click"),
        (b"\r\nTo: ada@", b"\r\nTo: eve@"),
        (b"From: Northgate", b"From: evil@example.com\r\nFrom: Northgate"),
    ],
)
def test_what_was_changed_on_the_way_is_not_verified(old: bytes, new: bytes) -> None:
    mail = signed(ADA)
    assert old in mail
    assert not is_verified(mail.replace(old, new, 1))


def test_spaces_that_servers_change_do_no_harm() -> None:
    mail = signed(replace(ADA, body="Dear Ada,  \n\n  come   on\tMonday. \n\n\n"))
    assert is_verified(mail)
    head, _, body = mail.partition(b"\r\n\r\n")
    assert is_verified(head + b"\r\n\r\n" + body.replace(b",  \r\n", b",\r\n").replace(b"come   on", b"come on"))
    assert is_verified(mail.replace(b"Subject: Your appointment", b"Subject:  Your  appointment"))


@settings(max_examples=40)
@given(
    subject=st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=80),
    body=st.text(st.characters(exclude_categories=["Cs"]), max_size=300),
)
def test_any_words_are_verified(subject: str, body: str) -> None:
    assert is_verified(signed(replace(ADA, subject=subject, body=body)))


def test_an_address_outside_ascii_is_verified() -> None:
    assert is_verified(signed(replace(ADA, to="j\u00fcrgen@m\u00fcller.example")))


@pytest.mark.parametrize(
    ("body", "relaxed"),
    [
        (b"", b""),
        (b"\r\n\r\n", b""),
        (b"a", b"a\r\n"),
        (b" a\t b \r\n\r\n", b" a b\r\n"),
        (b"a\r\n\r\nb", b"a\r\n\r\nb\r\n"),
    ],
)
def test_bodies_are_reduced_as_the_standard_says(body: bytes, relaxed: bytes) -> None:
    """RFC 6376 3.4.4 and 3.4.6."""
    assert relaxed_body(body) == relaxed


def test_the_record_is_told_and_the_key_is_not() -> None:
    assert record_name("allstop1", "northgate.example") == "allstop1._domainkey.northgate.example"
    assert RECORD.startswith("v=DKIM1; k=rsa; p=MII")
    assert "".join(as_strings(RECORD).replace('" "', "").strip('"')) == RECORD
    config = SmtpConfig(host="a", dkim_key=KEY, dkim_domain="northgate.example", dkim_selector="allstop1", dkim_on=True)
    assert config.faults() == []
    assert "PRIVATE" not in repr(config)
    assert "PRIVATE" not in repr(signer)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"dkim_on": True}, "let Allstop make one first"),
        ({"dkim_key": "nonsense", "dkim_domain": "a.example", "dkim_selector": "s"}, "no RSA key in PEM"),
        ({"dkim_key": KEY, "dkim_domain": "nowhere", "dkim_selector": "s"}, "needs a domain"),
        ({"dkim_key": KEY, "dkim_domain": "a.example\r\nx: y", "dkim_selector": "s"}, "needs a domain"),
        ({"return_path": "nobody"}, "return path must be an email address"),
    ],
)
def test_settings_that_cannot_sign_are_refused_in_words(changes: dict[str, object], words: str) -> None:
    faults = SmtpConfig(host="a", **changes).faults()  # type: ignore[arg-type]
    assert words in " ".join(faults)
    assert "PRIVATE" not in " ".join(faults)


def test_a_key_that_is_none_is_told_from_one() -> None:
    assert is_key(KEY)
    assert not is_key(KEY.replace("M", "", 3))


def test_the_return_path_names_the_message_and_stays_within_bounds() -> None:
    """VERP: the bounce says which message it is about, whatever else it says."""
    ada = replace(ADA, message_ref="<allstop.5.8.abc@northgate.example>")
    assert write_mail(ada, AT).sender == "desk@northgate.example"
    assert write_mail(ada, AT, "back@northgate.example").sender == "back+allstop.5.8.abc@northgate.example"
    long = f"{'b' * 60}@northgate.example"
    assert write_mail(ada, AT, long).sender == long
