"""Mails as they come in: replies, absence notes, bounces of several programs, and what is no mail at all."""

from email.message import EmailMessage

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allstop.channels.adapter import ReceiptState
from allstop.channels.email.incoming import file_name, read_mail, without_marks

REF = "<allstop.5.8.abcdefghijklmnop@northgate.example>"


def a_reply(text: str, **headers: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = "Pat Moreau <Pat@example.org>"
    mail["To"] = "Northgate <desk@northgate.example>"
    mail["Subject"] = "Re: Your appointment"
    mail["Message-ID"] = "<reply-1@example.org>"
    mail["In-Reply-To"] = REF
    for name, value in headers.items():
        del mail[name.replace("_", "-")]
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    return mail.as_bytes()


def a_bounce(fields: str, *, to: str = "desk@northgate.example", returned: str = REF) -> bytes:
    return (
        "Return-Path: <>\r\nFrom: Mail Delivery System <MAILER-DAEMON@mx.example>\r\n"
        f"To: {to}\r\nSubject: Undelivered Mail Returned to Sender\r\nAuto-Submitted: auto-replied\r\n"
        "Message-ID: <bounce-1@mx.example>\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nI am sorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"{fields}\r\n"
        "--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        f"From: desk@northgate.example\r\nMessage-ID: {returned}\r\n\r\n--b--\r\n"
    ).encode()


FAILED = (
    "Final-Recipient: rfc822; pat@example.org\r\nAction: failed\r\nStatus: {status}\r\n"
    "Diagnostic-Code: smtp; {said}\r\n"
)


def test_a_reply_says_who_wrote_what_in_answer_to_which() -> None:
    mail = read_mail(a_reply("Yes, I will come.\n\nOn Mon, 23 Nov 2026, Northgate wrote:\n> Please come.\n"))
    assert (mail.id, mail.sender, mail.recipients) == (
        "<reply-1@example.org>",
        "pat@example.org",
        ("desk@northgate.example",),
    )
    assert mail.text == "Yes, I will come."
    assert mail.refs == (REF,)
    assert mail.tags == ("allstop.5.8.abcdefghijklmnop",)
    assert (mail.is_automatic, mail.bounces, mail.files) == (False, (), ())


@pytest.mark.parametrize(
    ("text", "own"),
    [
        ("STOP\n\n> Please come.\n> Northgate\n", "STOP"),
        ("Ja.\n\nAm 23.11.2026 um 09:00 schrieb Northgate:\n> Bitte\n", "Ja."),
        ("Oui\n\n-----Message d'origine-----\nDe: Northgate\n", "Oui"),
        ("> only a quote\n", "> only a quote"),
        ("> why?\nBecause.", "> why?\nBecause."),
    ],
)
def test_our_own_mail_below_is_not_what_they_say(text: str, own: str) -> None:
    assert read_mail(a_reply(text)).text == own


@pytest.mark.parametrize(
    "headers",
    [
        {"Auto_Submitted": "auto-replied"},
        {"Auto_Submitted": "auto-generated; owner=x"},
        {"Precedence": "bulk"},
        {"X_Autoreply": "yes"},
        {"List_Id": "<news.example.org>"},
        {"Return_Path": "<>"},
        {"From": "MAILER-DAEMON@example.org"},
    ],
)
def test_what_a_machine_wrote_is_known_as_such(headers: dict[str, str]) -> None:
    """RFC 3834, and what programs did before it."""
    assert read_mail(a_reply("I am away.", **headers)).is_automatic
    assert not read_mail(a_reply("I am away.", Auto_Submitted="no")).is_automatic


@pytest.mark.parametrize(
    ("status", "said", "state", "code"),
    [
        ("5.1.1", "550 5.1.1 <pat@example.org> User unknown", ReceiptState.UNDELIVERABLE, "smtp:550 5.1.1"),
        ("5.0.0", "550 5.1.10 RESOLVER.ADR.RecipientNotFound", ReceiptState.UNDELIVERABLE, "smtp:550 5.1.10"),
        ("5.2.2", "552 5.2.2 mailbox full", ReceiptState.FAILED, "smtp:552 5.2.2"),
        ("5.7.1", "550 5.7.1 not wanted here", ReceiptState.FAILED, "smtp:550 5.7.1"),
        ("4.4.1", "connect to mx.example: timed out", ReceiptState.EXPIRED, "smtp:4.4.1"),
        ("5.0.0", "unknown", ReceiptState.FAILED, "smtp:5.0.0"),
    ],
)
def test_a_bounce_says_for_whom_and_why(status: str, said: str, state: ReceiptState, code: str) -> None:
    """RFC 3464, RFC 3463."""
    mail = read_mail(a_bounce(FAILED.format(status=status, said=said)))
    [bounce] = mail.bounces
    assert (bounce.recipient, bounce.state, bounce.code) == ("pat@example.org", state, code)
    assert mail.refs == (REF,)
    assert mail.is_automatic


def test_the_address_that_it_came_to_names_the_message_where_nothing_else_does() -> None:
    """VERP."""
    to = "bounces+allstop.5.8.abcdefghijklmnop@northgate.example"
    mail = read_mail(a_bounce(FAILED.format(status="5.1.1", said="550 no"), to=to, returned="<gone@elsewhere>"))
    assert mail.tags[0] == "allstop.5.8.abcdefghijklmnop"


def test_a_delay_is_no_bounce_and_a_delivery_is_a_good_word() -> None:
    assert read_mail(a_bounce("Final-Recipient: rfc822; pat@example.org\r\nAction: delayed\r\n")).bounces == ()
    [good] = read_mail(a_bounce("Final-Recipient: rfc822; pat@example.org\r\nAction: delivered\r\n")).bounces
    assert good.state is ReceiptState.DELIVERED


def test_a_bounce_without_a_report_is_read_from_its_words() -> None:
    """As qmail and old programs write them."""
    text = f"Hi. This is the qmail-send program.\n<pat@example.org>:\n550 5.1.1 no such user\n\nMessage-ID: {REF}\n"
    mail = read_mail(a_reply(text, From="MAILER-DAEMON@example.org", In_Reply_To="<other@example.org>"))
    assert [(one.state, one.code) for one in mail.bounces] == [(ReceiptState.UNDELIVERABLE, "smtp:550 5.1.1")]
    assert REF in mail.refs


def test_html_alone_is_read_as_words_and_files_are_kept_with_harmless_names() -> None:
    mail = EmailMessage()
    mail["From"] = "pat@example.org"
    mail.set_content("<style>p{}</style><p>Please <b>stop</b>.</p><script>alert(1)</script>", subtype="html")
    mail.add_attachment(b"%PDF-1.7", maintype="application", subtype="pdf", filename='../../etc/pass"wd.pdf')
    read = read_mail(mail.as_bytes())
    assert read.text == "Please stop."
    [file] = read.files
    assert (file.name, file.type, file.content) == ("passwd.pdf", "application/pdf", b"%PDF-1.7")
    assert read.id.endswith("@no-message-id>")
    assert read.id == read_mail(mail.as_bytes()).id


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("", "attachment 3"),
        ("..", "attachment 3"),
        ("C:\\a\\b.txt", "b.txt"),
        ("a\r\nb.txt", "ab.txt"),
        ("x" * 300, "x" * 120),
    ],
)
def test_names_of_files(said: str, name: str) -> None:
    assert file_name(said, 3) == name


def test_marks_become_lines() -> None:
    assert without_marks("<div>One</div><div>Two &amp; three</div>") == "One\nTwo & three"


@given(st.binary(max_size=400))
def test_whatever_comes_is_read_without_an_error(raw: bytes) -> None:
    mail = read_mail(raw)
    assert "\0" not in mail.text + mail.subject + mail.sender
    (mail.text + mail.subject + mail.sender + mail.id).encode()


@given(
    head=st.lists(
        st.tuples(
            st.sampled_from(["From", "Subject", "Content-Type", "Content-Transfer-Encoding", "In-Reply-To", "To"]),
            st.text(max_size=60),
        ),
        max_size=6,
    ),
    body=st.binary(max_size=200),
)
def test_broken_headers_are_read_without_an_error(head: list[tuple[str, str]], body: bytes) -> None:
    lines = "".join(f"{name}: {value}\n" for name, value in head).encode("utf-8", "replace")
    mail = read_mail(lines + b"\n" + body)
    (mail.text + mail.subject + mail.sender + mail.id + "".join(mail.refs)).encode()
