"""Bytes to text, for files that do not say how they were encoded.

Order: a byte order mark, the zero bytes of UTF-16, strict UTF-8, then the single-byte encodings of Western
offices weighed against each other, then charset-normalizer for the rest of the world. A wrong guess shows in
names with accents only, so everything that is less than certain is said in a note.
"""

from dataclasses import dataclass

from charset_normalizer import from_bytes

SAMPLE = 1 << 16
"""Bytes that are weighed when an encoding has to be guessed."""

ENCODINGS = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16 (big endian)",
    "utf-32": "UTF-32",
    "cp1252": "Windows-1252 (Western Europe)",
    "iso8859-15": "ISO 8859-15 (Western Europe)",
    "latin-1": "ISO 8859-1 (Western Europe)",
    "mac_roman": "Mac Roman",
    "cp850": "DOS 850 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
    "cp1251": "Windows-1251 (Cyrillic)",
    "cp932": "Shift-JIS (Japanese)",
    "gb18030": "GB 18030 (Chinese)",
    "big5": "Big5 (Chinese)",
    "cp949": "Windows-949 (Korean)",
    "euc_jp": "EUC (Japanese)",
    "koi8_r": "KOI8-R (Cyrillic)",
    "cp1253": "Windows-1253 (Greek)",
    "cp1254": "Windows-1254 (Turkish)",
    "cp1255": "Windows-1255 (Hebrew)",
}
"""What a person may choose instead of the guess, with the name to show."""

_MARKS = (
    (b"\xef\xbb\xbf", "utf-8"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16-le"),
    (b"\xfe\xff", "utf-16-be"),
)

# The order settles a draw: Windows-1252 differs from ISO 8859-15 only in a few signs.
_WESTERN = ("cp1252", "mac_roman", "cp850", "iso8859-15")
# What charset-normalizer may answer: left free, it finds encodings that no office has used for decades.
_FOREIGN = ("cp932", "gb18030", "big5", "cp949", "euc_jp", "cp1250", "cp1251", "koi8_r", "cp1253", "cp1254", "cp1255")
_LOWER = frozenset("äöüßéèêëàâáãåçñíîïìóôòõøœæúùûýÿšž")
_UPPER = frozenset("ÄÖÜÉÈÊËÀÂÁÃÅÇÑÍÎÓÔÒÕØŒÆÚÙÛŠŽ")
_SIGNS = frozenset("€£°§«»\u2013\u2014\u2018\u2019\u201c\u201d…·º\xaa¿¡™®\xa0")


@dataclass(frozen=True, slots=True)
class Decoded:
    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def decode(content: bytes, encoding: str | None = None) -> Decoded:
    """`encoding` is a person's choice from ENCODINGS; None means guess."""
    for mark, name in _MARKS:
        if content.startswith(mark) and encoding in (None, name):
            content = content if name == "utf-32" else content[len(mark) :]
            return _cleaned(content.decode(name, "replace"), name, ())
    if encoding is not None:
        return _cleaned(content.decode(encoding, "replace"), encoding, ())
    wide = _wide(content)
    if wide is not None:
        return _cleaned(content.decode(wide, "replace"), wide, ())
    try:
        return _cleaned(content.decode("utf-8"), "utf-8", ())
    except UnicodeDecodeError:
        pass
    mixed = _mostly_utf8(content)
    if mixed is not None:
        text, strays = mixed
        note = f"{strays:,} characters were not UTF-8 and were read as Windows-1252. Look at accented names."
        return _cleaned(text, "utf-8", (note,))
    name = _western(content) or _foreign(content)
    shown = ENCODINGS.get(name, name)
    note = f"The text was read as {shown}. If accented names look wrong, choose another encoding."
    return _cleaned(content.decode(name, "replace"), name, (note,))


def _cleaned(text: str, encoding: str, notes: tuple[str, ...]) -> Decoded:
    text = text.removeprefix("\ufeff").rstrip("\x1a")  # DOS programs end a text file with Ctrl-Z
    nulls = text.count("\x00")
    if nulls:
        # PostgreSQL cannot store them, and no name contains one.
        text = text.replace("\x00", "")
        notes = (*notes, f"{nulls:,} null characters were removed.")
    return Decoded(text, encoding, notes)


def _wide(content: bytes) -> str | None:
    sample = content[:4096]
    pairs = len(sample) // 2
    if pairs < 2:
        return None
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if odd > pairs * 0.3 and even < pairs * 0.05:
        return "utf-16-le"
    if even > pairs * 0.3 and odd < pairs * 0.05:
        return "utf-16-be"
    return None


def _mostly_utf8(content: bytes) -> tuple[str, int] | None:
    """UTF-8 with a few stray bytes, as made by joining two exports; None when it is not UTF-8 at all."""
    probe = content[:SAMPLE].decode("utf-8", "replace")
    wrong = probe.count("\ufffd")
    right = sum(1 for character in probe if character > "\x7f") - wrong
    if right < 20 * max(wrong, 1):
        return None
    parts: list[str] = []
    strays = start = 0
    while start < len(content):
        try:
            parts.append(content[start:].decode("utf-8"))
            break
        except UnicodeDecodeError as error:
            strays += 1
            if strays > 1000:  # each stray costs a copy of the rest
                parts.append(content[start:].decode("utf-8", "replace"))
                break
            parts.append(content[start : start + error.start].decode("utf-8"))
            parts.append(content[start + error.start : start + error.end].decode("cp1252", "replace"))
            start += error.end
    return "".join(parts), strays


def _western(content: bytes) -> str | None:
    """The Western encoding in which the accents make most sense; None when the text is not Western.

    Western text has single accents among plain letters. Cyrillic, Greek and East Asian text has runs of bytes
    above 127, and that tells them apart better than any table of letters.
    """
    sample = _accented_lines(content)
    high = [index for index, byte in enumerate(sample) if byte > 127]
    if not high:
        return "cp1252"
    inside_runs = sum(1 for index in high if sample[index - 1] > 127 and sample[index + 1 : index + 2] > b"\x7f")
    if inside_runs > len(high) * 0.15:
        return None
    best, best_score = None, 0.7
    for name in _WESTERN:
        score = _sense(sample.decode(name, "replace"))
        if score > best_score + 0.01:
            best, best_score = name, score
    return best


def _accented_lines(content: bytes) -> bytes:
    """The lines with bytes above 127, from the whole file: the first accent may stand in row 40,000."""
    lines: list[bytes] = []
    size = 0
    for line in content.replace(b"\r", b"\n").split(b"\n"):
        if not line.isascii():
            lines.append(line)
            size += len(line)
            if size > SAMPLE:
                break
    return b"\n" + b"\n".join(lines) + b"\n"


def _sense(text: str) -> float:
    """Share of the characters above 127 that are where people write them."""
    total = sense = 0.0
    for index, character in enumerate(text):
        if character <= "\x7f":
            continue
        total += 1
        before, after = text[index - 1], text[index + 1 : index + 2]
        if character in _LOWER:
            # "é" after a capital letter in a word of capitals is a wrong encoding, "Éa" and "Jé" are not.
            sense += 1 if not (before.isupper() and after.isupper()) else 0.3
        elif character in _UPPER:
            sense += 1 if not before.islower() else 0.2
        elif character in _SIGNS:
            sense += 0.9
    return sense / total if total else 1.0


def _foreign(content: bytes) -> str:
    sample = _accented_lines(content)
    for name in ("cp932", "euc_jp"):
        if _has_kana(sample, name):
            return name
    best = from_bytes(sample, cp_isolation=list(_FOREIGN)).best()
    return "latin-1" if best is None else best.encoding


def _has_kana(sample: bytes, name: str) -> bool:
    """Kana settle it: short Japanese texts pass for Korean ones with charset-normalizer."""
    try:
        wide = [character for character in sample.decode(name) if character > "\x7f"]
    except UnicodeDecodeError:
        return False
    return sum(1 for character in wide if "\u3040" <= character <= "\u30ff") > len(wide) * 0.1
