"""Writes one mail. Guards: no value can begin another header, and no address is quietly read as another one.

Headers that were handed in, such as List-Unsubscribe, are written as they are: EmailMessage turns a link of
more than 70 characters into encoded words, which no mail program follows. Bodies are 7 bit, so that no
server on the way has to change them.

What the mails of a job share (sender, subject, the second of the day) is written once and kept; the library's own
builder takes a millisecond for each mail, which is ten times all the rest of sending it.
"""

import binascii
import re
import secrets
from base64 import encodebytes
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import MIMEPart
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import lru_cache

import idna

from allstop.channels.adapter import Files, Outbound, Unsupported

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # all that anybody may take for the end of a line
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")  # printable ASCII without angle brackets
PART = r'[^\s<>()\[\],;:\\"@\x00-\x1f\x7f-\x9f]+'  # of an address: no quotes, no comments, no routes
ADDRESS = re.compile(f"{PART}@{PART}")
PLAIN = re.compile(r"(?:[\t\x20-\x7e]{0,990}\r\n)*")  # a body that any server carries as it is
OURS = frozenset(
    {
        "bcc",
        "cc",
        "content-transfer-encoding",
        "content-type",
        "date",
        "dkim-signature",
        "from",
        "message-id",
        "mime-version",
        "sender",
        "subject",
        "to",
    }
)
LONGEST_LINE = 998  # RFC 5322 2.1.1
LONGEST_REF = 300
LONGEST_ADDRESS = 320
LONGEST_LOCAL = 64  # before the @: RFC 5321 4.5.3.1.1
MAIL_POLICY = SMTP.clone(cte_type="7bit")
_TEXT = 'Content-Type: text/plain; charset="utf-8"\r\nContent-Transfer-Encoding: {}\r\n'
_MIXED = 'Content-Type: multipart/mixed; boundary="{}"\r\n'
_VERSION = "MIME-Version: 1.0\r\n"
_ENCODINGS = ("7bit", "quoted-printable", "base64")
_HEADS = {encoding: f"{_TEXT.format(encoding)}{_VERSION}\r\n".encode() for encoding in _ENCODINGS}
_PART_HEADS = {encoding: f"{_TEXT.format(encoding)}\r\n".encode() for encoding in _ENCODINGS}


@dataclass(frozen=True, slots=True)
class Mail:
    sender: str  # of the envelope: where bounces go
    recipient: str
    needs_utf8: bool  # an address has letters before its @ that only SMTPUTF8 servers carry
    content: bytes  # CRLF line ends, not yet dot-stuffed
    files: bytes = (
        b""  # what follows `content`: the same bytes for all mails with these files; no line begins with a dot
    )


@dataclass(frozen=True, slots=True)
class Parts:
    """The files of a mail as its last parts, from the boundary before the first one to the end of the mail."""

    boundary: str
    content: bytes


def write_mail(outbound: Outbound, at: datetime, return_path: str = "", files: Parts | None = None) -> Mail:
    """`return_path`: where bounces go, with the message's name after a +; "" is the sender.

    Raises Unsupported, in words, for what cannot be written as a mail."""
    sender = _checked_sender(outbound.sender)
    recipient = _address("recipient", outbound.to)
    ref = outbound.message_ref
    if not MESSAGE_ID.fullmatch(ref) or len(ref) > LONGEST_REF:
        raise Unsupported(f"{ref!r} is not a Message-ID, such as <5.8.1@clinic.example>.")
    needs_utf8 = not (sender.isascii() and recipient.isascii())
    head = (
        _from_line(sender, outbound.sender_name, needs_utf8),
        f"To: {recipient}\r\n",
        _subject_line(outbound.subject, needs_utf8),
        _date_line(at.replace(microsecond=0)),
        f"Message-ID: {ref}\r\n",
        *_verbatim(outbound.headers),
    )
    content = "".join(head).encode() + (
        _body(outbound.body) if files is None else _mixed(outbound.body, files.boundary)
    )
    envelope = _envelope_sender(sender, return_path, ref)
    return Mail(envelope, recipient, needs_utf8, content, b"" if files is None else files.content)


def write_files(files: Files) -> Parts:
    """The library writes the heads: names follow RFC 2231. Whoever writes the text cannot guess the boundary."""
    boundary = f"=_{secrets.token_hex(16)}"
    pieces = []
    for file in files.all:
        part = MIMEPart(policy=MAIL_POLICY)
        main, _, sub = file.type.partition("/")
        part.set_content(b"", main, sub, filename=file.name, disposition="attachment")
        head = part.as_bytes().rstrip(b"\r\n")
        pieces.append(b"\r\n--%s\r\n%s\r\n\r\n" % (boundary.encode(), head))
        pieces.append(encodebytes(file.content).rstrip(b"\n").replace(b"\n", b"\r\n"))
    pieces.append(b"\r\n--%s--\r\n" % boundary.encode())
    return Parts(boundary, b"".join(pieces))


def _mixed(text: str, boundary: str) -> bytes:
    head = f"{_VERSION}{_MIXED.format(boundary)}\r\n--{boundary}\r\n"
    return head.encode() + _body(text, _PART_HEADS)


def _envelope_sender(sender: str, return_path: str, ref: str) -> str:
    """VERP: a bounce comes back to an address that says which message it is about, whatever else it says."""
    if not return_path:
        return sender
    local, _, domain = return_path.partition("@")
    tagged = f"{local}+{ref[1:].partition('@')[0]}"
    return f"{tagged}@{domain}" if len(tagged) <= LONGEST_LOCAL else return_path


def _body(text: str, heads: Mapping[str, bytes] = _HEADS) -> bytes:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = (text if text.endswith("\n") else text + "\n").replace("\n", "\r\n")
    if PLAIN.fullmatch(lines):
        return heads["7bit"] + lines.encode()
    data = lines.encode("utf-8", "replace")
    quoted = binascii.b2a_qp(data.replace(b"\r\n", b"\n"), istext=True).replace(b"\n", b"\r\n")
    if len(quoted) < len(data) * 4 // 3 + 76:
        return heads["quoted-printable"] + quoted
    return heads["base64"] + encodebytes(data).replace(b"\n", b"\r\n")


@lru_cache(maxsize=256)
def _date_line(at: datetime) -> str:
    return f"Date: {format_datetime(at)}\r\n"


@lru_cache(maxsize=1024)
def _checked_sender(sender: str) -> str:
    return _address("sender", sender)


@lru_cache(maxsize=1024)  # most mails of a job share these, and parsing one costs as much as ten bodies
def _from_line(sender: str, name: str, needs_utf8: bool) -> str:
    _refuse_controls("sender name", name)
    return _folded("From", str(_mailbox(sender, name)), needs_utf8)


@lru_cache(maxsize=1024)
def _subject_line(subject: str, needs_utf8: bool) -> str:
    _refuse_controls("subject", subject)
    return _folded("Subject", subject, needs_utf8)


def _refuse_controls(what: str, value: str) -> None:
    if CONTROL.search(value):
        raise Unsupported(f"The {what} has a line break or a control character in it.")


def _folded(name: str, value: str, needs_utf8: bool) -> str:
    policy = SMTPUTF8 if needs_utf8 else MAIL_POLICY
    folded: str = policy.fold(name, policy.header_factory(name, value))
    return folded


def _address(what: str, address: str) -> str:
    """With the domain in ASCII, as every server understands it."""
    if not ADDRESS.fullmatch(address) or len(address) > LONGEST_ADDRESS:
        raise Unsupported(f"The {what} {address!r} is not an email address.")
    local, _, domain = address.partition("@")
    if domain.isascii():
        return address
    try:
        return f"{local}@{idna.encode(domain, uts46=True).decode('ascii')}"
    except idna.IDNAError as wrong:
        raise Unsupported(f"The {what} {address!r} has a domain that cannot exist: {wrong}.") from wrong


def _mailbox(address: str, name: str) -> Address:
    local, _, domain = address.partition("@")
    try:
        return Address(display_name=name, username=local, domain=domain)
    except (ValueError, HeaderParseError) as wrong:
        raise Unsupported(f"{address!r} is not an email address.") from wrong


def _verbatim(headers: Mapping[str, str]) -> list[str]:
    return [_line_of(name, value) for name, value in headers.items()]


def _line_of(name: str, value: str) -> str:
    if not HEADER_NAME.fullmatch(name):
        raise Unsupported(f"{name!r} is not the name of a header.")
    if name.lower() in OURS:
        raise Unsupported(f"The header {name} is written by the adapter itself.")
    if CONTROL.search(value) or not value.isascii():
        raise Unsupported(f"The header {name} has a line break, a control character or a letter outside ASCII in it.")
    line = f"{name}: {value}\r\n"
    if len(line) > LONGEST_LINE:
        raise Unsupported(f"The header {name} is longer than a mail may carry.")
    return line
