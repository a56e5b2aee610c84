"""Reads one mail that came in: who wrote what, in answer to which of ours; or that one of ours could not be delivered.

Mails come from everywhere and are often malformed, so this reads what it can and raises nothing: the lenient policy of
the library, and letters that fit no charset become replacement characters.

| it is | when |
|---|---|
| a bounce | multipart/report with a delivery-status (RFC 3464), or a mailer-daemon wrote it |
| automatic | Auto-Submitted says so (RFC 3834), or one of the older headers that say the same, or it came by a list |
| a person's | otherwise |
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parseaddr
from hashlib import sha256
from html.parser import HTMLParser

from allstop.channels.adapter import ReceiptState
from allstop.channels.email.outcomes import plain

LONGEST_TEXT = 100_000  # characters
LONGEST_SUBJECT = 300
MOST_FILES = 20
DAEMONS = frozenset({"mailer-daemon", "postmaster", "mail-daemon", "maildaemon"})
# RFC 3463: nobody is there
DEAD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1", "5.4.4"})
_TO = ("To", "Cc", "Delivered-To", "X-Original-To", "Envelope-To")
_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_REPLY_CODE = re.compile(r"\b([45]\d\d)\b")
_REFS = re.compile(r"<[^<>\s]{1,300}>")
_OURS_BELOW = re.compile(
    r"^\s*(?:-+ ?(?:original message|urspr\u00fcngliche nachricht|mensaje original|message d'origine) ?-+"
    r"|on .{4,200}wrote:|am .{4,200}schrieb.{0,200}:|le .{4,200}a \u00e9crit\s?:|el .{4,200}escribi\u00f3:|_{20,})\s*$",
    re.I | re.M,
)
_QUOTES_AT_END = re.compile(r"(?:^[ \t]*>.*(?:\n|\Z)|^[ \t]*\n)+\Z", re.M)


@dataclass(frozen=True, slots=True)
class File:
    name: str
    type: str  # as the sender says it: nobody may rely on it
    content: bytes


@dataclass(frozen=True, slots=True)
class Bounce:
    recipient: str
    state: ReceiptState
    code: str  # "smtp:550 5.1.1"
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    id: str  # its Message-ID; a digest where it has none
    sender: str
    recipients: tuple[str, ...]
    subject: str
    text: str  # without what it repeats of ours
    refs: tuple[str, ...]  # Message-IDs that it answers, or that it says could not be delivered
    tags: tuple[str, ...]  # what stands before the @ of those, and after the + of its recipients
    is_automatic: bool
    bounces: tuple[Bounce, ...]
    files: tuple[File, ...]


def read_mail(raw: bytes) -> Incoming:
    mail = message_from_bytes(raw)
    recipients = tuple(_addresses(mail, *_TO))
    bounces = tuple(_bounces(mail))
    refs = tuple(dict.fromkeys(_refs(mail, is_bounce=bool(bounces))))
    locals_ = [ref[1:].partition("@")[0] for ref in refs]
    tagged = [one.partition("@")[0].partition("+")[2] for one in recipients]
    text = "" if bounces else _own_words(_text(mail))
    return Incoming(
        id=_header(mail, "Message-ID")[:250] or f"<{sha256(raw).hexdigest()}@no-message-id>",
        sender=_address(_header(mail, "From")),
        recipients=recipients,
        subject=_header(mail, "Subject")[:LONGEST_SUBJECT],
        text=text[:LONGEST_TEXT],
        refs=refs,
        tags=tuple(tag for tag in (*tagged, *locals_) if tag),
        is_automatic=_is_automatic(mail),
        bounces=bounces,
        files=tuple(_files(mail))[:MOST_FILES] if not bounces else (),
    )


# --- headers


def _header(mail: "Message[str, str]", name: str) -> str:
    """On one line, decoded; "" where there is none."""
    value = mail.get(name)
    if value is None:
        return ""
    pieces = []
    try:
        decoded = decode_header(str(value))
    except ValueError:  # a broken encoded word
        decoded = [(str(value), None)]
    for piece, charset in decoded:
        pieces.append(piece if isinstance(piece, str) else _decoded(piece, charset))
    return plain("".join(pieces).replace("\0", ""))


def _decoded(data: bytes, charset: str | None) -> str:
    try:
        return data.decode(charset or "utf-8", "replace")
    except LookupError:  # nobody has ever heard of that charset
        return data.decode("utf-8", "replace")


def _address(value: str) -> str:
    return parseaddr(value)[1].lower()[:254]


def _addresses(mail: "Message[str, str]", *names: str) -> Iterator[str]:
    for name in names:
        for _, address in getaddresses([str(value) for value in mail.get_all(name, [])]):
            if "@" in address:
                yield address.lower()


def _is_automatic(mail: "Message[str, str]") -> bool:
    submitted = _header(mail, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        submitted not in ("", "no")
        or _header(mail, "Precedence").lower() in ("bulk", "junk", "list", "auto_reply")
        or any(mail.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "List-Id", "X-Loop"))
        or _header(mail, "Return-Path") == "<>"
        or _address(_header(mail, "From")).partition("@")[0] in DAEMONS
    )


def _refs(mail: "Message[str, str]", *, is_bounce: bool) -> Iterator[str]:
    """The nearest first."""
    if is_bounce:
        for part in mail.walk():
            if part.get_content_type() == "message/rfc822" or (part is not mail and part.get("Message-ID")):
                yield from _REFS.findall(_header(part, "Message-ID"))
            elif part.get_content_type() == "text/rfc822-headers":
                headers = message_from_bytes(_payload(part))
                yield from _REFS.findall(_header(headers, "Message-ID"))
            elif part.get_content_type() == "text/plain":  # older programs quote the mail in their words
                yield from re.findall(r"(?im)^message-id:\s*(<[^<>\s]{1,300}>)", _decoded(_payload(part), None))
    yield from _REFS.findall(_header(mail, "In-Reply-To"))
    yield from reversed(_REFS.findall(" ".join(str(value) for value in mail.get_all("References", []))))


# --- bounces


def _bounces(mail: "Message[str, str]") -> Iterator[Bounce]:
    report = next((part for part in mail.walk() if part.get_content_type() == "message/delivery-status"), None)
    if report is not None:
        for block in _blocks(report):
            if block.get("Action") is not None and (found := _bounce_of(block)) is not None:
                yield found
        return
    by_daemon = _address(_header(mail, "From")).partition("@")[0] in DAEMONS
    failed = list(_addresses(mail, "X-Failed-Recipients"))
    if (by_daemon and _header(mail, "Auto-Submitted").lower() != "auto-generated (delivery-delay)") or failed:
        words = _text(mail)
        status, reply = _STATUS.search(words), _REPLY_CODE.search(words)
        yield _judged(failed[0] if failed else "", status[1] if status else "", reply[1] if reply else "", words[:300])


def _blocks(report: "Message[str, str]") -> Iterator["Message[str, str]"]:
    """Of the whole first, then one for each recipient."""
    payload = report.get_payload()
    if isinstance(payload, list):
        yield from (one for one in payload if isinstance(one, Message))
    else:
        for block in re.split(rb"\r?\n\r?\n", _payload(report)):
            yield message_from_bytes(block)


def _bounce_of(block: "Message[str, str]") -> Bounce | None:
    """None: it says that it is still being tried."""
    action = _header(block, "Action").strip().lower()
    said = _header(block, "Diagnostic-Code").removeprefix("smtp;").strip()
    recipient = _address((_header(block, "Original-Recipient") or _header(block, "Final-Recipient")).rpartition(";")[2])
    match action:
        case "failed":
            status = _STATUS.search(_header(block, "Status")) or _STATUS.search(said)
            exact = _STATUS.search(said)
            reply = _REPLY_CODE.search(said)
            # the diagnosis is often more exact than the status of the program that gave up ("5.0.0")
            chosen = exact[1] if exact and exact[1][0] == "5" else status[1] if status else ""
            return _judged(recipient, chosen, reply[1] if reply else "", said)
        case "delivered":
            return Bounce(recipient, ReceiptState.DELIVERED, _code("", _header(block, "Status")), "")
        case "relayed" | "expanded":
            return Bounce(recipient, ReceiptState.SENT, _code("", _header(block, "Status")), "")
        case _:
            return None


def _judged(recipient: str, status: str, reply: str, words: str) -> Bounce:
    if status in DEAD:
        state = ReceiptState.UNDELIVERABLE
    elif status.startswith("4"):
        state = ReceiptState.EXPIRED  # it was tried for days
    else:
        state = ReceiptState.FAILED
    return Bounce(recipient, state, _code(reply, status), plain(words)[:300])


def _code(reply: str, status: str) -> str:
    words = " ".join(word for word in (reply, status) if word)
    return f"smtp:{words[:40] or 'bounced'}"


# --- what it says


def _payload(part: "Message[str, str]") -> bytes:
    payload = part.get_payload(decode=True)
    if isinstance(payload, bytes):
        return payload
    whole = part.get_payload()
    return "".join(str(one) for one in whole).encode("utf-8", "replace") if isinstance(whole, list) else b""


def _is_file(part: "Message[str, str]") -> bool:
    if part.is_multipart():
        return False
    return part.get_content_disposition() == "attachment" or bool(part.get_filename())


def _text(mail: "Message[str, str]") -> str:
    """The first plain text; else the first HTML without its marks."""
    texts = [part for part in mail.walk() if part.get_content_maintype() == "text" and not _is_file(part)]
    for kind in ("text/plain", "text/html"):
        for part in texts:
            if part.get_content_type() == kind:
                words = _decoded(_payload(part), part.get_content_charset())
                words = without_marks(words) if kind == "text/html" else words
                return words.replace("\r\n", "\n").replace("\r", "\n").replace("\0", "").strip()
    return ""


def _own_words(text: str) -> str:
    """Without our own mail, which most programs repeat below; if nothing else is there, all of it."""
    above = _OURS_BELOW.split(text, maxsplit=1)[0]
    return _QUOTES_AT_END.sub("", above).strip() or text


def _files(mail: "Message[str, str]") -> Iterator[File]:
    for number, part in enumerate(filter(_is_file, mail.walk()), start=1):
        yield File(file_name(part.get_filename() or "", number), part.get_content_type()[:100], _payload(part))


def file_name(said: str, number: int) -> str:
    """A name without folders and without what a browser or a shell may trip over."""
    decoded = "".join(
        piece if isinstance(piece, str) else _decoded(piece, charset) for piece, charset in decode_header(said)
    )
    last = re.split(r"[/\\]", decoded)[-1]
    kept = "".join(letter for letter in last if letter.isprintable() and letter not in '<>:"|?*;%').strip(". ")
    return kept[-120:] or f"attachment {number}"


class _Words(HTMLParser):
    BREAKS = frozenset({"p", "div", "br", "tr", "li", "h1", "h2", "h3", "blockquote", "table"})
    SILENT = frozenset({"script", "style", "head", "title"})

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in self.SILENT
        if tag in self.BREAKS:
            self.pieces.append("\n")

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in self.SILENT))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.pieces.append(" ".join(data.split()) + (" " if data[-1:].isspace() else ""))


def without_marks(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    reader.close()
    return re.sub(r"\n{3,}", "\n\n", "".join(reader.pieces)).strip()
