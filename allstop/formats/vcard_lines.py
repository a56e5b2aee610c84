"""The lines of a vCard file, whatever version wrote them: unfolded, decoded, split into name, parameters and value.

The rule that it guards: memory. The file comes in pieces, and what nobody wants (a photo of five megabytes in base64)
is let go line by line as it passes.
"""

import codecs
import quopri
import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

LONGEST_LINE = 1 << 20  # bytes; a property that is longer is a picture, and what is beyond is let go

_BREAK = re.compile(rb"\r\n|\n|\r")
_HEAD = re.compile(rb"[\w.-]+(?::|;[^:]*(?::|$))")  # long parameters may be folded before the colon
_WIDE = ((b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))


class Line(NamedTuple):
    """One property."""

    group: str  # "item1" of item1.TEL; "" = none
    name: str  # in capitals
    parameters: dict[str, list[str]]  # name in capitals: values in small letters; bare words of 2.1 are under TYPE
    value: bytes  # unfolded, and with quoted-printable undone
    charset: str


def physical_lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Ends of lines as Windows, Unix or old Macs write them, also where two pieces meet."""
    rest = b""
    for piece in _as_utf8(pieces):
        data = rest + piece
        cut = data[-1:] == b"\r"  # a \n may follow in the next piece
        lines = _BREAK.split(data[:-1] if cut else data)
        rest = lines.pop()[:LONGEST_LINE] + (b"\r" if cut else b"")
        yield from lines
    yield rest.removesuffix(b"\r")


def _as_utf8(pieces: Iterable[bytes]) -> Iterator[bytes]:
    source = iter(pieces)
    first = next(source, b"")
    while len(first) < 2 and (more := next(source, b"")):
        first += more
    for mark, encoding in _WIDE:
        if first.startswith(mark):
            decoder = codecs.getincrementaldecoder(encoding)("replace")
            yield decoder.decode(first[2:]).encode()
            for piece in source:
                yield decoder.decode(piece).encode()
            return
    yield first
    yield from source


def properties(pieces: Iterable[bytes], wanted: frozenset[str]) -> Iterator[Line]:
    """Every property whose name is `wanted`, in order. Broken lines belong to the property before them."""
    pending: list[bytes] = []  # the physical lines of the property that is being read
    kept = False
    quoted = False  # quoted-printable whose last line ended in =
    for raw in physical_lines(pieces):
        line = raw.removeprefix(codecs.BOM_UTF8)
        if quoted and not line.upper().startswith((b"END:VCARD", b"BEGIN:VCARD")):
            quoted = line.endswith(b"=")
            if kept:
                pending[-1] = pending[-1][:-1] + line  # without the = of the soft break
            continue
        if line[:1] in (b" ", b"\t"):
            if kept:
                pending.append(line)
            continue
        head = _HEAD.match(line)
        if head is None:
            if kept and line.strip():
                pending.append(b"\x00" + line)  # a break within a value that should have been escaped
            continue
        if kept:
            yield _line(pending)
        kept = _name_of(head[0]) in wanted
        quoted = line.endswith(b"=") and b"QUOTED-PRINTABLE" in head[0].upper()
        pending = [line] if kept else []
    if kept:
        yield _line(pending)


def _name_of(head: bytes) -> str:
    return re.split(rb"[;:]", head, maxsplit=1)[0].rpartition(b".")[2].decode("latin-1").upper()


def _line(physical: list[bytes]) -> Line:
    joined = physical[0]
    for more in physical[1:]:
        # A space stays where one was: 2.1 folds at a blank and keeps it, and _unfolded knows which version it reads.
        joined += b"\n" + more[1:] if more[:1] == b"\x00" else b"\x01" + more[1:]
    head, value = _split(joined)
    names = head.split(";")
    group, _, name = names[0].rpartition(".")
    parameters: dict[str, list[str]] = {}
    for written in names[1:]:
        key, equals, said = written.partition("=")
        values = said if equals else key
        found = [one.strip().strip('"').lower() for one in values.strip('"').split(",")]
        parameters.setdefault(key.strip().upper() if equals else "TYPE", []).extend(found)
    encodings = {*parameters.get("ENCODING", ()), *parameters.get("TYPE", ())}
    if "quoted-printable" in encodings:
        value = quopri.decodestring(value.replace(b"\x01", b""))
    return Line(group, name.upper(), parameters, value, parameters.get("CHARSET", [""])[0])


def _split(joined: bytes) -> tuple[str, bytes]:
    """At the first colon outside quotation marks: 4.0 has parameters such as LABEL="Mr. X: home"."""
    inside = False
    for index, sign in enumerate(joined):
        if sign == 0x22:
            inside = not inside
        elif sign == 0x3A and not inside:
            return joined[:index].replace(b"\x01", b"").decode("latin-1"), joined[index + 1 :]
    head, _, value = joined.partition(b":")
    return head.replace(b"\x01", b"").decode("latin-1"), value


def text_of(line: Line, *, old: bool, encoding: str = "cp1252") -> str:
    """The value as text. `old`: vCard 2.1, which folds at blanks. `encoding`: of what is neither said nor UTF-8."""
    value = line.value.replace(b"\x01", b" " if old else b"")
    for charset in (line.charset, "utf-8"):
        if charset:
            try:
                return _clean(value.decode(charset))
            except (LookupError, UnicodeDecodeError):
                continue
    return _clean(value.decode(encoding, "replace"))


def _clean(text: str) -> str:
    return text.replace("\x00", "").strip()


def parts(text: str, separator: str) -> list[str]:
    """Split at separators that no backslash stands before, with the escapes undone."""
    if "\\" not in text:
        return [" ".join(part.split()) for part in text.split(separator)] if separator else [text.strip()]
    found = [""]
    escaped = False
    for sign in text:
        if escaped:
            found[-1] += "\n" if sign in "nN" else sign
            escaped = False
        elif sign == "\\":
            escaped = True
        elif sign == separator:
            found.append("")
        else:
            found[-1] += sign
    return [" ".join(part.split()) if separator else part.strip() for part in found]
