"""Writes one mail. Guards: no value can begin another header, and no address is quietly read as another one.

Headers that were handed in, such as List-Unsubscribe, are written as they are: EmailMessage turns a link of
more than 70 characters into encoded words, which no mail program follows. Bodies are 7 bit, so that no
server on the way has to change them.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from functools import lru_cache

import idna

from allstop.channels.adapter import Outbound, Unsupported

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")  # all that anybody may take for the end of a line
HEADER_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
MESSAGE_ID = re.compile(r"<[!-;=?A-~]+@[!-;=?A-~]+>")  # printable ASCII without angle brackets
PART = r'[^\s<>()\[\],;:\\"@\x00-\x1f\x7f-\x9f]+'  # of an address: no quotes, no comments, no routes
ADDRESS = re.compile(f"{PART}@{PART}")
OURS = frozenset(
    {
        "bcc",
        "cc",
        "content-transfer-encoding",
        "content-type",
        "date",
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
MAIL_POLICY = SMTP.clone(cte_type="7bit")


@dataclass(frozen=True, slots=True)
class Mail:
    sender: str
    recipient: str
    needs_utf8: bool  # an address has letters before its @ that only SMTPUTF8 servers carry
    content: bytes  # CRLF line ends, not yet dot-stuffed


def write_mail(outbound: Outbound, at: datetime) -> Mail:
    """Raises Unsupported, in words, for what cannot be written as a mail."""
    sender = _address("sender", outbound.sender)
    recipient = _address("recipient", outbound.to)
    for what, value in {"subject": outbound.subject, "sender name": outbound.sender_name}.items():
        if CONTROL.search(value):
            raise Unsupported(f"The {what} has a line break or a control character in it.")
    if not MESSAGE_ID.fullmatch(outbound.message_ref) or len(outbound.message_ref) > LONGEST_REF:
        raise Unsupported(f"{outbound.message_ref!r} is not a Message-ID, such as <5.8.1@clinic.example>.")
    needs_utf8 = not (sender.isascii() and recipient.isascii())
    head = [
        _folded("From", str(_mailbox(sender, outbound.sender_name)), needs_utf8),
        f"To: {recipient}\r\n",
        _folded("Subject", outbound.subject, needs_utf8),
        f"Date: {format_datetime(at)}\r\n",
        f"Message-ID: {outbound.message_ref}\r\n",
        *(_verbatim(name, value) for name, value in outbound.headers.items()),
    ]
    body = EmailMessage(policy=MAIL_POLICY)
    body.set_content(outbound.body)
    return Mail(sender, recipient, needs_utf8, "".join(head).encode() + body.as_bytes())


@lru_cache(maxsize=1024)  # most mails of a job share these, and parsing one costs as much as a body
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


def _verbatim(name: str, value: str) -> str:
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
